// Reads a data fork: finds its extents, in the inode or a B+tree, and the bytes in them.
import { readAll, readPieces } from '../../blocks/blocks.ts';
import { damaged, type Reads } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import { type BlockRange, type Extent, extentSize, parseExtents } from './extents.ts';
import type { Inode } from './inode.ts';
import { blockOffset, numberAt, type Superblock } from './superblock.ts';
import type { Volume } from './volume.ts';

/** No tree is higher, even in a file system of 2^63 bytes. */
const mostLevels = 16;

/** A node of a tree, and the blocks of the file to look up in it. */
interface Branch {
  readonly block: number;
  readonly range: BlockRange;
}

/** The extents in a range of a file's blocks, in order, at most `most`. @throws UnreadableError */
export function* findExtents(volume: Volume, inode: Inode, range: BlockRange, most: number): Reads<readonly Extent[]> {
  const { fork, format, extents } = inode;
  if (format === 'extents') {
    if (extents * extentSize > fork.length) damaged('the extent count of an inode is out of range');
    return parseExtents(volume.superblock, fork.subarray(0, extents * extentSize), range, most);
  }
  if (format !== 'btree') return damaged('the data fork of a file has no extents');
  return yield* findInTree(volume, inode, range, most);
}

/** @see Linux, fs/xfs/libxfs/xfs_format.h: struct xfs_bmdr_block, struct xfs_btree_block */
function* findInTree(
  { superblock, blocks }: Volume,
  inode: Inode,
  range: BlockRange,
  most: number,
): Reads<readonly Extent[]> {
  const root = viewOf(inode.fork);
  let level = root.getUint16(0);
  if (level === 0 || level > mostLevels) damaged(`the level of an extent B+tree is out of range: ${String(level)}`);
  const room = Math.floor((inode.fork.length - 4) / extentSize);
  // The first branch of a range may end before the wanted blocks.
  let branches = branchesOf(inode.fork.subarray(4), root.getUint16(2), room, range).slice(0, most + 1);
  for (;;) {
    level -= 1;
    const { blockSize } = superblock;
    const spans = branches.map(({ block }) => ({ offset: blockOffset(superblock, block, 1), length: blockSize }));
    const nodes = yield* readAll(blocks, spans);
    const bodies = nodes.map((node) => bodyOf(superblock, inode, node, level));
    if (level === 0) return leavesOf(superblock, branches, bodies, most);
    branches = bodies
      .flatMap(({ records, count }, index) =>
        branchesOf(records, count, Math.floor(records.length / extentSize), branches[index]?.range ?? range),
      )
      .slice(0, most + 1);
  }
}

function leavesOf(
  superblock: Superblock,
  branches: readonly Branch[],
  bodies: readonly Body[],
  most: number,
): readonly Extent[] {
  return bodies
    .flatMap(({ records, count }, index) => {
      const range = branches[index]?.range;
      return range === undefined ? [] : parseExtents(superblock, records.subarray(0, count * extentSize), range, most);
    })
    .slice(0, most);
}

interface Body {
  readonly records: Uint8Array;
  readonly count: number;
}

/** The contents of a block of a tree, without its header. */
function bodyOf(superblock: Superblock, inode: Inode, node: Uint8Array, level: number): Body {
  const view = viewOf(node);
  const { checked } = superblock;
  if (view.getUint32(0) !== (checked ? 0x424d_4133 : 0x424d_4150))
    damaged('an extent B+tree block has a bad magic number');
  if (view.getUint16(4) !== level) damaged('an extent B+tree block has the wrong level');
  if (checked && view.getBigUint64(56) !== BigInt(inode.number)) damaged('an extent B+tree block has the wrong owner');
  const records = node.subarray(checked ? 72 : 24);
  const count = view.getUint16(6);
  if (count === 0 || count * extentSize > records.length)
    damaged('the record count of an extent B+tree block is out of range');
  return { records, count };
}

/**
 * The branches below a node that lead into a range. Each gets its own part of the range, so one level never has more of them
 * than the range has blocks.
 */
function branchesOf(records: Uint8Array, count: number, room: number, { start, end }: BlockRange): readonly Branch[] {
  if (count === 0 || count > room) damaged('the key count of an extent B+tree node is out of range');
  const view = viewOf(records);
  const keys = Array.from({ length: count }, (_, index) => numberAt(view, index * 8, 'a key of an extent B+tree'));
  return keys.flatMap((key, index) => {
    const next = keys[index + 1] ?? Number.POSITIVE_INFINITY;
    if (next <= key) damaged('the keys of an extent B+tree node are out of order');
    const range = { start: Math.max(start, key), end: Math.min(end, next) };
    if (range.start >= range.end) return [];
    return [{ block: numberAt(view, (room + index) * 8, 'a pointer of an extent B+tree'), range }];
  });
}

/** Bytes of a data fork of extents; holes are zeros. The size of the file is ignored. @throws UnreadableError */
export function* readFork(volume: Volume, inode: Inode, offset: number, length: number): Reads<Uint8Array> {
  const { blockSize } = volume.superblock;
  const range = { start: Math.floor(offset / blockSize), end: Math.ceil((offset + length) / blockSize) };
  const extents = yield* findExtents(volume, inode, range, Number.POSITIVE_INFINITY);
  return yield* readExtents(volume, extents, offset, length);
}

/** Like {@link readFork}, with known extents, in order. */
export function* readExtents(
  { superblock: { blockSize }, blocks }: Volume,
  extents: readonly Extent[],
  offset: number,
  length: number,
): Reads<Uint8Array> {
  const pieces = extents.flatMap(({ first, count, offset: place }) =>
    place === null ? [] : [{ start: first * blockSize, length: count * blockSize, offset: place }],
  );
  return yield* readPieces(blocks, pieces, { offset, length });
}
