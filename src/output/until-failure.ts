// A table of what may fail on its way: what came before is printed all the same.

/** What came, and what it ended with. */
export interface UntilFailure<T> {
  /** Ends where its source fails. */
  readonly pages: AsyncGenerator<T>;
  /** To be called once they are printed. @throws what their source failed with */
  readonly finish: () => void;
}

/** Keeps a failure back: the first rows of a table wait for each other, and would be lost. */
export function untilFailure<T>(source: AsyncIterable<T>): UntilFailure<T> {
  let failure: { readonly error: unknown } | null = null;
  async function* pages(): AsyncGenerator<T> {
    try {
      yield* source;
    } catch (error) {
      failure = { error };
    }
  }
  const finish = (): void => {
    if (failure !== null) throw failure.error;
  };
  return { pages: pages(), finish };
}
