// Digests computed in threads.
import type { DigestAlgorithm } from '../../digests.ts';
import { digestThreads, type Thread } from '../threads/thread-pool.ts';

/** Digests as hex, in the order of the algorithms. */
type Hexes = readonly string[];

let nextHash = 0;

/** Several digests over the same bytes, computed in one of the threads. */
export class ThreadHash {
  readonly #thread: Thread;
  readonly #hash = nextHash++;
  readonly #algorithms: readonly DigestAlgorithm[];
  readonly #expectedBytes: number | null;
  #bytes = 0;
  #hasBegun = false;
  #isOpen = true;
  /** The digests of all expected bytes, requested together with the last of them. */
  #whole: Promise<Hexes> | null = null;

  /** @param expectedBytes how many bytes will come; null if unknown */
  constructor(algorithms: readonly DigestAlgorithm[], expectedBytes: number | null) {
    this.#algorithms = algorithms;
    this.#expectedBytes = expectedBytes;
    this.#thread = digestThreads.join();
  }

  /** The bytes must not change before the promise settles; shared memory is not copied. */
  async update(bytes: Uint8Array): Promise<void> {
    this.#bytes += bytes.length;
    const isWhole = this.#bytes === this.#expectedBytes;
    const answer = this.#ask(bytes, isWhole);
    this.#whole = isWhole ? answer : null;
    await answer;
  }

  /** The digests of the bytes so far, as hex. */
  digests(): Promise<Hexes> {
    return this.#isOpen && this.#whole !== null ? this.#whole : this.#ask(undefined, true);
  }

  /** Starts over. */
  reset(): void {
    this.#bytes = 0;
    this.#hasBegun = false;
    this.#whole = null;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#thread.tell({ end: this.#hash });
    this.#thread.removeUser();
  }

  /** Several hashes share a thread, so it must never be asked about one that has ended. */
  async #ask(bytes: Uint8Array | undefined, isAsked: boolean): Promise<Hexes> {
    if (!this.#isOpen) throw new Error('the digest has ended');
    const begin = this.#hasBegun ? undefined : this.#algorithms;
    this.#hasBegun = true;
    const message = { hash: this.#hash, isAsked, ...(begin && { begin }), ...(bytes && { bytes }) };
    return (await this.#thread.ask(message)).hexes ?? [];
  }
}

/**
 * The digests of an open file, read by a thread.
 * @param file its descriptor, which stays the caller's
 * @param limit maximum number of bytes to read
 * @returns as hex, in the order of the algorithms
 * @throws Node's system errors
 */
export async function digestInThread(
  file: number,
  algorithms: readonly DigestAlgorithm[],
  limit: number,
): Promise<Hexes> {
  return (await digestThreads.ask({ file, algorithms, limit })).hexes ?? [];
}
