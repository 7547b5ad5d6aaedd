// LZO1X, as btrfs uses it. Time and memory are bounded by the expected size of the output.
// @see https://docs.kernel.org/staging/lzo.html
import { damaged } from '../blocks/reading.ts';

/** The compressed bytes, and the position in them. */
class Input {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? damaged('compressed data is truncated');
  }

  /** Two bytes, little-endian. */
  pair(): number {
    return this.byte() + this.byte() * 256;
  }

  take(count: number): Uint8Array {
    if (count > this.#bytes.length - this.#at) damaged('compressed data is truncated');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** A length: the lowest bits of an instruction or, if those are zero, the bytes that follow. */
  length(bits: number, most: number): number {
    if (bits !== 0) return bits;
    let length = most;
    for (let byte = this.byte(); ; byte = this.byte()) {
      if (byte !== 0) return length + byte;
      length += 255;
    }
  }
}

/** The unpacked bytes, and the position in them. */
class Output {
  readonly #bytes: Uint8Array;
  length = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  literals(bytes: Uint8Array): void {
    this.#makeSure(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Repeats earlier output; source and destination may overlap. */
  match(distance: number, count: number): void {
    if (distance > this.length) damaged('a match offset in compressed data is out of range');
    this.#makeSure(count);
    for (const end = this.length + count; this.length < end; this.length++) {
      this.#bytes[this.length] = this.#bytes[this.length - distance] ?? 0;
    }
  }

  #makeSure(count: number): void {
    if (count > this.#bytes.length - this.length) damaged('decompressed data is longer than expected');
  }
}

/** The state after a run of literals, as opposed to the up to three that end a match. */
const afterRun = 4;

/**
 * Unpacks a stream to the start of `output`; whatever follows the end of the stream is ignored.
 * @returns the bytes written
 * @throws UnreadableError if it is damaged, ends too soon, or does not fit
 */
export function unlzo(bytes: Uint8Array, output: Uint8Array): number {
  const input = new Input(bytes);
  const out = new Output(output);
  let literals = firstLiterals(bytes, input, out);
  for (;;) {
    const code = input.byte();
    if (code < 16 && literals === 0) {
      out.literals(input.take(input.length(code, 15) + 3));
      literals = afterRun;
      continue;
    }
    const match = code < 16 ? nearMatch(code, literals, input) : longMatch(code, input);
    if (match === null) return out.length;
    out.match(match.distance, match.count);
    literals = match.literals;
    out.literals(input.take(literals));
  }
}

/** A stream may begin with literals in a form of their own. @returns how many, or 4 for a run */
function firstLiterals(bytes: Uint8Array, input: Input, out: Output): number {
  const first = bytes[0] ?? 0;
  if (first <= 17) return 0;
  input.byte();
  out.literals(input.take(first - 17));
  return Math.min(first - 17, afterRun);
}

interface Match {
  readonly distance: number;
  readonly count: number;
  /** Literals that follow it: 0 to 3. */
  readonly literals: number;
}

/** A match of two bytes, or of three after a run of literals. @param literals that came before */
function nearMatch(code: number, literals: number, input: Input): Match {
  const isFar = literals === afterRun;
  const distance = (code >> 2) + input.byte() * 4 + 1 + (isFar ? 2048 : 0);
  return { distance, count: isFar ? 3 : 2, literals: code & 3 };
}

/** Null at the end of the stream. */
function longMatch(code: number, input: Input): Match | null {
  if (code >= 64) {
    return { distance: ((code >> 2) & 7) + input.byte() * 8 + 1, count: (code >> 5) + 1, literals: code & 3 };
  }
  if (code >= 32) {
    const count = input.length(code & 31, 31) + 2;
    const pair = input.pair();
    return { distance: (pair >> 2) + 1, count, literals: pair & 3 };
  }
  const count = input.length(code & 7, 7) + 2;
  const pair = input.pair();
  const distance = (code & 8) * 2048 + (pair >> 2);
  return distance === 0 ? null : { distance: distance + 16_384, count, literals: pair & 3 };
}
