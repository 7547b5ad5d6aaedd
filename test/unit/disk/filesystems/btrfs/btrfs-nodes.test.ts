// Nodes and superblocks of btrfs, byte by byte.
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../../src/disk/blocks/blocks.ts';
import type { Key } from '../../../../../src/disk/filesystems/btrfs/fields.ts';
import { parseNode } from '../../../../../src/disk/filesystems/btrfs/node.ts';
import { readSuperblock, type Superblock } from '../../../../../src/disk/filesystems/btrfs/superblock.ts';
import { crc32c } from '../../../../../src/disk/parsing/crc32c.ts';
import { readBtrfsFixture } from '../../../../support/disk/volumes/btrfs-volume.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { resultOrWhy } from '../../../../support/disk/result-or-why.ts';
import { type Change, patch, u32le, u64le } from '../../../../support/disk/writers.ts';

const number64 = (value: number): Buffer => u64le(BigInt(value));
const keyBytes = ({ objectid, type, offset }: Key): Buffer =>
  Buffer.concat([number64(objectid), Buffer.of(type), number64(offset)]);
const sign = (block: Buffer): Buffer => patch(block, [0, u32le(crc32c(block.subarray(32)))]);
const key = (objectid: number, type = 1, offset = 0): Key => ({ objectid, type, offset });

describe('a node of btrfs', () => {
  const header: readonly Change[] = [
    [48, number64(0x4000)],
    [80, number64(9)],
  ];
  /** Two items at the end of 200 bytes, three bytes each. */
  const leaf = patch(
    Buffer.alloc(200),
    ...header,
    [96, u32le(2)],
    [101, Buffer.concat([keyBytes(key(5)), u32le(96), u32le(3)])],
    [126, Buffer.concat([keyBytes(key(6)), u32le(93), u32le(3)])],
    [194, 'twoone'],
  );
  const inner = patch(
    Buffer.alloc(200),
    ...header,
    [96, u32le(2)],
    [100, Buffer.of(3)],
    [101, Buffer.concat([keyBytes(key(5)), number64(0x5000), number64(7)])],
    [134, Buffer.concat([keyBytes(key(6)), number64(0x6000), number64(8)])],
  );
  const parse = (bytes: Buffer, ...changes: readonly Change[]): unknown =>
    resultOrWhy(() => parseNode(sign(patch(bytes, ...changes)), 0x4000, 0));

  it('has items at the end of a leaf', () => {
    const { items, ...node } = parseNode(sign(leaf), 0x4000, 0);
    expect(node).toEqual({ bytenr: 0x4000, level: 0, generation: 9, keys: [key(5), key(6)], pointers: [] });
    expect(items.map(({ key: { objectid }, data }) => [objectid, Buffer.from(data).toString()])).toEqual([
      [5, 'one'],
      [6, 'two'],
    ]);
  });

  it('has pointers to nodes one level below', () => {
    expect(parse(inner)).toEqual({
      bytenr: 0x4000,
      level: 3,
      generation: 9,
      keys: [key(5), key(6)],
      items: [],
      pointers: [
        { key: key(5), bytenr: 0x5000, level: 2, generation: 7 },
        { key: key(6), bytenr: 0x6000, level: 2, generation: 8 },
      ],
    });
  });

  it.each<readonly [string, Buffer, readonly Change[], boolean]>([
    ['a leaf of no items', leaf, [[96, u32le(0)]], true],
    ['an inner node of no pointers', inner, [[96, u32le(0)]], false],
    ['another address', leaf, [[48, number64(0x4001)]], false],
    [
      'as many items as there is room for',
      leaf.subarray(0, 151),
      [
        [118, u32le(50)],
        [122, u32le(0)],
        [143, u32le(50)],
        [147, u32le(0)],
      ],
      true,
    ],
    ['one item more than there is room for', leaf.subarray(0, 175), [[96, u32le(3)]], false],
    ['an item that begins among the keys', leaf, [[118, u32le(49)]], false],
    ['an item that begins after them', leaf, [[118, u32le(50)]], true],
    ['an item past the end', leaf, [[122, u32le(4)]], false],
    ['two equal keys', leaf, [[126, keyBytes(key(5))]], false],
    ['descending keys', leaf, [[126, keyBytes(key(4))]], false],
    [
      'equal keys that are rounded',
      leaf,
      [
        [101, u64le(2n ** 60n)],
        [126, u64le(2n ** 60n + 1n)],
      ],
      true,
    ],
    [
      'equal keys whose offsets are rounded',
      leaf,
      [
        [110, u64le(2n ** 60n)],
        [126, keyBytes(key(5))],
        [135, u64le(2n ** 60n + 1n)],
      ],
      true,
    ],
    ['descending keys, one of them rounded', leaf, [[101, u64le(2n ** 60n)]], false],
  ])('with %s', (_what, bytes, changes, isGood) => {
    expect(typeof parse(bytes, ...changes)).toBe(isGood ? 'object' : 'string');
  });

  it('must have its checksum, if that is of a known kind', () => {
    const bad = patch(sign(leaf), [199, 'x']);
    expect(resultOrWhy(() => parseNode(bad, 0x4000, 0))).toBe('damaged');
    expect([1, 2, 3, 4].map((type) => typeof resultOrWhy(() => parseNode(bad, 0x4000, type)))).toEqual([
      'object',
      'object',
      'object',
      'string',
    ]);
    expect(resultOrWhy(() => parseNode(bad, 0x4000, 4))).toBe('unsupported');
  });
});

