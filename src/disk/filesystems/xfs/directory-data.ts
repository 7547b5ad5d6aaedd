// Directory entries as stored: in an inode, and in data blocks.
import { damaged } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import type { Inode } from './inode.ts';
import type { StoredEntry } from './names.ts';
import { numberAt, type Superblock } from './superblock.ts';

const magics = {
  plain: { block: 0x5844_3242, data: 0x5844_3244 },
  checked: { block: 0x5844_4233, data: 0x5844_4433 },
} as const;

/** Bytes of the largest entry: inode, length, 255 bytes of name, type, tag; a multiple of 8. */
export const largestEntry = 272;

/** The entries of a directory stored in its inode. @see Linux, fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir2_sf_hdr */
export function shortEntries({ fileTypes }: Superblock, { fork, facts }: Inode): readonly StoredEntry[] {
  if (facts.size > fork.length || facts.size < 6) damaged('a short-form directory does not fit into its inode');
  const bytes = fork.subarray(0, facts.size);
  const view = viewOf(bytes);
  const isWide = view.getUint8(1) > 0;
  const inodeLength = isWide ? 8 : 4;
  const entries: StoredEntry[] = [];
  let at = 2 + inodeLength;
  for (let left = view.getUint8(0); left > 0; left--) {
    const nameEnd = at + 3 + (bytes[at] ?? 0);
    const inodeAt = nameEnd + (fileTypes ? 1 : 0);
    if (inodeAt + inodeLength > bytes.length) damaged('a short-form directory does not fit into its inode');
    entries.push({
      name: bytes.subarray(at + 3, nameEnd),
      inode: isWide ? numberAt(view, inodeAt, 'an inode number') : view.getUint32(inodeAt),
      type: fileTypes ? (bytes[nameEnd] ?? 0) : null,
    });
    at = inodeAt + inodeLength;
  }
  return entries;
}

/**
 * The entries in one block of a directory, including `.` and `..`.
 * @see Linux, fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir2_data_hdr, struct xfs_dir3_data_hdr, struct xfs_dir2_block_tail
 */
export function blockEntries(superblock: Superblock, directory: Inode, block: Uint8Array): readonly StoredEntry[] {
  const { checked } = superblock;
  const view = viewOf(block);
  const magic = view.getUint32(0);
  const { block: whole, data } = checked ? magics.checked : magics.plain;
  if (magic !== whole && magic !== data) damaged('a directory block has a bad magic number');
  if (checked && view.getBigUint64(40) !== BigInt(directory.number)) damaged('a directory block has the wrong owner');
  // A single-block directory has its index at the end.
  const end = magic === data ? block.length : block.length - 8 - view.getUint32(block.length - 8) * 8;
  const entries: StoredEntry[] = [];
  let at = checked ? 64 : 16;
  if (end < at) damaged('the leaf entry count of a directory block is out of range');
  while (at < end) {
    const unused = at + 4 <= end && view.getUint16(at) === 0xffff ? view.getUint16(at + 2) : null;
    if (unused === null) entries.push(storedEntry(superblock, block.subarray(at, end), at));
    const length = unused ?? entryLength(superblock, block[at + 8] ?? 0);
    if (length === 0 || length % 8 !== 0 || length > end - at)
      damaged('the length of a directory entry is out of range');
    at += length;
  }
  return entries;
}

/**
 * The entry at the start of the bytes.
 * @param offset where it lies in its block; its tag must agree
 * @throws UnreadableError if it does not fit or does not exist
 */
export function storedEntry(superblock: Superblock, bytes: Uint8Array, offset: number): StoredEntry {
  const nameEnd = 9 + (bytes[8] ?? 0);
  const length = entryLength(superblock, bytes[8] ?? 0);
  if (bytes.length < 12 || length > bytes.length) damaged('the length of a directory entry is out of range');
  const view = viewOf(bytes);
  if (view.getUint16(length - 2) !== offset) damaged('the tag of a directory entry does not match its offset');
  return {
    name: bytes.subarray(9, nameEnd),
    inode: numberAt(view, 0, 'an inode number'),
    type: superblock.fileTypes ? (bytes[nameEnd] ?? 0) : null,
  };
}

function entryLength({ fileTypes }: Superblock, nameLength: number): number {
  return Math.ceil((11 + nameLength + (fileTypes ? 1 : 0)) / 8) * 8;
}
