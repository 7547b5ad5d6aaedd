import { sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { Progress } from '../../output/progress-consumer.ts';
import { escapeControls } from '../../output/escape.ts';
import { renderList, renderOne } from '../../output/render.ts';
import { formatBytes } from '../../output/size.ts';
import type { DownloadResult } from '../../transfer/download.ts';
import { RateLimit } from '../../transfer/rate-limit.ts';
import type { Context } from '../context.ts';
import {
  describeResult,
  failureRecord,
  resultColumns,
  resultKeys,
  type ResultRecord,
  toRecord,
} from '../download-result.ts';
import { checkTarget, choosePath, type TargetOptions } from '../download-targets.ts';
import { fetchImage, type FetchOptions, type FetchRun } from '../fetch-image.ts';
import { nativeFormat } from '../options.ts';
import { openProgress } from '../open-progress.ts';
import type { Found } from '../session.ts';

export interface DownloadCommandOptions extends TargetOptions, FetchOptions {
  readonly latest?: boolean;
  readonly jobs?: number;
  readonly limitRate?: number;
  readonly maxTime?: number;
}

const defaultJobs = 2;

/** `download <image...>`: image data to files or to stdout, verified on the way. */
export async function download(
  context: Context,
  queries: readonly string[],
  options: DownloadCommandOptions,
): Promise<void> {
  await checkTarget(context.runtime, queries.length, options);
  const progress = await openProgress(context);
  const deadline = startDeadline(context, options.maxTime);
  const run: FetchRun = {
    signal: deadline.signal,
    rate: new RateLimit(context.runtime.clock, options.limitRate ?? null),
    listen: progress.listen,
  };
  try {
    const [query = '', ...others] = queries;
    if (others.length === 0) await downloadOne(context, query, options, run, progress);
    else await downloadSeveral(context, queries, options, run, progress);
  } finally {
    deadline.cancel();
    progress.stop();
  }
}

async function downloadOne(
  context: Context,
  query: string,
  options: DownloadCommandOptions,
  run: FetchRun,
  progress: Progress,
): Promise<void> {
  const found = await context.session.find(query, options.latest === true);
  const path = await choosePath(context.runtime, options, found.image);
  const result = await fetchImage(context, found, path, options, run);
  progress.stop();
  await report(context, found, result);
}

async function report(context: Context, { image }: Found, result: DownloadResult): Promise<void> {
  warnUnverified(context, result, '');
  if (nativeFormat(context.options) === 'table' || result.path === null) {
    context.note(describeResult(image, result));
    return;
  }
  const row = toRecord(image, result);
  await context.print(renderOne({ row, keys: resultKeys, ...(await context.resultOptions()) }));
}

/** Several at a time; one that fails does not stop the others, and all that failed are told. */
async function downloadSeveral(
  context: Context,
  queries: readonly string[],
  options: DownloadCommandOptions,
  run: FetchRun,
  progress: Progress,
): Promise<void> {
  const fleet = progress.fleet();
  const listeners = queries.map((query) => fleet.member(query, null));
  const records: (ResultRecord | undefined)[] = queries.map(() => undefined);
  const taken = new Set<string>();
  const waiting = [...queries.entries()];
  let failures = 0;
  let hasKept = false;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, query] = next;
      const listen = listeners[index] ?? run.listen;
      try {
        // oxlint-disable-next-line no-await-in-loop -- each job takes one image after the other
        records[index] = await downloadMember(context, query, options, { ...run, listen }, taken);
      } catch (error) {
        if (run.signal.aborted) {
          hasKept = tellKept(context, query, error) || hasKept;
          return;
        }
        if (!(error instanceof GlanceError)) throw error;
        failures++;
        listen({ type: 'failed', bytes: 0, kept: null });
        context.session.tell(`${query}: ${error.message} [${error.code}]`);
        records[index] = failureRecord(query, error);
      }
    }
  };
  await Promise.all(Array.from({ length: options.jobs ?? defaultJobs }, () => work()));
  progress.stop();
  if (hasKept && context.runtime.signal.aborted) {
    throw new GlanceError('interrupted', 'stopped by a signal', {
      hint: 'run the same command again: it goes on from there',
    });
  }
  run.signal.throwIfAborted();
  await printRecords(
    context,
    records.filter((record) => record !== undefined),
  );
  if (failures === 0) return;
  throw new GlanceError('partial', `${String(failures)} of ${String(queries.length)} images failed`, {
    hint: 'run the same command again: what is there already is not fetched again',
  });
}

/** @returns whether something of it was kept */
function tellKept(context: Context, query: string, error: unknown): boolean {
  const partial = error instanceof GlanceError ? error.facts.partial : undefined;
  if (partial === undefined) return false;
  context.note(escapeControls(`${query}: kept ${formatBytes(partial.bytes)} in ${partial.path}`));
  return true;
}

async function downloadMember(
  context: Context,
  query: string,
  options: DownloadCommandOptions,
  run: FetchRun,
  taken: Set<string>,
): Promise<ResultRecord> {
  const found = await context.session.find(query, options.latest === true);
  const path = await choosePath(context.runtime, options, found.image);
  if (path !== null && taken.has(path)) {
    throw new GlanceError('io.name', `${path}: another image of this call has that name`, {
      hint: 'download them one by one, each with -o FILE',
    });
  }
  if (path !== null) taken.add(path);
  const result = await fetchImage(context, found, path, options, run);
  warnUnverified(context, result, `${query}: `);
  if (nativeFormat(context.options) === 'table') context.note(describeResult(found.image, result));
  return toRecord(found.image, result);
}

async function printRecords(context: Context, rows: readonly ResultRecord[]): Promise<void> {
  if (nativeFormat(context.options) === 'table') return;
  async function* pages(): AsyncGenerator<readonly ResultRecord[]> {
    yield rows;
  }
  const columns = resultColumns;
  await context.print(renderList({ pages: pages(), columns, keys: resultKeys, ...(await context.resultOptions()) }));
}

function warnUnverified({ session }: Context, result: DownloadResult, prefix: string): void {
  if (result.verifiedBy === null) session.warn(`${prefix}not verified: the server has no digest for this image`);
}

/** A signal that is aborted by the user's, or once the time is up. */
function startDeadline(
  { runtime }: Context,
  maxTimeMs: number | undefined,
): { readonly signal: AbortSignal; readonly cancel: () => void } {
  if (maxTimeMs === undefined || maxTimeMs === 0) return { signal: runtime.signal, cancel: () => undefined };
  const late = new AbortController();
  const done = new AbortController();
  sleep(runtime.clock, maxTimeMs, done.signal).then(
    () => late.abort(timeUp(maxTimeMs)),
    () => undefined,
  );
  return { signal: AbortSignal.any([runtime.signal, late.signal]), cancel: () => done.abort() };
}

function timeUp(maxTimeMs: number): GlanceError {
  return new GlanceError(
    'net.timeout.total',
    `not done within the ${String(maxTimeMs / 1000)} s that --max-time allows`,
  );
}
