// The parts of the reader of XFS, each by itself: inodes, entries of directories, and their index, in both versions.
import { describe, expect, it } from 'vitest';
import type { Reads } from '../../../../../src/disk/blocks/reading.ts';
import { blockEntries, shortEntries, storedEntry } from '../../../../../src/disk/filesystems/xfs/directory-data.ts';
import { findHash } from '../../../../../src/disk/filesystems/xfs/directory-index.ts';
import { parseExtents } from '../../../../../src/disk/filesystems/xfs/extents.ts';
import { findExtents } from '../../../../../src/disk/filesystems/xfs/fork.ts';
import { type Inode, parseInode } from '../../../../../src/disk/filesystems/xfs/inode.ts';
import { parseSuperblock, type Superblock } from '../../../../../src/disk/filesystems/xfs/superblock.ts';
import { resultOrWhy } from '../../../../support/disk/result-or-why.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { SparseBlocks } from '../../../../support/disk/sparse-blocks.ts';
import { type Change, patch, u16be, u32be, u64be } from '../../../../support/disk/writers.ts';
import { readXfs } from '../../../../support/disk/volumes/xfs-volumes.ts';

const run = <T>(reads: Reads<T>): T => driveReads(reads, new Uint8Array());

/** With one group of 2^20 blocks of 1 KiB, inodes of 512 bytes, blocks of directories of 1 KiB. */
const superblockOf = (checked: boolean): Superblock => ({
  ...parseSuperblock(readXfs(checked ? 'xfs-v5' : 'xfs-v4').subarray(0, 512)),
  blockSize: 1024,
  blocks: 2 ** 20,
  groupBlocks: 2 ** 20,
  groupBits: 20,
  inodeSize: 512,
  directoryBlockSize: 1024,
  checked,
  fileTypes: true,
});

/** An extent: its first block in the file, number of blocks, and where they lie. */
function extent(first: number, count: number, block: number, isUnwritten = false): Buffer {
  const high = (isUnwritten ? 2n ** 63n : 0n) + BigInt(first) * 2n ** 9n;
  return Buffer.concat([u64be(high), u64be(BigInt(block) * 2n ** 21n + BigInt(count))]);
}

