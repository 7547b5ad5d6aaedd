// The bytes of a guest's disk, whatever they are kept in: a container, one of its partitions, a volume.
import { damaged, type Reads, type Span } from './reading.ts';

/** Bytes that can be read on request. Parts that are not stored anywhere read as zeros. */
export interface Blocks {
  /** Total size in bytes, below 2^53. */
  readonly size: number;
  /** The bytes of each span, fewer where the disk ends first. @throws UnreadableError if they cannot be located */
  read(spans: readonly Span[]): Reads<readonly Uint8Array[]>;
}

/** All bytes of one span. @throws UnreadableError if the disk ends first */
export function* readAt(blocks: Blocks, offset: number, length: number): Reads<Uint8Array> {
  const [bytes] = yield* blocks.read([{ offset, length }]);
  return bytes === undefined || bytes.length < length ? damaged('the disk ends too soon') : bytes;
}

/** All bytes of each span. @throws UnreadableError if the disk ends first */
export function* readAll(blocks: Blocks, spans: readonly Span[]): Reads<readonly Uint8Array[]> {
  const pieces = yield* blocks.read(spans);
  return spans.every(({ length }, index) => pieces[index]?.length === length)
    ? pieces
    : damaged('the disk ends too soon');
}

/** The data as it lies in the file, unmapped. */
export class FlatBlocks implements Blocks {
  readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  *read(spans: readonly Span[]): Reads<readonly Uint8Array[]> {
    return yield spans.map((span) => within(span, this.size));
  }
}

/** A part of other blocks, such as a partition. */
export class PartOfBlocks implements Blocks {
  readonly #blocks: Blocks;
  readonly #start: number;
  readonly size: number;

  /** @param size is cut where the other blocks end */
  constructor(blocks: Blocks, start: number, size: number) {
    this.#blocks = blocks;
    this.#start = start;
    this.size = Math.max(0, Math.min(size, blocks.size - start));
  }

  *read(spans: readonly Span[]): Reads<readonly Uint8Array[]> {
    const inside = spans.map((span) => within(span, this.size));
    return yield* this.#blocks.read(inside.map(({ offset, length }) => ({ offset: this.#start + offset, length })));
  }
}

/** The span, cut at the end of the data. */
export function within({ offset, length }: Span, size: number): Span {
  const start = Math.min(offset, size);
  return { offset: start, length: Math.min(length, size - start) };
}

/** A contiguous piece of a file. */
interface StoredPiece {
  /** Offset in the file. */
  readonly start: number;
  readonly length: number;
  /** Offset in the blocks. */
  readonly offset: number;
}

/**
 * Reads a file that is stored in pieces, which do not overlap; anything between them is zeros.
 * @throws UnreadableError if the disk ends first
 */
export function* readPieces(
  blocks: Blocks,
  pieces: readonly StoredPiece[],
  { offset, length }: Span,
): Reads<Uint8Array> {
  const end = offset + length;
  const wanted = pieces.flatMap((piece) => {
    const from = Math.max(offset, piece.start);
    const to = Math.min(end, piece.start + piece.length);
    return from < to ? [{ at: from - offset, offset: piece.offset + from - piece.start, length: to - from }] : [];
  });
  const read = wanted.length === 0 ? [] : yield* readAll(blocks, wanted);
  const [whole] = read;
  if (whole?.length === length) return whole;
  const bytes = new Uint8Array(length);
  for (const [index, { at }] of wanted.entries()) bytes.set(read[index] ?? [], at);
  return bytes;
}