describe('a superblock of btrfs', () => {
  const fixture = readBtrfsFixture().subarray(65_536, 65_536 + 4096);
  const parse = (...changes: readonly Change[]): unknown => {
    const disk = Buffer.concat([Buffer.alloc(65_536), sign(patch(fixture, ...changes))]);
    return resultOrWhy(() => driveReads(readSuperblock(new FlatBlocks(disk.length)), disk));
  };

  it('reports a log and errors', () => {
    const clean: readonly Change[] = [
      [0x60, number64(0)],
      [56, Buffer.alloc(8)],
    ];
    expect(parse(...clean)).toMatchObject({ isDirty: false });
    for (const at of [0x60, 0x67]) expect(parse(...clean, [at, Buffer.of(1)])).toMatchObject({ isDirty: true });
    expect([0, 1, 2, 3, 4].map((bit) => (parse(...clean, [56, u32le(2 ** bit)]) as Superblock).isDirty)).toEqual([
      false,
      false,
      true,
      false,
      false,
    ]);
    expect(
      [0x5f, 0x68].map((at) => (parse(...clean, [at, Buffer.of(1)]) as Superblock).isDirty ?? 'refused'),
    ).not.toContain(true);
  });

  it('has its own name and id, and sizes within bounds', () => {
    expect(
      parse([0x12b, Buffer.alloc(256, 'n')], [32, Buffer.from('00112233445566778899aabbccddeeff', 'hex')]),
    ).toMatchObject({ label: 'n'.repeat(256), uuid: '00112233-4455-6677-8899-aabbccddeeff' });
    expect(parse([0x12b, Buffer.alloc(256)])).toMatchObject({ label: null });
    for (const at of [0x90, 0x94]) {
      const sizes = [2048, 4096, 65_536, 131_072, 5000].map((size) => typeof parse([at, u32le(size)]));
      expect(sizes).toEqual(['string', 'object', 'object', 'string', 'string']);
    }
    expect([2048, 2049].map((count) => typeof parse([0xa0, u32le(count)]))).toEqual(['object', 'string']);
  });

  it('is replaced by its newest mirror if it is damaged', () => {
    const mirrorAt = 64 * 1024 * 1024;
    const disk = Buffer.alloc(mirrorAt + 4096);
    const blocks = new FlatBlocks(disk.length);
    const mirror = sign(patch(fixture, [48, number64(mirrorAt)], [0x12b, 'mirror\0']));
    disk.set(mirror, mirrorAt);
    const label = (): unknown => resultOrWhy(() => driveReads(readSuperblock(blocks), disk).label);
    expect(label()).toBe('mirror');
    disk.set(patch(fixture, [0x12b, 'bad\0']), 65_536);
    expect(label()).toBe('mirror');
    disk.set(sign(patch(fixture, [0x12b, 'first\0'])), 65_536);
    expect(label()).toBe('first');
    disk.fill(0, 65_536, 65_536 + 4096);
    disk.set(sign(patch(mirror, [48, number64(mirrorAt + 1)])), mirrorAt);
    expect(label()).toBe('damaged');
  });
});
