// Prints what arrived before a failure: the rows of a table must not be lost with it.

/** What arrived, and the failure that ended it. */
interface UntilFailure<T> {
  /** Ends when its source fails. */
  readonly pages: AsyncGenerator<T>;
  /** Call once the pages are printed. @throws the failure of their source */
  readonly finish: () => void;
}

/** Holds a failure back until the rows before it are printed: a table gathers its first rows, and would lose them. */
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
