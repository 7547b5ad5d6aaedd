// The parts of the reader of ext, each by itself: fields of descriptors, inodes, entries and extents, and where it requests
// them.
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../../src/disk/blocks/blocks.ts';
import type { Reads, Span } from '../../../../../src/disk/blocks/reading.ts';
import { parseEntries } from '../../../../../src/disk/filesystems/ext/directory-entries.ts';
import { mapExtents } from '../../../../../src/disk/filesystems/ext/extents.ts';
import { mapIndirect } from '../../../../../src/disk/filesystems/ext/indirect.ts';
import { type Inode, parseInode } from '../../../../../src/disk/filesystems/ext/inode.ts';
import { inlinePieces } from '../../../../../src/disk/filesystems/ext/inline-data.ts';
import { Inodes } from '../../../../../src/disk/filesystems/ext/inodes.ts';
import { joinRuns } from '../../../../../src/disk/filesystems/ext/runs.ts';
import { parseSuperblock, type Superblock } from '../../../../../src/disk/filesystems/ext/superblock.ts';
import { readExtFixture } from '../../../../support/disk/volumes/ext-checks.ts';
import { patch, u16le, u32le } from '../../../../support/disk/writers.ts';

/** A large one: 2^36 blocks of 4 KiB, 16 inodes of 256 bytes in each of its groups. */
const superblock: Superblock = {
  ...parseSuperblock(readExtFixture('ext4-1k').subarray(1024, 2048)),
  blockSize: 4096,
  blockCount: 2 ** 36,
  firstDataBlock: 0,
  blocksPerGroup: 32_768,
  inodeCount: 2 ** 25,
  inodesPerGroup: 16,
  inodeSize: 256,
  descriptorSize: 64,
  firstMetaGroup: null,
};
const volumeOf = (changes: Partial<Superblock> = {}) => {
  const changed = { ...superblock, ...changes };
  return { blocks: new FlatBlocks(changed.blockCount * changed.blockSize), superblock: changed };
};
/** An inode in use, of an unknown kind. */
const inUse = patch(Buffer.alloc(256), [0x1a, u16le(1)]);

/** Answers with these bytes, one after another, and finally with zeros. @returns the result, and what was requested */
function drive<T>(reads: Reads<T>, ...answers: readonly Uint8Array[]): { result: T; asked: readonly Span[] } {
  const asked: Span[] = [];
  let step = reads.next();
  while (step.done !== true) {
    const bytes = step.value.map(({ length }, index) =>
      Buffer.concat([answers[asked.length + index] ?? new Uint8Array(), Buffer.alloc(length)]).subarray(0, length),
    );
    asked.push(...step.value);
    step = reads.next(bytes);
  }
  return { result: step.value, asked };
}

