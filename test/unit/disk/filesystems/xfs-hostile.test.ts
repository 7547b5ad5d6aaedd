// What an image that wants to harm its reader might say: each is one change of a good one.
import { describe, expect, it } from 'vitest';
import { UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { findPath, listAll } from '../../../support/disk/walk.ts';
import {
  blockAt,
  changedXfs,
  inodeAt,
  listedFiles,
  openXfs,
  readXfs,
  type XfsName,
} from '../../../support/disk/xfs-volumes.ts';

const v5 = readXfs('xfs-v5');
const v4 = readXfs('xfs-v4');
const inodes: Readonly<Record<'v4' | 'v5', ReadonlyMap<string, number>>> = {
  v4: inodesOf('xfs-v4'),
  v5: inodesOf('xfs-v5'),
};
/** Where the data fork begins in an inode. */
const fork = { v4: 100, v5: 176 } as const;

function inodesOf(name: XfsName): ReadonlyMap<string, number> {
  return new Map(listedFiles(name).map(({ path, inode }) => [path, inode]));
}

function inodeOf(version: 'v4' | 'v5', path: string): number {
  return inodes[version].get(path) ?? -1;
}

/** What the reader says of it, `null` if it takes it. */
function refusal(image: Uint8Array, path: string): string | null {
  try {
    const files = openXfs(image);
    const ref = driveReads(findPath(files, path), image)?.ref ?? -1;
    const { kind, size } = driveReads(files.stat(ref), image);
    if (kind === 'directory') driveReads(listAll(files, ref, 100), image);
    if (kind === 'directory') driveReads(files.find(ref, 'a-name-in-a-large-directory-5'), image);
    if (kind === 'file') driveReads(files.read(ref, 0, Math.min(size, 2 ** 20)), image);
    if (kind === 'link') driveReads(files.readLink(ref), image);
    return null;
  } catch (error) {
    if (error instanceof UnreadableError) return `${error.why}: ${error.message}`;
    throw error;
  }
}

/** Changes an inode; `at` is where it lies. */
function withInode(path: string, change: (view: DataView, at: number) => void): Uint8Array {
  return changedXfs(v5, (view) => change(view, inodeAt(v5, inodeOf('v5', path))));
}

/** The number of the block that an extent, or the pointer of a tree's only branch, leads to. */
function firstBlock(image: Uint8Array, at: number): number {
  const view = new DataView(image.buffer, image.byteOffset);
  return Number((view.getBigUint64(at + 8) / 2n ** 21n) % 2n ** 31n);
}

describe('a superblock', () => {
  it.each<readonly [string, (view: DataView) => void, string]>([
    ['version 3', (view) => view.setUint16(100, 3), 'unsupported: XFS of version 3'],
    ['old directories', (view) => view.setUint16(100, 5), 'unsupported: XFS with directories of version 1'],
    [
      'a feature of tomorrow',
      (view) => view.setUint32(216, 0x8000_0001),
      'unsupported: XFS with features that are not known: 0x80000001',
    ],
    ['an unfinished mkfs', (view) => view.setUint8(126, 1), 'damaged: the file system was not made to its end'],
    ['blocks of no bytes', (view) => view.setUint32(4, 0), 'damaged: blocks of 0 bytes'],
    ['blocks of 3,000 bytes', (view) => view.setUint32(4, 3000), 'damaged: blocks of 3000 bytes'],
    ['blocks of 2 GiB', (view) => view.setUint32(4, 2 ** 31), 'damaged: blocks of 2147483648 bytes'],
    ['inodes larger than blocks', (view) => view.setUint16(104, 2048), 'damaged: inodes of 2048 bytes'],
    ['inodes of no bytes', (view) => view.setUint16(104, 0), 'damaged: inodes of 0 bytes'],
    ['2^63 blocks', (view) => view.setBigUint64(8, 2n ** 63n), 'damaged: the number of blocks is 9223372036854775808'],
    ['no groups', (view) => view.setUint32(88, 0), 'damaged: the superblock contradicts itself about blocks'],
    ['groups of no blocks', (view) => view.setUint32(84, 0), 'damaged: the superblock contradicts itself about blocks'],
    [
      'groups of 2^255 blocks',
      (view) => view.setUint8(124, 255),
      'damaged: the superblock contradicts itself about blocks',
    ],
    [
      'blocks of directories of 2^255',
      (view) => view.setUint8(192, 255),
      'damaged: blocks of directories that are too large',
    ],
    [
      'a log beyond the end',
      (view) => view.setBigUint64(48, 2n ** 50n),
      'damaged: block 1125899906842624 is not in the file system',
    ],
    [
      'a root beyond the end',
      (view) => view.setBigUint64(56, 2n ** 50n),
      'damaged: block 562949953421312 is not in the file system',
    ],
    ['no root', (view) => view.setBigUint64(56, 0n), 'damaged: an inode is not in the file system'],
  ])('with %s is refused', (_what, change, message) => {
    expect(refusal(changedXfs(v5, change), 'hello')).toBe(message);
  });

  it('that is cut off is refused', () => {
    expect(refusal(v5.subarray(0, 300), 'hello')).toBe('damaged: the disk ends too soon');
    expect(refusal(v5.subarray(0, 2 ** 16), 'hello')).toBe('damaged: the disk ends too soon');
  });
});

describe('an inode', () => {
  it.each<readonly [string, string, (view: DataView, at: number) => void, RegExp]>([
    [
      'of 2^63 bytes',
      'hello',
      (view, at) => view.setBigUint64(at + 56, 2n ** 63n),
      /^damaged: inode \d+ has a size below zero$/,
    ],
    [
      'of 2^62 bytes',
      'hello',
      (view, at) => view.setBigUint64(at + 56, 2n ** 62n),
      /^unsupported: a file of 4611686018427387904 bytes$/,
    ],
    [
      'of another number',
      'hello',
      (view, at) => view.setBigUint64(at + 152, 1n),
      /^damaged: inode \d+ is another one$/,
    ],
    ['without a type', 'hello', (view, at) => view.setUint16(at + 2, 0o644), /^damaged: inode \d+ is not in use$/],
    ['without its magic number', 'hello', (view, at) => view.setUint16(at, 0), /^damaged: inode \d+ is none$/],
    ['of version 2 among those of version 3', 'hello', (view, at) => view.setUint8(at + 4, 2), /of a wrong version$/],
    ['in a format that is not known', 'hello', (view, at) => view.setUint8(at + 5, 9), /in no known way$/],
    ['with its data in itself', 'hello', (view, at) => view.setUint8(at + 5, 1), /^damaged: a file without extents$/],
    [
      'with a fork beyond its end',
      'hello',
      (view, at) => view.setUint8(at + 82, 255),
      /^damaged: an inode whose forks do not fit$/,
    ],
    [
      'on a real-time device',
      'hello',
      (view, at) => view.setUint16(at + 90, 1),
      /^unsupported: a file on a real-time device$/,
    ],
    [
      'with 2^32 extents',
      'hello',
      (view, at) => view.setUint32(at + 76, 2 ** 32 - 1),
      /^damaged: more extents than there is room for$/,
    ],
    [
      'with 2^64 extents',
      'hello',
      (view, at) => {
        view.setBigUint64(at + 120, view.getBigUint64(at + 120) + 16n);
        view.setBigUint64(at + 24, 2n ** 64n - 1n);
      },
      /^damaged: the number of extents is 18446744073709551615$/,
    ],
    [
      'of a link of 2,000 bytes',
      'long',
      (view, at) => view.setBigUint64(at + 56, 2000n),
      /^damaged: a symbolic link of 2000 bytes$/,
    ],
    [
      'of a short link that does not fit',
      'short',
      (view, at) => view.setBigUint64(at + 56, 1000n),
      /link that does not fit$/,
    ],
    ['of a link without extents', 'long', (view, at) => view.setUint32(at + 76, 0), /link that ends too soon$/],
    [
      'of a directory of an odd size',
      'tree',
      (view, at) => view.setBigUint64(at + 56, 5000n),
      /^damaged: a directory of 5000 bytes$/,
    ],
    [
      'of a directory of 2^52 bytes',
      'tree',
      (view, at) => view.setBigUint64(at + 56, 2n ** 52n),
      /^damaged: a directory of 4503599627370496 bytes$/,
    ],
  ])('%s is refused', (_what, path, change, message) => {
    expect(refusal(withInode(path, change), path)).toMatch(message);
  });

  it('of a directory that claims to be larger is refused if nothing more is there', () => {
    const image = withInode('leaf', (view, at) => view.setBigUint64(at + 56, 2n ** 35n));
    expect(refusal(image, 'leaf')).toBeNull();
  });
});

describe('extents', () => {
  it.each<readonly [string, string, (view: DataView, at: number) => void, RegExp]>([
    [
      'of no blocks',
      'hello',
      (view, at) => view.setBigUint64(at + fork.v5 + 8, 2n ** 21n),
      /^damaged: extents that are out of order$/,
    ],
    [
      'beyond the end',
      'hello',
      (view, at) => view.setBigUint64(at + fork.v5 + 8, 2n ** 60n + 1n),
      /is not in the file system$/,
    ],
    [
      'that overlap',
      'unwritten',
      (view, at) => view.setBigUint64(at + fork.v5 + 16, 0n),
      /^damaged: extents that are out of order$/,
    ],
    [
      'in a tree of no levels',
      'scattered',
      (view, at) => view.setUint16(at + fork.v5, 0),
      /^damaged: a tree of extents of 0 levels$/,
    ],
    ['in a tree of 65,535 levels', 'scattered', (view, at) => view.setUint16(at + fork.v5, 65_535), /of 65535 levels$/],
    [
      'in a tree of one level more',
      'scattered',
      (view, at) => view.setUint16(at + fork.v5, view.getUint16(at + fork.v5) + 1),
      /whose levels are wrong$/,
    ],
    [
      'in a root with too many branches',
      'scattered',
      (view, at) => view.setUint16(at + fork.v5 + 2, 60_000),
      /node of extents with a wrong count$/,
    ],
    [
      'in a root with no branches',
      'scattered',
      (view, at) => view.setUint16(at + fork.v5 + 2, 0),
      /node of extents with a wrong count$/,
    ],
  ])('%s are refused', (_what, path, change, message) => {
    expect(refusal(withInode(path, change), path)).toMatch(message);
  });

  /** The root of the tree of `scattered` in version 4, and the node that it leads to. */
  const root = inodeAt(v4, inodeOf('v4', 'scattered')) + fork.v4;
  const rootView = new DataView(v4.buffer, v4.byteOffset + root);
  const firstPointer = 4 + Math.floor((256 - 100 - 4) / 16) * 8;
  const below = Number(rootView.getBigUint64(firstPointer));
  const node = blockAt(v4, below);
  const leafPointer = 24 + Math.floor((512 - 24) / 16) * 8;

  it('are refused in a tree that leads back to itself', () => {
    expect(rootView.getUint16(0)).toBe(2);
    const loop = changedXfs(v4, (view) => view.setBigUint64(node + leafPointer, BigInt(below)));
    expect(refusal(loop, 'scattered')).toBe('damaged: a tree of extents whose levels are wrong');
    const toInode = changedXfs(v4, (view) => view.setBigUint64(node + leafPointer, 1n));
    expect(refusal(toInode, 'scattered')).toBe('damaged: a block of extents that is none');
    const beyond = changedXfs(v4, (view) => view.setBigUint64(node + leafPointer, 2n ** 64n - 1n));
    expect(refusal(beyond, 'scattered')).toBe('damaged: a pointer of extents is 18446744073709551615');
  });

  it('are refused in a tree whose branches overlap', () => {
    const same = changedXfs(v4, (view) => view.setBigUint64(node + 24 + 8, view.getBigUint64(node + 24)));
    expect(refusal(same, 'scattered')).toBe('damaged: keys of extents that are out of order');
    const huge = changedXfs(v4, (view) => view.setUint16(node + 6, 65_535));
    expect(refusal(huge, 'scattered')).toBe('damaged: a block of extents with a wrong count');
  });

  it('are refused if they belong to another file', () => {
    const at = inodeAt(v5, inodeOf('v5', 'scattered')) + fork.v5;
    const view = new DataView(v5.buffer, v5.byteOffset + at);
    const pointer = 4 + Math.floor((512 - 176 - 4) / 16) * 8;
    const block = blockAt(v5, Number(view.getBigUint64(pointer)));
    const image = changedXfs(v5, (bytes) => bytes.setBigUint64(block + 56, 99n));
    expect(refusal(image, 'scattered')).toBe('damaged: extents of another file');
  });
});

describe('a directory', () => {
  const at = inodeAt(v4, inodeOf('v4', 'block'));
  const block = blockAt(v4, firstBlock(v4, at + fork.v4));
  /** The first entries are `.` and `..`, 16 bytes each. */
  const first = block + 16 + 32;

  it.each<readonly [string, (view: DataView) => void, string]>([
    [
      'an inode beyond the end',
      (view) => view.setBigUint64(first, 2n ** 50n),
      'damaged: block 562949953421312 is not in the file system',
    ],
    ['inode 2^63', (view) => view.setBigUint64(first, 2n ** 63n), 'damaged: an inode is 9223372036854775808'],
    [
      'a name with a slash',
      (view) => view.setUint8(first + 9, 0x2f),
      'damaged: a directory entry whose name cannot be',
    ],
    ['a name with a NUL', (view) => view.setUint8(first + 9, 0), 'damaged: a directory entry whose name cannot be'],
    [
      'a name of another length',
      (view) => view.setUint8(first + 8, 200),
      'damaged: an entry of a directory that belongs elsewhere',
    ],
    [
      'free space of no bytes',
      (view) => view.setUint32(first, 0xffff_0000),
      'damaged: entries of a directory that do not fit',
    ],
    [
      'free space of 65,528 bytes',
      (view) => view.setUint32(first, 0xffff_fff8),
      'damaged: entries of a directory that do not fit',
    ],
    ['a block that is none', (view) => view.setUint32(block, 0), 'damaged: a block of a directory that is none'],
    [
      '2^32 names in one block',
      (view) => view.setUint32(block + 4096 - 8, 2 ** 32 - 1),
      'damaged: a block of a directory with a wrong count',
    ],
  ])('with %s is refused', (_what, change, message) => {
    expect(refusal(changedXfs(v4, change), 'block')).toBe(message);
  });

  it('does not accept a block of another directory', () => {
    const leaf = blockAt(v5, firstBlock(v5, inodeAt(v5, inodeOf('v5', 'leaf')) + fork.v5));
    const other = changedXfs(v5, (view) => view.setBigUint64(leaf + 40, 5n));
    expect(refusal(other, 'leaf')).toBe('damaged: a block of another directory');
  });

  it('in its inode does not reach past it', () => {
    const short = inodeOf('v5', 'inline');
    const more = changedXfs(v5, (view) => view.setUint8(inodeAt(v5, short) + fork.v5, 255));
    expect(refusal(more, 'inline')).toBe('damaged: a directory that does not fit into its inode');
    const large = changedXfs(v5, (view) => view.setBigUint64(inodeAt(v5, short) + 56, 1000n));
    expect(refusal(large, 'inline')).toBe('damaged: a directory that does not fit into its inode');
  });

  it('has an index that leads downwards', () => {
    const directory = inodeAt(v5, inodeOf('v5', 'node'));
    const view = new DataView(v5.buffer, v5.byteOffset);
    const extents = Array.from(
      { length: view.getUint32(directory + 76) },
      (_, index) => directory + fork.v5 + index * 16,
    );
    const index = extents.find((extent) => view.getBigUint64(extent) / 2n ** 9n === 2n ** 25n) ?? -1;
    const node = blockAt(v5, firstBlock(v5, index));
    expect(view.getUint16(node + 8)).toBe(0x3ebe);
    const count = view.getUint16(node + 56);
    const lead = (child: number): Uint8Array =>
      changedXfs(v5, (bytes) => {
        for (let pair = 0; pair < count; pair++) bytes.setUint32(node + 64 + pair * 8 + 4, child);
      });
    expect(refusal(lead(2 ** 25), 'node')).toBe('damaged: an index that leads out of itself');
    expect(refusal(lead(0), 'node')).toBe('damaged: an index that leads out of itself');
    expect(refusal(lead(2 ** 25 + 999), 'node')).toBe('damaged: a block of an index that is none');
    const deep = changedXfs(v5, (bytes) => bytes.setUint16(node + 58, 9));
    expect(refusal(deep, 'node')).toBe('damaged: an index of a directory whose levels are wrong');
    const wide = changedXfs(v5, (bytes) => bytes.setUint16(node + 56, 60_000));
    expect(refusal(wide, 'node')).toBe('damaged: a block of an index with a wrong count');
  });
});
