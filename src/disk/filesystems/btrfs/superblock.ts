// The superblock and its mirrors.
// @see https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html#superblock
import { type Blocks, readAll } from '../../blocks/blocks.ts';
import { damaged, type Reads, unsupported } from '../../blocks/reading.ts';
import { hasFlag, hasText, isPowerOfTwo, textOf, uuidOf, viewOf } from '../../parsing/bytes.ts';
import { hasGoodChecksum } from './checksums.ts';
import { levelAt, numberAt, type TreeRoot } from './fields.ts';

const kibibyte = 1024;
const superblockBytes = 4096;
const magic = '_BHRfS_M';
const magicOffset = 64;
/** 64 KiB, 64 MiB, 256 GiB; those that lie beyond the end are not there. */
const places = [64 * kibibyte, 64 * kibibyte ** 2, 256 * kibibyte ** 3] as const;
const sysChunkArray = { offset: 0x32b, length: 2048 };
const smallestBlock = 4096;
const largestBlock = 65_536;

/** Of super_flags. */
const errorFlag = 4;
/** METADUMP and METADUMP_V2, of the upper half. */
const metadumpFlags = [2, 4] as const;

/**
 * What may be in incompat_flags above the lowest twelve, which change nothing for a reader or are known to it: SIMPLE_QUOTA. Not
 * ZONED, EXTENT_TREE_V2, RAID_STRIPE_TREE, nor what is newer.
 */
const knownFeatures = new Set([0n, 16n]);

export interface Superblock {
  readonly label: string | null;
  readonly uuid: string | null;
  readonly deviceId: number;
  /** Of all devices together. */
  readonly totalBytes: number;
  readonly bytesUsed: number;
  readonly nodeBytes: number;
  readonly sectorBytes: number;
  readonly checksumType: number;
  /** Of the root tree and the chunk tree. */
  readonly root: TreeRoot;
  readonly chunkRoot: TreeRoot;
  readonly rootDirectory: number;
  /** The chunks in which the chunk tree lies. */
  readonly sysChunkArray: Uint8Array;
  /** Whether a log tree holds what was written after the last commit, or errors were found. */
  readonly isDirty: boolean;
}

/** Whether the bytes begin like a btrfs. @param front the first 128 KiB, or all there is */
export function isBtrfs(front: Uint8Array): boolean {
  return hasText(front, places[0] + magicOffset, magic);
}

/**
 * The first superblock, or the newest of its mirrors where it is damaged.
 * @throws UnreadableError if none is good, or it is of a file system that is not read
 */
export function* readSuperblock(blocks: Blocks): Reads<Superblock> {
  const [first, ...mirrors] = places.filter((offset) => offset + superblockBytes <= blocks.size);
  const found = yield* readGood(blocks, first === undefined ? [] : [first]);
  const [newest] = found.length > 0 ? found : (yield* readGood(blocks, mirrors)).toSorted(byGeneration);
  return newest === undefined ? damaged('the superblock is damaged') : parseSuperblock(newest);
}

function* readGood(blocks: Blocks, offsets: readonly number[]): Reads<readonly Uint8Array[]> {
  const read = yield* readAll(
    blocks,
    offsets.map((offset) => ({ offset, length: superblockBytes })),
  );
  return read.filter((bytes, index) => {
    const isThere =
      hasText(bytes, magicOffset, magic) && viewOf(bytes).getBigUint64(48, true) === BigInt(offsets[index] ?? 0);
    return isThere && hasGoodChecksum(bytes, viewOf(bytes).getUint16(0xc4, true));
  });
}

function byGeneration(one: Uint8Array, other: Uint8Array): number {
  return Number(viewOf(other).getBigUint64(72, true) - viewOf(one).getBigUint64(72, true));
}

/** Struct btrfs_super_block. */
function parseSuperblock(bytes: Uint8Array): Superblock {
  const view = viewOf(bytes);
  const flags = view.getUint32(56, true);
  const flagsAbove = view.getUint32(60, true);
  if (metadumpFlags.some((flag) => hasFlag(flagsAbove, flag))) unsupported('an image of metadata only');
  const features = view.getBigUint64(0xbc, true);
  if (!knownFeatures.has(features / 2n ** 12n)) unsupported(`features 0x${features.toString(16)} of btrfs`);
  const checksumType = view.getUint16(0xc4, true);
  const chunkBytes = view.getUint32(0xa0, true);
  if (chunkBytes > sysChunkArray.length) damaged('a superblock with too many chunks');
  const generation = numberAt(view, 72);
  return {
    label: textOf(bytes.subarray(0x12b, 0x22b)) || null,
    uuid: uuidOf(bytes.subarray(32, 48)),
    deviceId: numberAt(view, 0xc9),
    totalBytes: numberAt(view, 0x70),
    bytesUsed: numberAt(view, 0x78),
    nodeBytes: blockSizeAt(view, 0x94),
    sectorBytes: blockSizeAt(view, 0x90),
    checksumType,
    root: { bytenr: numberAt(view, 0x50), level: levelAt(view, 0xc6), generation },
    chunkRoot: { bytenr: numberAt(view, 0x58), level: levelAt(view, 0xc7), generation: numberAt(view, 0xa4) },
    rootDirectory: numberAt(view, 0x80),
    sysChunkArray: bytes.subarray(sysChunkArray.offset, sysChunkArray.offset + chunkBytes),
    isDirty: view.getBigUint64(0x60, true) !== 0n || hasFlag(flags, errorFlag),
  };
}

/** Bytes of a node or a sector. */
function blockSizeAt(view: DataView, at: number): number {
  const size = view.getUint32(at, true);
  const isSane = size >= smallestBlock && size <= largestBlock && isPowerOfTwo(size);
  return isSane ? size : damaged('a superblock with an odd size of blocks');
}
