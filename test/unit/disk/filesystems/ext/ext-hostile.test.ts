import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../../src/disk/blocks/blocks.ts';
import type { UnreadableError } from '../../../../../src/disk/blocks/reading.ts';
import { ext } from '../../../../../src/disk/filesystems/ext/ext.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { inodeOf, inodeOffset, openExt, readExtFixture } from '../../../../support/disk/volumes/ext-checks.ts';
import { walk } from '../../../../support/disk/walk.ts';

const original = readExtFixture('ext4-1k');
const copy = (): Buffer => Buffer.from(original);
/** Of inodes: i_size, i_flags, i_block, i_size_high. */
const [sizeAt, flagsAt, blockAt, sizeHighAt] = [0x4, 0x20, 0x28, 0x6c];

/** Why it cannot be read, as reported in the error. */
function failure(what: () => unknown): string {
  try {
    what();
  } catch (error) {
    const { name, why, message } = error as UnreadableError;
    return `${name} ${why}: ${message}`;
  }
  return 'it can be read';
}

/** An extent or an index entry, and the header before them. */
function writeExtents(data: Buffer, at: number, depth: number, entries: readonly (readonly number[])[]): void {
  for (const [index, number] of [0xf30a, entries.length, 4, depth].entries())
    data.writeUInt16LE(number, at + index * 2);
  for (const [index, [first = 0, length = 0, block = 0]] of entries.entries()) {
    const entry = at + 12 + index * 12;
    data.writeUInt32LE(first, entry);
    if (depth > 0) data.writeUInt32LE(block, entry + 4);
    data.writeUInt16LE(depth > 0 ? 0 : length, entry + (depth > 0 ? 8 : 4));
    if (depth === 0) data.writeUInt32LE(block, entry + 8);
  }
}

describe('a superblock', () => {
  const field = (offset: number, value: number, bytes = 4): Buffer => {
    const data = copy();
    data.writeUIntLE(value, 1024 + offset, bytes);
    return data;
  };

  it.each([
    ['blocks of 2^41 bytes', field(0x18, 31), 'damaged: the block size is larger than 64 KiB'],
    ['more blocks than can be counted', field(0x150, 0xffff_ffff), 'damaged: the block count is out of range'],
    ['no blocks', field(0x4, 0), 'damaged: the first data block or the number of blocks per group is out of range'],
    [
      'groups without blocks',
      field(0x20, 0),
      'damaged: the first data block or the number of blocks per group is out of range',
    ],
    [
      'a first block beyond the last one',
      field(0x14, 0xffff_ffff),
      'damaged: the first data block or the number of blocks per group is out of range',
    ],
    ['groups without inodes', field(0x28, 0), 'damaged: the number of inodes per group is 0'],
    ['inodes of no bytes', field(0x58, 0, 2), 'damaged: the inode size is invalid'],
    ['inodes of 130 bytes', field(0x58, 130, 2), 'damaged: the inode size is invalid'],
    ['inodes larger than blocks', field(0x58, 2048, 2), 'damaged: the inode size is invalid'],
    ['descriptors of no bytes', field(0xfe, 0, 2), 'damaged: the group descriptor size is invalid'],
    ['descriptors of 32 bytes, with 64 bits', field(0xfe, 32, 2), 'damaged: the group descriptor size is invalid'],
    ['descriptors of 65,535 bytes', field(0xfe, 65_535, 2), 'damaged: the group descriptor size is invalid'],
    [
      'a feature that nobody knows',
      field(0x60, 0x8000_0242),
      'unsupported: incompatible features of ext4 are not supported: 0x80000000',
    ],
    ['compression', field(0x60, 0x243), 'unsupported: incompatible features of ext4 are not supported: 0x1'],
    ['only a journal in it', field(0x60, 0x8), 'unsupported: incompatible features of ext4 are not supported: 0x8'],
  ])('with %s is refused', (_, data, message) => {
    expect(failure(() => openExt(data))).toBe(`UnreadableError ${message}`);
  });

  it('is not recognised if it is cut short, or has another magic number or impossible blocks', () => {
    for (const data of [original.subarray(0, 1081), field(0x38, 0xef54, 2), field(0x18, 7)]) {
      expect(ext.recognise(data.subarray(0, 131_072))).toBe(false);
    }
    expect(failure(() => openExt(original.subarray(0, 2000)))).toBe('UnreadableError damaged: the disk ends too soon');
  });

  it('does not say how many blocks are free if the number makes no sense', () => {
    expect(openExt(field(0xc, 0xffff_0000)).facts.free).toBeNull();
  });

  it('with 2^32 inodes has no more than its groups', () => {
    const data = field(0x0, 0xffff_ffff);
    const files = openExt(data);
    expect(driveReads(files.stat(2), data).kind).toBe('directory');
    expect(failure(() => driveReads(files.stat(0xffff_ffff), data))).toBe(
      'UnreadableError damaged: the block group of an inode is out of range',
    );
  });

  it('with groups of one block finds no descriptors past the end', () => {
    const data = field(0x20, 1);
    data.writeUInt32LE(0xffff_ffff, 1024);
    data.writeUInt32LE(1, 1024 + 0x28);
    const files = openExt(data);
    for (const inode of [2, 3000, 6000]) expect(failure(() => driveReads(files.stat(inode), data))).toMatch(/damaged/);
  });
});

