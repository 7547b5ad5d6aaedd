// How what is inside a disk is read: generators that ask for bytes and do no input themselves, so that the same reader works
// over a file, ranges of a store and a buffer in a test.

/** A piece of data that is wanted: bytes, offset ≥ 0, both below 2^53. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/**
 * Asks for pieces, those of one turn at once, and in the end returns a T. Each piece is answered with its bytes, fewer where
 * the data ends first; they must not be changed, and are good for as long as they are kept.
 */
export type Reads<T> = Generator<readonly Span[], T, readonly Uint8Array[]>;

/** What is in a disk makes no sense, or is of a kind that is not read. Caught where `contents` is put together. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
  /** `damaged`: it contradicts itself or ends too soon; `unsupported`: it is of a kind that is not read. */
  readonly why: 'damaged' | 'unsupported';

  /** @param message for people; what it quotes from the disk has to be short */
  constructor(why: 'damaged' | 'unsupported', message: string) {
    super(message);
    this.why = why;
  }
}

/** What is there makes no sense. @throws UnreadableError always */
export function damaged(message: string): never {
  throw new UnreadableError('damaged', message);
}

/** What is there is of a kind that is not read. @throws UnreadableError always */
export function unsupported(message: string): never {
  throw new UnreadableError('unsupported', message);
}

/** What each of several gives. */
type Results<T extends readonly Reads<unknown>[]> = {
  -readonly [K in keyof T]: T[K] extends Reads<infer R> ? R : never;
};

/** Does several at once: what they ask for in one turn is asked for together. @throws what the first one that fails throws */
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

/** What it gives, or something else where the disk is damaged there. */
export function* orElse<T>(other: T, reads: Reads<T>): Reads<T> {
  try {
    return yield* reads;
  } catch (error) {
    if (error instanceof UnreadableError) return other;
    throw error;
  }
}
