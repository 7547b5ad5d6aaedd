// Jobs of a plan that failed for good, or too often.
import type { FailedJob, WorkQueue } from '../../queue/work-queue.ts';

/**
 * By their ids: one of another record of the same image is another job.
 * @param place that the jobs are about
 * @param countsDead whether those count at which workers died: they are tried once more by who looks a second time
 */
export async function findFailed(
  queue: WorkQueue,
  place: string,
  countsDead: boolean,
): Promise<ReadonlyMap<string, FailedJob>> {
  const failed = new Map<string, FailedJob>();
  for await (const page of queue.failures()) {
    for (const each of page) {
      if (each.job.kind !== 'copy' || each.job.place !== place || (each.code === 'worker.died' && !countsDead))
        continue;
      failed.set(each.id, each);
    }
  }
  return failed;
}
