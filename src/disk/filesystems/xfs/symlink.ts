// Symbolic links: short ones lie in the inode, long ones in blocks.
import { countOf } from '../../../text/count.ts';
import { readAll } from '../../blocks/blocks.ts';
import { damaged, type Reads } from '../../blocks/reading.ts';
import { textOf, viewOf } from '../../parsing/bytes.ts';
import { findExtents } from './fork.ts';
import type { Inode } from './inode.ts';
import type { Volume } from './volume.ts';

/** Bytes of a target. @see Linux, fs/xfs/libxfs/xfs_format.h: XFS_SYMLINK_MAXLEN */
const longest = 1024;
/** Enough for the longest target with headers, in the smallest blocks. */
const mostExtents = 3;
/** Bytes of `struct xfs_dsymlink_hdr`, at the start of each piece. */
const headerSize = 56;

/** The target of a link, as stored. @throws UnreadableError */
export function* readTarget(volume: Volume, inode: Inode): Reads<string> {
  const { superblock, blocks } = volume;
  const { size } = inode.facts;
  if (size === 0 || size > longest) damaged(`the length of a symbolic link is out of range: ${countOf(size, 'byte')}`);
  if (inode.format === 'local') {
    return size <= inode.fork.length
      ? textOf(inode.fork.subarray(0, size))
      : damaged('a symbolic link does not fit into its inode');
  }
  const range = { start: 0, end: Math.ceil((longest + mostExtents * headerSize) / superblock.blockSize) };
  const extents = yield* findExtents(volume, inode, range, mostExtents);
  const spans = extents.map(({ offset, count }) => {
    if (offset === null || count > range.end) damaged('the extents of a symbolic link are invalid');
    return { offset, length: count * superblock.blockSize };
  });
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (const bytes of yield* readAll(blocks, spans)) {
    const piece = superblock.checked ? pieceOf(inode, bytes, length) : bytes;
    pieces.push(piece);
    length += piece.length;
  }
  return length >= size ? textOf(Buffer.concat(pieces).subarray(0, size)) : damaged('a symbolic link is truncated');
}

/** The part after a header. @param offset that the header must have, bytes from the start of the target */
function pieceOf(inode: Inode, bytes: Uint8Array, offset: number): Uint8Array {
  const view = viewOf(bytes);
  const length = view.getUint32(8);
  const fits =
    view.getUint32(0) === 0x5853_4c4d &&
    view.getUint32(4) === offset &&
    length > 0 &&
    length <= bytes.length - headerSize &&
    view.getBigUint64(32) === BigInt(inode.number);
  return fits
    ? bytes.subarray(headerSize, headerSize + length)
    : damaged('a block of a symbolic link has a bad header');
}
