// Computes several digests over the same bytes in one pass: in threads for large data, or inline if starting threads
// would take longer than the work.
import { createHash, type Hash } from 'node:crypto';
import type { Digest, DigestAlgorithm } from '../../digests.ts';
import { isWorthThread, startThreshold } from '../threads/thread-pool.ts';
import { ThreadHash } from './thread-hash.ts';

/** Computes digests as bytes pass, in order. */
export interface Digester {
  readonly algorithms: readonly DigestAlgorithm[];
  /** Bytes taken since the start or the last reset. */
  readonly bytes: number;
  /** Takes the next bytes. They must not change before the promise settles; shared memory is not copied. */
  update(bytes: Uint8Array): Promise<void>;
  /** The digests of the bytes so far; more can follow. */
  digests(): Promise<readonly Digest[]>;
  /** Starts over. */
  reset(): void;
  /** Call when no more bytes will come. */
  close(): void;
}

/**
 * Creates a digester for these algorithms, each computed once.
 * @param expectedBytes how many bytes will come; null if unknown
 */
export function createDigester(algorithms: Iterable<DigestAlgorithm>, expectedBytes: number | null): Digester {
  const unique = [...new Set(algorithms)];
  return unique.length > 0 && isWorthThread(expectedBytes)
    ? new ThreadDigester(unique, expectedBytes)
    : new InlineDigester(unique);
}

class InlineDigester implements Digester {
  readonly algorithms: readonly DigestAlgorithm[];
  #hashes: readonly Hash[];
  bytes = 0;

  constructor(algorithms: readonly DigestAlgorithm[]) {
    this.algorithms = algorithms;
    this.#hashes = algorithms.map((algorithm) => createHash(algorithm));
  }

  update(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    for (const hash of this.#hashes) hash.update(bytes);
    return Promise.resolve();
  }

  digests(): Promise<readonly Digest[]> {
    const hexes = this.#hashes.map((hash) => hash.copy().digest('hex'));
    return Promise.resolve(this.algorithms.map((algorithm, index) => ({ algorithm, hex: hexes[index] ?? '' })));
  }

  reset(): void {
    this.bytes = 0;
    this.#hashes = this.algorithms.map((algorithm) => createHash(algorithm));
  }

  close(): void {
    this.#hashes = [];
  }
}

class ThreadDigester implements Digester {
  readonly algorithms: readonly DigestAlgorithm[];
  readonly #hashes: readonly ThreadHash[];
  bytes = 0;

  constructor(algorithms: readonly DigestAlgorithm[], expectedBytes: number | null) {
    this.algorithms = algorithms;
    // Small images are usually handled several at a time: each gets one thread, with as few messages as possible.
    const isSmall = expectedBytes !== null && expectedBytes < startThreshold;
    const groups = isSmall ? [algorithms] : algorithms.map((algorithm) => [algorithm]);
    this.#hashes = groups.map((group) => new ThreadHash(group, expectedBytes));
  }

  async update(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    await Promise.all(this.#hashes.map((hash) => hash.update(bytes)));
  }

  async digests(): Promise<readonly Digest[]> {
    const hexes = (await Promise.all(this.#hashes.map((hash) => hash.digests()))).flat();
    return this.algorithms.map((algorithm, index) => ({ algorithm, hex: hexes[index] ?? '' }));
  }

  reset(): void {
    this.bytes = 0;
    for (const hash of this.#hashes) hash.reset();
  }

  close(): void {
    for (const hash of this.#hashes) hash.close();
  }
}

/** Whether both lists hold the same digests, in the same order. */
export function equalDigests(left: readonly Digest[], right: readonly Digest[]): boolean {
  return left.length === right.length && left.every((digest, index) => digest.hex === right[index]?.hex);
}
