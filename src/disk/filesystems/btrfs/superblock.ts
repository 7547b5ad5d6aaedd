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
/** 64 KiB, 64 MiB, 256 GiB; a smaller device has fewer. */
const places = [64 * kibibyte, 64 * kibibyte ** 2, 256 * kibibyte ** 3] as const;
const sysChunkArray = { offset: 0x32b, length: 2048 };
const smallestBlock = 4096;
const largestBlock = 65_536;

/** Bit of super_flags. */
const errorFlag = 4;
/** METADUMP and METADUMP_V2, in the upper half of super_flags. */
const metadumpFlags = [2, 4] as const;

/**
 * The lowest twelve bits of incompat_flags do not affect a reader, or are handled here. Above them, in units of 2^12, only
 * SIMPLE_QUOTA may be set: not ZONED, EXTENT_TREE_V2, RAID_STRIPE_TREE, or anything newer.
 */
const knownFeatures = new Set([0n, 16n]);

export interface Superblock {
  readonly label: string | null;
  readonly uuid: string | null;
  readonly deviceId: number;
  /** Total size of all devices. */
  readonly totalBytes: number;
  readonly bytesUsed: number;
  readonly nodeBytes: number;
  readonly sectorBytes: number;
  readonly checksumType: number;
  /** Roots of the root tree and of the chunk tree. */
  readonly root: TreeRoot;
  readonly chunkRoot: TreeRoot;
  readonly rootDirectory: number;
  /** The chunks that contain the chunk tree. */
  readonly sysChunkArray: Uint8Array;
  /** Whether a log tree holds writes after the last commit, or errors were found. */
  readonly isDirty: boolean;
}

/** Whether the bytes look like a btrfs. @param front the first 128 KiB, or all there is */
export function isBtrfs(front: Uint8Array): boolean {
  return hasText(front, places[0] + magicOffset, magic);
}

/**
 * The first superblock or, if it is damaged, the newest of its mirrors.
 * @throws UnreadableError if none is intact, or the file system is not supported
 */
export function* readSuperblock(blocks: Blocks): Reads<Superblock> {
  const [first, ...mirrors] = places.filter((offset) => offset + superblockBytes <= blocks.size);
  const found = yield* readGood(blocks, first === undefined ? [] : [first]);
  const [newest] = found.length > 0 ? found : (yield* readGood(blocks, mirrors)).toSorted(byGeneration);
  return newest === undefined ? damaged('no copy of the superblock is valid') : parseSuperblock(newest);
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
  if (metadumpFlags.some((flag) => hasFlag(flagsAbove, flag)))
    unsupported('it is a dump of metadata, without the data of files');
  const features = view.getBigUint64(0xbc, true);
  if (!knownFeatures.has(features / 2n ** 12n))
    unsupported(`btrfs has unknown incompatible features: 0x${features.toString(16)}`);
  const checksumType = view.getUint16(0xc4, true);
  const chunkBytes = view.getUint32(0xa0, true);
  if (chunkBytes > sysChunkArray.length) damaged('the size of the system chunk array is out of range');
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

/** Size in bytes of a node or sector. */
function blockSizeAt(view: DataView, at: number): number {
  const size = view.getUint32(at, true);
  const isSane = size >= smallestBlock && size <= largestBlock && isPowerOfTwo(size);
  return isSane ? size : damaged('the sector or node size in the superblock is invalid');
}
