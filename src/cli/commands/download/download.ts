import type { Progress } from '../../../output/progress/consumer.ts';
import { renderOne } from '../../../output/render.ts';
import type { DownloadResult } from '../../../transfer/download-options.ts';
import type { Context } from '../../context.ts';
import { downloadSeveral } from './several.ts';
import { resultKeys, toRecord } from '../../../client/download/download-record.ts';
import { describeResult } from './result.ts';
import { namingFor, orAll, readTarget } from './targets.ts';
import { type NamedPlace, pathIn } from '../../../client/naming/place.ts';
import { fetchImage, type FetchRun, type StreamPlace, warnUnverified } from '../../../client/download/download.ts';
import { startRun } from '../../../client/download/transfer-run.ts';
import type { SeveralOptions } from '../../../client/download/several.ts';
import { selectImages } from '../../../client/select/select.ts';
import { onlyOne, picksOf, type Selection } from '../../../client/select/selection.ts';
import type { DownloadOptions } from '../../options/image-options.ts';
import { nativeFormat } from '../../options/options.ts';
import { noteList } from '../../list-note.ts';
import { openProgress } from '../../progress.ts';
import { type Meant, readMeant, selectOptionsOf, tellMatches } from '../../selection.ts';
import type { Found } from '../../../client/find.ts';

/**
 * Everything that a download can demand has an option of the same name here: a demand without one would be ignored silently.
 */
type Demands = Pick<DownloadOptions, Exclude<keyof SeveralOptions, 'mode'>>;

/** `download <image...>`: image data to files or to stdout, verified on the way. */
export async function download(context: Context, images: readonly string[], options: DownloadOptions): Promise<void> {
  const meant = await readMeant(context, 'download', images, options);
  const place = await readTarget(context.runtime, new Set(meant.images).size, options);
  const progress = await openProgress(context);
  const { clock, signal } = context.runtime;
  const { run, end } = startRun(clock, signal, {
    maxTimeMs: options.maxTime,
    limitRate: options.limitRate,
    listen: progress.listen,
    timeOption: '--max-time',
  });
  context.connection.endWith(run.signal);
  try {
    const selection = await select(context, meant, options, run);
    if (options.dryRun === true) {
      const { printDryRun } = await import('./dry-run.ts');
      return await printDryRun(context, selection, place, options, { signal: run.signal, interruption: signal });
    }
    const naming = namingFor(place, selection);
    if (naming === null) await downloadOne(context, onlyOne(selection, orAll), place, options, run, progress);
    else await downloadSeveral(context, picksOf(selection), naming, options, run, progress);
    noteList(context, options.expectFrom, true);
  } finally {
    end();
    progress.stop();
  }
}

async function select(
  context: Context,
  meant: Meant,
  options: DownloadOptions,
  { signal }: FetchRun,
): Promise<Selection> {
  const interruption = context.runtime.signal;
  const how = { ...selectOptionsOf(context, options), jobs: options.jobs, signal, interruption };
  const selection = await selectImages(context.connection, meant, how);
  const [choice] = selection.choices;
  // If the only argument is a pattern that matches nothing, there is nothing else to report.
  if (selection.choices.length === 1 && choice?.matched === 0) onlyOne(selection);
  tellMatches(context, selection);
  return selection;
}

async function downloadOne(
  context: Context,
  found: Found,
  place: NamedPlace | null,
  options: DownloadOptions,
  run: FetchRun,
  progress: Progress,
): Promise<void> {
  const target = place === null ? stdoutPlace(context) : await pathIn(place, found.image);
  const demands: Demands = options;
  const result = await fetchImage(context.connection, found, target, demands, run);
  progress.stop();
  await report(context, found, result);
}

/** Writes image data to stdout as it arrives, and reports a digest that does not match at the end. */
function stdoutPlace({ runtime }: Context): StreamPlace {
  return { stream: runtime.stdout, name: 'standard output' };
}

async function report(context: Context, { image }: Found, result: DownloadResult): Promise<void> {
  warnUnverified(context.connection, result, null);
  if (nativeFormat(context.options) === 'table' || result.path === null) {
    context.note(describeResult(image, result));
    return;
  }
  const row = { ...toRecord(image, result) };
  await context.print(renderOne({ row, keys: resultKeys, ...(await context.resultOptions()) }));
}
