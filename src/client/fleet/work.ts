// What the kinds of work have in common: what a worker has for it, and what comes of it.
import type { ImageService } from '../../image/service.ts';
import type { Place } from '../../mirror/places/place.ts';
import type { JobKind } from '../../queue/job.ts';
import type { Lease } from '../../queue/work-queue.ts';
import type { RateLimit } from '../../transfer/flow/rate-limit.ts';
import type { Connection } from '../connection.ts';
import { serviceFor } from '../calls.ts';
import { LostError, MisconfiguredError } from './worker-errors.ts';

/** What a worker has. */
export interface WorkTools {
  readonly connection: Connection;
  readonly rate: RateLimit;
  /** The place that is meant by a text. @throws GlanceError `usage.argument` */
  readonly place: (text: string) => Place;
}

/** One job of one kind, as it is told of. */
export interface Work {
  readonly lease: Lease;
  /** Bytes of image data that there are by now. */
  readonly onBytes: (bytes: number) => void;
  /** So many of them are from an earlier try. */
  readonly onKept: (bytes: number) => void;
  readonly onRetry: (code: string) => void;
}

/** What came of it. */
export interface WorkEnd {
  /** `superseded`: the image is another meanwhile. */
  readonly outcome: 'done' | 'superseded';
  /** For whoever planned it. */
  readonly result: string | null;
}

/** What does the jobs of a kind. @throws what it fails with; LostError if the lease does not hold */
export type Doer<J extends { readonly kind: JobKind }> = (tools: WorkTools, job: J, work: Work) => Promise<WorkEnd>;

/** The Glance that a job is about. @throws MisconfiguredError if this worker's login leads to another */
export async function serviceOf(
  { connection }: WorkTools,
  { endpoint }: { readonly endpoint: string },
  signal: AbortSignal,
): Promise<ImageService> {
  const service = await serviceFor(connection, signal);
  if (service.endpoint.href !== endpoint) throw new MisconfiguredError(endpoint, service.endpoint.href);
  return service;
}

/** Before something is written that another worker may have written meanwhile. @throws LostError */
export async function holdLease(lease: Lease): Promise<void> {
  if (!(await lease.renew())) throw new LostError();
}
