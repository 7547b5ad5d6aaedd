// The index of a large directory: a tree of hashes of names, whose root is the directory's first block.
// @see https://www.kernel.org/doc/html/latest/filesystems/ext4/directory.html#hash-tree-directories
import { type Reads, together } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import type { DirectoryEntry } from '../guest-files.ts';
import { parseEntries } from './directory-entries.ts';
import { hashName, type NameHash, nameHashOf } from './name-hash.ts';
import type { Superblock } from './superblock.ts';

interface IndexedDirectory {
  readonly superblock: Superblock;
  /** Blocks in the directory. */
  readonly blockCount: number;
  /** Reads one block, numbered within the directory. */
  readonly blockAt: (index: number) => Reads<Uint8Array>;
}

const infoStart = 24;
const infoBytes = 8;
const nodeStart = 8;
const entryBytes = 8;
/** The highest bits of a block number are reserved. */
const blockLimit = 2 ** 28;
/** Names with the same hash seldom span even two blocks. */
const mostBlocks = 64;

/**
 * Looks up a name in the index.
 * @returns null if the name does not exist, `no index` if the index is not supported or invalid
 * @throws UnreadableError
 */
export function* lookUp(directory: IndexedDirectory, name: string): Reads<DirectoryEntry | null | 'no index'> {
  const { superblock, blockAt } = directory;
  const root = yield* blockAt(0);
  const tree = parseRoot(root, superblock);
  if (tree === null) return 'no index';
  const hash = hashName(Buffer.from(name), tree.hash, superblock.hashSeed);
  let nodes = candidates(root, infoStart + infoBytes, hash);
  for (let level = 0; level < tree.levels; level++) {
    const blocks = yield* readNodes(directory, nodes);
    if (blocks === null) return 'no index';
    nodes = blocks.map((block) => candidates(block, nodeStart, hash)).flat();
  }
  const leaves = yield* readNodes(directory, nodes);
  if (leaves === null) return 'no index';
  const entries = leaves.flatMap((leaf) => parseEntries(leaf, superblock));
  return entries.find((entry) => entry.name === name) ?? null;
}

/** dx_root_info. */
function parseRoot(root: Uint8Array, superblock: Superblock): { hash: NameHash; levels: number } | null {
  const view = viewOf(root);
  const hash = nameHashOf(view.getUint8(infoStart + 4), superblock.isHashUnsigned);
  const levels = view.getUint8(infoStart + 6);
  const isSane = view.getUint32(infoStart, true) === 0 && view.getUint8(infoStart + 5) === infoBytes;
  return hash !== null && isSane && levels <= (superblock.hasLargeDirectories ? 2 : 1) ? { hash, levels } : null;
}

/**
 * Blocks that may hold names with this hash, which is even: the block of the last entry whose hash is not greater, and those of
 * the entries after it whose hash is this one plus 1, which means that they continue its names. An invalid index yields a block
 * that is out of range.
 */
function candidates(node: Uint8Array, start: number, hash: number): number[] {
  const view = viewOf(node);
  const count = view.getUint16(start + 2, true);
  if (count === 0 || start + count * entryBytes > node.length) return [blockLimit];
  // In the first entry these two numbers replace the hash.
  const hashAt = (index: number): number => view.getUint32(start + index * entryBytes, true);
  const blockAt = (index: number): number => view.getUint32(start + index * entryBytes + 4, true) % blockLimit;
  let index = 0;
  while (index + 1 < count && hashAt(index + 1) <= hash) index++;
  const blocks = [blockAt(index)];
  while (index + 1 < count && hashAt(index + 1) === hash + 1) {
    index++;
    blocks.push(blockAt(index));
  }
  return blocks;
}

/** Null if there are too many, or if one cannot exist. */
function* readNodes(directory: IndexedDirectory, nodes: readonly number[]): Reads<readonly Uint8Array[] | null> {
  if (nodes.length > mostBlocks || nodes.some((node) => node >= directory.blockCount)) return null;
  return yield* together(nodes.map((node) => directory.blockAt(node)));
}