describe('the descriptor of a group', () => {
  const small = { blockSize: 1024, firstDataBlock: 1, blocksPerGroup: 8192 };
  /** Each describes 16 groups. */
  const meta = { ...small, firstMetaGroup: 0 };
  /** Each describes one group, so that copies of the superblock matter for every number. */
  const alone = { ...meta, descriptorSize: 1024 };
  const start = (group: number): number => 1 + group * 8192;
  const sparse = { ...alone, copies: 'sparse' } as const;
  const copied = [1, 3, 5, 7, 9, 25, 27, 49, 343, 3125];
  const bare = [2, 4, 6, 8, 15, 21, 35, 63];
  type Row = readonly [string, changes: Partial<Superblock>, group: number, offset: number];

  it.each<Row>([
    ['the first', {}, 0, 4096],
    ['the last in its block', {}, 63, 4096 + 63 * 64],
    ['the first of the next block', {}, 64, 8192],
    ['after the first block of 1 KiB', small, 0, 2048],
    ['the last in a block of 1 KiB', small, 15, 2048 + 15 * 64],
    ['the next of these blocks', small, 16, 3072],
    ['of 32 bytes', { descriptorSize: 32 }, 127, 4096 + 127 * 32],
    ['of 32 bytes, in the next block', { descriptorSize: 32 }, 129, 8192 + 32],
    ['of 128 bytes, of which 64 are known', { descriptorSize: 128 }, 33, 8192 + 128],
    ['before those within groups', { firstMetaGroup: 2 }, 127, 8192 + 63 * 64],
    ['within the group that begins its block', { firstMetaGroup: 2, copies: 'sparse' }, 129, 128 * 32_768 * 4096 + 64],
    ['after a copy of the superblock', { firstMetaGroup: 2, copies: 'each' }, 129, (128 * 32_768 + 1) * 4096 + 64],
    ['within the first group, of 4 KiB', { firstMetaGroup: 0 }, 1, 4096 + 64],
    ['within the first group, of 1 KiB', meta, 1, 2048 + 64],
    ['within the first group, with clusters', { ...meta, firstDataBlock: 0 }, 1, 2048 + 64],
    ['within a later one, with clusters', { ...meta, firstDataBlock: 0, copies: 'sparse' }, 16, 16 * 8192 * 1024],
    ...copied.map((group): Row => [
      `behind a copy in group ${String(group)}`,
      sparse,
      group,
      (start(group) + 1) * 1024,
    ]),
    ...bare.map((group): Row => [`without a copy in group ${String(group)}`, sparse, group, start(group) * 1024]),
    ['after one of two copies', { ...alone, copies: [2, 9] }, 9, (start(9) + 1) * 1024],
    ['after the copy that the first group always has', { ...alone, copies: [2, 9] }, 0, 2048],
    ['without one of two copies', { ...alone, copies: [2, 9] }, 3, start(3) * 1024],
  ])('is found: %s', (_what, changes, group, offset) => {
    const length = Math.min(64, changes.descriptorSize ?? 64);
    const inodes = new Inodes(volumeOf(changes));
    const descriptor = patch(Buffer.alloc(64), [0x8, u32le(77)]);
    expect(drive(inodes.get(group * 16 + 1), descriptor, inUse).asked[0]).toEqual({ offset, length });
  });

  it('leads to a table by 64 bits, or by 32', () => {
    const descriptor = patch(Buffer.alloc(64), [0x8, u32le(0x0102_0304)], [0x28, u32le(0x3)]);
    const [wide, narrow] = [{}, { descriptorSize: 32 }].map((changes) =>
      drive(new Inodes(volumeOf(changes)).get(2), descriptor, inUse),
    );
    expect(wide?.asked[1]).toEqual({ offset: (3 * 2 ** 32 + 0x0102_0304) * 4096 + 256, length: 256 });
    expect(narrow?.asked[1]).toEqual({ offset: 0x0102_0304 * 4096 + 256, length: 256 });
  });

  it('must be that of an existing group', () => {
    const three = volumeOf({ ...small, blockCount: 1 + 3 * 8192 });
    const descriptor = patch(Buffer.alloc(64), [0x8, u32le(7)]);
    expect(drive(new Inodes(three).get(48), descriptor, inUse).result.kind).toBe('other');
    expect(() => drive(new Inodes(three).get(49))).toThrow('the block group of an inode is out of range');
  });

  it('and inodes are cached, the last 256 that were requested', () => {
    const inodes = new Inodes(volumeOf());
    const descriptor = patch(Buffer.alloc(64), [0x8, u32le(7)]);
    const requests = (ref: number): number => {
      const reads = inodes.get(ref);
      return drive(reads, ...((ref - 1) % 16 === 0 ? [descriptor, inUse] : [inUse])).asked.length;
    };
    const each = Array.from({ length: 256 }, (_, index) => index + 1);
    // The first of every sixteen requests the descriptor, too.
    expect(each.map(requests)).toEqual(each.map((ref) => (ref % 16 === 1 ? 2 : 1)));
    expect(each.map(requests)).toEqual(each.map(() => 0));
    expect([256, 257, 257, 256].map(requests)).toEqual([0, 2, 0, 1]);
  });
});

