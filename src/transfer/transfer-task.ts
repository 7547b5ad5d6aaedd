// What the transfer of one image takes and returns.
import type { Clock } from '../clock.ts';
import type { Digest, DigestAlgorithm } from '../digests.ts';
import type { RetryPolicy } from '../retry.ts';
import type { TransferListener } from './flow/events.ts';
import type { Observer } from './digest/frontier.ts';
import type { RateLimit } from './flow/rate-limit.ts';

export interface TransferTask {
  /** Digests to compute in addition to those that are compared. */
  readonly extraAlgorithms: readonly DigestAlgorithm[];
  /** Ranges to fetch at once, ≥ 1. */
  readonly connections: number;
  /** Bytes gathered before they are written. */
  readonly bufferBytes: number;
  readonly rate: RateLimit;
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly listen: TransferListener;
  readonly observers: readonly Observer[];
}

/** A transfer that was completed and verified. */
export interface Transferred {
  readonly bytes: number;
  readonly digests: readonly Digest[];
  readonly verifiedBy: DigestAlgorithm | null;
}
