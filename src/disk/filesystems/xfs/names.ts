// Names in directories: how they are stored, hashed and compared.
import type { DirectoryEntry } from '../guest-files.ts';
import { kindOfType, nameOf } from '../names.ts';
import { inodeOffset, type Superblock } from './superblock.ts';

/** An entry as stored. */
export interface StoredEntry {
  readonly name: Uint8Array;
  readonly inode: number;
  /** Null if directories do not store types. */
  readonly type: number | null;
}

/** Converts an entry. @throws UnreadableError if its name or inode is impossible */
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

/** Whether the file system considers two names the same. */
export function sameName(superblock: Superblock, one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  const key = superblock.caseless ? lowerCase : (byte: number | undefined): number | undefined => byte;
  return one.every((byte, index) => key(byte) === key(other[index]));
}

function lowerCase(byte: number | undefined): number | undefined {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
