// Bytes that are changed at random, reproducibly by seed, and restored.
import type { Span } from '../../../../src/disk/blocks/reading.ts';

const numbers = [
  0n,
  1n,
  2n,
  7n,
  0xffn,
  0xffffn,
  0x1_0000n,
  0x7fff_ffffn,
  0xffff_ffffn,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** A sample whose bytes are changed in place and restored. */
export class Victim {
  readonly #bytes: Uint8Array;
  readonly #places: readonly Span[];
  readonly #random: () => number;
  readonly #original: Uint8Array;
  readonly #mends: boolean;
  #changed: Span[] = [];

  constructor(bytes: Uint8Array, places: readonly Span[], random: () => number, mends: boolean) {
    this.#bytes = bytes;
    this.#places = places;
    this.#random = random;
    // Not `slice`, which is a view if the bytes are a Buffer.
    this.#original = Uint8Array.from(bytes);
    this.#mends = mends;
  }

  change(): void {
    const { offset, length } = this.#pick(this.#places);
    const at = offset + this.#below(this.#below(2) === 0 ? length : Math.min(length, 128));
    switch (this.#below(5)) {
      case 0:
        return this.#write(at, Uint8Array.of(this.#pick([0, 1, 0x7f, 0x80, 0xff, this.#below(256)])));
      case 1: {
        const number = Buffer.alloc(8);
        number.writeBigUInt64LE(this.#pick(numbers));
        return this.#write(at, this.#pick([number, number.subarray(0, 4), number.toReversed(), number.subarray(0, 2)]));
      }
      case 2: {
        const from = this.#pick(this.#places);
        const start = from.offset + this.#below(from.length);
        return this.#write(at, this.#bytes.slice(start, start + this.#pick([2, 4, 8, 32, 64, 512])));
      }
      case 3: {
        const bit = 2 ** this.#below(8);
        const value = this.#bytes[at] ?? 0;
        return this.#write(at, Uint8Array.of(Math.floor(value / bit) % 2 === 0 ? value + bit : value - bit));
      }
      default:
        return this.#write(
          at,
          Uint8Array.from({ length: this.#pick([2, 4, 64]) }, () => this.#below(256)),
        );
    }
  }

  restore(): void {
    if (this.#mends) this.#bytes.set(this.#original);
    else {
      for (const { offset, length } of this.#changed) {
        this.#bytes.set(this.#original.subarray(offset, offset + length), offset);
      }
    }
    this.#changed = [];
  }

  #write(at: number, bytes: Uint8Array): void {
    const fitting = bytes.subarray(0, Math.max(0, this.#bytes.length - at));
    this.#bytes.set(fitting, at);
    this.#changed.push({ offset: at, length: fitting.length });
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T;
  }
}
