// The options of a download, and its result.
import type { Clock } from '../clock.ts';
import type { Digest, DigestAlgorithm } from '../digests.ts';
import type { RetryPolicy } from '../retry.ts';
import type { TransferListener } from './flow/events.ts';
import type { HostFileSystem } from './files/file-system.ts';
import type { Observer } from './digest/frontier.ts';
import type { Lock, ProcessFacts } from './lock/lock.ts';
import type { RateLimit } from './flow/rate-limit.ts';

export interface DownloadOptions {
  /** Digests to compute in addition to those that are compared. */
  readonly extraAlgorithms: readonly DigestAlgorithm[];
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly listen: TransferListener;
  /** Shared by all transfers of a run; absent: no limit. */
  readonly rate?: RateLimit;
  /** Observers that see the bytes on their way. */
  readonly observers?: readonly Observer[];
  /** Called once every byte was seen and the digests match; throws to refuse the image. */
  readonly approve?: () => void;
}

export interface FileTransferOptions extends DownloadOptions {
  /** Whether a file that differs may be replaced. */
  readonly force: boolean;
  /** Permission bits of a new file; a replaced file keeps its own. */
  readonly mode: number;
  /** Ranges to fetch at once, ≥ 1. Absent: 1. */
  readonly connections?: number;
  /** Bytes gathered before they are written. Absent: 1 MiB. */
  readonly bufferBytes?: number;
  /** Whether blocks of zeros become holes. */
  readonly sparse?: boolean;
  /** Whether to keep data that does not match, as `NAME.corrupt`. */
  readonly keepCorrupt?: boolean;
  /** Whether the data of a failed run is kept for the next one. Absent: true. */
  readonly resumes?: boolean;
  /** False: do not check the free space first. */
  readonly checkSpace?: boolean;
  /** Our user id; null where the system has none. */
  readonly uid: number | null;
  readonly process: ProcessFacts;
  /** Absent: a lock that every process of this machine sees. */
  readonly lock?: (target: string) => Promise<Lock>;
  /**
   * Whether others, even on other machines, may write the same data to the same target. Then nobody takes a lock, each has its own
   * part file, and none is kept. Absent: false.
   */
  readonly isShared?: boolean;
  /** Absent: this machine's. */
  readonly fileSystem?: HostFileSystem;
}

/** The outcome. */
export interface DownloadResult {
  /** `current`: the target already matched, and nothing was fetched. */
  readonly outcome: 'downloaded' | 'current';
  /** Absolute; null for a stream. */
  readonly path: string | null;
  readonly bytes: number;
  /** Rounded to milliseconds. */
  readonly seconds: number;
  /**
   * How fast bytes arrived, counting those that were only compared, over the time in which the transfer was waiting for bytes;
   * reading kept data again does not count. Null if none arrived.
   */
  readonly bytesPerSecond: number | null;
  /** Every digest computed. */
  readonly digests: readonly Digest[];
  /** The strongest algorithm whose digest was compared and matched; null if there was none to compare with. */
  readonly verifiedBy: DigestAlgorithm | null;
  /** Bytes of an earlier run that were resumed from. */
  readonly resumedFrom: number;
  /** Retries after the first attempt. */
  readonly retries: number;
}
