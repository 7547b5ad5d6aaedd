// What a download may be told, and what became of it.
import type { Clock } from '../clock.ts';
import type { Digest, DigestAlgorithm } from '../digests.ts';
import type { RetryPolicy } from '../retry.ts';
import type { TransferListener } from './flow/events.ts';
import type { FileSystem } from './files/file-system.ts';
import type { Observer } from './digest/frontier.ts';
import type { Lock, ProcessFacts } from './lock/lock.ts';
import type { RateLimit } from './flow/rate-limit.ts';

export interface DownloadOptions {
  /** Digests to compute beside those that are compared. */
  readonly extraAlgorithms: readonly DigestAlgorithm[];
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly listen: TransferListener;
  /** Shared by all transfers of a run; absent: as fast as it goes. */
  readonly rate?: RateLimit;
  /** What else looks at the bytes on their way. */
  readonly observers?: readonly Observer[];
  /** Asked when every byte was seen and the digests match: throws to refuse the image. */
  readonly approve?: () => void;
}

export interface FileOptions extends DownloadOptions {
  /** Whether a file that differs may be replaced. */
  readonly force: boolean;
  /** Permission bits of a new file; one that is replaced keeps its own. */
  readonly mode: number;
  /** Ranges fetched at once, ≥ 1. Absent: 1. */
  readonly connections?: number;
  /** Bytes gathered before they are written. Absent: 1 MiB. */
  readonly bufferBytes?: number;
  /** Whether blocks of zeros become holes. */
  readonly sparse?: boolean;
  /** Whether data that does not match is kept as `NAME.corrupt`. */
  readonly keepCorrupt?: boolean;
  /** Whether what came of a run that failed is kept for the next one. Absent: true. */
  readonly resumes?: boolean;
  /** False: the free space is not looked at before. */
  readonly checkSpace?: boolean;
  /** Our user's number; null where there are none. */
  readonly uid: number | null;
  readonly process: ProcessFacts;
  /** Absent: a lock that every process of this machine sees. */
  readonly lock?: (target: string) => Promise<Lock>;
  /**
   * Whether the caller has a lock over the directory that the target is in. A small image then needs none of its own, and
   * nothing of it is kept for a later run. Absent: false.
   */
  readonly isWithin?: boolean;
  /**
   * Whether others may be at the same target, on other machines too, and all bring the same: then nobody takes a lock, each has an
   * unfinished file of its own, and none is kept. Absent: false.
   */
  readonly isShared?: boolean;
  /** Absent: this machine's. */
  readonly fileSystem?: FileSystem;
}

/** What became of it. */
export interface DownloadResult {
  /** `current`: the target matched already and nothing was fetched. */
  readonly outcome: 'downloaded' | 'current';
  /** Absolute; null for a stream. */
  readonly path: string | null;
  readonly bytes: number;
  readonly seconds: number;
  /**
   * How fast bytes came, those that were compared only too, while any were waited for: reading again what was kept is left
   * out. Null if none came.
   */
  readonly bytesPerSecond: number | null;
  /** Every digest computed. */
  readonly digests: readonly Digest[];
  /** The strongest algorithm whose digest was compared and matched; null if there was none to compare with. */
  readonly verifiedBy: DigestAlgorithm | null;
  /** Bytes of an earlier run that were gone on with. */
  readonly resumedFrom: number;
  /** Tries after the first. */
  readonly retries: number;
}
