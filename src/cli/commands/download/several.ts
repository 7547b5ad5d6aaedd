// Downloads several images in one call; people see each result as it comes, programs get all at the end.
import {
  fetchSeveral,
  severalFailure,
  downloadRecordOf,
  type SeveralEnd,
  type SeveralOptions,
  type SeveralResult,
} from '../../../client/download/several.ts';
import { type DownloadRecord, resultKeys } from '../../../client/download/download-record.ts';
import type { Selected } from '../../../client/select/selection.ts';
import { type FetchRun, warnUnverified } from '../../../client/download/download.ts';
import type { Naming } from '../../../client/naming/place.ts';
import type { Row } from '../../../output/columns.ts';
import type { Progress } from '../../../output/progress/consumer.ts';
import { renderList } from '../../../output/render.ts';
import { formatBytes } from '../../../output/size.ts';
import { withOptions } from '../../console/option-names.ts';
import type { Context } from '../../context.ts';
import { nativeFormat } from '../../options/options.ts';
import { describeResult } from './result.ts';

/**
 * Downloads them, each to a file with its own name.
 * @throws PartialError if any failed; whatever interrupts them all
 */
export async function downloadSeveral(
  context: Context,
  selected: readonly Selected[],
  naming: Naming,
  options: SeveralOptions,
  { signal, rate }: Pick<FetchRun, 'signal' | 'rate'>,
  progress: Progress,
): Promise<void> {
  const several = progress.several();
  const result = await fetchSeveral(context.connection, selected, naming, options, {
    signal,
    ...(rate === undefined ? {} : { rate }),
    interruption: context.runtime.signal,
    announce: (query, size) => several.member(query, size),
    ended: (end) => tellEnd(context, end),
    kept: (query, { path, bytes }) => context.advise(`${query}: kept ${formatBytes(bytes)} in ${path}`),
  });
  progress.stop();
  await print(context, result);
  const error = severalFailure(result);
  if (error !== null) throw error;
}

function tellEnd(context: Context, end: SeveralEnd): void {
  const { query, error } = end;
  if (error === null) {
    warnUnverified(context.connection, end.result, query);
    if (nativeFormat(context.options) === 'table') context.note(describeResult(end.found.image, end.result));
    return;
  }
  const isNamed =
    error.code === 'image.not_found' || error.code === 'image.ambiguous' || error.message.startsWith(`${query}: `);
  context.tell(`${isNamed ? '' : `${query}: `}${error.message} [${error.code}]`, error.facts.hint);
}

function toRow(record: DownloadRecord): Row {
  const { error } = record;
  return { ...record, error: error === null ? null : { ...error, message: withOptions(error.message) } };
}

async function print(context: Context, { ends }: SeveralResult): Promise<void> {
  if (nativeFormat(context.options) === 'table') return;
  async function* pages(): AsyncGenerator<readonly Row[]> {
    yield ends.map((end) => toRow(downloadRecordOf(end)));
  }
  await context.print(renderList({ pages: pages(), keys: resultKeys, ...(await context.resultOptions()) }));
}