describe('an inode', () => {
  const files = openExt(original);

  it.each([0, -1, 1.5, 0xffff_ffff, 2 ** 40, Number.NaN, 'a'])('that is impossible is not read: %s', (ref) => {
    expect(failure(() => driveReads(files.stat(ref), original))).toBe(
      'UnreadableError damaged: an inode number is out of range',
    );
  });

  it('of a deleted file is not read', () => {
    expect(failure(() => driveReads(files.stat(100), original))).toBe(
      'UnreadableError damaged: a directory entry refers to a deleted inode',
    );
  });

  it.each([0x8000_0000, 0xffff_ffff, 0x400])('of a size of %d times 2^32 is refused', (high) => {
    const data = copy();
    const ref = inodeOf(data, 'etc/block');
    data.writeUInt32LE(high, inodeOffset(data, ref) + sizeHighAt);
    data.writeUInt32LE(1, inodeOffset(data, ref) + sizeAt);
    expect(failure(() => driveReads(openExt(data).stat(ref), data))).toBe(
      'UnreadableError damaged: the size of a file is out of range',
    );
  });

  it('of the greatest size is read piece by piece, but not at once', () => {
    const data = copy();
    const ref = inodeOf(data, 'etc/block');
    data.writeUInt32LE(0x3ff, inodeOffset(data, ref) + sizeHighAt);
    const reader = openExt(data);
    expect(driveReads(reader.stat(ref), data).size).toBe(0x3ff * 2 ** 32 + 1024);
    expect(driveReads(reader.read(ref, 2 ** 40, 10), data)).toEqual(new Uint8Array(10));
    expect(failure(() => driveReads(reader.read(ref, 0, 2 ** 50), data))).toMatch('unsupported: too much of a file');
  });

  it('is refused if it is larger than its block numbers can express', () => {
    const old = readExtFixture('ext2-1k');
    const reader = openExt(old);
    const ref = inodeOf(old, 'etc/block');
    const table = old.readUInt32LE(2048 + 8) * 1024;
    old.writeUInt32LE(0x3ff, table + (ref - 1) * 128 + sizeHighAt);
    expect(failure(() => driveReads(reader.read(ref, 2 ** 40, 10), old))).toMatch(
      'the size of a file is larger than its block map allows',
    );
  });

  it('is refused if it has more fields than room', () => {
    const data = copy();
    data.writeUInt16LE(129, inodeOffset(data, 2) + 0x80);
    expect(failure(() => driveReads(openExt(data).stat(2), data))).toMatch(
      'the extra size of an inode is out of range',
    );
  });
});

