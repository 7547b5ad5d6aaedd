// The bytes of a part file that are there, in pieces with a checksum each, so that a later run knows which it can trust.
import { crc32 } from 'node:zlib';
import { addSpan, type Extents } from '../flow/extents.ts';

/** Distance between the boundaries that no piece crosses, in bytes. */
export const segmentBytes = 64 * 1024 * 1024;

/** Contiguous bytes within one segment. */
export interface Piece {
  readonly start: number;
  /** Bytes, 1 to {@link segmentBytes}. */
  readonly length: number;
  /**
   * CRC-32 of the bytes, to detect damage on disk; only the digest of the whole image shows whether they are the right ones.
   */
  readonly crc: number;
}

/** Records which bytes were written. */
export class PieceLog {
  #pieces: Piece[];
  #extents: Extents;

  /** @param pieces must not overlap */
  constructor(pieces: readonly Piece[] = []) {
    this.#pieces = [...pieces];
    this.#extents = pieces.reduce<Extents>(
      (extents, { start, length }) => addSpan(extents, { start, end: start + length }),
      [],
    );
  }

  get extents(): Extents {
    return this.#extents;
  }

  /** The pieces in order; later changes do not affect the result. */
  list(): readonly Piece[] {
    return this.#pieces.toSorted((left, right) => left.start - right.start);
  }

  /** Records bytes in a range that has none recorded yet. */
  add(position: number, bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      const start = position + done;
      const length = Math.min(bytes.length - done, segmentBytes - (start % segmentBytes));
      this.#extend(start, bytes.subarray(done, done + length));
      done += length;
    }
    this.#extents = addSpan(this.#extents, { start: position, end: position + bytes.length });
  }

  #extend(start: number, bytes: Uint8Array): void {
    const isAtBoundary = start % segmentBytes === 0;
    const index = isAtBoundary ? -1 : this.#pieces.findLastIndex((piece) => piece.start + piece.length === start);
    const piece = this.#pieces[index];
    if (piece === undefined) this.#pieces.push({ start, length: bytes.length, crc: crc32(bytes) });
    else {
      const crc = crc32(bytes, piece.crc);
      this.#pieces[index] = { start: piece.start, length: piece.length + bytes.length, crc };
    }
  }
}

/** Called with each stretch of kept bytes as it is read, in order, and its position. */
export type OnChecked = (position: number, bytes: Uint8Array) => Promise<void>;

/**
 * Reads a piece again.
 * @param buffer filled by `read`
 * @param read @returns bytes read, 0 at the end of the file
 * @returns the CRC-32 of its bytes; -1 if some are missing
 * @throws what `read` and `onChecked` throw
 */
export async function checksumPiece(
  { start, length }: Piece,
  buffer: Uint8Array,
  read: (count: number, position: number) => Promise<number>,
  onChecked: OnChecked,
): Promise<number> {
  let crc = 0;
  for (let done = 0; done < length;) {
    const count = await read(Math.min(buffer.length, length - done), start + done);
    if (count === 0) return -1;
    const bytes = buffer.subarray(0, count);
    crc = crc32(bytes, crc);
    await onChecked(start + done, bytes);
    done += count;
  }
  return crc;
}
