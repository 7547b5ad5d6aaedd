// Names in directories: how they are stored, hashed and compared.
import type { DirectoryEntry } from '../guest-files.ts';
import { kindOfType, nameOf } from '../names.ts';
import { inodeOffset, type Superblock } from './superblock.ts';

/** An entry as it is stored. */
export interface StoredEntry {
  readonly name: Uint8Array;
  readonly inode: number;
  /** Null where directories do not say. */
  readonly type: number | null;
}

/** An entry for who looks at a directory. @throws UnreadableError for a name that cannot be one, or an inode that cannot be */
export function entryOf(superblock: Superblock, { name, inode, type }: StoredEntry): DirectoryEntry {
  inodeOffset(superblock, inode);
  return { name: nameOf(name), ref: inode, kind: type === null ? null : kindOfType(type) };
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
