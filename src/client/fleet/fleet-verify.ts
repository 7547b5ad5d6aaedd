// A mirror that workers compare with its index, sharing its images; the lists, and files that do not belong, are checked
// here.
import { type ErrorCode, GlanceError } from '../../errors.ts';
import type { MirrorEntry } from '../../mirror/entry-store.ts';
import { digestsName } from '../../mirror/digests-file.ts';
import { isObject, recordName } from '../../mirror/index-file.ts';
import { unreadable, type Verdict, verdictKeys, type VerifyStatus } from '../../mirror/verify.ts';
import type { WorkQueue } from '../../queue/work-queue.ts';
import type { Connection } from '../connection.ts';
import { stamp, type Timed } from '../download/progress-event.ts';
import { type VerifyEvent, type VerifyMirrorOptions, verifyMirrorOver } from '../mirror/verify-mirror.ts';
import { parsePlace } from '../places/place-name.ts';
import type { FleetEvent } from './fleet-event.ts';
import { JobResults, mostAsked } from './job-results.ts';
import { verifyJob } from './jobs.ts';

/** Workers failed to compare an image for a reason other than its contents; its verdict is `unreadable`. */
interface Uncompared {
  readonly event: 'uncompared';
  /** The image's file, relative to the mirror. */
  readonly path: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What happens during the comparison, in order. */
export type FleetVerifyEvent = VerifyEvent | FleetEvent | (Timed & Uncompared);

export interface FleetVerifyOptions extends Pick<VerifyMirrorOptions, 'quick' | 's3Endpoint'> {
  readonly signal: AbortSignal;
  /** Called with each event, in order. Must not throw. */
  readonly onEvent?: ((event: FleetVerifyEvent) => void) | undefined;
}

const statuses: ReadonlySet<string> = new Set<VerifyStatus>([
  'ok',
  'altered',
  'size',
  'missing',
  'forged',
  'unreadable',
  'unproven',
]);

/**
 * Compares a mirror with its index. The verdicts are like those of `verifyMirror`, in the same order.
 * @param place a directory that all workers see under this path, or `s3://BUCKET/PREFIX`
 * @throws GlanceError `queue.*`, also if no worker comes; what `verifyMirror` throws
 */
export async function* verifyByFleet(
  connection: Connection,
  queue: WorkQueue,
  place: string,
  options: FleetVerifyOptions,
): AsyncGenerator<Verdict, void, undefined> {
  const { quick = false, onEvent = () => undefined } = options;
  const { clock } = connection.system;
  const tell = stamp<Uncompared>(clock, onEvent);
  const { name } = parsePlace(place, connection.system.cwd);
  const results = await JobResults.open(queue, clock, options.signal, onEvent);
  const signal = AbortSignal.any([options.signal, results.failed]);
  const compareImage = async (entry: MirrorEntry): Promise<Verdict> => {
    try {
      return parseVerdict(await results.ask(verifyJob(entry, name, quick)), entry);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof GlanceError)) throw error;
      const { code, message } = error;
      tell({ event: 'uncompared', path: entry.file, code, message });
      return unreadable(entry.file, error, entry.size);
    }
  };
  const listen = (event: VerifyEvent): void => {
    if (event.event === 'start') results.announce(event.images, event.total ?? 0);
    onEvent(event);
  };
  try {
    const how = { quick, s3Endpoint: options.s3Endpoint, signal, onEvent: listen, jobs: mostAsked, compareImage };
    for await (const verdict of verifyMirrorOver(connection, place, how)) {
      yield verdict;
      const [id = ''] = verdict.path.split('/');
      results.release(id);
    }
  } finally {
    await results.close();
  }
}

/** Reads a worker's verdict. @throws GlanceError `metadata.invalid` if it is not one that this version knows */
function parseVerdict(text: string, { id, file }: MirrorEntry): Verdict {
  const value = parse(text);
  if (value !== null) {
    const { path, status, size, expected_size, algorithm, expected, actual, reason } = value;
    const isNamed = [file, `${id}/${recordName}`, `${id}/${digestsName}`].some((name) => name === path);
    const areNumbers = [size, expected_size].every((each) => each === null || typeof each === 'number');
    const areTexts = [algorithm, expected, actual, reason].every((each) => each === null || typeof each === 'string');
    if (isNamed && typeof status === 'string' && statuses.has(status) && areNumbers && areTexts) {
      return Object.fromEntries(verdictKeys.map((key) => [key, value[key]])) as unknown as Verdict;
    }
  }
  throw new GlanceError('metadata.invalid', 'this version does not understand what a worker reports', {
    hint: 'use the same version of glance-cli everywhere',
  });
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = JSON.parse(text) as unknown;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
