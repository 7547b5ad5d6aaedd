// Where the fields of superblocks lie: each gets its own value, so that reading one byte off is noticed.
import { describe, expect, it } from 'vitest';
import { UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { isExt, parseSuperblock as parseExt } from '../../../../src/disk/filesystems/ext/superblock.ts';
import { inlinePieces } from '../../../../src/disk/filesystems/ext/inline-data.ts';
import { parseInode } from '../../../../src/disk/filesystems/ext/inode.ts';
import { isBootSector, readLayout } from '../../../../src/disk/filesystems/fat/boot-sector.ts';
import {
  blockOffset,
  inodeOffset,
  isXfs,
  parseSuperblock as parseXfs,
} from '../../../../src/disk/filesystems/xfs/superblock.ts';
import { type Change, patch, u16be, u16le, u32be, u32le, u64be } from '../../../support/disk/writers.ts';

/** Why it is refused; null if it is accepted. */
function refusal(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof UnreadableError) return error.message;
    throw error;
  }
}

describe('the superblock of an ext', () => {
  const uuid = Buffer.from('0123456789abcdef0123456789abcdef', 'hex');
  /** With blocks of 1 KiB, in 64 bits, each field with a value that no other has. */
  const block = patch(
    Buffer.alloc(1024, 0),
    [0x0, u32le(0x0102_0304)],
    [0x4, u32le(0x0506_0708)],
    [0xc, u32le(0x0203_0405)],
    [0x14, u32le(0x0000_0a0b)],
    [0x20, u32le(0x0c0d_0e0f)],
    [0x28, u32le(0x1011_1213)],
    [0x38, '\u0053\u00ef'],
    [0x3a, u16le(1)],
    [0x4c, u32le(1)],
    [0x58, u16le(256)],
    [0x5c, u32le(0x20)],
    [0x60, u32le(0x82)],
    [0x68, uuid],
    [0x78, 'sixteen-bytes-ab'],
    [0x88, 'not the label'],
    [0xec, Buffer.concat([u32le(0x21), u32le(0x2222), u32le(0x23_2323), u32le(0x2424_2424)])],
    [0xfe, u16le(64)],
    [0x104, u32le(0x0005_0607)],
    [0x150, u32le(2)],
    [0x158, u32le(1)],
    [0x24c, Buffer.concat([u32le(0x31_3131), u32le(0x32_3232)])],
  );
  const parse = (...changes: readonly Change[]): ReturnType<typeof parseExt> => parseExt(patch(block, ...changes));

  it('has its fields where the kernel puts them', () => {
    expect(parse()).toEqual({
      type: 'ext4',
      label: 'sixteen-bytes-ab',
      uuid: '01234567-89ab-cdef-0123-456789abcdef',
      state: 'clean',
      blockSize: 1024,
      blockCount: 2 * 2 ** 32 + 0x0506_0708,
      freeBlocks: 2 ** 32 + 0x0203_0405,
      firstDataBlock: 0x0a0b,
      blocksPerGroup: 0x0c0d_0e0f,
      inodeCount: 0x0102_0304,
      inodesPerGroup: 0x1011_1213,
      inodeSize: 256,
      descriptorSize: 64,
      firstMetaGroup: null,
      copies: 'each',
      hasFileTypes: true,
      hasIndexes: true,
      hasLargeDirectories: false,
      hashSeed: [0x21, 0x2222, 0x23_2323, 0x2424_2424],
      isHashUnsigned: null,
    });
    // Without 64 bits the upper halves mean nothing, and descriptors have 32 bytes whatever is said about them.
    const narrow = { blockCount: 0x0506_0708, freeBlocks: 0x0203_0405, descriptorSize: 32 };
    expect(parse([0x60, u32le(0x2)])).toMatchObject(narrow);
  });

  it.each<readonly [string, Change, Partial<ReturnType<typeof parseExt>>]>([
    ['no label', [0x78, Buffer.alloc(16)], { label: null }],
    ['a label of blanks', [0x78, ' '.repeat(16)], { label: null }],
    ['no UUID', [0x68, Buffer.alloc(16)], { uuid: null }],
    ['a state that is not clean', [0x3a, u16le(0)], { state: 'dirty' }],
    ['errors that were found', [0x3a, u16le(3)], { state: 'dirty' }],
    ['orphans that were kept', [0x3a, u16le(5)], { state: 'clean' }],
    ['a journal to be replayed', [0x60, u32le(0x86)], { state: 'dirty' }],
    ['blocks of 64 KiB', [0x18, u32le(6)], { blockSize: 65_536 }],
    ['the first revision, whose inodes have 128 bytes', [0x4c, u32le(0)], { inodeSize: 128 }],
    ['the smallest inodes', [0x58, u16le(128)], { inodeSize: 128 }],
    ['inodes as large as a block', [0x58, u16le(1024)], { inodeSize: 1024 }],
    ['the largest descriptors', [0xfe, u16le(1024)], { descriptorSize: 1024 }],
    ['groups of descriptors', [0x60, u32le(0x92)], { firstMetaGroup: 0x0005_0607 }],
    ['two copies', [0x5c, u32le(0x200)], { copies: [0x31_3131, 0x32_3232], hasIndexes: false }],
    ['few copies', [0x64, u32le(1)], { copies: 'sparse' }],
    ['large directories', [0x60, u32le(0x4082)], { hasLargeDirectories: true }],
    ['no kinds of files', [0x60, u32le(0x80)], { hasFileTypes: false }],
    ['bytes that are hashed as signed', [0x160, u32le(1)], { isHashUnsigned: false }],
    ['bytes that are hashed as unsigned', [0x160, u32le(2)], { isHashUnsigned: true }],
    [
      'as many free blocks as there are',
      [0xc, Buffer.concat([u32le(0x0506_0708)])],
      { freeBlocks: 2 ** 32 + 0x0506_0708 },
    ],
    ['more free blocks than there are', [0x158, u32le(3)], { freeBlocks: null }],
    ['nothing newer than ext2', [0x5c, u32le(0)], { type: 'ext4' }],
  ])('with %s', (_what, change, expected) => {
    expect(parse(change)).toMatchObject(expected);
  });

  it.each<readonly [type: string, compat: number, incompat: number, readOnly: number]>([
    ['ext2', 0, 0x2, 0],
    ['ext2', 0x20, 0x12, 0x7],
    ['ext3', 0x4, 0x2, 0],
    ['ext3', 0x4, 0x6, 0x3],
    ['ext4', 0x4, 0x42, 0],
    ['ext4', 0x4, 0x202, 0],
    ['ext4', 0x4, 0x2, 0x8],
    ['ext4', 0, 0x82, 0],
  ])('is that of %s, by its features %i, %i and %i', (type, compat, incompat, readOnly) => {
    expect(parse([0x5c, u32le(compat)], [0x60, u32le(incompat)], [0x64, u32le(readOnly)]).type).toBe(type);
  });

  it.each([0x40, 0x100, 0x200, 0x400, 0x2000, 0x4000, 0x8000, 0x1_0000, 0x2_0000])(
    'is read with the feature 0x%i, which readers of files know',
    (feature) => {
      expect(refusal(() => parse([0x60, u32le(feature)]))).toBeNull();
    },
  );

  it.each<readonly [string, readonly Change[], string]>([
    ['a feature nobody knows', [[0x60, u32le(0x800)]], 'incompatible features of ext4 are not supported: 0x800'],
    ['two of them', [[0x60, u32le(0x4_0802)]], 'incompatible features of ext4 are not supported: 0x40800'],
    ['names with data', [[0x60, u32le(0x1000)]], 'incompatible features of ext4 are not supported: 0x1000'],
    ['blocks of 128 KiB', [[0x18, u32le(7)]], 'the block size is larger than 64 KiB'],
    // 2^53 bytes are as many as can be counted.
    [
      '2^43 blocks',
      [
        [0x4, u32le(0)],
        [0x150, u32le(2 ** 11)],
      ],
      'the block count is out of range',
    ],
    [
      'a first block past the last',
      [
        [0x4, u32le(9)],
        [0x14, u32le(9)],
        [0x150, u32le(0)],
      ],
      'the first data block or the number of blocks per group is out of range',
    ],
    ['small inodes', [[0x58, u16le(64)]], 'the inode size is invalid'],
    ['inodes larger than a block', [[0x58, u16le(2048)]], 'the inode size is invalid'],
    ['descriptors of 32 bytes', [[0xfe, u16le(32)]], 'the group descriptor size is invalid'],
    ['descriptors of 96 bytes', [[0xfe, u16le(96)]], 'the group descriptor size is invalid'],
    ['descriptors of 2 KiB', [[0xfe, u16le(2048)]], 'the group descriptor size is invalid'],
  ])('with %s is refused', (_what, changes, message) => {
    expect(refusal(() => parse(...changes))).toBe(message);
  });

  it('is accepted up to these limits', () => {
    expect(parse([0x4, u32le(0xffff_ffff)], [0x150, u32le(2 ** 11 - 1)]).blockCount).toBe(2 ** 43 - 1);
    const small = parse([0x4, u32le(9)], [0x14, u32le(8)], [0x150, u32le(0)]);
    expect([small.blockCount, small.firstDataBlock, small.freeBlocks]).toEqual([9, 8, null]);
  });

  it('is recognised by its magic number and the size of its blocks', () => {
    const front = (logBlockSize: number): Buffer =>
      Buffer.concat([Buffer.alloc(1024), patch(block, [0x18, u32le(logBlockSize)])]);
    expect([isExt(front(6)), isExt(front(7)), isExt(patch(front(0), [1024 + 0x38, 'x']))]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('the data within an inode of an ext', () => {
  const superblock = parseExt(
    patch(
      Buffer.alloc(1024),
      [0x0, u32le(100)],
      [0x4, u32le(100)],
      [0x14, u32le(1)],
      [0x20, u32le(8192)],
      [0x28, u32le(100)],
      [0x38, '\u0053\u00ef'],
      [0x4c, u32le(1)],
      [0x58, u16le(256)],
    ),
  );
  /** The name and place of an attribute; its value begins that many bytes after the magic number. */
  const attribute = (prefix: number, name: string, offset: number, size: number): Buffer =>
    patch(
      Buffer.alloc(16 + Math.ceil(name.length / 4) * 4),
      [0, Buffer.of(name.length, prefix)],
      [2, u16le(offset)],
      [8, u32le(size)],
      [16, name],
    );
  /** An inode with 96 bytes for attributes. */
  const second = (...changes: readonly Change[]): string => {
    const attributes = patch(Buffer.alloc(96), [0, u32le(0xea02_0000)], ...changes);
    const inode = patch(Buffer.alloc(256), [0, u16le(0x81a4)], [0x1a, u16le(1)], [0x80, u16le(32)], [0xa0, attributes]);
    const [block, rest] = inlinePieces(parseInode(inode, superblock));
    expect(block).toHaveLength(60);
    return Buffer.from(rest).toString();
  };

  it('continues in the attribute system.data, wherever in the list that is', () => {
    const value: Change = [4 + 80, 'rest of data'];
    expect(second([4, attribute(7, 'data', 80, 12)], value)).toBe('rest of data');
    const others = Buffer.concat([attribute(1, 'data', 0, 4), attribute(7, 'dat', 0, 4)]);
    expect(second([4, Buffer.concat([others, attribute(7, 'data', 80, 12)])], value)).toBe('rest of data');
    expect(second([4, Buffer.concat([others, Buffer.alloc(4), attribute(7, 'data', 80, 12)])], value)).toBe('');
    expect(second([0, u32le(0xea02_0001)], [4, attribute(7, 'data', 80, 12)], value)).toBe('');
  });

  it('has no second part if the list fills its room without an end', () => {
    expect(second([4, Buffer.concat(Array.from({ length: 6 }, () => attribute(1, '', 0, 0))).subarray(0, 92)])).toBe(
      '',
    );
  });

  it('is refused if its attribute lies past the end', () => {
    expect(refusal(() => second([4, attribute(7, 'data', 80, 13)]))).toBe(
      'an extended attribute extends past the end of its inode',
    );
  });
});

describe('the superblock of an XFS', () => {
  const uuid = Buffer.from('0123456789abcdef0123456789abcdef', 'hex');
  /** Of version 5: 3 groups of 1000 blocks, the last one incomplete. */
  const block = patch(
    Buffer.alloc(512),
    [0, 'XFSB'],
    [4, u32be(4096)],
    [8, u64be(2500n)],
    [32, uuid],
    [48, u64be(0x1_0203n)],
    [56, u64be(0x4_0506n)],
    [84, u32be(1000)],
    [88, u32be(3)],
    [96, u32be(700)],
    [100, u16be(0x2405)],
    [104, u16be(512)],
    [108, 'twelve-bytes'],
    [120, 'no label'],
    [124, Buffer.of(10)],
    [126, Buffer.of(0)],
    [144, u64be(0x77_0102n)],
    [192, Buffer.of(1)],
    [196, u32be(0x8000)],
    [216, u32be(1)],
  );
  const parse = (...changes: readonly Change[]): ReturnType<typeof parseXfs> => parseXfs(patch(block, ...changes));

  it('has its fields where the kernel puts them', () => {
    expect(parse()).toEqual({
      label: 'twelve-bytes',
      uuid: '01234567-89ab-cdef-0123-456789abcdef',
      blockSize: 4096,
      blocks: 2500,
      freeBlocks: 0x77_0102,
      groupBlocks: 1000,
      groupBits: 10,
      inodeSize: 512,
      inodesPerBlock: 8,
      rootInode: 0x4_0506,
      directoryBlockSize: 8192,
      checked: true,
      fileTypes: true,
      caseless: false,
      lazyCounts: true,
      needsRepair: false,
      log: { start: 0x1_0203, size: 700 * 4096, stripeUnit: 0x8000 },
    });
  });

  it.each<readonly [string, readonly Change[], Partial<ReturnType<typeof parseXfs>>]>([
    ['no label', [[108, Buffer.alloc(12)]], { label: null }],
    ['no UUID', [[32, Buffer.alloc(16)]], { uuid: null }],
    ['a log elsewhere', [[48, u64be(0n)]], { log: null }],
    ['a log of version 1', [[100, u16be(0x2005)]], { log: { start: 0x1_0203, size: 700 * 4096, stripeUnit: 0 } }],
    ['names in any case', [[100, u16be(0x6405)]], { caseless: true }],
    ['no kinds of files', [[216, u32be(2)]], { fileTypes: false, needsRepair: false }],
    ['damage that is recorded', [[216, u32be(0x10)]], { fileTypes: false, needsRepair: true }],
    ['all known features', [[216, u32be(0x7ff)]], { fileTypes: true, needsRepair: true }],
    [
      'version 4',
      [
        [100, u16be(0x2404)],
        [216, u32be(0xffff)],
      ],
      { checked: false, fileTypes: false, lazyCounts: false, needsRepair: false },
    ],
    [
      'version 4 and more features',
      [
        [100, u16be(0xa404)],
        [200, u32be(0x202)],
      ],
      { fileTypes: true, lazyCounts: true },
    ],
    [
      'version 4, one more',
      [
        [100, u16be(0xa404)],
        [200, u32be(0x2)],
      ],
      { fileTypes: false, lazyCounts: true },
    ],
    [
      'version 4 and features that are not said to be there',
      [
        [100, u16be(0x2404)],
        [200, u32be(0x202)],
      ],
      { fileTypes: false, lazyCounts: false },
    ],
    [
      'the smallest blocks and inodes',
      [
        [4, u32be(512)],
        [104, u16be(256)],
      ],
      { blockSize: 512, inodeSize: 256, inodesPerBlock: 2 },
    ],
    [
      'the largest blocks',
      [
        [4, u32be(65_536)],
        [104, u16be(2048)],
        [192, Buffer.of(0)],
      ],
      { blockSize: 65_536, inodesPerBlock: 32, directoryBlockSize: 65_536 },
    ],
    ['the largest blocks of directories', [[192, Buffer.of(4)]], { directoryBlockSize: 65_536 }],
    ['one block in the last group', [[8, u64be(2001n)]], { blocks: 2001 }],
    ['a complete last group', [[8, u64be(3000n)]], { blocks: 3000 }],
    ['groups that use all their bits', [[84, u32be(1024)]], { groupBlocks: 1024 }],
  ])('with %s', (_what, changes, expected) => {
    expect(parse(...changes)).toMatchObject(expected);
  });

  it.each<readonly [string, readonly Change[], string]>([
    ['version 6', [[100, u16be(0x2406)]], 'XFS version 6 is not supported'],
    ['directories of version 1', [[100, u16be(0x0405)]], 'version 1 directories of XFS are not supported'],
    ['a mkfs under way', [[126, Buffer.of(1)]], 'its in-progress flag is set: mkfs did not finish'],
    ['a feature of tomorrow', [[216, u32be(0x800)]], 'XFS has unknown incompatible features: 0x800'],
    ['blocks of 256 bytes', [[4, u32be(256)]], 'the block size is invalid: 256 bytes'],
    ['blocks of 128 KiB', [[4, u32be(131_072)]], 'the block size is invalid: 131072 bytes'],
    ['inodes of 128 bytes', [[104, u16be(128)]], 'the inode size is invalid: 128 bytes'],
    ['inodes of 4 KiB', [[104, u16be(4096)]], 'the inode size is invalid: 4096 bytes'],
    [
      'inodes larger than blocks',
      [
        [4, u32be(512)],
        [104, u16be(1024)],
      ],
      'the inode size is invalid: 1024 bytes',
    ],
    [
      'a last group without blocks',
      [[8, u64be(2000n)]],
      'the block and group counts in the superblock are inconsistent',
    ],
    [
      'more blocks than groups have',
      [[8, u64be(3001n)]],
      'the block and group counts in the superblock are inconsistent',
    ],
    [
      'groups larger than their bits',
      [[84, u32be(1025)]],
      'the block and group counts in the superblock are inconsistent',
    ],
    ['numbers of 32 bits', [[124, Buffer.of(32)]], 'the block and group counts in the superblock are inconsistent'],
    ['directories of 128 KiB', [[192, Buffer.of(5)]], 'the directory block size is out of range'],
    [
      'a root inode that cannot be',
      [[56, u64be(2n ** 53n)]],
      'the root inode number is out of range: 9007199254740992',
    ],
    ['a log that cannot be', [[48, u64be(2n ** 53n)]], 'the start of the log is out of range: 9007199254740992'],
  ])('with %s is refused', (_what, changes, message) => {
    expect(refusal(() => parse(...changes))).toBe(message);
  });

  it('is not one if it is cut short or has another magic number', () => {
    expect([isXfs(block), isXfs(patch(block, [3, 'C']))]).toEqual([true, false]);
    expect(refusal(() => parseXfs(block.subarray(0, 511)))).toBe('it has no valid XFS superblock');
  });

  it('only leads to blocks and inodes within their group', () => {
    const superblock = parse();
    const inSecond = 1024 + 7;
    expect(blockOffset(superblock, inSecond, 993)).toBe(1007 * 4096);
    expect(refusal(() => blockOffset(superblock, inSecond, 994))).toBe('block number 1031 is out of range');
    // The third group has 500 blocks.
    expect(blockOffset(superblock, 2 * 1024 + 499, 1)).toBe(2499 * 4096);
    expect(refusal(() => blockOffset(superblock, 2 * 1024 + 500, 1))).toBe('block number 2548 is out of range');
    expect(inodeOffset(superblock, 8 * inSecond + 3)).toBe(1007 * 4096 + 3 * 512);
    expect(inodeOffset(superblock, 1)).toBe(512);
    for (const inode of [0, -1, 1.5, 2 ** 53])
      expect(refusal(() => inodeOffset(superblock, inode))).toBe('an inode number is out of range');
  });
});

describe('the boot sector of a FAT', () => {
  /** FAT16 with two tables of 200 sectors, 512 slots and 40,000 sectors, in clusters of one. */
  const sector = patch(
    Buffer.alloc(512),
    [11, u16le(512)],
    [13, Buffer.of(1)],
    [14, u16le(3)],
    [16, Buffer.of(2)],
    [17, u16le(512)],
    [19, u16le(40_000)],
    [21, Buffer.of(0xf8)],
    [22, u16le(200)],
    [38, Buffer.of(0x29)],
    [39, u32le(0x1a2b_3c4d)],
    [43, 'ELEVENBYTES'],
    [54, 'FAT16   '],
  );
  /** FAT32 with two tables of 600 sectors and 70,000 sectors. */
  const large = patch(
    Buffer.alloc(512),
    [11, u16le(512)],
    [13, Buffer.of(1)],
    [14, u16le(32)],
    [16, Buffer.of(2)],
    [21, Buffer.of(0xf8)],
    [32, u32le(70_000)],
    [36, u32le(600)],
    [44, u32le(0x1_0203)],
    [48, u16le(1)],
    [66, Buffer.of(0x29)],
    [67, u32le(0x1a2b_3c4d)],
    [71, 'ELEVENBYTES'],
    [82, 'FAT32   '],
  );
  type Layout = NonNullable<ReturnType<typeof readLayout>>;
  const whole: Layout = {
    bits: 16,
    clusterBytes: 512,
    clusters: 39_565,
    tableOffset: 3 * 512,
    tableBytes: 200 * 512,
    rootCluster: 0,
    rootOffset: 403 * 512,
    rootBytes: 512 * 32,
    dataOffset: 435 * 512,
    size: 40_000 * 512,
    infoOffset: null,
    volumeId: '1A2B-3C4D',
    label: 'ELEVENBYTES',
  };
  const wholeLarge: Layout = {
    ...whole,
    bits: 32,
    clusters: 68_768,
    tableOffset: 32 * 512,
    tableBytes: 600 * 512,
    rootCluster: 0x1_0203,
    rootOffset: 1232 * 512,
    rootBytes: 0,
    dataOffset: 1232 * 512,
    size: 70_000 * 512,
    infoOffset: 512,
  };

  it('has its fields where they were specified', () => {
    // As many clusters as there is room for: 40,000 - 435, and 70,000 - 1232, both fewer than the tables hold.
    expect(readLayout(patch(sector, [22, u16le(200)]))).toEqual({ ...whole, clusters: 39_565 });
    expect(readLayout(large)).toEqual(wholeLarge);
    expect(readLayout(sector.subarray(0, 511))).toBeNull();
  });

  it.each<readonly [string, Buffer, readonly Change[], Partial<Layout>]>([
    [
      'fewer clusters in the table than on the disk',
      sector,
      [[22, u16le(100)]],
      { clusters: 100 * 256 - 2, dataOffset: 235 * 512 },
    ],
    [
      'clusters of 128 sectors',
      large,
      [
        [13, Buffer.of(128)],
        [36, u32le(5)],
      ],
      { clusterBytes: 65_536, clusters: 546 },
    ],
    [
      'sectors of 4 KiB',
      sector,
      [
        [11, u16le(4096)],
        [22, u16le(25)],
      ],
      { clusterBytes: 4096, rootBytes: 16_384, dataOffset: 57 * 4096, size: 40_000 * 4096, tableOffset: 3 * 4096 },
    ],
    ['a root that fills no whole sector', sector, [[17, u16le(17)]], { rootBytes: 544, dataOffset: 405 * 512 }],
    ['one copy of the table', sector, [[16, Buffer.of(1)]], { rootOffset: 203 * 512 }],
    [
      'a large number of sectors',
      sector,
      [
        [19, u16le(0)],
        [32, u32le(50_000)],
      ],
      { size: 50_000 * 512 },
    ],
    ['4084 clusters', sector, [[19, u16le(435 + 4084)]], { bits: 12, clusters: 4084 }],
    ['4085 clusters', sector, [[19, u16le(435 + 4085)]], { bits: 16, clusters: 4085 }],
    [
      '65,524 clusters',
      sector,
      [
        [19, u16le(0)],
        [32, u32le(435 + 65_524)],
      ],
      { bits: 16, clusters: 200 * 256 - 2 },
    ],
    ['the media of floppies', sector, [[21, Buffer.of(0xf0)]], {}],
    ['the second copy in use', large, [[40, u16le(0x81)]], { tableOffset: 632 * 512 }],
    ['a copy in use that is not there', large, [[40, u16le(0x82)]], { tableOffset: 32 * 512 }],
    ['all copies in use', large, [[40, u16le(0x01)]], { tableOffset: 32 * 512 }],
    ['no FSInfo', large, [[48, u16le(0)]], { infoOffset: null }],
    ['FSInfo in the last reserved sector', large, [[48, u16le(31)]], { infoOffset: 31 * 512 }],
    ['FSInfo beyond those', large, [[48, u16le(32)]], { infoOffset: null }],
    ['a serial number without a label', sector, [[38, Buffer.of(0x28)]], { volumeId: '1A2B-3C4D', label: null }],
    ['neither', sector, [[38, Buffer.of(0x27)]], { volumeId: null, label: null }],
    ['a serial number of nothing', sector, [[39, u32le(0)]], { volumeId: null }],
    ['a small serial number', sector, [[39, u32le(0xab)]], { volumeId: '0000-00AB' }],
    ['no name', large, [[71, 'NO NAME    ']], { label: null }],
    ['a name of blanks', large, [[71, '           ']], { label: null }],
  ])('with %s', (_what, base, changes, expected) => {
    expect(readLayout(patch(base, ...changes))).toMatchObject(expected);
  });

  it.each<readonly [string, Buffer, readonly Change[]]>([
    ['sectors of 256 bytes', sector, [[11, u16le(256)]]],
    ['clusters of no sector', sector, [[13, Buffer.of(0)]]],
    ['nothing reserved', sector, [[14, u16le(0)]]],
    ['no table', sector, [[16, Buffer.of(0)]]],
    ['an invalid medium', sector, [[21, Buffer.of(0xf7)]]],
    ['a table of no sectors', large, [[36, u32le(0)]]],
    ['no room for a cluster', sector, [[19, u16le(435)]]],
    [
      'more clusters than 16 bits can number',
      sector,
      [
        [19, u16le(0)],
        [32, u32le(435 + 65_525)],
      ],
    ],
    ['FAT32 of a newer version', large, [[42, u16le(1)]]],
  ])('is not one with %s', (_what, base, changes) => {
    expect(readLayout(patch(base, ...changes))).toBeNull();
  });

  it('is recognised by a jump, its end or a name, unless it is that of another', () => {
    const bare = patch(sector, [54, '        ']);
    const marked: readonly (readonly [Buffer, readonly Change[], boolean])[] = [
      [bare, [], false],
      [bare, [[0, '\u00eb']], true],
      [bare, [[0, '\u00e9']], true],
      [bare, [[510, '\u0055\u00aa']], true],
      [bare, [[510, '\u0055\u00ab']], false],
      [bare, [[510, '\u0056\u00aa']], false],
      [bare, [[54, 'FAT']], true],
      [bare, [[54, 'MSDOS']], true],
      [bare, [[82, 'FAT32']], true],
      [sector, [[3, 'NTFS    ']], false],
      [
        bare,
        [
          [0, '\u00eb'],
          [54, 'HPFS'],
        ],
        false,
      ],
      [
        bare,
        [
          [0, '\u00eb'],
          [54, 'JFS'],
        ],
        false,
      ],
    ];
    for (const [base, changes, expected] of marked) {
      expect([changes, isBootSector(patch(base, ...changes))]).toEqual([changes, expected]);
    }
  });
});
