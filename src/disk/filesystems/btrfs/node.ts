// Nodes of trees: leaves, which hold items, and inner nodes, which point to others.
// @see https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html#header
import { damaged } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import { hasGoodChecksum } from './checksums.ts';
import { compareKeys, type Key, keyAt, keyBytes, levelAt, numberAt, type TreeRoot } from './fields.ts';

const headerBytes = 101;
const itemBytes = keyBytes + 8;
const pointerBytes = keyBytes + 16;

export interface Item {
  readonly key: Key;
  readonly data: Uint8Array;
}

/** A pointer to a node, and what that node must contain. */
export interface Pointer extends TreeRoot {
  /** Null for the root of a tree. */
  readonly bounds: {
    readonly first: Key;
    /** All its keys are below this one; null if nothing follows. */
    readonly end: Key | null;
  } | null;
}

export interface Node {
  readonly bytenr: number;
  /** 0 for a leaf. */
  readonly level: number;
  readonly generation: number;
  /** Ascending. */
  readonly keys: readonly Key[];
  /** Only in a leaf. */
  readonly items: readonly Item[];
  /** Only in an inner node; `end` is set for all but the last. */
  readonly pointers: readonly (TreeRoot & { readonly key: Key })[];
}

/**
 * Parses a node and checks that it is consistent in itself.
 * @param bytenr the logical address it was read from
 * @throws UnreadableError
 */
export function parseNode(bytes: Uint8Array, bytenr: number, checksumType: number): Node {
  if (!hasGoodChecksum(bytes, checksumType)) damaged('a tree node has a bad checksum');
  const view = viewOf(bytes);
  if (view.getBigUint64(48, true) !== BigInt(bytenr)) damaged('a tree node has the wrong address');
  const level = levelAt(view, 100);
  const count = view.getUint32(96, true);
  const entryBytes = level === 0 ? itemBytes : pointerBytes;
  if (count * entryBytes > bytes.length - headerBytes) damaged('the item count of a tree node is out of range');
  const places = Array.from({ length: count }, (_, index) => headerBytes + index * entryBytes);
  const keys = places.map((at) => keyAt(view, at));
  keys.forEach((key, index) => {
    const before = keys[index - 1];
    if (before !== undefined && !isAscending(before, key)) damaged('the keys of a tree node are out of order');
  });
  return {
    bytenr,
    level,
    generation: numberAt(view, 80),
    keys,
    items: level === 0 ? parseItems(bytes, places, keys) : [],
    pointers: level === 0 ? [] : parsePointers(view, level - 1, places, keys),
  };
}

/** Keys are rounded from 2^53, so different ones may look equal there. */
function isAscending(before: Key, key: Key): boolean {
  const order = compareKeys(before, key);
  const isRounded = !Number.isSafeInteger(key.objectid) || !Number.isSafeInteger(key.offset);
  return order < 0 || (order === 0 && isRounded);
}

function parseItems(bytes: Uint8Array, places: readonly number[], keys: readonly Key[]): readonly Item[] {
  const view = viewOf(bytes);
  const first = headerBytes + places.length * itemBytes;
  return keys.map((key, index) => {
    const at = (places[index] ?? 0) + keyBytes;
    const start = headerBytes + view.getUint32(at, true);
    const end = start + view.getUint32(at + 4, true);
    if (start < first || end > bytes.length) damaged('an item lies outside its leaf');
    return { key, data: bytes.subarray(start, end) };
  });
}

function parsePointers(
  view: DataView,
  level: number,
  places: readonly number[],
  keys: readonly Key[],
): Node['pointers'] {
  if (keys.length === 0) damaged('a tree node has no block pointers');
  return keys.map((key, index) => {
    const at = (places[index] ?? 0) + keyBytes;
    return { key, bytenr: numberAt(view, at), level, generation: numberAt(view, at + 8) };
  });
}

/** Checks that a node is the one its pointer promised. @throws UnreadableError */
export function verifyNode(node: Node, { level, generation, bounds }: Pointer): void {
  if (node.level !== level) damaged('a tree node has the wrong level');
  if (node.generation !== generation) damaged('a tree node has the wrong generation');
  if (bounds === null) return;
  const [first] = node.keys;
  const last = node.keys.at(-1);
  if (first === undefined || last === undefined) return damaged('a tree node is empty');
  const isBelow = bounds.end === null || compareKeys(last, bounds.end) < 0;
  if (compareKeys(first, bounds.first) !== 0 || !isBelow)
    damaged('the keys of a tree node are outside the range of its parent');
}