describe.each([true, false])('XFS, with checksums: %s', (checked) => {
  const superblock = superblockOf(checked);
  const number = 0x4_0506;
  const start = checked ? 176 : 100;
  const storedInode = patch(
    Buffer.alloc(512),
    [0, 'IN'],
    [2, u16be(0o100751)],
    [4, Buffer.of(checked ? 3 : 2, 2)],
    [8, Buffer.concat([u32be(0x0102_0304), u32be(0x0506_0708)])],
    [40, u32be(0xffff_fffe)],
    [56, u64be(0x0102_0304_0506n)],
    [76, u32be(0x0908)],
    ...(checked ? [[152, u64be(BigInt(number))] as const] : []),
  );
  const parse = (...changes: readonly Change[]): Inode | string =>
    resultOrWhy(() => parseInode(superblock, number, patch(storedInode, ...changes)));

  describe('an inode', () => {
    it('has its fields where the kernel puts them', () => {
      const { fork, ...rest } = parse() as Inode;
      expect(rest).toEqual({
        number,
        facts: { kind: 'file', size: 0x0102_0304_0506, mode: 0o751, uid: 0x0102_0304, gid: 0x0506_0708, mtime: -2 },
        format: 'extents',
        extents: 0x0908,
        realtime: false,
      });
      expect(fork).toHaveLength(512 - start);
    });

    it.each<readonly [string, Change, unknown]>([
      ['without its magic number', [1, 'M'], 'damaged'],
      ['of version 0', [4, Buffer.of(0)], 'damaged'],
      ['of version 1', [4, Buffer.of(1)], checked ? 'damaged' : { format: 'extents' }],
      ['of version 3', [4, Buffer.of(3)], checked ? { format: 'extents' } : 'damaged'],
      ['of version 4', [4, Buffer.of(4)], 'damaged'],
      ['that is another', [152, u64be(BigInt(number + 1))], checked ? 'damaged' : { format: 'extents' }],
      ['of an unknown kind', [2, u16be(0o000751)], 'damaged'],
      ['of a directory', [2, u16be(0o041777)], { facts: { kind: 'directory', mode: 0o1777 } }],
      ['of a link', [2, u16be(0o120777)], { facts: { kind: 'link' } }],
      ['of a FIFO', [2, u16be(0o010600)], { facts: { kind: 'other', size: 0, mode: 0o600 }, format: null }],
      ['of a device', [2, u16be(0o060600)], { facts: { kind: 'other' }, format: null }],
      ['of 2^53 - 1 bytes', [56, u64be(2n ** 53n - 1n)], { facts: { size: 2 ** 53 - 1 } }],
      ['of 2^53 bytes', [56, u64be(2n ** 53n)], 'unsupported'],
      ['of 2^63 bytes', [56, u64be(2n ** 63n)], 'damaged'],
      ['with its data in itself', [5, Buffer.of(1)], { format: 'local' }],
      ['with a tree', [5, Buffer.of(3)], { format: 'btree' }],
      ['with data in an unknown way', [5, Buffer.of(4)], 'damaged'],
      ['on a real-time device', [90, u16be(1)], { realtime: true }],
      ['with other flags', [90, u16be(2)], { realtime: false }],
      [
        'with nanoseconds',
        [120, Buffer.concat([u64be(8n)])],
        { facts: { mtime: checked ? Math.floor(0xffff_fffe * (2 ** 32 / 1e9)) - 2 ** 31 : -2 } },
      ],
      ['with more extents', [120, u64be(16n)], { extents: checked ? 0 : 0x0908 }],
      ['whose attributes begin at byte 8', [82, Buffer.of(1)], { fork: { length: 8 } }],
      [
        'whose attributes begin at its end',
        [82, Buffer.of(Math.floor((512 - start) / 8))],
        { fork: { length: Math.floor((512 - start) / 8) * 8 } },
      ],
      ['whose attributes begin past it', [82, Buffer.of(255)], 'damaged'],
    ])('%s', (_what, change, expected) => {
      expect(parse(change)).toMatchObject(expected as object);
    });
  });

  describe('a directory within its inode', () => {
    const entry = (name: string, inode: Buffer, type = 2): Buffer =>
      Buffer.concat([Buffer.of(name.length, 0, 0), Buffer.from(name), Buffer.of(type), inode]);
    const list = (fork: Buffer, size = fork.length, fileTypes = true): unknown =>
      resultOrWhy(() =>
        shortEntries(
          { ...superblock, fileTypes },
          { ...(parse() as Inode), fork, facts: { ...(parse() as Inode).facts, size } },
        ).map(({ name, inode, type }) => [Buffer.from(name).toString(), inode, type]),
      );
    const narrow = Buffer.concat([
      Buffer.of(2, 0),
      u32be(9),
      entry('one', u32be(0x0102_0304)),
      entry('second', u32be(7), 1),
    ]);
    const wide = Buffer.concat([Buffer.of(1, 1), u64be(9n), entry('far', u64be(0x1_0203_0405n))]);

    it('has inodes of 32 or 64 bits, and kinds of files if there are any', () => {
      expect(list(narrow)).toEqual([
        ['one', 0x0102_0304, 2],
        ['second', 7, 1],
      ]);
      expect(list(wide)).toEqual([['far', 0x1_0203_0405, 2]]);
      const plain = Buffer.concat([Buffer.of(1, 0), u32be(9), Buffer.of(1, 0, 0), Buffer.from('a'), u32be(5)]);
      expect(list(plain, plain.length, false)).toEqual([['a', 5, null]]);
      expect(list(Buffer.concat([Buffer.of(0, 0), u32be(9)]))).toEqual([]);
      expect(list(Buffer.concat([narrow, Buffer.alloc(9)]), narrow.length)).toHaveLength(2);
    });

    it('is refused if it does not fit', () => {
      expect(list(narrow, narrow.length + 1)).toBe('damaged');
      expect(list(narrow, 5)).toBe('damaged');
      for (const length of [6, 12, narrow.length - 1]) expect(list(narrow.subarray(0, length))).toBe('damaged');
      expect(list(wide.subarray(0, -1))).toBe('damaged');
    });
  });

  describe('a block of a directory', () => {
    const header = checked ? 64 : 16;
    const [whole, data] = checked ? ['XDB3', 'XDD3'] : ['XD2B', 'XD2D'];
    const directory = parse() as Inode;
    const entry = (name: string, at: number, inode = 77n): Buffer => {
      const length = Math.ceil((12 + name.length) / 8) * 8;
      return patch(
        Buffer.alloc(length),
        [0, u64be(inode)],
        [8, Buffer.of(name.length)],
        [9, `${name}\u0001`],
        [length - 2, u16be(at)],
      );
    };
    const unused = (length: number): Buffer =>
      patch(Buffer.alloc(length), [0, Buffer.of(0xff, 0xff)], [2, u16be(length)]);
    const block = (magic: string, ...parts: readonly Buffer[]): Buffer =>
      patch(Buffer.alloc(1024), [0, magic], ...(checked ? [[40, u64be(BigInt(number))] as const] : []), [
        header,
        Buffer.concat(parts),
      ]);
    const names = (bytes: Uint8Array): unknown =>
      resultOrWhy(() =>
        blockEntries(superblock, directory, bytes).map(({ name, inode }) => [Buffer.from(name).toString(), inode]),
      );
    const first = entry('first', header);
    const rest = (used: number, end = 1024): Buffer => unused(end - header - used);

    it('has entries, and free room between them', () => {
      const third = entry('x'.repeat(255), header + 24 + 16, 2n ** 40n);
      const used = first.length + 16 + third.length;
      expect(first).toHaveLength(24);
      expect(names(block(data, first, unused(16), third, rest(used)))).toEqual([
        ['first', 77],
        ['x'.repeat(255), 2 ** 40],
      ]);
      expect(names(block(data, rest(0)))).toEqual([]);
    });

    it('has its index at its end if it is the only one', () => {
      const one = patch(block(whole, first, rest(24, 1024 - 8 - 16)), [1016, u32be(2)], [1000, 'an index, no entry']);
      expect(names(patch(one, [1016, u32be(2)]))).toEqual([['first', 77]]);
      const full = patch(block(whole), [1016, u32be((1016 - header) / 8)]);
      expect(names(full)).toEqual([]);
      expect(names(patch(full, [1016, u32be((1016 - header) / 8 + 1)]))).toBe('damaged');
    });

    it.each<readonly [string, Buffer]>([
      ['of another kind', block('XD2X', rest(0))],
      ['with room of no bytes', block(data, unused(8), patch(unused(8), [2, u16be(0)]))],
      ['with room of 12 bytes', block(data, patch(unused(16), [2, u16be(12)]))],
      ['with room past its end', block(data, patch(unused(16), [2, u16be(1024 - header + 8)]))],
      ['with an entry that says it is elsewhere', block(data, entry('first', header + 8), rest(24))],
      ['with an entry past its end', block(data, rest(0, 1008), patch(Buffer.alloc(16), [8, Buffer.of(20)]))],
      ['with an inode from 2^53 on', block(data, entry('first', header, 2n ** 53n), rest(24))],
      ...(checked ? [['of another directory', patch(block(data, rest(0)), [40, u64be(1n)])] as const] : []),
    ])('is refused %s', (_what, bytes) => {
      expect(names(bytes)).toBe('damaged');
    });

    it('has only entries if it is not the only one', () => {
      const stored = (bytes: Uint8Array, at: number, fileTypes = true): unknown =>
        resultOrWhy(() => storedEntry({ ...superblock, fileTypes }, bytes, at).type);
      const short = entry('one', header);
      expect([stored(short, header), stored(short, header, false)]).toEqual([1, null]);
      expect([
        stored(first, header + 1),
        stored(first.subarray(0, 23), header),
        stored(first.subarray(0, 11), header),
      ]).toEqual(['damaged', 'damaged', 'damaged']);
      expect(stored(Buffer.concat([first, Buffer.alloc(100)]), header)).toBe(1);
    });
  });

  describe('the index of a directory', () => {
    const header = checked ? 64 : 16;
    const magics = checked
      ? { leaf1: 0x3df1, leafN: 0x3dff, node: 0x3ebe }
      : { leaf1: 0xd2f1, leafN: 0xd2ff, node: 0xfebe };
    type Pair = readonly [hash: number, place: number];
    const block = (magic: number, level: number, pairs: readonly Pair[]): Buffer =>
      patch(
        Buffer.alloc(1024),
        [8, u16be(magic)],
        ...(checked ? [[48, u64be(BigInt(number))] as const] : []),
        [checked ? 56 : 12, Buffer.concat([u16be(pairs.length), u16be(level)])],
        [header, Buffer.concat(pairs.flatMap(([hash, place]) => [u32be(hash), u32be(place)]))],
      );
    const leaf = (...pairs: readonly Pair[]): Buffer => block(magics.leafN, 0, pairs);
    const node = (level: number, ...pairs: readonly Pair[]): Buffer => block(magics.node, level, pairs);
    /** Where the index begins, in blocks of 1 KiB. */
    const first = 2 ** 25;
    const find = (hash: number, ...blocks: readonly Buffer[]): unknown => {
      const fork = extent(first, blocks.length, 100);
      const directory: Inode = { ...(parse() as Inode), format: 'extents', extents: 1, fork };
      const volume = { superblock, blocks: new SparseBlocks(2 ** 30, [100 * 1024, Buffer.concat(blocks)]) };
      return resultOrWhy(() => run(findHash(volume, directory, hash)));
    };

    it('is a leaf, or a tree of them', () => {
      const pairs: readonly Pair[] = [
        [5, 1],
        [7, 2],
        [7, 0],
        [7, 9],
        [8, 3],
      ];
      expect(find(7, leaf(...pairs))).toEqual([16, 72]);
      expect(find(7, block(magics.leaf1, 0, pairs))).toEqual([16, 72]);
      expect([6, 9].map((hash) => find(hash, leaf(...pairs)))).toEqual([[], []]);
      const tree = [
        node(1, [6, first + 1], [7, first + 2], [9, first + 3]),
        leaf([6, 1]),
        leaf([7, 2]),
        leaf([7, 3], [9, 4]),
      ];
      expect([6, 7, 9, 1, 10].map((hash) => find(hash, ...tree))).toEqual([[8], [16, 24], [32], [], []]);
      const deep = [node(2, [9, first + 1]), node(1, [9, first + 2]), leaf([9, 5])];
      expect(find(9, ...deep)).toEqual([40]);
    });

    it.each<readonly [string, readonly Buffer[]]>([
      ['of another kind', [block(magics.leafN + 1, 0, [[7, 1]])]],
      ['with a leaf where a node should be', [node(2, [9, first + 1]), leaf([7, 1])]],
      ['with a node where a leaf should be', [node(1, [9, first + 1]), node(1, [9, first + 2]), leaf([7, 1])]],
      [
        'with blocks of several levels',
        [node(1, [7, first + 1], [9, first + 2]), leaf([7, 1]), node(1, [9, first + 1])],
      ],
      ['of six levels', [node(6, [9, first + 1]), node(5, [9, first + 2])]],
      ['with a node of level 0', [node(0, [9, first + 1])]],
      ['with a node of no pairs', [node(1)]],
      ['that leads to its own first block', [node(1, [9, first])]],
      ['that leads before itself', [node(1, [9, first - 1])]],
      ['that leads past its end', [node(1, [9, 2 * first])]],
      [
        'with more pairs than there is room',
        [patch(leaf([7, 1]), [checked ? 56 : 12, u16be((1024 - header) / 8 + 1)])],
      ],
      ...(checked ? [['of another directory', [patch(leaf([7, 1]), [48, u64be(1n)])]] as const] : []),
    ])('is refused %s', (_what, blocks) => {
      expect(find(7, ...blocks)).toBe('damaged');
    });

    it('has at most 64 blocks and 1024 entries for a hash', () => {
      const many = (count: number): Buffer[] => [
        node(1, ...Array.from({ length: count }, (_, index): Pair => [7, first + 1 + index])),
        ...Array.from({ length: count }, () => leaf(...Array.from({ length: 16 }, (): Pair => [7, 1]))),
      ];
      expect(find(7, ...many(64))).toHaveLength(1024);
      expect(find(7, ...many(65))).toBe('unsupported');
      const full = many(64).with(64, leaf(...Array.from({ length: 17 }, (): Pair => [7, 1])));
      expect(find(7, ...full)).toBe('unsupported');
      const room = (1024 - header) / 8;
      expect(find(7, leaf(...Array.from({ length: room }, (): Pair => [7, 1])))).toHaveLength(room);
    });
  });

  describe('a tree of extents', () => {
    const header = checked ? 72 : 24;
    const room = Math.floor((1024 - header) / 16);
    const body = (level: number, count: number, records: Buffer): Buffer =>
      patch(
        Buffer.alloc(1024),
        [0, checked ? 'BMA3' : 'BMAP'],
        [4, Buffer.concat([u16be(level), u16be(count)])],
        ...(checked ? [[56, u64be(BigInt(number))] as const] : []),
        [header, records],
      );
    const leaf = (...extents: readonly Buffer[]): Buffer => body(0, extents.length, Buffer.concat(extents));
    type Branch = readonly [key: number, block: number];
    /** Keys, and pointers after the room for all keys. */
    const branches = (places: number, all: readonly Branch[]): Buffer => {
      const pairs = all.slice(0, places);
      return patch(
        Buffer.alloc(places * 16),
        [0, Buffer.concat(pairs.map(([key]) => u64be(BigInt(key))))],
        [places * 8, Buffer.concat(pairs.map(([, block]) => u64be(BigInt(block))))],
      );
    };
    const find = (
      [from, to]: readonly [number, number],
      level: number,
      pairs: readonly Branch[],
      blocks: readonly Buffer[],
      most = 100,
    ): unknown => {
      const places = Math.floor((512 - start - 4) / 16);
      const fork = Buffer.concat([
        u16be(level),
        u16be(pairs.length),
        branches(places, pairs),
        Buffer.alloc(8),
      ]).subarray(0, 512 - start);
      const file: Inode = { ...(parse() as Inode), format: 'btree', fork };
      const volume = {
        superblock,
        blocks: new SparseBlocks(2 ** 30, ...blocks.map((bytes, index): Change => [(100 + index) * 1024, bytes])),
      };
      return resultOrWhy(() =>
        run(findExtents(volume, file, { start: from, end: to }, most)).map(({ first, count }) => [first, count]),
      );
    };
    const leaves = [
      leaf(extent(0, 2, 10), extent(5, 1, 20)),
      leaf(extent(10, 5, 30)),
      leaf(extent(20, 1, 40), extent(30, 1, 50)),
    ];
    const pairs: readonly Branch[] = [
      [0, 100],
      [10, 101],
      [20, 102],
    ];

    it('returns those in a range, from the leaves that it leads to', () => {
      expect(find([0, 100], 1, pairs, leaves)).toEqual([
        [0, 2],
        [5, 1],
        [10, 5],
        [20, 1],
        [30, 1],
      ]);
      expect(find([3, 11], 1, pairs, leaves)).toEqual([
        [5, 1],
        [10, 5],
      ]);
      expect(find([10, 20], 1, pairs, leaves)).toEqual([[10, 5]]);
      expect(find([14, 21], 1, pairs, leaves)).toEqual([
        [10, 5],
        [20, 1],
      ]);
      expect(find([0, 100], 1, pairs, leaves, 2)).toEqual([
        [0, 2],
        [5, 1],
      ]);
      expect(find([6, 100], 1, pairs, leaves, 1)).toEqual([[10, 5]]);
      const deep = [
        body(
          1,
          2,
          branches(room, [
            [0, 101],
            [10, 102],
          ]),
        ),
        leaf(extent(0, 2, 10)),
        leaf(extent(10, 5, 30)),
      ];
      expect(find([0, 100], 2, [[0, 100]], deep)).toEqual([
        [0, 2],
        [10, 5],
      ]);
      expect(find([0, 10], 2, [[0, 100]], deep)).toEqual([[0, 2]]);
    });

    it.each<readonly [string, level: number, pairs: readonly Branch[], blocks: readonly Buffer[]]>([
      ['of no levels', 0, pairs, leaves],
      ['of seventeen levels', 17, pairs, leaves],
      ['without keys', 1, [], leaves],
      ['with more keys than there is room', 1, Array.from({ length: 27 }, (_, index) => [index, 100] as const), leaves],
      [
        'with keys out of order',
        1,
        [
          [10, 100],
          [5, 101],
        ],
        leaves,
      ],
      [
        'with two equal keys',
        1,
        [
          [10, 100],
          [10, 101],
        ],
        leaves,
      ],
      ['with a leaf of another kind', 1, [[0, 100]], [patch(leaf(extent(0, 2, 10)), [3, 'X'])]],
      ['with a leaf of another level', 1, [[0, 100]], [patch(leaf(extent(0, 2, 10)), [4, u16be(1)])]],
      ['with a leaf of a higher level', 1, [[0, 100]], [patch(leaf(extent(0, 2, 10)), [4, u16be(256)])]],
      ['with an empty leaf', 1, [[0, 100]], [leaf()]],
      ['with a leaf that has too many', 1, [[0, 100]], [patch(leaf(extent(0, 2, 10)), [6, u16be(room + 1)])]],
      ['with a block past the end', 1, [[0, 2 ** 20]], leaves],
      ...(checked
        ? [['with a leaf of another file', 1, [[0, 100]], [patch(leaf(extent(0, 2, 10)), [56, u64be(1n)])]] as const]
        : []),
    ])('is refused %s', (_what, level, branched, blocks) => {
      expect(find([0, 100], level, branched, blocks)).toBe('damaged');
    });
  });
});

