// Fields that structures of btrfs share. All of them are little-endian.
// @see https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html
import { damaged } from '../../blocks/reading.ts';

/** What a 64-bit field counts or where it points to. @throws UnreadableError from 2^53 on, where nothing is */
export function numberAt(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  return Number.isSafeInteger(value) ? value : damaged('a number that is too large');
}

/**
 * btrfs_disk_key: what names an item of a tree. Numbers from 2^53 on are rounded; that keeps their order, and nothing that is
 * looked for is among them.
 */
export interface Key {
  readonly objectid: number;
  readonly type: number;
  readonly offset: number;
}

export const keyBytes = 17;
/** The last offset of a key that is looked for. */
export const lastOffset = Number.MAX_SAFE_INTEGER;

export function keyAt(view: DataView, at: number): Key {
  return { objectid: roundedAt(view, at), type: view.getUint8(at + 8), offset: roundedAt(view, at + 9) };
}

/** Without BigInt, as there are many keys to be read. */
function roundedAt(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

/** Below 0, 0 or above, as the first is before, equal to or after the second. */
export function compareKeys(one: Key, other: Key): number {
  return one.objectid - other.objectid || one.type - other.type || one.offset - other.offset;
}

/** Types of items that are looked for. @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/btrfs_tree.h */
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

/** How far a node is from the leaves. @throws UnreadableError if no tree is as high */
export function levelAt(view: DataView, at: number): number {
  const level = view.getUint8(at);
  return level < mostLevels ? level : damaged('a tree that is too high');
}

/** Where the root of a tree lies, and what it has to be. */
export interface TreeRoot {
  /** Logical address. */
  readonly bytenr: number;
  /** 0 to 7. */
  readonly level: number;
  readonly generation: number;
}
