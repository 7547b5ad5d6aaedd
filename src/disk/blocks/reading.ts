// How the inside of a disk is read: by generators that ask for bytes and do no input themselves, so the same reader works on
// a file, on ranges of a store, and on a buffer in a test.

/** A wanted range of bytes: offset ≥ 0, both below 2^53. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/**
 * Asks for ranges, several in one turn, and finally returns a T. Each range is answered with its bytes, fewer where the data
 * ends first. The bytes must not be changed, and stay valid as long as they are kept.
 */
export type Reads<T> = Generator<readonly Span[], T, readonly Uint8Array[]>;

/** The contents of a disk contradict themselves or are not supported. Caught where `contents` is put together. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
  /** `damaged`: contradicts itself or ends too soon; `unsupported`: of a kind that is not read. */
  readonly why: 'damaged' | 'unsupported';

  /** @param message for people; anything it quotes from the disk must be short */
  constructor(why: 'damaged' | 'unsupported', message: string) {
    super(message);
    this.why = why;
  }
}

/** Reports data that is damaged. @throws UnreadableError always */
export function damaged(message: string): never {
  throw new UnreadableError('damaged', message);
}

/** Reports data of a kind that is not read. @throws UnreadableError always */
export function unsupported(message: string): never {
  throw new UnreadableError('unsupported', message);
}

/** The result of each of several readings. */
type Results<T extends readonly Reads<unknown>[]> = {
  -readonly [K in keyof T]: T[K] extends Reads<infer R> ? R : never;
};

/** Runs several readings at once, joining what they ask for in one turn. @throws whatever the first to fail throws */
export function* together<const T extends readonly Reads<unknown>[]>(all: T): Reads<Results<T>> {
  const steps = all.map((reads) => reads.next());
  for (;;) {
    const asking = [...steps.entries()].filter(([, step]) => step.done !== true);
    if (asking.length === 0) break;
    const wants = asking.map(([, step]) => step.value as readonly Span[]);
    const answers = yield wants.flat();
    let position = 0;
    for (const [turn, [index]] of asking.entries()) {
      const count = wants[turn]?.length ?? 0;
      const next = all[index]?.next(answers.slice(position, position + count));
      if (next !== undefined) steps[index] = next;
      position += count;
    }
  }
  return steps.map((step) => step.value) as Results<T>;
}

/** Called with a file that cannot be read, when everything else is read without it. */
export type Skip = (path: string, error: UnreadableError) => void;

/** The result of a reading, or another value if it cannot be read. */
export function* orElse<T>(other: T, reads: Reads<T>, onFailure?: (error: UnreadableError) => void): Reads<T> {
  try {
    return yield* reads;
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    onFailure?.(error);
    return other;
  }
}

/**
 * Reads something at each path, all at once. Where it cannot be read, the result is null, and `skip` is called with the path.
 */
export function* salvage<T>(
  paths: readonly string[],
  read: (path: string) => Reads<T>,
  skip: Skip,
): Reads<readonly (T | null)[]> {
  return yield* together(paths.map((path) => orElse<T | null>(null, read(path), (error) => skip(path, error))));
}
