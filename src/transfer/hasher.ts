// Several digests over the same bytes in one pass.
import { createHash, type Hash } from 'node:crypto';
import type { Digest, DigestAlgorithm } from '../digests.ts';

/** Computes digests as bytes pass. */
export class Hasher {
  readonly #hashes: ReadonlyMap<DigestAlgorithm, Hash>;
  #bytes = 0;

  constructor(algorithms: Iterable<DigestAlgorithm>) {
    this.#hashes = new Map([...new Set(algorithms)].map((algorithm) => [algorithm, createHash(algorithm)]));
  }

  /** Bytes digested so far. */
  get bytes(): number {
    return this.#bytes;
  }

  update(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    for (const hash of this.#hashes.values()) hash.update(chunk);
  }

  /** The digests of the bytes so far; more can follow. */
  digests(): readonly Digest[] {
    return [...this.#hashes].map(([algorithm, hash]) => ({ algorithm, hex: hash.copy().digest('hex') }));
  }
}

/** Whether both lists hold the same digests, in the same order. */
export function equalDigests(left: readonly Digest[], right: readonly Digest[]): boolean {
  return left.length === right.length && left.every((digest, index) => digest.hex === right[index]?.hex);
}
