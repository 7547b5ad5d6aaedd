// What all kinds of work share: what a worker provides, and how a job ends.
import type { ImageService } from '../../../image/service.ts';
import type { Place } from '../../../mirror/places/place.ts';
import type { JobKind } from '../../../queue/job.ts';
import type { Lease } from '../../../queue/work-queue.ts';
import type { RateLimit } from '../../../transfer/flow/rate-limit.ts';
import type { Connection } from '../../connection.ts';
import { serviceFor } from '../../calls.ts';
import { LostError, MisconfiguredError } from './worker-errors.ts';

/** What a worker provides for every job. */
export interface WorkTools {
  readonly connection: Connection;
  readonly rate: RateLimit;
  /** Opens the place named by a text. @throws GlanceError `usage.argument` */
  readonly place: (text: string) => Place;
}

/** One job, with its callbacks. */
export interface Work {
  readonly lease: Lease;
  /** Called with the bytes of image data received so far. */
  readonly onBytes: (bytes: number) => void;
  /** Called with the number of those bytes that are from an earlier attempt. */
  readonly onKept: (bytes: number) => void;
  readonly onRetry: (code: string) => void;
}

/** How a job ended. */
export interface WorkEnd {
  /** `superseded`: the image has changed since it was planned. */
  readonly outcome: 'done' | 'superseded';
  /** For the planner. */
  readonly result: string | null;
}

/** Does jobs of one kind. @throws what the job fails with; LostError if the lease does not hold */
export type Doer<J extends { readonly kind: JobKind }> = (tools: WorkTools, job: J, work: Work) => Promise<WorkEnd>;

/** The Glance that a job is about. @throws MisconfiguredError if this worker's login leads to another one */
export async function serviceOf(
  { connection }: WorkTools,
  { endpoint }: { readonly endpoint: string },
  signal: AbortSignal,
): Promise<ImageService> {
  const service = await serviceFor(connection, signal);
  if (service.endpoint.href !== endpoint) throw new MisconfiguredError(endpoint, service.endpoint.href);
  return service;
}

/** Call before writing anything that another worker may have written by now. @throws LostError */
export async function holdLease(lease: Lease): Promise<void> {
  if (!(await lease.renew())) throw new LostError();
}