describe('extents', () => {
  const block = 900;
  const read = (write: (data: Buffer, root: number) => void): string => {
    const data = copy();
    const ref = inodeOf(data, 'etc/block');
    const inode = inodeOffset(data, ref);
    data.writeUInt32LE(8192, inode + sizeAt);
    write(data, inode + blockAt);
    return failure(() => driveReads(openExt(data).read(ref, 0, 8192), data));
  };

  it.each([
    ['that lead to themselves', 1, [[0, 0, block]], [1, [[0, 0, block]]]],
    ['whose depth does not decrease', 2, [[0, 0, block]], [2, [[0, 0, block]]]],
    ['deeper than any can be', 6, [[0, 0, block]], [5, []]],
    ['without a magic number one level down', 1, [[0, 0, 5000]], [0, []]],
  ] as const)('%s are refused', (_, depth, root, [belowDepth, below]) => {
    const found = read((data, at) => {
      writeExtents(data, at, depth, root);
      writeExtents(data, block * 1024, belowDepth, below);
    });
    expect(found).toBe('UnreadableError damaged: the header of an extent tree node is invalid');
  });

  it.each([
    [
      'out of order',
      0,
      [
        [4, 1, block],
        [2, 1, block],
      ],
      'extents are empty or out of order',
    ],
    [
      'that overlap',
      0,
      [
        [0, 3, block],
        [2, 1, block],
      ],
      'extents are empty or out of order',
    ],
    ['of no blocks', 0, [[0, 0, block]], 'extents are empty or out of order'],
    ['beyond the end', 0, [[0, 3, 6142]], 'a block number is out of range'],
    ['at block 0', 0, [[0, 3, 0]], 'a block number is out of range'],
    [
      'whose nodes are out of order',
      1,
      [
        [4, 0, block],
        [4, 0, block],
      ],
      'extents are empty or out of order',
    ],
    ['whose nodes lie beyond the end', 1, [[0, 0, 0xffff_ffff]], 'a block number is out of range'],
  ] as const)('%s are refused', (_, depth, entries, message) => {
    expect(read((data, at) => writeExtents(data, at, depth, entries))).toBe(`UnreadableError damaged: ${message}`);
  });

  it('are refused if there are more than fit', () => {
    expect(read((data, at) => data.writeUInt16LE(5, at + 2))).toMatch('the header of an extent tree node is invalid');
  });
});

describe('numbers of blocks', () => {
  it('that lead to themselves end, and those past the end are refused', () => {
    const data = copy();
    const ref = inodeOf(data, 'etc/block');
    const inode = inodeOffset(data, ref);
    data.writeUInt32LE(0, inode + flagsAt);
    data.writeUInt32LE(2 ** 28, inode + sizeAt);
    data.fill(0, inode + blockAt, inode + sizeHighAt);
    for (let slot = 0; slot < 3; slot++) data.writeUInt32LE(900, inode + blockAt + (12 + slot) * 4);
    for (let slot = 0; slot < 256; slot++) data.writeUInt32LE(900, 900 * 1024 + slot * 4);
    const files = openExt(data);
    const block = data.subarray(900 * 1024, 901 * 1024);
    // Two and three levels deep.
    for (const offset of [2 ** 23, 2 ** 27]) {
      const bytes = driveReads(files.read(ref, offset, 4096), data);
      expect(Buffer.from(bytes)).toEqual(Buffer.concat([block, block, block, block]));
    }
    data.writeUInt32LE(6144, 900 * 1024 + 40);
    expect(failure(() => driveReads(files.read(ref, 0, 2 ** 20), data))).toMatch('a block number is out of range');
  });
});

