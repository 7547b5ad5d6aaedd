// The index of a large directory, which maps the hash of a name to the place of its entry.
import { damaged, type Reads, together, unsupported } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import { readFork } from './fork.ts';
import type { Inode } from './inode.ts';
import type { Superblock } from './superblock.ts';
import type { Volume } from './volume.ts';

/** Byte offset of the index in a directory. @see Linux, fs/xfs/libxfs/xfs_dir2.h: XFS_DIR2_LEAF_OFFSET */
export const indexOffset = 2 ** 35;
/** Bytes of the index. */
const indexSize = 2 ** 35;

/** @see Linux, fs/xfs/libxfs/xfs_da_btree.h: XFS_DA_NODE_MAXDEPTH */
const mostLevels = 5;
/** Blocks per level, and entries, to search for one hash: names can be crafted to share a hash. */
const mostBlocks = 64;
const mostEntries = 1024;

const magics = {
  plain: { leaf1: 0xd2f1, leafN: 0xd2ff, node: 0xfebe },
  checked: { leaf1: 0x3df1, leafN: 0x3dff, node: 0x3ebe },
} as const;

/** A block of the index: pairs of a hash and what it points to. */
interface IndexBlock {
  /** 0 for a leaf, whose pairs point to entries. */
  readonly level: number;
  readonly pairs: DataView;
}

/** Places of entries with this hash: bytes from the start of the directory. @throws UnreadableError */
export function* findHash(volume: Volume, directory: Inode, hash: number): Reads<readonly number[]> {
  const { superblock } = volume;
  let offsets: readonly number[] = [indexOffset];
  let expected: number | null = null;
  for (;;) {
    const read = offsets.map((offset) => readFork(volume, directory, offset, superblock.directoryBlockSize));
    const found = (yield* together(read)).map((bytes) => parseIndexBlock(superblock, directory, bytes));
    const level: number = found[0]?.level ?? 0;
    if (found.some((block) => block.level !== level)) damaged('a block of a directory index has the wrong level');
    if (level !== (expected ?? level) || level > mostLevels)
      damaged('a block of a directory index has the wrong level');
    if (level === 0) return entriesOf(found, hash);
    offsets = found.flatMap(({ pairs }) => childrenOf(superblock, pairs, hash));
    if (offsets.length > mostBlocks) unsupported('a directory has too many names with the same hash');
    if (offsets.length === 0) return [];
    expected = level - 1;
  }
}

/** @see Linux, fs/xfs/libxfs/xfs_da_format.h: struct xfs_da3_intnode, struct xfs_dir3_leaf */
function parseIndexBlock(superblock: Superblock, directory: Inode, bytes: Uint8Array): IndexBlock {
  const { checked } = superblock;
  const view = viewOf(bytes);
  const magic = view.getUint16(8);
  const { leaf1, leafN, node } = checked ? magics.checked : magics.plain;
  if (magic !== leaf1 && magic !== leafN && magic !== node)
    damaged('a block of a directory index has a bad magic number');
  if (checked && view.getBigUint64(48) !== BigInt(directory.number))
    damaged('a block of a directory index has the wrong owner');
  const header = checked ? 64 : 16;
  const count = view.getUint16(header - (checked ? 8 : 4));
  const level = magic === node ? view.getUint16(header - (checked ? 6 : 2)) : 0;
  if (header + count * 8 > bytes.length) damaged('the entry count of a directory index block is out of range');
  if (magic === node && (level === 0 || count === 0))
    damaged('the level or entry count of a directory index node is 0');
  return { level, pairs: viewOf(bytes.subarray(header, header + count * 8)) };
}

/** Children that may hold a hash. Each is listed with its last hash, and the next child may begin with the same one. */
function childrenOf({ blockSize }: Superblock, pairs: DataView, hash: number): readonly number[] {
  const children: number[] = [];
  for (let at = 0; at < pairs.byteLength; at += 8) {
    if (pairs.getUint32(at) < hash) continue;
    const offset = pairs.getUint32(at + 4) * blockSize;
    if (offset <= indexOffset || offset >= indexOffset + indexSize)
      damaged('a block number in a directory index is out of range');
    children.push(offset);
    if (pairs.getUint32(at) > hash) break;
  }
  return children;
}

function entriesOf(leaves: readonly IndexBlock[], hash: number): readonly number[] {
  const offsets: number[] = [];
  for (const { pairs } of leaves) {
    for (let at = 0; at < pairs.byteLength; at += 8) {
      const address = pairs.getUint32(at + 4);
      // Removed entries have address 0.
      if (pairs.getUint32(at) === hash && address !== 0) offsets.push(address * 8);
    }
  }
  return offsets.length <= mostEntries ? offsets : unsupported('a directory has too many names with the same hash');
}
