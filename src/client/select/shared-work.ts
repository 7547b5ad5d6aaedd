// Several jobs, each of which takes one item after the other.
import { GlanceError } from '../../errors.ts';

/** Refuses a number of things at once that is none. @throws GlanceError `usage.option` */
export function checkCount(name: string, count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new GlanceError('usage.option', `${name}: it is not a whole number from 1: ${String(count)}`);
}

/**
 * Works on all items, some at a time, which begin in their order.
 * @param jobs items under way at most, ≥ 1; where it becomes less, that many go on
 * @returns how each job ended: one whose work throws takes no more, the others go on
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

/** @throws the interruption's reason; what a job ended with that is no item's own failure */
export function checkEnds(ends: readonly PromiseSettledResult<void>[], interruption: AbortSignal): void {
  interruption.throwIfAborted();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
