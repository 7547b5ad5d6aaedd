// What of a part file is there, in pieces with a checksum each, so that a later run can tell which it may trust.
import { crc32 } from 'node:zlib';
import { addSpan, type Extents } from '../flow/extents.ts';

/** Bytes between the boundaries that no piece crosses. */
export const segmentBytes = 64 * 1024 * 1024;

/** A contiguous run of bytes that lies within one segment. */
export interface Piece {
  readonly start: number;
  /** Bytes, 1 to {@link segmentBytes}. */
  readonly length: number;
  /** CRC-32 of the bytes: against damage on disk; what they are worth is told by the digest of the whole. */
  readonly crc: number;
}

/** Keeps account of the bytes that were written. */
export class PieceLog {
  #pieces: Piece[];
  #extents: Extents;

  /** @param pieces that do not overlap */
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

  /** The pieces in order; the answer does not change afterwards. */
  list(): readonly Piece[] {
    return this.#pieces.toSorted((left, right) => left.start - right.start);
  }

  /** Takes note of bytes at a place where none are noted yet. */
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

/** Called with each stretch of kept bytes that was read, in order, and where it lies. */
export type OnChecked = (position: number, bytes: Uint8Array) => Promise<void>;

/**
 * Reads a piece again.
 * @param buffer that `read` fills
 * @param read @returns bytes read, 0 at the end of the file
 * @returns the CRC-32 of its bytes; -1 if they are not all there
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
