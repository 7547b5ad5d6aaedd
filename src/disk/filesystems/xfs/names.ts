// Names in directories: how they are stored, hashed and compared.
import { damaged } from '../../blocks/reading.ts';
import { exactText } from '../../parsing/bytes.ts';
import type { DirectoryEntry, FileKind } from '../guest-files.ts';
import { inodeOffset, type Superblock } from './superblock.ts';

/** An entry as it is stored. */
export interface StoredEntry {
  readonly name: Uint8Array;
  readonly inode: number;
  /** Null where directories do not say. */
  readonly type: number | null;
}

/** @see Linux, fs/xfs/libxfs/xfs_da_format.h: XFS_DIR3_FT_REG_FILE and the others; 0 is unknown */
const kinds: ReadonlyMap<number, FileKind | null> = new Map([
  [0, null],
  [1, 'file'],
  [2, 'directory'],
  [7, 'link'],
]);

const slash = 0x2f;

/** An entry for who looks at a directory. @throws UnreadableError for a name that cannot be one, or an inode that cannot be */
export function entryOf(superblock: Superblock, { name, inode, type }: StoredEntry): DirectoryEntry {
  if (name.length === 0 || name.includes(0) || name.includes(slash)) damaged('a name in a directory that is none');
  inodeOffset(superblock, inode);
  const kind = type === null ? null : (kinds.get(type) ?? null);
  return { name: exactText(name), ref: inode, kind: kind ?? (type === null || type === 0 ? null : 'other') };
}

/** Whether it is `.` or `..`. */
export function isDots(name: Uint8Array): boolean {
  return name.length <= 2 && name.length > 0 && name.every((byte) => byte === 0x2e);
}

/** @see Linux, fs/xfs/libxfs/xfs_da_btree.c: xfs_da_hashname() */
export function hashName(name: Uint8Array): number {
  let hash = 0;
  // oxlint-disable-next-line no-bitwise -- the hash is defined with shifts and exclusive ors
  for (const byte of name) hash = byte ^ ((hash << 7) | (hash >>> 25));
  // oxlint-disable-next-line no-bitwise -- as a number without a sign
  return hash >>> 0;
}

/** Whether two names are the same here. */
export function sameName(superblock: Superblock, one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  const key = superblock.caseless ? lowerCase : (byte: number | undefined): number | undefined => byte;
  return one.every((byte, index) => key(byte) === key(other[index]));
}

function lowerCase(byte: number | undefined): number | undefined {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
