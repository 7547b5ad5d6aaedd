// Jobs and events of BullMQ in our own words.
import type { BulkJobOptions, Job as BullJob, QueueEvents } from 'bullmq';
import { formatJob, hasResult, type Job, parseJob } from '../job.ts';
import type { FailedJob, QueueEvent } from '../work-queue.ts';
import { parseReason } from './reasons.ts';

/** Of BullMQ's own; the largest images come first, which keeps the end of a run short. */
const lowestPriority = 2_000_000;

/** A result that nobody takes is thrown away after so long, seconds. */
const resultsForSeconds = 24 * 3600;

/** A job as BullMQ takes it. */
export function toBullJob(id: string, job: Job): { name: string; data: object; opts: BulkJobOptions } {
  // Reports are printed in the order of the list, and each is soon done.
  const priority = job.kind === 'audit' ? 1 : priorityOf(job.size);
  const kept = hasResult(job) ? { removeOnComplete: { age: resultsForSeconds } } : {};
  return { name: job.kind, data: formatJob(job), opts: { jobId: id, priority, ...kept } };
}

/** Tells of events in our own words. */
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

/** Null for one that is no job of ours. */
export function toFailed(job: BullJob): FailedJob | null {
  try {
    return { id: job.id ?? '', job: parseJob(job.data), ...parseReason(job.failedReason ?? '') };
  } catch {
    return null;
  }
}

/** From 1, which comes first: by the logarithm of the size. Of unknown size: as a gigabyte. */
export function priorityOf(size: number | null): number {
  const magnitude = Math.log2((size ?? 2 ** 30) + 1) / 53;
  return Math.max(1, Math.round(lowestPriority * (1 - magnitude)));
}
