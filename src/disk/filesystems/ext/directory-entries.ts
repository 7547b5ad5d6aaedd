// Names in a block of a directory.
// @see https://www.kernel.org/doc/html/latest/filesystems/ext4/directory.html
import { damaged } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import type { DirectoryEntry } from '../guest-files.ts';
import { kindOfType, nameOf } from '../names.ts';
import type { Superblock } from './superblock.ts';

const headerBytes = 8;
const minBytes = 12;

/**
 * The names in a block, or in its substitute in an inode; `.` and `..` are left out. Blocks of an index, and the checksum at
 * the end of a block, look like unused entries.
 * @throws UnreadableError
 */
export function parseEntries(block: Uint8Array, superblock: Superblock): DirectoryEntry[] {
  const view = viewOf(block);
  const entries: DirectoryEntry[] = [];
  for (let at = 0; at < block.length;) {
    if (at + headerBytes > block.length) damaged('a directory entry is truncated');
    const length = lengthOf(view.getUint16(at + 4, true), superblock.blockSize);
    const nameLength = superblock.hasFileTypes ? view.getUint8(at + 6) : view.getUint16(at + 6, true);
    const isSane = length >= minBytes && length % 4 === 0 && headerBytes + nameLength <= length;
    if (!isSane || at + length > block.length) damaged('the length of a directory entry is invalid');
    const inode = view.getUint32(at, true);
    if (inode > superblock.inodeCount) damaged('the inode number in a directory entry is out of range');
    const name = inode === 0 ? '.' : nameOf(block.subarray(at + headerBytes, at + headerBytes + nameLength));
    const kind = superblock.hasFileTypes ? kindOfType(view.getUint8(at + 7)) : null;
    if (name !== '.' && name !== '..') entries.push({ name, ref: inode, kind });
    at += length;
  }
  return entries;
}

/**
 * A length that does not fit in 16 bits keeps its two highest bits in the two lowest, which are otherwise unused.
 * @see https://github.com/torvalds/linux/blob/v6.12/fs/ext4/ext4.h ext4_rec_len_from_disk
 */
function lengthOf(stored: number, blockSize: number): number {
  if (blockSize < 65_536) return stored;
  if (stored === 65_535 || stored === 0) return blockSize;
  return stored - (stored % 4) + (stored % 4) * 65_536;
}