describe('a directory', () => {
  /** Changes the root's first entries: `.` at 0, `..` at 12. */
  const list = (write: (data: Buffer, block: number, inode: number) => void): string => {
    const data = copy();
    const inode = inodeOffset(data, 2);
    write(data, data.readUInt32LE(inode + blockAt + 20) * 1024, inode);
    return failure(() => driveReads(openExt(data).list(2, null), data));
  };

  it.each([
    [
      'of no length',
      (data: Buffer, at: number) => data.writeUInt16LE(0, at + 16),
      'the length of a directory entry is invalid',
    ],
    [
      'of 8 bytes',
      (data: Buffer, at: number) => data.writeUInt16LE(8, at + 16),
      'the length of a directory entry is invalid',
    ],
    [
      'of 13 bytes',
      (data: Buffer, at: number) => data.writeUInt16LE(13, at + 16),
      'the length of a directory entry is invalid',
    ],
    [
      'beyond its block',
      (data: Buffer, at: number) => data.writeUInt16LE(65_532, at + 16),
      'the length of a directory entry is invalid',
    ],
    [
      'with a name beyond its end',
      (data: Buffer, at: number) => data.writeUInt8(255, at + 18),
      'the length of a directory entry is invalid',
    ],
    [
      'without a name',
      (data: Buffer, at: number) => data.writeUInt8(0, at + 18),
      'the name in a directory entry is invalid',
    ],
    [
      'with a slash in its name',
      (data: Buffer, at: number) => data.write('/', at + 20),
      'the name in a directory entry is invalid',
    ],
    [
      'with a NUL in its name',
      (data: Buffer, at: number) => data.writeUInt8(0, at + 20),
      'the name in a directory entry is invalid',
    ],
    [
      'of an impossible inode',
      (data: Buffer, at: number) => data.writeUInt32LE(0xffff_ffff, at + 12),
      'the inode number in a directory entry is out of range',
    ],
  ])('with an entry %s is refused', (_, write, message) => {
    expect(list(write)).toMatch(`UnreadableError damaged: ${message}`);
  });

  it.each([
    ['with a hole', 4096, 'a directory has a hole'],
    ['larger than its file system', 0xffff_fc00, 'a directory is larger than its file system'],
  ])('%s is refused', (_, size, message) => {
    expect(list((data, _block, inode) => data.writeUInt32LE(size, inode + sizeAt))).toBe(
      `UnreadableError damaged: ${message}`,
    );
  });

  it('that contains itself is found once more, and no more', () => {
    const data = copy();
    const root = data.readUInt32LE(inodeOffset(data, 2) + blockAt + 20) * 1024;
    // Its first name after `.` and `..`.
    data.writeUInt32LE(2, root + 24);
    expect(driveReads(walk(openExt(data)), data).size).toBeGreaterThan(60);
  });
});

describe('a link', () => {
  it.each([
    ['of no length', 0],
    ['longer than any allowed', 5000],
  ])('%s is refused', (_, size) => {
    const data = copy();
    const ref = inodeOf(data, 'etc/os-release');
    data.writeUInt32LE(size, inodeOffset(data, ref) + sizeAt);
    expect(failure(() => driveReads(openExt(data).readLink(ref), data))).toMatch(
      'the length of a symbolic link is out of range',
    );
  });
});

describe('data in an inode', () => {
  it.each([
    ['goes beyond its end', 8, 0x7fff_ffff],
    ['begins beyond its end', 2, 0xffff],
    ['belongs to another inode', 4, 12],
  ])('that %s is refused', (_, field, value) => {
    const data = readExtFixture('ext4-inline');
    const ref = inodeOf(data, 'etc/61');
    // The first attribute, after 32 bytes of further fields and the magic number.
    const entry = inodeOffset(data, ref) + 128 + 32 + 4;
    data.writeUIntLE(value, entry + field, field === 2 ? 2 : 4);
    expect(failure(() => driveReads(openExt(data).read(ref, 0, 100), data))).toMatch(
      'an extended attribute extends past the end of its inode',
    );
  });
});

it('a disk that is cut short yields what is there, and fails for the rest', () => {
  const data = original.subarray(0, 700 * 1024);
  const files = driveReads(ext.open(new FlatBlocks(data.length)), data);
  expect(driveReads(files.list(2, null), data).entries.length).toBeGreaterThan(3);
  expect(failure(() => driveReads(files.read(inodeOf(data, 'data/telling'), 0, 200_000), data))).toBe(
    'UnreadableError damaged: the disk ends too soon',
  );
});
