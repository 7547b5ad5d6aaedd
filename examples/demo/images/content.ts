// What a disk holds, before any format: its size and the few places where something is written. Everywhere else is zeros.
import { createCipheriv } from 'node:crypto';

/** Bytes of a sector, the unit of partition tables and of most formats' fields. */
export const sectorSize = 512;

/** Bytes at an offset of a disk. */
export interface Piece {
  /** Bytes from the start of the disk, ≥ 0. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A disk as its guest sees it. Where pieces overlap, the later one wins. */
export interface DiskContent {
  /** Bytes; a multiple of {@link sectorSize}. */
  readonly size: number;
  readonly pieces: readonly Piece[];
}

/** Checks that a disk is made of whole sectors and that every piece lies within it. @throws RangeError if not */
export function checkContent(content: DiskContent): void {
  if (content.size % sectorSize !== 0) throw new RangeError(`${String(content.size)} bytes are no whole sectors`);
  for (const { offset, bytes } of content.pieces) {
    if (offset < 0 || offset + bytes.length > content.size)
      throw new RangeError(`a piece at ${String(offset)} leaves the disk`);
  }
}

/**
 * The blocks of a disk that have something written in them, by number, in ascending order. Each is a whole block, filled up
 * with zeros.
 * @param blockSize bytes, ≥ 1
 * @throws RangeError if a piece leaves the disk
 */
export function splitBlocks(content: DiskContent, blockSize: number): ReadonlyMap<number, Buffer> {
  checkContent(content);
  const blocks = new Map<number, Buffer>();
  for (const { offset, bytes } of content.pieces) {
    for (let done = 0; done < bytes.length;) {
      const number = Math.floor((offset + done) / blockSize);
      const within = offset + done - number * blockSize;
      const part = bytes.subarray(done, done + blockSize - within);
      const block = blocks.get(number) ?? Buffer.alloc(blockSize);
      block.set(part, within);
      blocks.set(number, block);
      done += part.length;
    }
  }
  return new Map([...blocks].toSorted(([first], [second]) => first - second));
}

/** The disk byte for byte: the raw format. @throws RangeError if a piece leaves the disk */
export function writeRaw(content: DiskContent): Buffer {
  checkContent(content);
  const disk = Buffer.alloc(content.size);
  for (const { offset, bytes } of content.pieces) disk.set(bytes, offset);
  return disk;
}

/** The same pieces, moved back to where a partition begins on its disk. */
export function movePieces(content: DiskContent, offset: number): readonly Piece[] {
  return content.pieces.map((piece) => ({ offset: piece.offset + offset, bytes: piece.bytes }));
}

/** Bytes that look random and are the same on every run: no two blocks alike, nothing that compresses. */
export function makePattern(length: number): Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(length));
}
