// The superblock of ext2, ext3 and ext4. Little-endian.
// @see https://www.kernel.org/doc/html/latest/filesystems/ext4/super.html
import { damaged, unsupported } from '../../blocks/reading.ts';
import { hasFlag, hasText, isPowerOfTwo, textOf, uuidOf, viewOf } from '../../parsing/bytes.ts';
import { compat, incompat, roCompat, superFlags, unknownFlags } from './flags.ts';

/** Its position and length in bytes. */
export const superblockSpan = { offset: 1024, length: 1024 } as const;

export interface Superblock {
  /** Told apart by features, as blkid does. */
  readonly type: 'ext2' | 'ext3' | 'ext4';
  readonly label: string | null;
  readonly uuid: string | null;
  /** `clean`: it was unmounted and no error was found. */
  readonly state: 'clean' | 'dirty';
  /** Bytes, 1 to 64 KiB. */
  readonly blockSize: number;
  readonly blockCount: number;
  /** Null if the number is out of range. */
  readonly freeBlocks: number | null;
  /** The first block of group 0. */
  readonly firstDataBlock: number;
  readonly blocksPerGroup: number;
  readonly inodeCount: number;
  readonly inodesPerGroup: number;
  /** Bytes, from 128 to the size of a block. */
  readonly inodeSize: number;
  /** Bytes of a group descriptor, 32 to 1024. */
  readonly descriptorSize: number;
  /** The first block of descriptors that is stored in the groups it describes; null if all follow the superblock. */
  readonly firstMetaGroup: number | null;
  /** Groups that begin with a copy of the superblock: each; powers of 3, 5 and 7; or group 0 and those listed. */
  readonly copies: 'each' | 'sparse' | readonly number[];
  readonly hasFileTypes: boolean;
  readonly hasIndexes: boolean;
  readonly hasLargeDirectories: boolean;
  /** Four numbers to seed hashes of names with. */
  readonly hashSeed: readonly number[];
  /** Whether bytes of names are hashed as unsigned; null if not recorded. */
  readonly isHashUnsigned: boolean | null;
}

/** @param front the first bytes of the volume */
export function isExt(front: Uint8Array): boolean {
  const start = superblockSpan.offset;
  return hasText(front, start + 0x38, '\u0053\u00ef') && viewOf(front).getUint32(start + 0x18, true) <= 6;
}

/** @param bytes the superblock's span. @throws UnreadableError if it is invalid, or has unsupported features */
export function parseSuperblock(bytes: Uint8Array): Superblock {
  const view = viewOf(bytes);
  const features = readFeatures(view);
  const geometry = readGeometry(view, hasFlag(features.incompat, incompat.is64bit));
  const state = view.getUint16(0x3a, true);
  const isClean = state % 4 === 1 && !hasFlag(features.incompat, incompat.recover);
  const label = textOf(bytes.subarray(0x78, 0x88)).trimEnd();
  const flags = view.getUint32(0x160, true);
  return {
    ...geometry,
    type: typeOf(features),
    label: label === '' ? null : label,
    uuid: uuidOf(bytes.subarray(0x68, 0x78)),
    state: isClean ? 'clean' : 'dirty',
    firstMetaGroup: hasFlag(features.incompat, incompat.metaBg) ? view.getUint32(0x104, true) : null,
    copies: copiesOf(view, features),
    hasFileTypes: hasFlag(features.incompat, incompat.filetype),
    hasIndexes: hasFlag(features.compat, compat.dirIndex),
    hasLargeDirectories: hasFlag(features.incompat, incompat.largedir),
    hashSeed: [0xec, 0xf0, 0xf4, 0xf8].map((offset) => view.getUint32(offset, true)),
    isHashUnsigned: hasFlag(flags, superFlags.unsignedHash)
      ? true
      : hasFlag(flags, superFlags.signedHash)
        ? false
        : null,
  };
}

interface Features {
  readonly compat: number;
  readonly incompat: number;
  readonly roCompat: number;
}

/** Unknown compat and ro_compat features matter only to writers. */
function readFeatures(view: DataView): Features {
  const features = {
    compat: view.getUint32(0x5c, true),
    incompat: view.getUint32(0x60, true),
    roCompat: view.getUint32(0x64, true),
  };
  const unread = [incompat.compression, incompat.journalDev, incompat.dirdata];
  const known = Object.values(incompat).filter((flag) => !unread.some((other) => other === flag));
  const unknown = unknownFlags(features.incompat, known);
  return unknown === null ? features : unsupported(`incompatible features of ext4 are not supported: ${unknown}`);
}

/** @see https://github.com/util-linux/util-linux/blob/v2.40/libblkid/src/superblocks/ext.c */
function typeOf(features: Features): 'ext2' | 'ext3' | 'ext4' {
  const older = [incompat.filetype, incompat.metaBg, incompat.recover];
  const isNew =
    unknownFlags(features.incompat, older) !== null ||
    unknownFlags(features.roCompat, Object.values(roCompat)) !== null;
  if (isNew) return 'ext4';
  return hasFlag(features.compat, compat.hasJournal) ? 'ext3' : 'ext2';
}

function readGeometry(view: DataView, is64bit: boolean) {
  const high = (offset: number): number => (is64bit ? view.getUint32(offset, true) * 2 ** 32 : 0);
  const logBlockSize = view.getUint32(0x18, true);
  if (logBlockSize > 6) damaged('the block size is larger than 64 KiB');
  const blockSize = 1024 * 2 ** logBlockSize;
  const blockCount = view.getUint32(0x4, true) + high(0x150);
  const freeBlocks = view.getUint32(0xc, true) + high(0x158);
  const firstDataBlock = view.getUint32(0x14, true);
  const blocksPerGroup = view.getUint32(0x20, true);
  const inodeCount = view.getUint32(0x0, true);
  const inodesPerGroup = view.getUint32(0x28, true);
  if (blockCount * blockSize > Number.MAX_SAFE_INTEGER) damaged('the block count is out of range');
  if (firstDataBlock >= blockCount || blocksPerGroup === 0)
    damaged('the first data block or the number of blocks per group is out of range');
  if (inodesPerGroup === 0) damaged('the number of inodes per group is 0');
  const inodeSize = view.getUint32(0x4c, true) === 0 ? 128 : view.getUint16(0x58, true);
  if (inodeSize < 128 || inodeSize > blockSize || !isPowerOfTwo(inodeSize)) damaged('the inode size is invalid');
  const descriptorSize = is64bit ? view.getUint16(0xfe, true) : 32;
  const isSane = descriptorSize <= 1024 && isPowerOfTwo(descriptorSize);
  if (!isSane || descriptorSize < (is64bit ? 64 : 32)) damaged('the group descriptor size is invalid');
  return {
    blockSize,
    blockCount,
    freeBlocks: freeBlocks <= blockCount ? freeBlocks : null,
    firstDataBlock,
    blocksPerGroup,
    inodeCount,
    inodesPerGroup,
    inodeSize,
    descriptorSize,
  };
}

function copiesOf(view: DataView, features: Features): Superblock['copies'] {
  if (hasFlag(features.compat, compat.sparseSuper2)) return [view.getUint32(0x24c, true), view.getUint32(0x250, true)];
  return hasFlag(features.roCompat, roCompat.sparseSuper) ? 'sparse' : 'each';
}
