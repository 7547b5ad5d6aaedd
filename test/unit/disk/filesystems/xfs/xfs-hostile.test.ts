// What an image that wants to harm its reader might say: each is one change of an intact one.
import { describe, expect, it } from 'vitest';
import { UnreadableError } from '../../../../../src/disk/blocks/reading.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { findPath, listAll } from '../../../../support/disk/walk.ts';
import {
  blockAt,
  changedXfs,
  inodeAt,
  listedFiles,
  openXfs,
  readXfs,
  type XfsName,
} from '../../../../support/disk/volumes/xfs-volumes.ts';

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

/** The reader's reason to refuse it; `null` if it accepts it. */
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
    ['version 3', (view) => view.setUint16(100, 3), 'unsupported: XFS version 3 is not supported'],
    [
      'old directories',
      (view) => view.setUint16(100, 5),
      'unsupported: version 1 directories of XFS are not supported',
    ],
    [
      'a feature of tomorrow',
      (view) => view.setUint32(216, 0x8000_0001),
      'unsupported: XFS has unknown incompatible features: 0x80000001',
    ],
    [
      'an unfinished mkfs',
      (view) => view.setUint8(126, 1),
      'damaged: its in-progress flag is set: mkfs did not finish',
    ],
    ['blocks of no bytes', (view) => view.setUint32(4, 0), 'damaged: the block size is invalid: 0 bytes'],
    ['blocks of 3,000 bytes', (view) => view.setUint32(4, 3000), 'damaged: the block size is invalid: 3000 bytes'],
    ['blocks of 2 GiB', (view) => view.setUint32(4, 2 ** 31), 'damaged: the block size is invalid: 2147483648 bytes'],
    [
      'inodes larger than blocks',
      (view) => view.setUint16(104, 2048),
      'damaged: the inode size is invalid: 2048 bytes',
    ],
    ['inodes of no bytes', (view) => view.setUint16(104, 0), 'damaged: the inode size is invalid: 0 bytes'],
    [
      '2^63 blocks',
      (view) => view.setBigUint64(8, 2n ** 63n),
      'damaged: the block count is out of range: 9223372036854775808',
    ],
    [
      'no groups',
      (view) => view.setUint32(88, 0),
      'damaged: the block and group counts in the superblock are inconsistent',
    ],
    [
      'groups of no blocks',
      (view) => view.setUint32(84, 0),
      'damaged: the block and group counts in the superblock are inconsistent',
    ],
    [
      'groups of 2^255 blocks',
      (view) => view.setUint8(124, 255),
      'damaged: the block and group counts in the superblock are inconsistent',
    ],
    [
      'blocks of directories of 2^255',
      (view) => view.setUint8(192, 255),
      'damaged: the directory block size is out of range',
    ],
    [
      'a log beyond the end',
      (view) => view.setBigUint64(48, 2n ** 50n),
      'damaged: block number 1125899906842624 is out of range',
    ],
    [
      'a root beyond the end',
      (view) => view.setBigUint64(56, 2n ** 50n),
      'damaged: block number 562949953421312 is out of range',
    ],
    ['no root', (view) => view.setBigUint64(56, 0n), 'damaged: an inode number is out of range'],
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
      /^damaged: inode \d+ has a negative size$/,
    ],
    [
      'of 2^62 bytes',
      'hello',
      (view, at) => view.setBigUint64(at + 56, 2n ** 62n),
      /^unsupported: a file is too large: 4611686018427387904 bytes$/,
    ],
    [
      'of another number',
      'hello',
      (view, at) => view.setBigUint64(at + 152, 1n),
      /^damaged: inode \d+ is recorded as another inode$/,
    ],
    ['without a type', 'hello', (view, at) => view.setUint16(at + 2, 0o644), /^damaged: inode \d+ is not in use$/],
    [
      'without its magic number',
      'hello',
      (view, at) => view.setUint16(at, 0),
      /^damaged: inode \d+ has a bad magic number$/,
    ],
    [
      'of version 2 among those of version 3',
      'hello',
      (view, at) => view.setUint8(at + 4, 2),
      /has the wrong version$/,
    ],
    ['in an unknown format', 'hello', (view, at) => view.setUint8(at + 5, 9), /has an unknown data fork format$/],
    [
      'with its data in itself',
      'hello',
      (view, at) => view.setUint8(at + 5, 1),
      /^damaged: the data fork of a file has no extents$/,
    ],
    [
      'with a fork beyond its end',
      'hello',
      (view, at) => view.setUint8(at + 82, 255),
      /^damaged: the fork offset of an inode is out of range$/,
    ],
    [
      'on a real-time device',
      'hello',
      (view, at) => view.setUint16(at + 90, 1),
      /^unsupported: files on a real-time device are not supported$/,
    ],
    [
      'with 2^32 extents',
      'hello',
      (view, at) => view.setUint32(at + 76, 2 ** 32 - 1),
      /^damaged: the extent count of an inode is out of range$/,
    ],
    [
      'with 2^64 extents',
      'hello',
      (view, at) => {
        view.setBigUint64(at + 120, view.getBigUint64(at + 120) + 16n);
        view.setBigUint64(at + 24, 2n ** 64n - 1n);
      },
      /^damaged: the extent count of an inode is out of range: 18446744073709551615$/,
    ],
    [
      'of a link of 2,000 bytes',
      'long',
      (view, at) => view.setBigUint64(at + 56, 2000n),
      /^damaged: the length of a symbolic link is out of range: 2000 bytes$/,
    ],
    [
      'of a short link that does not fit',
      'short',
      (view, at) => view.setBigUint64(at + 56, 1000n),
      /link does not fit into its inode$/,
    ],
    ['of a link without extents', 'long', (view, at) => view.setUint32(at + 76, 0), /link is truncated$/],
    [
      'of a directory of an odd size',
      'tree',
      (view, at) => view.setBigUint64(at + 56, 5000n),
      /^damaged: the size of a directory is invalid: 5000 bytes$/,
    ],
    [
      'of a directory of 2^52 bytes',
      'tree',
      (view, at) => view.setBigUint64(at + 56, 2n ** 52n),
      /^damaged: the size of a directory is invalid: 4503599627370496 bytes$/,
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
      /^damaged: extents are empty or out of order$/,
    ],
    [
      'beyond the end',
      'hello',
      (view, at) => view.setBigUint64(at + fork.v5 + 8, 2n ** 60n + 1n),
      /^damaged: block number \d+ is out of range$/,
    ],
    [
      'that overlap',
      'unwritten',
      (view, at) => view.setBigUint64(at + fork.v5 + 16, 0n),
      /^damaged: extents are empty or out of order$/,
    ],
    [
      'in a tree of no levels',
      'scattered',
      (view, at) => view.setUint16(at + fork.v5, 0),
      /^damaged: the level of an extent B\+tree is out of range: 0$/,
    ],
    [
      'in a tree of 65,535 levels',
      'scattered',
      (view, at) => view.setUint16(at + fork.v5, 65_535),
      /is out of range: 65535$/,
    ],
    [
      'in a tree of one level more',
      'scattered',
      (view, at) => view.setUint16(at + fork.v5, view.getUint16(at + fork.v5) + 1),
      /has the wrong level$/,
    ],
    [
      'in a root with too many branches',
      'scattered',
      (view, at) => view.setUint16(at + fork.v5 + 2, 60_000),
      /key count of an extent B\+tree node is out of range$/,
    ],
    [
      'in a root with no branches',
      'scattered',
      (view, at) => view.setUint16(at + fork.v5 + 2, 0),
      /key count of an extent B\+tree node is out of range$/,
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
    expect(refusal(loop, 'scattered')).toBe('damaged: an extent B+tree block has the wrong level');
    const toInode = changedXfs(v4, (view) => view.setBigUint64(node + leafPointer, 1n));
    expect(refusal(toInode, 'scattered')).toBe('damaged: an extent B+tree block has a bad magic number');
    const beyond = changedXfs(v4, (view) => view.setBigUint64(node + leafPointer, 2n ** 64n - 1n));
    expect(refusal(beyond, 'scattered')).toBe(
      'damaged: a pointer of an extent B+tree is out of range: 18446744073709551615',
    );
  });

  it('are refused in a tree with overlapping branches', () => {
    const same = changedXfs(v4, (view) => view.setBigUint64(node + 24 + 8, view.getBigUint64(node + 24)));
    expect(refusal(same, 'scattered')).toBe('damaged: the keys of an extent B+tree node are out of order');
    const huge = changedXfs(v4, (view) => view.setUint16(node + 6, 65_535));
    expect(refusal(huge, 'scattered')).toBe('damaged: the record count of an extent B+tree block is out of range');
  });

  it('are refused if they belong to another file', () => {
    const at = inodeAt(v5, inodeOf('v5', 'scattered')) + fork.v5;
    const view = new DataView(v5.buffer, v5.byteOffset + at);
    const pointer = 4 + Math.floor((512 - 176 - 4) / 16) * 8;
    const block = blockAt(v5, Number(view.getBigUint64(pointer)));
    const image = changedXfs(v5, (bytes) => bytes.setBigUint64(block + 56, 99n));
    expect(refusal(image, 'scattered')).toBe('damaged: an extent B+tree block has the wrong owner');
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
      'damaged: block number 562949953421312 is out of range',
    ],
    [
      'inode 2^63',
      (view) => view.setBigUint64(first, 2n ** 63n),
      'damaged: an inode number is out of range: 9223372036854775808',
    ],
    [
      'a name with a slash',
      (view) => view.setUint8(first + 9, 0x2f),
      'damaged: the name in a directory entry is invalid',
    ],
    ['a name with a NUL', (view) => view.setUint8(first + 9, 0), 'damaged: the name in a directory entry is invalid'],
    [
      'a name of another length',
      (view) => view.setUint8(first + 8, 200),
      'damaged: the tag of a directory entry does not match its offset',
    ],
    [
      'free space of no bytes',
      (view) => view.setUint32(first, 0xffff_0000),
      'damaged: the length of a directory entry is out of range',
    ],
    [
      'free space of 65,528 bytes',
      (view) => view.setUint32(first, 0xffff_fff8),
      'damaged: the length of a directory entry is out of range',
    ],
    [
      'a block of another kind',
      (view) => view.setUint32(block, 0),
      'damaged: a directory block has a bad magic number',
    ],
    [
      '2^32 names in one block',
      (view) => view.setUint32(block + 4096 - 8, 2 ** 32 - 1),
      'damaged: the leaf entry count of a directory block is out of range',
    ],
  ])('with %s is refused', (_what, change, message) => {
    expect(refusal(changedXfs(v4, change), 'block')).toBe(message);
  });

  it('does not accept a block of another directory', () => {
    const leaf = blockAt(v5, firstBlock(v5, inodeAt(v5, inodeOf('v5', 'leaf')) + fork.v5));
    const other = changedXfs(v5, (view) => view.setBigUint64(leaf + 40, 5n));
    expect(refusal(other, 'leaf')).toBe('damaged: a directory block has the wrong owner');
  });

  it('in its inode does not reach beyond it', () => {
    const short = inodeOf('v5', 'inline');
    const more = changedXfs(v5, (view) => view.setUint8(inodeAt(v5, short) + fork.v5, 255));
    expect(refusal(more, 'inline')).toBe('damaged: a short-form directory does not fit into its inode');
    const large = changedXfs(v5, (view) => view.setBigUint64(inodeAt(v5, short) + 56, 1000n));
    expect(refusal(large, 'inline')).toBe('damaged: a short-form directory does not fit into its inode');
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
    expect(refusal(lead(2 ** 25), 'node')).toBe('damaged: a block number in a directory index is out of range');
    expect(refusal(lead(0), 'node')).toBe('damaged: a block number in a directory index is out of range');
    expect(refusal(lead(2 ** 25 + 999), 'node')).toBe('damaged: a block of a directory index has a bad magic number');
    const deep = changedXfs(v5, (bytes) => bytes.setUint16(node + 58, 9));
    expect(refusal(deep, 'node')).toBe('damaged: a block of a directory index has the wrong level');
    const wide = changedXfs(v5, (bytes) => bytes.setUint16(node + 56, 60_000));
    expect(refusal(wide, 'node')).toBe('damaged: the entry count of a directory index block is out of range');
  });
});
