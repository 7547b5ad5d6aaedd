// The bits of zstd's streams, which are written forwards and mostly read backwards.
import { damaged } from '../blocks/reading.ts';

/** Up to 25 bits from a bit position on, lowest first; bits before the start or past the end are 0. */
export function bitsAt(bytes: Uint8Array, position: number, count: number): number {
  if (position < 0) {
    const missing = -position;
    return missing >= count ? 0 : bitsAt(bytes, 0, count - missing) << missing;
  }
  const at = position >>> 3;
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  return ((low | ((bytes[at + 3] ?? 0) << 24)) >>> (position & 7)) & ((1 << count) - 1);
}

/** Index of the highest set bit of a number ≥ 1. */
export function highestBit(value: number): number {
  return 31 - Math.clz32(value);
}

/** A stream read from its end, where the highest set bit only marks the end. */
export class BackwardBits {
  readonly #bytes: Uint8Array;
  /** Bits left; below 0 once more were taken than there are. */
  left: number;

  /** @throws UnreadableError if its end is not marked */
  constructor(bytes: Uint8Array) {
    const last = bytes.at(-1) ?? 0;
    if (last === 0) damaged('a bit stream has no end marker');
    this.#bytes = bytes;
    this.left = bytes.length * 8 - 8 + highestBit(last);
  }

  /** The next bits, at most 25, without taking them; missing ones are 0. */
  peek(count: number): number {
    return bitsAt(this.#bytes, this.left - count, count);
  }

  /** Takes the next bits, at most 25. */
  take(count: number): number {
    this.left -= count;
    return bitsAt(this.#bytes, this.left, count);
  }
}
