// Works on several items at once, and yields the results in the order of the items.

/** Whatever came first: another item, a failure to get one, or the end of the oldest work. */
type Step<T> = { readonly item: IteratorResult<T> } | { readonly error: unknown } | null;

/**
 * Works on items as they come.
 * @param jobs maximum number of items at once, ≥ 1
 * @throws what the work fails with; what the items fail with, after the results of everything before that
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  jobs: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const running: Promise<R>[] = [];
  const walk = walkOver(items);
  let next: Promise<Step<T>> | null = ask(walk);
  let failure: { readonly error: unknown } | null = null;
  try {
    for (;;) {
      const [oldest] = running;
      const isFull = running.length >= jobs;
      const step: Step<T> = next === null || isFull ? null : await Promise.race([next, ...ended(oldest)]);
      if (step !== null && 'item' in step && step.item.done !== true) {
        const promise = work(step.item.value);
        // The consumer handles its failure.
        promise.catch(() => undefined);
        running.push(promise);
        next = ask(walk);
      } else if (step !== null) {
        next = null;
        if ('error' in step) failure = step;
      } else if (oldest !== undefined) {
        yield await oldest;
        void running.shift();
      } else break;
    }
  } finally {
    await walk.return(undefined);
  }
  if (failure !== null) throw failure.error;
}

async function* walkOver<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

async function ask<T>(items: AsyncGenerator<T>): Promise<Step<T>> {
  try {
    return { item: await items.next() };
  } catch (error) {
    return { error };
  }
}

function ended(oldest: Promise<unknown> | undefined): readonly Promise<null>[] {
  return oldest === undefined
    ? []
    : [
        oldest.then(
          () => null,
          () => null,
        ),
      ];
}
