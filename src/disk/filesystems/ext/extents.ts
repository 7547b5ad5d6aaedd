// Maps the blocks of a file by extents: a tree whose root is in the inode.
// @see https://www.kernel.org/doc/html/latest/filesystems/ext4/ifork.html#extent-tree
import { readAll } from '../../blocks/blocks.ts';
import { damaged, type Reads, together } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import type { Range, Run } from './runs.ts';
import { spanOf, type Volume } from './volume.ts';

const magic = 0xf30a;
const headerBytes = 12;
const entryBytes = 12;
const maxDepth = 5;
/** Greater lengths are those of unwritten extents, which read as zeros. */
const maxWritten = 32_768;

/**
 * Where the blocks of a range lie, in order; gaps are zeros.
 * @param root i_block
 * @throws UnreadableError
 */
export function* mapExtents(volume: Volume, root: Uint8Array, wanted: Range): Reads<readonly Run[]> {
  return yield* mapNode(volume, { node: root, depth: null, wanted });
}

interface Piece {
  readonly node: Uint8Array;
  /** Height above the leaves; null if any will do. */
  readonly depth: number | null;
  readonly wanted: Range;
}

/** Each part of the range follows one node per level, and levels decrease, so this terminates. */
function* mapNode(volume: Volume, { node, depth: expected, wanted }: Piece): Reads<readonly Run[]> {
  const view = viewOf(node);
  const count = view.getUint16(2, true);
  const depth = view.getUint16(6, true);
  const isSane = view.getUint16(0, true) === magic && headerBytes + count * entryBytes <= node.length;
  if (!isSane || depth > maxDepth || (expected !== null && depth !== expected))
    damaged('the header of an extent tree node is invalid');
  if (depth === 0) return mapLeaf(volume, view, count, wanted);
  const children = childrenOf(view, count, wanted);
  if (children.length === 0) return [];
  const nodes = yield* readAll(
    volume.blocks,
    children.map(({ block }) => spanOf(volume, block)),
  );
  const below = children.map(({ wanted: part }, index) =>
    mapNode(volume, { node: nodes[index] ?? new Uint8Array(headerBytes), depth: depth - 1, wanted: part }),
  );
  return (yield* together(below)).flat();
}

/** ext4_extent_idx: the nodes that cover the range. */
function childrenOf(view: DataView, count: number, wanted: Range): { block: number; wanted: Range }[] {
  const children = [];
  for (let index = 0; index < count; index++) {
    const at = headerBytes + index * entryBytes;
    const first = view.getUint32(at, true);
    const end = index + 1 < count ? view.getUint32(at + entryBytes, true) : Number.MAX_SAFE_INTEGER;
    if (end <= first) damaged('extents are empty or out of order');
    const part = { first: Math.max(first, wanted.first), end: Math.min(end, wanted.end) };
    const block = view.getUint32(at + 4, true) + view.getUint16(at + 8, true) * 2 ** 32;
    if (part.first < part.end) children.push({ block, wanted: part });
  }
  return children;
}

/** ext4_extent: where the blocks of the range lie. */
function mapLeaf(volume: Volume, view: DataView, count: number, wanted: Range): Run[] {
  const runs: Run[] = [];
  let before = 0;
  for (let index = 0; index < count; index++) {
    const at = headerBytes + index * entryBytes;
    const first = view.getUint32(at, true);
    const length = view.getUint16(at + 4, true);
    const isWritten = length <= maxWritten;
    const end = first + (isWritten ? length : length - maxWritten);
    if (first < before || end === first) damaged('extents are empty or out of order');
    before = end;
    const part = { first: Math.max(first, wanted.first), end: Math.min(end, wanted.end) };
    if (!isWritten || part.first >= part.end) continue;
    const start = view.getUint32(at + 8, true) + view.getUint16(at + 6, true) * 2 ** 32;
    const run = { first: part.first, count: part.end - part.first, block: start + part.first - first };
    spanOf(volume, run.block, run.count);
    runs.push(run);
  }
  return runs;
}
