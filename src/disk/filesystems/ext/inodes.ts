// Locates inodes: group descriptors, and the tables they point to.
// @see https://www.kernel.org/doc/html/latest/filesystems/ext4/group_descr.html
import { readAt } from '../../blocks/blocks.ts';
import { damaged, type Reads } from '../../blocks/reading.ts';
import type { FileRef } from '../guest-files.ts';
import { viewOf } from '../../parsing/bytes.ts';
import { type Inode, parseInode } from './inode.ts';
import type { Superblock } from './superblock.ts';
import { spanOf, type Volume } from './volume.ts';

/** Entries in each cache. */
const mostKept = 256;

export class Inodes {
  readonly #volume: Volume;
  /** The first block of each group's table. */
  readonly #tables = new Map<number, number>();
  readonly #inodes = new Map<number, Inode>();

  constructor(volume: Volume) {
    this.#volume = volume;
  }

  /** @throws UnreadableError if there is no such inode */
  *get(ref: FileRef): Reads<Inode> {
    const { superblock, blocks } = this.#volume;
    const isSane = typeof ref === 'number' && Number.isInteger(ref) && ref >= 1 && ref <= superblock.inodeCount;
    if (!isSane) return damaged('an inode number is out of range');
    const known = this.#inodes.get(ref);
    if (known !== undefined) return known;
    const { inodesPerGroup, inodeSize, blockSize } = superblock;
    const table = yield* this.#table(Math.floor((ref - 1) / inodesPerGroup));
    const offset = ((ref - 1) % inodesPerGroup) * inodeSize;
    const block = spanOf(this.#volume, table + Math.floor(offset / blockSize));
    const bytes = yield* readAt(blocks, block.offset + (offset % blockSize), inodeSize);
    // A copy, so that the larger buffer around the inode is not kept.
    const inode = parseInode(new Uint8Array(bytes), superblock);
    keep(this.#inodes, ref, inode);
    return inode;
  }

  *#table(group: number): Reads<number> {
    const { superblock, blocks } = this.#volume;
    const known = this.#tables.get(group);
    if (known !== undefined) return known;
    const { blockCount, firstDataBlock, blocksPerGroup, blockSize, descriptorSize } = superblock;
    if (group >= Math.ceil((blockCount - firstDataBlock) / blocksPerGroup))
      damaged('the block group of an inode is out of range');
    const inBlock = blockSize / descriptorSize;
    const block = spanOf(this.#volume, descriptorBlock(superblock, Math.floor(group / inBlock)));
    const view = viewOf(
      yield* readAt(blocks, block.offset + (group % inBlock) * descriptorSize, Math.min(64, descriptorSize)),
    );
    const table = view.getUint32(0x8, true) + (descriptorSize >= 64 ? view.getUint32(0x28, true) * 2 ** 32 : 0);
    keep(this.#tables, group, table);
    return table;
  }
}

function keep<T>(kept: Map<number, T>, key: number, value: T): void {
  if (kept.size >= mostKept) kept.clear();
  kept.set(key, value);
}

/**
 * Where a block of descriptors lies.
 * @param index of the block among all that hold descriptors
 * @see https://github.com/torvalds/linux/blob/v6.12/fs/ext4/super.c descriptor_loc
 */
function descriptorBlock(superblock: Superblock, index: number): number {
  const { blockSize, firstDataBlock, blocksPerGroup, descriptorSize, firstMetaGroup } = superblock;
  if (firstMetaGroup === null || index < firstMetaGroup) return (blockSize === 1024 ? 1 : 0) + index + 1;
  const group = (blockSize / descriptorSize) * index;
  const start = firstDataBlock + group * blocksPerGroup + (hasCopy(superblock, group) ? 1 : 0);
  // With clusters, blocks of 1 KiB are counted from 0, and the superblock is not in the first one.
  return blockSize === 1024 && index === 0 && firstDataBlock === 0 ? start + 1 : start;
}

/** Whether a group begins with a copy of the superblock. */
function hasCopy({ copies }: Superblock, group: number): boolean {
  if (group === 0 || copies === 'each') return true;
  if (copies !== 'sparse') return copies.includes(group);
  return group === 1 || [3, 5, 7].some((base) => isPowerOf(base, group));
}

function isPowerOf(base: number, number: number): boolean {
  let power = base;
  while (power < number) power *= base;
  return power === number;
}
