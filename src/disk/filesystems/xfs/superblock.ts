// The superblock: sizes, features, and where blocks and inodes lie.
import { countOf } from '../../../text/count.ts';
import { damaged, unsupported } from '../../blocks/reading.ts';
import { hasFlag, hasText, isPowerOfTwo, textOf, uuidOf, viewOf } from '../../parsing/bytes.ts';

/** Bytes of a superblock to read: the smallest sector. */
export const superblockSize = 512;

/** Whether the blocks begin like XFS. */
export function isXfs(front: Uint8Array): boolean {
  return hasText(front, 0, 'XFSB');
}

/**
 * What is needed to read a file system; sizes are in bytes unless named as blocks.
 * @see https://git.kernel.org/pub/scm/fs/xfs/xfs-documentation.git (XFS Algorithms & Data Structures, "Superblocks")
 * @see Linux, fs/xfs/libxfs/xfs_format.h: struct xfs_dsb
 */
export interface Superblock {
  readonly label: string | null;
  readonly uuid: string | null;
  readonly blockSize: number;
  /** Number of blocks in all allocation groups together. */
  readonly blocks: number;
  readonly freeBlocks: number;
  readonly groupBlocks: number;
  /** The upper part of a block or inode number, above this many bits, is the group; the rest is the number within it. */
  readonly groupBits: number;
  readonly inodeSize: number;
  readonly inodesPerBlock: number;
  readonly rootInode: number;
  readonly directoryBlockSize: number;
  /** Version 5: structures name their owners. */
  readonly checked: boolean;
  /** Whether directories store file types. */
  readonly fileTypes: boolean;
  /** Whether names that differ only in the case of ASCII letters are the same. */
  readonly caseless: boolean;
  /** Whether the superblock's count of free blocks is updated only on unmount. */
  readonly lazyCounts: boolean;
  readonly needsRepair: boolean;
  /** Null if the log is on another device. */
  readonly log: { readonly start: number; readonly size: number; readonly stripeUnit: number } | null;
}

const versionBits = { logV2: 0x0400, directoryV2: 0x2000, caseless: 0x4000, more: 0x8000 } as const;
const features2Bits = { lazyCounts: 0x2, fileTypes: 0x200 } as const;
const incompatBits = { fileTypes: 0x1, needsRepair: 0x10 } as const;
/**
 * FTYPE, SPINODES, META_UUID, BIGTIME, NEEDSREPAIR, NREXT64, EXCHRANGE, PARENT, METADIR, ZONED, ZONE_GAPS: they do not change
 * how data is found here, or are checked for each file.
 */
const knownIncompat = 0x7ff;

/** @throws UnreadableError */
export function parseSuperblock(bytes: Uint8Array): Superblock {
  if (!isXfs(bytes) || bytes.length < superblockSize) damaged('it has no valid XFS superblock');
  const view = viewOf(bytes);
  const versionNumber = view.getUint16(100);
  const version = versionNumber % 16;
  if (version !== 4 && version !== 5) unsupported(`XFS version ${String(version)} is not supported`);
  if (!hasFlag(versionNumber, versionBits.directoryV2)) unsupported('version 1 directories of XFS are not supported');
  if (view.getUint8(126) !== 0) damaged('its in-progress flag is set: mkfs did not finish');
  const checked = version === 5;
  const features2 = hasFlag(versionNumber, versionBits.more) ? view.getUint32(200) : 0;
  const incompat = checked ? view.getUint32(216) : 0;
  if (incompat > knownIncompat) unsupported(`XFS has unknown incompatible features: 0x${incompat.toString(16)}`);
  return {
    ...sizesOf(view),
    label: textOf(bytes.subarray(108, 120)) || null,
    uuid: uuidOf(bytes.subarray(32, 48)),
    checked,
    fileTypes: checked ? hasFlag(incompat, incompatBits.fileTypes) : hasFlag(features2, features2Bits.fileTypes),
    caseless: hasFlag(versionNumber, versionBits.caseless),
    lazyCounts: checked || hasFlag(features2, features2Bits.lazyCounts),
    needsRepair: hasFlag(incompat, incompatBits.needsRepair),
    log: logOf(view),
  };
}

type Sizes = Pick<
  Superblock,
  | 'blockSize'
  | 'blocks'
  | 'freeBlocks'
  | 'groupBlocks'
  | 'groupBits'
  | 'inodeSize'
  | 'inodesPerBlock'
  | 'rootInode'
  | 'directoryBlockSize'
>;

function sizesOf(view: DataView): Sizes {
  const blockSize = powerOfTwo(view.getUint32(4), 512, 65_536, 'the block size');
  const inodeSize = powerOfTwo(view.getUint16(104), 256, Math.min(2048, blockSize), 'the inode size');
  const blocks = numberAt(view, 8, 'the block count');
  const groupBlocks = view.getUint32(84);
  const groups = view.getUint32(88);
  const groupBits = view.getUint8(124);
  const fits =
    groupBits <= 31 &&
    groupBlocks > 0 &&
    groupBlocks <= 2 ** groupBits &&
    blocks > (groups - 1) * groupBlocks &&
    blocks <= groups * groupBlocks &&
    blocks * blockSize <= Number.MAX_SAFE_INTEGER;
  if (!fits) damaged('the block and group counts in the superblock are inconsistent');
  const directoryBlockSize = blockSize * 2 ** Math.min(view.getUint8(192), 16);
  if (directoryBlockSize > 65_536) damaged('the directory block size is out of range');
  return {
    blockSize,
    blocks,
    freeBlocks: Number(view.getBigUint64(144)),
    groupBlocks,
    groupBits,
    inodeSize,
    inodesPerBlock: blockSize / inodeSize,
    rootInode: numberAt(view, 56, 'the root inode number'),
    directoryBlockSize,
  };
}

function logOf(view: DataView): Superblock['log'] {
  const start = numberAt(view, 48, 'the start of the log');
  if (start === 0) return null;
  const size = view.getUint32(96) * view.getUint32(4);
  const stripeUnit = hasFlag(view.getUint16(100), versionBits.logV2) ? view.getUint32(196) : 0;
  return { start, size, stripeUnit };
}

/** Byte offset of a block in the file system. @param block its number, which includes the group's */
export function blockOffset(superblock: Superblock, block: number, count: number): number {
  const { groupBits, groupBlocks, blocks, blockSize } = superblock;
  const group = Math.floor(block / 2 ** groupBits);
  const within = block % 2 ** groupBits;
  const first = group * groupBlocks + within;
  if (within + count > groupBlocks || first + count > blocks) damaged(`block number ${String(block)} is out of range`);
  return first * blockSize;
}

/** Byte offset of an inode in the file system. @throws UnreadableError if it is outside */
export function inodeOffset(superblock: Superblock, inode: number): number {
  const { inodesPerBlock, inodeSize } = superblock;
  if (!Number.isSafeInteger(inode) || inode <= 0) damaged('an inode number is out of range');
  const block = Math.floor(inode / inodesPerBlock);
  return blockOffset(superblock, block, 1) + (inode % inodesPerBlock) * inodeSize;
}

/** A 64-bit number. @throws UnreadableError from 2^53 */
export function numberAt(view: DataView, offset: number, what: string): number {
  const value = view.getBigUint64(offset);
  return value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : damaged(`${what} is out of range: ${String(value)}`);
}

function powerOfTwo(value: number, least: number, most: number, what: string): number {
  const fits = value >= least && value <= most && isPowerOfTwo(value);
  return fits ? value : damaged(`${what} is invalid: ${countOf(value, 'byte')}`);
}
