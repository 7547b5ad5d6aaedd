// Translates BullMQ's jobs and events into our own types.
import type { BulkJobOptions, Job as BullJob, QueueEvents } from 'bullmq';
import { formatJob, hasResult, type Job, parseJob } from '../job.ts';
import type { FailedJob } from '../failed-job.ts';
import type { QueueEvent } from '../work-queue.ts';
import { parseReason } from './reasons.ts';

/** BullMQ's own limit. The largest images come first, which keeps the end of a run short. */
const lowestPriority = 2_000_000;

/** A result that nobody collects is discarded after this time, in seconds. */
const resultsForSeconds = 24 * 3600;

/** A job in the form BullMQ takes. */
export function toBullJob(id: string, job: Job): { name: string; data: object; opts: BulkJobOptions } {
  // Reports are printed in the order of the list, and each one is quick.
  const priority = job.kind === 'audit' ? 1 : priorityOf(job.size);
  const kept = hasResult(job) ? { removeOnComplete: { age: resultsForSeconds } } : {};
  return { name: job.kind, data: formatJob(job), opts: { jobId: id, priority, ...kept } };
}

/** Passes BullMQ's events on as ours. */
export function listenTo(events: QueueEvents, onEvent: (event: QueueEvent) => void): void {
  events.on('active', ({ jobId: id }) => onEvent({ event: 'leased', id }));
  events.on('completed', ({ jobId: id }) => onEvent({ event: 'finished', id }));
  events.on('stalled', ({ jobId: id }) => onEvent({ event: 'lost', id }));
  events.on('failed', ({ jobId: id, failedReason }) => onEvent({ event: 'failed', id, ...parseReason(failedReason) }));
  events.on('progress', ({ jobId: id, data }) => {
    if (typeof data !== 'object' || data === null || !('bytes' in data) || !('worker' in data)) return;
    const { bytes, worker } = data as { readonly bytes: unknown; readonly worker: unknown };
    if (typeof bytes !== 'number' || typeof worker !== 'string') return;
    onEvent({ event: 'progress', id, progress: { bytes, worker: worker.slice(0, 100) } });
  });
}

/** A job that failed, with everything that is needed to plan it again. */
export interface Failure {
  readonly id: string;
  readonly job: Job;
  readonly reason: Pick<FailedJob, 'code' | 'message'>;
}

/** Null if the job is not one of ours. */
export function toFailure(job: BullJob): Failure | null {
  try {
    return { id: job.id ?? '', job: parseJob(job.data), reason: parseReason(job.failedReason ?? '') };
  } catch {
    return null;
  }
}

/** 1 comes first. Ranked by the logarithm of the size; an unknown size counts as a gigabyte. */
export function priorityOf(size: number | null): number {
  const magnitude = Math.log2((size ?? 2 ** 30) + 1) / 53;
  return Math.max(1, Math.round(lowestPriority * (1 - magnitude)));
}
