// Whether a mirror is what its index says, in whichever place it is.
import { GlanceError } from '../../errors.ts';
import { indexName } from '../../mirror/index-file.ts';
import type { Comparison, ComparisonOptions } from '../../mirror/places/place.ts';
import { noVerdict, type Verdict } from '../../mirror/verify.ts';
import type { TransferEvent } from '../../transfer/flow/events.ts';
import { createMeter } from '../../transfer/flow/meter.ts';
import { countOf } from '../../text/count.ts';
import type { ConnectOptions } from '../connect-options.ts';
import type { Connection } from '../connection.ts';
import { stamp, type Timed } from '../download/progress-event.ts';
import { openPlace } from '../places/open-place.ts';
import type { PlaceName } from '../places/place-name.ts';
import type { StoreOptions } from '../places/open-store.ts';
import type { VerifyOptions } from '../verify.ts';

type Transferred<E extends TransferEvent['event']> = Extract<TransferEvent, { readonly event: E }>;

type VerifyNews =
  | (Transferred<'start'> & {
      /** Images that the index lists. */
      readonly images: number;
    })
  | Transferred<'progress'>
  /** The index was not written by a mirror; `message` says why. */
  | { readonly event: 'forged'; readonly message: string };

/** What happens while a mirror is compared. Bytes are of image data. */
export type VerifyEvent = Timed & VerifyNews;

export interface VerifyMirrorOptions extends VerifyOptions, StoreOptions {
  /** Whether image data is compared by its size, and in a bucket by its ETag, without being read. Absent: false. */
  readonly quick?: boolean | undefined;
  /** How a bucket is reached: proxies, time limits, retries. Absent: as the system says. */
  readonly connect?: ConnectOptions;
  /** Files at once, ≥ 1. Absent: 4. */
  readonly jobs?: number | undefined;
  /** Called with each event, in order. Must not throw. */
  readonly onEvent?: (event: VerifyEvent) => void;
}

const defaultJobs = 4;

/**
 * Compares every file of a mirror with its index, and finds what does not belong there.
 * @param connection need not lead to a Glance
 * @param place a directory, absolute or from the working directory, or `s3://BUCKET/PREFIX`
 * @returns a verdict for each image, in the order of the index, then one for each other finding; `unlisted` is not damage: the
 * next run of the mirror lists it
 * @throws GlanceError `usage.argument` for a URL of another kind; `io.missing`, `place.missing` where there is no mirror, `io.*`,
 * `place.*` if it cannot be read; the signal's reason
 */
export async function* verifyMirrorOver(
  connection: Connection,
  place: string,
  options: Omit<VerifyMirrorOptions, 'system' | 'connect'> & Pick<ComparisonOptions, 'compareImage'>,
): AsyncGenerator<Verdict, void, undefined> {
  const {
    jobs = defaultJobs,
    quick = false,
    signal = new AbortController().signal,
    onEvent = () => undefined,
    compareImage,
  } = options;
  const tell = stamp<VerifyNews>(connection.system.clock, onEvent);
  let comparison: Comparison;
  try {
    comparison = await openPlace(place, connection, options).compare(signal);
  } catch (error) {
    if (!(error instanceof GlanceError) || error.code !== 'metadata.invalid') throw error;
    tell({ event: 'forged', message: error.message });
    yield { ...noVerdict, path: indexName, status: 'forged' };
    return;
  }
  const total = quick ? 0 : comparison.bytes;
  let bytes = 0;
  const { images } = comparison;
  tell({ event: 'start', name: countOf(images, 'image'), total, kept: 0, images });
  let told = 0;
  const tellBytes = (): void => {
    told = bytes;
    tell({ event: 'progress', bytes, total });
  };
  const meter = createMeter(connection.system.clock, total, tellBytes);
  const onBytes = (count: number): void => {
    bytes += count;
    meter(bytes);
  };
  yield* comparison.verdicts({ jobs, signal, onBytes, isQuick: quick, compareImage });
  // Of files that are missing or cut short, less is read than there should be.
  if (told !== bytes) tellBytes();
}

/** The number of verdicts of each kind about a mirror; `bad` counts what can be read but is not as it should be. */
export interface VerdictCounts {
  good: number;
  unlisted: number;
  unreadable: number;
  bad: number;
}

/** The count that a verdict belongs to. */
export function verdictKind({ status }: Verdict): keyof VerdictCounts {
  if (status === 'ok') return 'good';
  return status === 'unlisted' || status === 'unreadable' ? status : 'bad';
}

/** Why a mirror is not what its index says, or null. */
export function mirrorFailure(
  { kind, name }: PlaceName,
  { unreadable, bad }: Readonly<VerdictCounts>,
): GlanceError | null {
  if (bad > 0) {
    return new GlanceError(
      'integrity.digest',
      `${name}: ${countOf(bad, 'file')} ${bad === 1 ? 'does' : 'do'} not match the index`,
      {
        hint: 'remove what is damaged, then run the same mirror command as before: it fetches what is missing',
      },
    );
  }
  if (unreadable === 0) return null;
  const message = `${name}: ${countOf(unreadable, 'file')} ${unreadable === 1 ? 'is' : 'are'} unreadable`;
  if (kind === 'directory') return new GlanceError('io.error', message);
  return new GlanceError('place.unavailable', message, {
    hint: 'run it again; if that does not help, check whether the keys may read these files, and whether the store has them',
  });
}
