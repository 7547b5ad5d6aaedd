import type { Found } from '../../../client/find.ts';
import type { FleetVerifyEvent } from '../../../client/fleet/fleet-verify.ts';
import { namesQueue, openQueue } from '../../../client/fleet/open-queue.ts';
import { selectImages } from '../../../client/select/select.ts';
import { onlyOne } from '../../../client/select/selection.ts';
import { parsePlace, type PlaceName } from '../../../client/places/place-name.ts';
import {
  verdictKind,
  mirrorFailure,
  type VerdictCounts,
  type VerifyEvent,
  verifyMirrorOver,
} from '../../../client/mirror/verify-mirror.ts';
import {
  isMirrorPath,
  type ComparedImage,
  type Verdict,
  verdictFailure,
  verdictKeys,
  verifyFileOver,
  verifyImageFile,
} from '../../../client/verify.ts';
import { GlanceError } from '../../../errors.ts';
import { renderList, renderOne } from '../../../output/render.ts';
import { formatBytes } from '../../../output/size.ts';
import type { Progress } from '../../../output/progress/consumer.ts';
import { openProgress } from '../../progress.ts';
import type { Words } from '../../console/messages.ts';
import { noteList } from '../../list-note.ts';
import { type Context, readerLeft } from '../../context.ts';
import { selectOptionsOf } from '../../selection.ts';
import {
  countVerdicts,
  describeDigests,
  describeMirror,
  describeVerdict,
  forPeople,
  verdictColumns,
} from './verdict-text.ts';
import type { VerifyOptions } from '../../options/directory-options.ts';
import { nativeFormat } from '../../options/options.ts';

/** Maximum number of files of a mirror for which people see both digests; programs get all. */
const shownDigests = 20;

/** `verify <path> [image]`: whether a file, or every file of a mirror, is still what it was. */
export async function verify(
  context: Context,
  path: string,
  query: string | undefined,
  options: VerifyOptions,
): Promise<void> {
  if (!(await isMirrorPath(path, context.runtime))) {
    if (options.queue !== undefined || options.queueFile !== undefined) {
      throw new GlanceError('usage.option', 'one file is compared without a queue: workers compare mirrors');
    }
    await verifyOne(context, path, query, options);
    return;
  }
  if (query !== undefined || options.expect !== undefined || options.against !== undefined) {
    throw new GlanceError(
      'usage.argument',
      'a mirror is compared with its index: leave out the image, --expect and --against',
    );
  }
  await verifyDirectory(context, path, options);
}

async function verifyOne(
  context: Context,
  path: string,
  query: string | undefined,
  options: VerifyOptions,
): Promise<void> {
  const { connection, runtime } = context;
  const { expect = [], against, againstName } = options;
  let image: ComparedImage | null = null;
  const onImage = (compared: ComparedImage): void => {
    image = compared;
  };
  const how = { expect, against, againstName, signal: runtime.signal, onImage };
  const find = async (): Promise<Found> =>
    onlyOne(await selectImages(connection, { images: [query ?? ''] }, selectOptionsOf(context, options)));
  const verdict = await (query === undefined
    ? verifyFileOver(connection, path, how)
    : verifyImageFile(connection, path, find, how));
  noteList(context, against, verdict.status === 'ok');
  const results = await context.resultOptions();
  const shown = forPeople(results)
    ? describeVerdict(verdict, image, results)
    : renderOne({ row: verdict, keys: verdictKeys, ...results });
  await context.printVerdict(context.print(shown), () => verdictFailure(verdict, image));
}

/** Compares the mirror, here or by workers, and reports what happens. */
async function* verdictsOf(
  context: Context,
  path: string,
  kind: PlaceName['kind'],
  options: VerifyOptions,
  progress: Progress,
): AsyncGenerator<Verdict> {
  const { connection, runtime } = context;
  const { jobs, quick, s3Endpoint } = options;
  const how = { quick, s3Endpoint, signal: runtime.signal };
  if (!namesQueue(connection, options)) {
    const show = (event: VerifyEvent): void => {
      if (event.event !== 'forged') progress.listen(event);
    };
    const onEvent = (event: VerifyEvent): void => context.event(event, wordsFor(event, kind), show);
    yield* verifyMirrorOver(connection, path, { ...how, jobs, onEvent });
    return;
  }
  if (jobs !== undefined) {
    throw new GlanceError('usage.option', '--jobs does not work with a queue: workers compare the files', {
      hint: 'set it on the workers',
    });
  }
  const queue = await openQueue(connection, options);
  try {
    const show = progress.fleet();
    const onEvent = (event: FleetVerifyEvent): void => context.event(event, wordsFor(event, kind), show);
    const { verifyByFleet } = await import('../../../client/fleet/fleet-verify.ts');
    yield* verifyByFleet(connection, queue, path, { ...how, onEvent });
  } finally {
    await queue.close();
  }
}

