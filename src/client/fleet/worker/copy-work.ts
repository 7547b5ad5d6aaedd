// A worker's part of `mirror`: copies one image to a place.
import { GlanceError, isFinalForImage } from '../../../errors.ts';
import { maskImage } from '../../../image/mask.ts';
import { bearOddRecord } from '../../../image/odd-record.ts';
import type { OneImage } from '../../../mirror/places/place.ts';
import type { CopyJob } from '../../../queue/job.ts';
import type { Lease } from '../../../queue/work-queue.ts';
import { fetchInto } from '../../mirror/fetch-into.ts';
import { digestText } from './digest-text.ts';
import { type Doer, holdLease, serviceOf, type Work, type WorkTools } from './work.ts';

const done = { outcome: 'done', result: null } as const;

/** Copies an image. */
export const copy: Doer<CopyJob> = async (tools, job, work) => {
  const { signal } = work.lease;
  const service = await serviceOf(tools, job, signal);
  const listed = await service.get(job.image, signal).catch((error: unknown) => bearOddRecord(error, () => undefined));
  const image = maskImage(listed);
  if (image.id !== job.image) throw new GlanceError('metadata.invalid', 'the record is about another image');
  // The next plan picks up its current state. After any other change, only the record is rewritten.
  if (image.size !== job.size || digestText(image) !== job.digest) return { outcome: 'superseded', result: null };
  const one = await tools.place(job.place).openOne(job.image, signal);
  try {
    const task = await one.plan(image, () => true, signal);
    if (task.action === 'same') return done;
    if (task.action === 'failed') throw new GlanceError('image.no_data', task.message);
    if (task.action !== 'new') await one.forget([image.id], signal);
    try {
      await fetchInto(tools.connection, service, holding(work.lease, one), image, job.policy, runOf(tools, work));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof GlanceError && isFinalForImage(error.code)) {
        await one.fail(image, error.code, error.message, signal);
      }
      throw error;
    }
    return done;
  } finally {
    await one.close();
  }
};

function runOf({ rate }: WorkTools, { lease, onBytes, onKept, onRetry }: Work): Parameters<typeof fetchInto>[5] {
  return {
    signal: lease.signal,
    rate,
    listen: (event) => {
      if (event.event === 'start') onKept(event.kept);
      else if (event.event === 'progress' || event.event === 'done') onBytes(event.bytes);
      else if (event.event === 'retry') onRetry(event.code);
    },
  };
}

/** A target to which nothing is committed once the lease is lost. */
function holding(lease: Lease, one: OneImage): Pick<OneImage, 'target' | 'complete'> {
  return {
    // Removes what is in the way of the data, so the lease comes first: what another worker has committed has to stay.
    target: async (image, signal) => {
      await holdLease(lease);
      return await one.target(image, signal);
    },
    complete: async (image, data, signal) => {
      await holdLease(lease);
      await one.complete(image, data, signal);
    },
  };
}
