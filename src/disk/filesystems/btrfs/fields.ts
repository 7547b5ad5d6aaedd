// Fields shared by structures of btrfs, all little-endian.
// @see https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html
import { damaged } from '../../blocks/reading.ts';

/** A 64-bit count or position. @throws UnreadableError from 2^53, which none can reach */
export function numberAt(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  return Number.isSafeInteger(value) ? value : damaged('a number is out of range');
}

/**
 * btrfs_disk_key, which identifies an item in a tree. Numbers from 2^53 are rounded; that keeps their order, and no such key is
 * ever searched for.
 */
export interface Key {
  readonly objectid: number;
  readonly type: number;
  readonly offset: number;
}

export const keyBytes = 17;
/** The largest key offset to search for. */
export const lastOffset = Number.MAX_SAFE_INTEGER;

export function keyAt(view: DataView, at: number): Key {
  return { objectid: roundedAt(view, at), type: view.getUint8(at + 8), offset: roundedAt(view, at + 9) };
}

/** Avoids BigInt, as many keys are read. */
function roundedAt(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

/** Negative, 0 or positive, as the first key sorts before, equal to or after the second. */
export function compareKeys(one: Key, other: Key): number {
  return one.objectid - other.objectid || one.type - other.type || one.offset - other.offset;
}

/** Types of the items in use here. @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/btrfs_tree.h */
export const itemType = {
  inode: 1,
  dirItem: 84,
  dirIndex: 96,
  extentData: 108,
  root: 132,
  rootRef: 156,
  chunk: 228,
} as const;

const mostLevels = 8;

/** Height of a node above the leaves. @throws UnreadableError if no tree is that high */
export function levelAt(view: DataView, at: number): number {
  const level = view.getUint8(at);
  return level < mostLevels ? level : damaged('the level of a tree is out of range');
}

/** Where the root of a tree lies, and what its header must say. */
export interface TreeRoot {
  /** Logical address. */
  readonly bytenr: number;
  /** 0 to 7. */
  readonly level: number;
  readonly generation: number;
}