function wordsFor(event: FleetVerifyEvent, place: PlaceName['kind']): Words | null {
  if (event.event === 'forged') return { kind: 'error', message: event.message };
  if (event.event === 'uncompared') {
    return { kind: 'error', message: `${event.path}: ${event.message} [${event.code}]` };
  }
  // Reading a bucket takes time, and money at some stores, so the amount is printed first.
  if (event.event !== 'start' || !('images' in event) || place !== 'bucket' || (event.total ?? 0) === 0) return null;
  return { kind: 'note', message: `reading ${formatBytes(event.total ?? 0)} of ${event.name}` };
}

async function verifyDirectory(context: Context, path: string, options: VerifyOptions): Promise<void> {
  const isTable = nativeFormat(context.options) === 'table';
  const place = parsePlace(path, context.runtime.cwd);
  const counts: VerdictCounts = { good: 0, unlisted: 0, unreadable: 0, bad: 0 };
  const progress = await openProgress(context);
  let isWhole = false;
  const altered: Verdict[] = [];
  const results = await context.resultOptions();
  async function* pages(): AsyncGenerator<readonly Verdict[]> {
    const missing: Verdict[] = [];
    try {
      for await (const verdict of verdictsOf(context, path, place.kind, options, progress)) {
        counts[verdictKind(verdict)]++;
        // Missing files are not read, so very many may come at once.
        if (verdict.status === 'missing' && missing.push(verdict) < 500) continue;
        // For people, the good ones are only counted.
        const isShown = verdict.status !== 'missing' && (!isTable || verdict.status !== 'ok');
        if (isShown && verdict.status === 'altered' && altered.length < shownDigests) altered.push(verdict);
        yield [...missing.splice(0), ...(isShown ? [verdict] : [])];
      }
      yield missing;
    } catch (error) {
      yield missing;
      throw error;
    } finally {
      progress.stop();
    }
    isWhole = true;
  }
  // On a terminal, the verdict comes first, so all findings are collected before it is printed.
  const isWatched = forPeople(results) && context.runtime.stdout.isTTY === true;
  async function* found(): AsyncGenerator<string> {
    const gathered = isWatched ? await gather(pages(), counts) : null;
    if (gathered !== null) yield describeMirror(counts, isWhole, results.style);
    if (gathered === null || gathered.verdicts.length > 0) {
      const rows = gathered === null ? pages() : pageOf(gathered.verdicts);
      yield* renderList({ pages: rows, columns: verdictColumns, keys: verdictKeys, ...results });
    }
    if (gathered !== null && gathered.error !== null) throw gathered.error;
  }
  async function* shown(): AsyncGenerator<string> {
    yield* found();
    if (forPeople(results)) yield* describeDigests(altered, results);
  }
  const printing = context.print(shown());
  await context.printVerdict(
    printing.then(() => tellCounts(context, counts, isWatched)),
    () => mirrorFailure(place, counts) ?? (isWhole ? null : readerLeft()),
  );
}

/**
 * Collects all verdicts. If the source fails midway, returns the ones before that, with the error.
 * @param counts of what has been compared so far
 * @throws what the source fails with before anything is compared: something that is not a mirror has no verdict
 */
async function gather(
  pages: AsyncIterable<readonly Verdict[]>,
  counts: VerdictCounts,
): Promise<{ readonly verdicts: readonly Verdict[]; readonly error: Error | null }> {
  const verdicts: Verdict[] = [];
  try {
    for await (const page of pages) verdicts.push(...page);
    return { verdicts, error: null };
  } catch (error) {
    if (!(error instanceof Error) || Object.values(counts).every((count) => count === 0)) throw error;
    return { verdicts, error };
  }
}

async function* pageOf(verdicts: readonly Verdict[]): AsyncGenerator<readonly Verdict[]> {
  yield verdicts;
}

function tellCounts(context: Context, counts: VerdictCounts, isTold: boolean): void {
  if (!isTold) context.note(countVerdicts(counts));
  if (counts.unlisted > 0) context.note('a mirror was interrupted: run it again to compare and list what has arrived');
}
