// Several jobs that each take one item after another.
import { GlanceError } from '../../errors.ts';

/** Refuses an invalid limit on concurrency. @throws GlanceError `usage.option` */
export function checkCount(name: string, count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new GlanceError('usage.option', `${name}: it is not a whole number of at least 1: ${String(count)}`);
}

/**
 * Works on all items, some at a time, starting them in order.
 * @param jobs maximum number of items in progress, ≥ 1; if it drops, fewer jobs continue
 * @returns how each job ended: one whose work throws takes no more items, the others carry on
 */
export async function shareWork<T>(
  items: Iterable<T>,
  jobs: () => number,
  work: (item: T) => Promise<void>,
): Promise<readonly PromiseSettledResult<void>[]> {
  const waiting = items[Symbol.iterator]();
  let working = 0;
  const job = async (): Promise<void> => {
    working++;
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      await work(next.value);
      if (working > jobs()) break;
    }
    working--;
  };
  return await Promise.allSettled(Array.from({ length: jobs() }, () => job()));
}

/** @throws the interruption's reason; or an error that ended a job and does not belong to one item */
export function checkEnds(ends: readonly PromiseSettledResult<void>[], interruption: AbortSignal): void {
  interruption.throwIfAborted();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
