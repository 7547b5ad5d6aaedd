// Extents: where the blocks of a file lie.
import { damaged } from '../../blocks/reading.ts';
import { hasBit, viewOf } from '../../parsing/bytes.ts';
import { blockOffset, type Superblock } from './superblock.ts';

/** Contiguous blocks of a file. */
export interface Extent {
  /** Index of the first block in the file. */
  readonly first: number;
  /** Blocks. */
  readonly count: number;
  /** Byte offset in the file system; null for unwritten blocks, which are zeros. */
  readonly offset: number | null;
}

/** Blocks of a file from `start` to `end`, `end` excluded. */
export interface BlockRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes of an extent, and of a key with its pointer in a B+tree. */
export const extentSize = 16;

/**
 * The extents in a range, in order.
 * @param most extents; any further ones are left out
 * @throws UnreadableError if they overlap, are out of order, or lie outside the file system
 * @see Linux, fs/xfs/libxfs/xfs_bmap_btree.c: xfs_bmbt_disk_get_all()
 */
export function parseExtents(
  superblock: Superblock,
  records: Uint8Array,
  { start, end }: BlockRange,
  most: number,
): readonly Extent[] {
  const view = viewOf(records);
  const found: Extent[] = [];
  let expected = 0;
  for (let at = 0; at + extentSize <= records.length && found.length < most; at += extentSize) {
    const low = view.getBigUint64(at + 8);
    const high = view.getBigUint64(at);
    const first = Number((high / 2n ** 9n) % 2n ** 54n);
    const block = Number((high % 2n ** 9n) * 2n ** 43n + low / 2n ** 21n);
    const count = Number(low % 2n ** 21n);
    if (first < expected || count === 0) damaged('extents are empty or out of order');
    expected = first + count;
    if (first >= end) break;
    if (expected <= start) continue;
    const offset = blockOffset(superblock, block, count);
    found.push({ first, count, offset: hasBit(high, 63) ? null : offset });
  }
  return found;
}