describe('an inode of ext', () => {
  const bytes = patch(
    inUse,
    [0x0, Buffer.of(0xed, 0x89, 0x03, 0x02)],
    [0x4, u32le(0x0405_0607)],
    [0x10, u32le(0xffff_fffe)],
    [0x18, Buffer.of(0x09, 0x08)],
    [0x20, u32le(0x4000_0000)],
    [0x28, 'the beginning of i_block'],
    [0x6c, u32le(3)],
    [0x78, Buffer.of(0x0b, 0x0a, 0x0d, 0x0c)],
    [0x80, u16le(32)],
    [0x88, u32le(0xffff_fff5)],
    [0xa0, 'attributes'],
  );
  const parse = (...changes: readonly (readonly [number, Uint8Array])[]): Inode =>
    parseInode(patch(bytes, ...changes), superblock);

  it('has its fields where the kernel puts them', () => {
    const { block, attributes, ...rest } = parse();
    expect(rest).toEqual({
      kind: 'file',
      size: 3 * 2 ** 32 + 0x0405_0607,
      mode: 0x9ed,
      uid: 0x0a0b_0203,
      gid: 0x0c0d_0809,
      mtime: 2 ** 32 - 2,
      isEncrypted: false,
      isCasefolded: true,
      isIndexed: false,
      hasExtents: false,
      isInline: false,
    });
    expect([block.length, Buffer.from(block).toString('latin1', 0, 24)]).toEqual([60, 'the beginning of i_block']);
    expect([attributes.length, Buffer.from(attributes).toString('latin1', 0, 10)]).toEqual([96, 'attributes']);
  });

  it.each<readonly [string, readonly [number, Uint8Array], object]>([
    ['of a directory, which has 32 bits of size', [0x0, u16le(0x4000)], { kind: 'directory', size: 0x0405_0607 }],
    ['of a link, which has as many', [0x0, u16le(0xa000)], { kind: 'link', size: 0x0405_0607 }],
    ['of a device', [0x0, u16le(0x6fff)], { kind: 'other', mode: 0xfff }],
    ['with the shortest later fields that hold a time', [0x80, u16le(12)], { mtime: 2 ** 32 - 2 }],
    ['with later fields that end before a time', [0x80, u16le(8)], { mtime: -2 }],
    ['of the third span of time', [0x88, u32le(2)], { mtime: 2 ** 33 - 2 }],
    ['that is encrypted', [0x20, u32le(0x800)], { isEncrypted: true, isCasefolded: false }],
    ['in use, by its 256th name', [0x1a, u16le(0x100)], { kind: 'file' }],
    ['as large as any can be', [0x6c, Buffer.alloc(4)], { size: 0x0405_0607 }],
  ])('%s', (_what, change, expected) => {
    expect(parse(change)).toMatchObject(expected);
  });

  it('is at most as large as 2^32 blocks', () => {
    expect(parse([0x4, u32le(0)], [0x6c, u32le(4096)]).size).toBe(2 ** 44);
    expect(() => parse([0x4, u32le(1)], [0x6c, u32le(4096)])).toThrow('the size of a file is out of range');
  });

  it('of a directory has a 64-bit size only if there are large directories', () => {
    const directory = patch(bytes, [0x0, u16le(0x4000)]);
    const large = { ...superblock, hasLargeDirectories: true };
    expect(parseInode(directory, large).size).toBe(3 * 2 ** 32 + 0x0405_0607);
    expect(parseInode(patch(bytes, [0x0, u16le(0xa000)]), large).size).toBe(0x0405_0607);
  });

  it('of 128 bytes has neither later fields nor attributes', () => {
    const { mtime, attributes } = parseInode(bytes.subarray(0, 128), superblock);
    expect([mtime, attributes.length]).toEqual([-2, 0]);
  });

  it.each<readonly [string, offset: number, value: number]>([
    ['at once', 0xa4, 0],
    ['after the length of the name alone', 0xa4, 1],
  ])('has no data in its attributes if these end %s', (_what, at, value) => {
    const list = patch(bytes, [0xa0, u32le(0xea02_0000)], [0xa4, Buffer.alloc(92)], [at, Buffer.of(value)]);
    const [, second] = inlinePieces(parseInode(list, superblock));
    expect(second).toHaveLength(0);
  });

  it('has no data beyond the end of its attributes', () => {
    const entry = patch(Buffer.alloc(20), [0, Buffer.of(4, 7)], [2, u16le(60)], [8, u32le(3)], [16, 'data']);
    const list = (start: number): Inode =>
      parseInode(patch(bytes, [0xa0, u32le(0xea02_0000)], [0xa4, Buffer.alloc(92)], [0xa4 + start, entry]), superblock);
    expect([0, 16, 4].map((start) => inlinePieces(list(start))[1].length)).toEqual([3, 0, 0]);
  });

  it('with data in a separate inode is refused, whichever that is', () => {
    const entry = patch(Buffer.alloc(20), [0, Buffer.of(4, 7)], [2, u16le(40)], [16, 'data']);
    const list = (owner: number): Inode => parse([0xa0, u32le(0xea02_0000)], [0xa4, patch(entry, [4, u32le(owner)])]);
    expect(inlinePieces(list(0))[1]).toHaveLength(0);
    for (const owner of [1, 0x100, 0x100_0000]) {
      expect(() => inlinePieces(list(owner))).toThrow('an extended attribute extends past the end of its inode');
    }
  });
});

