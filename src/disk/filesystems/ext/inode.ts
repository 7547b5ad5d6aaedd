// An inode: metadata of a file, and what leads to its data.
// @see https://www.kernel.org/doc/html/latest/filesystems/ext4/inodes.html
import { damaged } from '../../blocks/reading.ts';
import { hasFlag, viewOf } from '../../parsing/bytes.ts';
import type { FileFacts, FileKind } from '../guest-files.ts';
import { inodeFlags } from './flags.ts';
import type { Superblock } from './superblock.ts';

export interface Inode extends FileFacts {
  readonly isEncrypted: boolean;
  /** Whether its names are matched without regard to case. */
  readonly isCasefolded: boolean;
  /** Whether it is a directory with an index of hashed names. */
  readonly isIndexed: boolean;
  readonly hasExtents: boolean;
  readonly isInline: boolean;
  /** i_block, 60 bytes: the root of its extents, its block numbers, or the beginning of its data. */
  readonly block: Uint8Array;
  /** The extended attributes stored in the inode; may be empty. */
  readonly attributes: Uint8Array;
}

const kinds: Readonly<Record<number, FileKind>> = { 0x4: 'directory', 0x8: 'file', 0xa: 'link' };

/** @param bytes the whole inode. @throws UnreadableError if it is deleted, or has an impossible size */
export function parseInode(bytes: Uint8Array, superblock: Superblock): Inode {
  const view = viewOf(bytes);
  const type = view.getUint16(0x0, true);
  const kind = kinds[Math.floor(type / 0x1000)] ?? 'other';
  if (view.getUint16(0x1a, true) === 0) damaged('a directory entry refers to a deleted inode');
  const isLong = kind === 'file' || (kind === 'directory' && superblock.hasLargeDirectories);
  const size = view.getUint32(0x4, true) + (isLong ? view.getUint32(0x6c, true) * 2 ** 32 : 0);
  if (size > 2 ** 32 * superblock.blockSize) damaged('the size of a file is out of range');
  const flags = view.getUint32(0x20, true);
  const extraSize = bytes.length >= 0x82 ? view.getUint16(0x80, true) : 0;
  if (0x80 + extraSize > bytes.length) damaged('the extra size of an inode is out of range');
  return {
    kind,
    size,
    mode: type % 0x1000,
    uid: view.getUint16(0x2, true) + view.getUint16(0x78, true) * 0x1_0000,
    gid: view.getUint16(0x18, true) + view.getUint16(0x7a, true) * 0x1_0000,
    // The two lowest bits of the later field count spans of 2^32 seconds.
    mtime: view.getInt32(0x10, true) + (extraSize >= 12 ? (view.getUint32(0x88, true) % 4) * 2 ** 32 : 0),
    isEncrypted: hasFlag(flags, inodeFlags.encrypt),
    isCasefolded: hasFlag(flags, inodeFlags.casefold),
    isIndexed: hasFlag(flags, inodeFlags.index),
    hasExtents: hasFlag(flags, inodeFlags.extents),
    isInline: hasFlag(flags, inodeFlags.inlineData),
    block: bytes.subarray(0x28, 0x64),
    attributes: bytes.subarray(0x80 + extraSize),
  };
}
