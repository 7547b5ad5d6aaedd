// Bytes of a disk of any size: a few are given, the rest are zeros. Reading them requests nothing; it is recorded in `asked`.
import { type Blocks, within } from '../../../src/disk/blocks/blocks.ts';
import type { Reads, Span } from '../../../src/disk/blocks/reading.ts';

export class SparseBlocks implements Blocks {
  readonly size: number;
  /** Every span that was read, in order. */
  readonly asked: Span[] = [];
  readonly #pieces: readonly (readonly [offset: number, bytes: Uint8Array])[];

  /** @param pieces where they overlap, the last one counts; text is one byte a character */
  constructor(size: number, ...pieces: readonly (readonly [offset: number, bytes: Uint8Array | string])[]) {
    this.size = size;
    this.#pieces = pieces.map(([offset, bytes]) => [
      offset,
      typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes,
    ]);
  }

  // oxlint-disable-next-line require-yield -- all is there
  *read(spans: readonly Span[]): Reads<readonly Uint8Array[]> {
    this.asked.push(...spans);
    return spans.map((span) => this.#bytesOf(within(span, this.size)));
  }

  #bytesOf({ offset, length }: Span): Uint8Array {
    const bytes = Buffer.alloc(length);
    for (const [start, piece] of this.#pieces) {
      const part = piece.subarray(Math.max(0, offset - start), Math.max(0, offset + length - start));
      if (part.length > 0) bytes.set(part, Math.max(0, start - offset));
    }
    return bytes;
  }
}