describe('an entry of a directory of ext', () => {
  const entry = (inode: number, length: number, name: string, type = 1): Buffer =>
    patch(
      Buffer.alloc(8 + name.length),
      [0, u32le(inode)],
      [4, u16le(length)],
      [6, Buffer.of(name.length, type)],
      [8, name],
    );
  const names = (blockSize: number, length: number, ...entries: readonly (readonly [number, Uint8Array])[]) =>
    parseEntries(patch(Buffer.alloc(length), ...entries), { ...superblock, blockSize }).map(({ name }) => name);

  it('says what it leads to, and of which kind that is', () => {
    const block = patch(Buffer.alloc(24), [0, entry(2 ** 25, 12, 'file', 1)], [12, entry(7, 12, 'dir', 2)]);
    expect(parseEntries(block, superblock)).toEqual([
      { name: 'file', ref: 2 ** 25, kind: 'file' },
      { name: 'dir', ref: 7, kind: 'directory' },
    ]);
    expect(
      parseEntries(patch(block, [7, Buffer.of(0)], [19, Buffer.of(0)]), { ...superblock, hasFileTypes: false }),
    ).toEqual([
      { name: 'file', ref: 2 ** 25, kind: null },
      { name: 'dir', ref: 7, kind: null },
    ]);
    expect(() => parseEntries(patch(block, [0, u32le(2 ** 25 + 1)]), superblock)).toThrow(
      'the inode number in a directory entry is out of range',
    );
  });

  // 65,532 is the largest multiple of four that 16 bits can hold.
  it.each<readonly [string, blockSize: number, stored: number, length: number]>([
    ['as it is', 32_768, 32_768, 32_768],
    ['of a block of 64 KiB by 65,535', 65_536, 65_535, 65_536],
    ['of a block of 64 KiB by 0', 65_536, 0, 65_536],
    ['of nearly a block of 64 KiB', 65_536, 65_532, 65_532],
    ['of 64 KiB by the bits that no smaller one has', 65_536, 1, 65_536],
    ['of less than a block by all bits', 65_536, 12, 12],
    ['of more than 64 KiB by its two lowest bits', 65_536, 14, 131_084],
  ])('has a length %s', (_what, blockSize, stored, length) => {
    expect(names(blockSize, length, [0, entry(11, stored, 'a')])).toEqual(['a']);
    // The entry ends there: another one begins.
    expect(names(blockSize, length + 12, [0, entry(11, stored, 'a')], [length, entry(11, 12, 'b')])).toEqual([
      'a',
      'b',
    ]);
  });

  it('is refused if its length is not a multiple of four, or its head is cut off', () => {
    expect(() => names(32_768, 65_536, [0, entry(11, 65_535, 'a')])).toThrow(
      'the length of a directory entry is invalid',
    );
    expect(() => names(4096, 4096, [0, entry(11, 14, 'a')])).toThrow('the length of a directory entry is invalid');
    for (const rest of [4, 7]) {
      expect(() => names(4096, 12 + rest, [0, entry(11, 12, 'a')])).toThrow('a directory entry is truncated');
    }
    // A name that fills it, and one byte more.
    expect(names(4096, 12, [0, entry(11, 12, 'four')])).toEqual(['four']);
    expect(() => names(4096, 16, [0, entry(11, 12, 'fives')])).toThrow('the length of a directory entry is invalid');
  });
});

