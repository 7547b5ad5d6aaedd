// Jobs of a plan that failed for good, or too often.
import type { FailedJob } from '../../queue/failed-job.ts';
import type { WorkQueue } from '../../queue/work-queue.ts';

/**
 * Failed jobs by id: if the record of an image changes, it is another job.
 * @param place the place that the jobs are about
 * @param countsDead whether to include jobs on which workers died; a second look retries those once
 */
export async function findFailed(
  queue: WorkQueue,
  place: string,
  countsDead: boolean,
): Promise<ReadonlyMap<string, FailedJob>> {
  const failed = new Map<string, FailedJob>();
  for await (const page of queue.failures()) {
    for (const each of page) {
      if (each.kind !== 'copy' || each.place !== place || (each.code === 'worker.died' && !countsDead)) continue;
      failed.set(each.job, each);
    }
  }
  return failed;
}