describe('extents of XFS', () => {
  const superblock = superblockOf(true);
  const parse = (records: Buffer, start = 0, end = 2 ** 54, most = 100): unknown =>
    resultOrWhy(() => parseExtents(superblock, records, { start, end }, most));

  it('have 54 bits for a place in the file, 52 for one on the disk, 21 for their number', () => {
    expect(parse(Buffer.concat([extent(3, 2, 9), extent(2 ** 40, 2 ** 18, 2 ** 19)]))).toEqual([
      { first: 3, count: 2, offset: 9 * 1024 },
      { first: 2 ** 40, count: 2 ** 18, offset: 2 ** 29 },
    ]);
    expect(parse(extent(3, 2, 9, true))).toEqual([{ first: 3, count: 2, offset: null }]);
    // The upper bits of a place are in the first half.
    expect(parse(patch(extent(3, 2, 9), [6, u16be(3 * 512 + 1)]))).toBe('damaged');
  });

  it('are returned for a range, in order', () => {
    const records = Buffer.concat([extent(0, 2, 1), extent(2, 2, 3), extent(6, 1, 5), Buffer.alloc(15)]);
    const firsts = (start: number, end: number, most?: number): unknown => {
      const found = parse(records, start, end, most);
      return Array.isArray(found) ? (found as { first: number }[]).map(({ first }) => first) : found;
    };
    expect([firsts(0, 100), firsts(2, 6), firsts(1, 3), firsts(4, 6), firsts(6, 7), firsts(0, 100, 2)]).toEqual([
      [0, 2, 6],
      [2],
      [0, 2],
      [],
      [6],
      [0, 2],
    ]);
    expect(parse(Buffer.concat([extent(0, 3, 1), extent(2, 1, 9)]))).toBe('damaged');
    expect(parse(extent(0, 0, 1))).toBe('damaged');
    expect(parse(extent(0, 1, 2 ** 20))).toBe('damaged');
    expect(parse(extent(0, 2, 2 ** 20 - 1))).toBe('damaged');
    expect(parse(extent(0, 1, 2 ** 20 - 1))).toHaveLength(1);
  });
});
