// What is read through the trees of btrfs: bytes of files, and subvolumes.
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../../src/disk/blocks/blocks.ts';
import type { Reads } from '../../../../../src/disk/blocks/reading.ts';
import { ChunkMap } from '../../../../../src/disk/filesystems/btrfs/chunks.ts';
import { itemType, type Key } from '../../../../../src/disk/filesystems/btrfs/fields.ts';
import { FileData } from '../../../../../src/disk/filesystems/btrfs/file-data.ts';
import type { Item } from '../../../../../src/disk/filesystems/btrfs/node.ts';
import { Subvolumes } from '../../../../../src/disk/filesystems/btrfs/subvolumes.ts';
import type { Superblock } from '../../../../../src/disk/filesystems/btrfs/superblock.ts';
import type { Trees } from '../../../../../src/disk/filesystems/btrfs/trees.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { resultOrWhy } from '../../../../support/disk/result-or-why.ts';
import { patch, u16le, u32le, u64le } from '../../../../support/disk/writers.ts';

const number64 = (value: number): Buffer => u64le(BigInt(value));
const key = (objectid: number, type = 1, offset = 0): Key => ({ objectid, type, offset });

/** Trees that are a list of items. */
function treesOf(items: readonly Item[], asked: number[] = []): Trees {
  const position = ({ objectid, type, offset }: Key): number =>
    objectid * 1e12 + type * 1e9 + Math.min(offset, 1e9 - 1);
  // oxlint-disable-next-line require-yield -- nothing has to be read
  const floor = function* (_root: unknown, wanted: Key): Reads<Item | null> {
    return items.findLast((item) => position(item.key) <= position(wanted)) ?? null;
  };
  const find = function* (root: unknown, wanted: Key): Reads<Item | null> {
    const item = yield* floor(root, wanted);
    return item !== null && position(item.key) === position(wanted) ? item : null;
  };
  // oxlint-disable-next-line require-yield -- nothing has to be read
  const range = function* (_root: unknown, from: Key, to: Key, most: number): Reads<readonly Item[]> {
    asked.push(most);
    return items
      .filter((item) => position(item.key) >= position(from) && position(item.key) <= position(to))
      .slice(0, most);
  };
  return { floor, find, range } as unknown as Trees;
}

const sectorBytes = 4096;
const root = { bytenr: 1, level: 0, generation: 1 };
const superblock = { sectorBytes, root, rootDirectory: 6 } as Superblock;