describe('extents of a file of ext', () => {
  const node = (depth: number, ...entries: readonly (readonly [number, number, number, number])[]): Buffer =>
    Buffer.concat([
      ...[0xf30a, entries.length, 4, depth].map(u16le),
      u32le(0),
      // Of a leaf: the first block, how many, the upper 16 bits of where they lie, the lower 32.
      ...entries.map(([first, count, high, low]) =>
        depth === 0
          ? Buffer.concat([u32le(first), u16le(count), u16le(high), u32le(low)])
          : Buffer.concat([u32le(first), u32le(low), u16le(high), u16le(0)]),
      ),
    ]);
  const all = { first: 0, end: 2 ** 32 };

  it('lie where their 48 bits say', () => {
    const leaf = node(0, [2, 3, 5, 0x0102_0304], [9, 32_768, 0, 7], [40_000, 32_769, 0, 8]);
    expect(drive(mapExtents(volumeOf(), leaf, all)).result).toEqual([
      { first: 2, count: 3, block: 5 * 2 ** 32 + 0x0102_0304 },
      { first: 9, count: 32_768, block: 7 },
    ]);
    expect(drive(mapExtents(volumeOf(), leaf, { first: 4, end: 10 })).result).toEqual([
      { first: 4, count: 1, block: 5 * 2 ** 32 + 0x0102_0306 },
      { first: 9, count: 1, block: 7 },
    ]);
  });

  it('that are unwritten are as long as they say', () => {
    const overlap = (first: number): Buffer => node(0, [0, 32_770, 0, 7], [first, 1, 0, 9]);
    expect(drive(mapExtents(volumeOf(), overlap(2), all)).result).toEqual([{ first: 2, count: 1, block: 9 }]);
    expect(() => drive(mapExtents(volumeOf(), overlap(1), all))).toThrow('extents are empty or out of order');
  });

  it('lie in nodes where 48 bits say, of which only the needed ones are read', () => {
    const root = node(1, [0, 0, 6, 0x0203_0405], [100, 0, 0, 8], [200, 0, 0, 9]);
    const below = node(0, [100, 20, 0, 1000]);
    const at = (wanted: { first: number; end: number }): readonly Span[] =>
      drive(mapExtents(volumeOf(), root, wanted), below, below, below).asked;
    const [far, near] = [(6 * 2 ** 32 + 0x0203_0405) * 4096, 8 * 4096];
    expect(at({ first: 0, end: 100 })).toEqual([{ offset: far, length: 4096 }]);
    expect(at({ first: 99, end: 101 }).map(({ offset }) => offset)).toEqual([far, near]);
    expect(at({ first: 100, end: 200 }).map(({ offset }) => offset)).toEqual([near]);
    expect(at({ first: 200, end: 201 }).map(({ offset }) => offset)).toEqual([9 * 4096]);
  });

  it('do not exist before the first node, or without any', () => {
    const root = node(1, [100, 0, 0, 8]);
    expect(drive(mapExtents(volumeOf(), root, { first: 0, end: 100 }))).toEqual({ result: [], asked: [] });
    expect(drive(mapExtents(volumeOf(), node(5), all))).toEqual({ result: [], asked: [] });
    expect(() => drive(mapExtents(volumeOf(), node(6), all))).toThrow('the header of an extent tree node is invalid');
  });

  it('go as far as the last block of the file system', () => {
    const near = volumeOf({ blockCount: 1000 });
    expect(drive(mapExtents(near, node(0, [0, 10, 0, 990]), all)).result).toEqual([
      { first: 0, count: 10, block: 990 },
    ]);
    expect(() => drive(mapExtents(near, node(0, [0, 10, 0, 991]), all))).toThrow('a block number is out of range');
  });
});

describe('numbers of the blocks of a file of ext', () => {
  const numbers = Buffer.concat(Array.from({ length: 15 }, (_, index) => u32le(100 + index)));
  const perBlock = 1024;

  it.each<readonly [string, first: number, block: number]>([
    ['the last that is in the inode', 11, 111],
    ['the first that is one block away', 12, 112],
    ['the last of these', 12 + perBlock - 1, 112],
    ['the first that is two blocks away', 12 + perBlock, 113],
    ['the last of these', 12 + perBlock + perBlock ** 2 - 1, 113],
    ['the first that is three blocks away', 12 + perBlock + perBlock ** 2, 114],
    ['the last of all', 12 + perBlock + perBlock ** 2 + perBlock ** 3 - 1, 114],
  ])('are read where they are: %s', (_what, first, block) => {
    const { result, asked } = drive(mapIndirect(volumeOf(), numbers, { first, end: first + 1 }));
    // Blocks of numbers are all zeros here, so what they lead to are holes.
    expect(block === 111 ? result : asked).toEqual(
      block === 111 ? [{ first, count: 1, block }] : [{ offset: block * 4096, length: 4096 }],
    );
  });

  it('end after three levels', () => {
    const end = 12 + perBlock + perBlock ** 2 + perBlock ** 3;
    expect(() => drive(mapIndirect(volumeOf(), numbers, { first: end - 1, end: end + 1 }))).toThrow(
      'the size of a file is larger than its block map allows',
    );
  });
});

describe('runs of blocks', () => {
  it('are joined if they follow each other in the file and on the disk', () => {
    const [one, two] = [
      { first: 4, count: 2, block: 10 },
      { first: 6, count: 3, block: 12 },
    ];
    expect(joinRuns([one, two, { first: 9, count: 1, block: 15 }])).toEqual([{ first: 4, count: 6, block: 10 }]);
    for (const other of [
      { ...two, first: 7 },
      { ...two, block: 13 },
      { ...two, first: 2 },
      { ...two, block: 8 },
    ]) {
      expect(joinRuns([{ first: 0, count: 1, block: 99 }, one, other])).toEqual([
        { first: 0, count: 1, block: 99 },
        one,
        other,
      ]);
    }
  });
});
