// Inodes: metadata of a file, and the fork that leads to its data.
import { countOf } from '../../../text/count.ts';
import { damaged, unsupported } from '../../blocks/reading.ts';
import { hasBit, hasFlag, viewOf } from '../../parsing/bytes.ts';
import type { FileFacts, FileKind } from '../guest-files.ts';
import { numberAt, type Superblock } from './superblock.ts';

/** What a data fork holds: the data itself, a list of extents, or the root of a B+tree of them. */
type ForkFormat = 'local' | 'extents' | 'btree';

export interface Inode {
  readonly number: number;
  readonly facts: FileFacts;
  /** Null for devices and other files without data. */
  readonly format: ForkFormat | null;
  /** The data fork. */
  readonly fork: Uint8Array;
  /** Number of extents in the fork, or in the tree below it. */
  readonly extents: number;
  /** Whether the data is on a real-time device. */
  readonly realtime: boolean;
}

const kinds: ReadonlyMap<number, FileKind> = new Map([
  [0x4000, 'directory'],
  [0x8000, 'file'],
  [0xa000, 'link'],
]);
const otherTypes: ReadonlySet<number> = new Set([0x1000, 0x2000, 0x6000, 0xc000]);
const formats: ReadonlyMap<number, ForkFormat> = new Map([
  [1, 'local'],
  [2, 'extents'],
  [3, 'btree'],
]);
const flagRealtime = 0x1;
/** Bits of `di_flags2`. */
const bits2 = { bigTime: 3, manyExtents: 4 } as const;

/**
 * @param bytes all of an inode
 * @throws UnreadableError
 * @see Linux, fs/xfs/libxfs/xfs_format.h: struct xfs_dinode
 */
export function parseInode(superblock: Superblock, number: number, bytes: Uint8Array): Inode {
  const view = viewOf(bytes);
  const version = view.getUint8(4);
  const mode = view.getUint16(2);
  if (view.getUint16(0) !== 0x494e) damaged(`inode ${String(number)} has a bad magic number`);
  if (superblock.checked ? version !== 3 : version < 1 || version > 2)
    damaged(`inode ${String(number)} has the wrong version`);
  if (superblock.checked && view.getBigUint64(152) !== BigInt(number))
    damaged(`inode ${String(number)} is recorded as another inode`);
  const type = mode - (mode % 0x1000);
  const kind = kinds.get(type) ?? (otherTypes.has(type) ? 'other' : null);
  if (kind === null) damaged(`inode ${String(number)} is not in use`);
  const more = superblock.checked ? view.getBigUint64(120) : 0n;
  return {
    number,
    facts: {
      kind,
      size: kind === 'other' ? 0 : sizeOf(view, number),
      mode: mode % 0x1000,
      uid: view.getUint32(8),
      gid: view.getUint32(12),
      mtime: timeAt(view, 40, hasBit(more, bits2.bigTime)),
    },
    format: kind === 'other' ? null : formatOf(view, number),
    fork: forkOf(superblock, bytes),
    extents: hasBit(more, bits2.manyExtents) ? numberAt(view, 24, 'the extent count of an inode') : view.getUint32(76),
    realtime: kind === 'file' && hasFlag(view.getUint16(90), flagRealtime),
  };
}

function sizeOf(view: DataView, number: number): number {
  const size = view.getBigUint64(56);
  if (size >= 2n ** 63n) damaged(`inode ${String(number)} has a negative size`);
  return size < 2n ** 53n ? Number(size) : unsupported(`a file is too large: ${countOf(size, 'byte')}`);
}

function formatOf(view: DataView, number: number): ForkFormat {
  return formats.get(view.getUint8(5)) ?? damaged(`inode ${String(number)} has an unknown data fork format`);
}

/** Unix seconds; `bigtime` counts nanoseconds since the earliest time that the older form can express. */
function timeAt(view: DataView, offset: number, bigTime: boolean): number {
  if (!bigTime) return view.getInt32(offset);
  return Number(view.getBigUint64(offset) / 1_000_000_000n) - 2 ** 31;
}

function forkOf({ checked, inodeSize }: Superblock, bytes: Uint8Array): Uint8Array {
  const start = checked ? 176 : 100;
  const attributes = (bytes[82] ?? 0) * 8;
  const end = attributes === 0 ? inodeSize : start + attributes;
  return end <= inodeSize ? bytes.subarray(start, end) : damaged('the fork offset of an inode is out of range');
}