describe('a file of btrfs', () => {
  const data = Buffer.concat(['a', 'b', 'c', 'd'].map((letter) => Buffer.alloc(sectorBytes, letter)));
  const packed = deflateSync(Buffer.concat([Buffer.alloc(sectorBytes, 'x'), Buffer.alloc(sectorBytes, 'y')]));
  const disk = Buffer.concat([Buffer.alloc(sectorBytes), data, packed, Buffer.alloc(sectorBytes - packed.length)]);
  const stored = (
    offset: number,
    sector: number,
    sectors: number,
    { size = sectors, from = 0, code = 0, kind = 1, inode = 257 } = {},
  ): Item => ({
    key: key(inode, itemType.extentData, offset * sectorBytes),
    data: patch(
      Buffer.alloc(53),
      [8, number64(size * sectorBytes)],
      [16, Buffer.of(code, 0, 0, 0, kind)],
      [21, Buffer.concat([sector, code === 0 ? size : 1, from, sectors].map((count) => number64(count * sectorBytes)))],
    ),
  });
  const read = (
    items: readonly Item[],
    offset: number,
    length: number,
    size = 10 * sectorBytes,
    spans: number[] = [],
  ): string => {
    const blocks = new FlatBlocks(disk.length);
    const chunks = new ChunkMap([{ logical: 0, length: disk.length, copies: [0] }]);
    const file = new FileData({ blocks, superblock, chunks, trees: treesOf(items) });
    const reads = file.read({ tree: root, inode: 257, size }, offset, length);
    const result = resultOrWhy(() => driveReads(reads, disk, (turn) => spans.push(...turn.map((span) => span.length))));
    if (typeof result === 'string') return result;
    return Buffer.from(result)
      .toString('latin1')
      .replaceAll(/(.)\1*/gs, (run, letter: string) => `${letter === '\0' ? '0' : letter}${run.length} `)
      .trim();
  };
  // Sectors a and b, a hole of one sector, c of four stored ones, and the second sector of a compressed extent.
  const items = [
    stored(0, 1, 2),
    stored(3, 1, 1, { size: 4, from: 2 }),
    stored(4, 5, 1, { size: 2, from: 1, code: 1 }),
  ];

  it.each<[number, number, string]>([
    [0, 5 * sectorBytes, 'a4096 b4096 04096 c4096 y4096'],
    [4095, 2, 'a1 b1'],
    [8191, 4098, 'b1 04096 c1'],
    [3 * sectorBytes + 5, 10, 'c10'],
    [4 * sectorBytes - 1, 2, 'c1 y1'],
    [4 * sectorBytes + 4095, 3, 'y1 02'],
    [9 * sectorBytes, 2 * sectorBytes, '04096'],
    [10 * sectorBytes - 1, 5, '01'],
    [10 * sectorBytes, 5, ''],
    [0, 0, ''],
  ])('from byte %d has %d bytes: %s', (offset, length, expected) => {
    expect(read(items, offset, length)).toBe(expected);
  });

  it('ends with its size, and is read in parts of 256 MiB at most', () => {
    expect(read(items, 0, 100, 3)).toBe('a3');
    expect(read([], 0, 2 ** 28 + 1, 2 ** 40)).toBe('unsupported');
  });

  it('contains nothing of another inode', () => {
    expect(read([stored(0, 1, 1, { inode: 256 }), stored(5, 2, 1)], 0, 6 * sectorBytes)).toBe('020480 b4096');
    expect(read([stored(0, 1, 3, { kind: 2 }), stored(1, 2, 1, { inode: 258 })], 0, 100)).toBe('0100');
  });

  it('is damaged if two of its pieces overlap, or disagree about what is stored', () => {
    expect(read([stored(0, 1, 2), stored(1, 3, 1)], 0, 100)).toBe('a100');
    expect(read([stored(0, 1, 2), stored(1, 3, 1)], 0, 2 * sectorBytes)).toBe('damaged');
    const one = stored(0, 5, 1, { size: 2, code: 1 });
    expect(read([one, stored(1, 5, 1, { size: 2, code: 1 })], 0, 2 * sectorBytes)).toBe('x8192');
    expect(read([one, stored(1, 5, 1, { size: 3, code: 1 })], 0, 2 * sectorBytes)).toBe('damaged');
  });

  it('requests compressed data once', () => {
    const spans: number[] = [];
    read(
      [stored(0, 5, 1, { size: 2, code: 1 }), stored(1, 5, 1, { size: 2, from: 1, code: 1 })],
      0,
      2 * sectorBytes,
      2 * sectorBytes,
      spans,
    );
    expect(spans).toEqual([sectorBytes]);
  });
});

describe('a subvolume of btrfs', () => {
  const item = patch(
    Buffer.alloc(239),
    [160, number64(7)],
    [176, number64(0x9000)],
    [216, u32le(1)],
    [238, Buffer.of(2)],
  );
  const reference = Buffer.concat([number64(300), number64(0), u16le(3), Buffer.from('subx')]);
  const items: Item[] = [
    { key: key(5, itemType.root), data: item },
    { key: key(5, itemType.rootRef, 257), data: reference },
    { key: key(257, itemType.root, 8), data: item },
    { key: key(258, itemType.root), data: patch(item, [216, u32le(0)]) },
    { key: key(259, itemType.root), data: item.subarray(0, 238) },
    { key: key(260, itemType.rootRef, 1), data: reference.subarray(0, 17) },
  ];
  const subvolumes = new Subvolumes(treesOf(items), superblock);
  const tree = (id: number): unknown => resultOrWhy(() => driveReads(subvolumes.tree(id), Buffer.alloc(0)));
  const isEntered = (id: number, from: number, directory: number, name: string): unknown =>
    resultOrWhy(() => driveReads(subvolumes.isEntered(id, { subvolume: from, directory, name }), Buffer.alloc(0)));

  it('has a root item, which is found by its id', () => {
    const found = { generation: 7, bytenr: 0x9000, level: 2 };
    expect([5, 257, 257, 258, 259, 261, 255, 4, 2 ** 53].map(tree)).toEqual([
      found,
      found,
      found,
      ...Array(6).fill('damaged'),
    ]);
  });

  it('is entered where its reference says', () => {
    expect(isEntered(257, 5, 300, 'sub')).toBe(true);
    expect([isEntered(257, 5, 301, 'sub'), isEntered(257, 5, 300, 'subx'), isEntered(256, 5, 300, 'sub')]).toEqual([
      false,
      false,
      false,
    ]);
    expect(isEntered(1, 260, 300, 'sub')).toBe('damaged');
  });

  it('is the top one by default', () => {
    expect(driveReads(subvolumes.defaultId(), Buffer.alloc(0))).toBe(5);
  });
});
