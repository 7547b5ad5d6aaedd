// The parts of the reader of btrfs, each by itself: items field by field, chunks, and compressed data.
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  ChunkMap,
  mostChunks,
  parseChunk,
  parseSysChunkArray,
} from '../../../../../src/disk/filesystems/btrfs/chunks.ts';
import { decompress } from '../../../../../src/disk/filesystems/btrfs/compression.ts';
import { parseDirItems } from '../../../../../src/disk/filesystems/btrfs/dir-items.ts';
import { compareKeys, keyAt, levelAt, numberAt } from '../../../../../src/disk/filesystems/btrfs/fields.ts';
import { parseFileExtent } from '../../../../../src/disk/filesystems/btrfs/file-extent.ts';
import { parseInode } from '../../../../../src/disk/filesystems/btrfs/inode.ts';
import { type Node, verifyNode } from '../../../../../src/disk/filesystems/btrfs/node.ts';
import { viewOf } from '../../../../../src/disk/parsing/bytes.ts';
import { resultOrWhy } from '../../../../support/disk/result-or-why.ts';
import { type Change, patch, u16le, u32le, u64le } from '../../../../support/disk/writers.ts';

describe('fields of btrfs', () => {
  const bytes = Buffer.concat([u64le(0x0102_0304_0506n), Buffer.of(84), u64le(2n ** 60n + 1n), Buffer.of(7, 8)]);
  const view = viewOf(bytes);

  it('are numbers below 2^53, keys of any size, and levels below eight', () => {
    expect(keyAt(view, 0)).toEqual({ objectid: 0x0102_0304_0506, type: 84, offset: 2 ** 60 });
    expect(resultOrWhy(() => numberAt(view, 0))).toBe(0x0102_0304_0506);
    expect(resultOrWhy(() => numberAt(view, 9))).toBe('damaged');
    expect([17, 18].map((at) => resultOrWhy(() => levelAt(view, at)))).toEqual([7, 'damaged']);
  });

  it('are sorted by all three parts of a key', () => {
    const key = (objectid: number, type: number, offset: number) => ({ objectid, type, offset });
    const ordered = [key(1, 9, 9), key(2, 1, 9), key(2, 2, 1), key(2, 2, 2)];
    for (const [index, one] of ordered.entries()) {
      for (const [position, other] of ordered.entries()) {
        expect(Math.sign(compareKeys(one, other))).toBe(Math.sign(index - position));
      }
    }
  });
});

describe('an inode item of btrfs', () => {
  const item = patch(
    Buffer.alloc(160),
    [16, u64le(0x0102_0304_0506n)],
    [44, Buffer.concat([u32le(0x0708_090a), u32le(0x0b0c_0d0e), u32le(0o104751)])],
    [136, u64le(0x1234_5678_9an)],
  );

  it('has its fields where the kernel puts them', () => {
    expect(parseInode(item)).toEqual({
      kind: 'file',
      size: 0x0102_0304_0506,
      mode: 0o4751,
      uid: 0x0708_090a,
      gid: 0x0b0c_0d0e,
      mtime: 0x1234_5678_9a,
    });
    expect(parseInode(patch(item, [136, u64le(2n ** 64n - 5n)])).mtime).toBe(-5);
    expect(parseInode(patch(item, [136, u64le(2n ** 62n)])).mtime).toBeNull();
  });

  it.each([
    [0o010000, 'other'],
    [0o020000, 'other'],
    [0o047777, 'directory'],
    [0o060000, 'other'],
    [0o107777, 'file'],
    [0o120777, 'link'],
    [0o140000, 'other'],
    [0o030000, 'damaged'],
    [0o150000, 'damaged'],
    [0o1100000, 'damaged'],
  ])('of mode %i is a %s', (mode, kind) => {
    expect(resultOrWhy(() => parseInode(patch(item, [52, u32le(mode)])).kind)).toBe(kind);
  });

  it('has 160 bytes', () => {
    for (const length of [0, 159, 161]) {
      expect(resultOrWhy(() => parseInode(Buffer.concat([item, item]).subarray(0, length)))).toBe('damaged');
    }
  });
});

describe('entries of a directory of btrfs', () => {
  const entry = (name: string, type: number, more = ''): Buffer =>
    Buffer.concat([
      u64le(257n),
      Buffer.of(1),
      u64le(9n),
      u64le(3n),
      u16le(more.length),
      u16le(name.length),
      Buffer.of(type),
      Buffer.from(name + more),
    ]);
  const location = { objectid: 257, type: 1, offset: 9 };

  it('follow each other, each with its data', () => {
    const item = Buffer.concat([entry('one', 1, 'data'), entry('x'.repeat(255), 2), entry('link', 7)]);
    expect(parseDirItems(item)).toEqual([
      { name: 'one', kind: 'file', location },
      { name: 'x'.repeat(255), kind: 'directory', location },
      { name: 'link', kind: 'link', location },
    ]);
    expect(parseDirItems(Buffer.alloc(0))).toEqual([]);
  });

  it('are refused if one is cut off, or has an impossible name', () => {
    const item = entry('one', 1, 'data');
    for (const length of [1, 29, 30, 33, item.length - 1]) {
      expect(resultOrWhy(() => parseDirItems(item.subarray(0, length)))).toBe('damaged');
    }
    for (const name of ['', 'a/b', 'a\0b', 'x'.repeat(256)]) {
      expect(resultOrWhy(() => parseDirItems(entry(name, 1)))).toBe('damaged');
    }
  });
});

describe('an extent of a file of btrfs', () => {
  const sector = 4096;
  /** Of two sectors: the second and third of four stored ones. */
  const item = patch(
    Buffer.alloc(53),
    [8, u64le(BigInt(4 * sector))],
    [20, Buffer.of(1)],
    [21, Buffer.concat([0x30_0000, 4 * sector, sector, 2 * sector].map((number) => u64le(BigInt(number))))],
  );
  const parse = (changes: readonly Change[], offset = 8 * sector, data = item): unknown =>
    resultOrWhy(() =>
      parseFileExtent({ key: { objectid: 257, type: 108, offset }, data: patch(data, ...changes) }, sector),
    );
  const at = { offset: 8 * sector, length: 2 * sector };
  const piece = { compression: 'zlib', logical: 0x30_0000, stored: 4 * sector, size: 4 * sector, from: sector };

  it.each<readonly [string, readonly Change[], unknown]>([
    ['plain', [], { ...at, content: { kind: 'plain', logical: 0x30_0000 + sector } }],
    ['a hole', [[21, u64le(0n)]], { ...at, content: { kind: 'zeros' } }],
    ['preallocated', [[20, Buffer.of(2)]], { ...at, content: { kind: 'zeros' } }],
    ['compressed', [[16, Buffer.of(1)]], { ...at, content: { kind: 'compressed', piece } }],
    [
      'by LZO',
      [[16, Buffer.of(2)]],
      { ...at, content: { kind: 'compressed', piece: { ...piece, compression: 'lzo' } } },
    ],
    [
      'by zstd',
      [[16, Buffer.of(3)]],
      { ...at, content: { kind: 'compressed', piece: { ...piece, compression: 'zstd' } } },
    ],
    ['compressed in an unknown way', [[16, Buffer.of(4)]], 'unsupported'],
    ['encrypted', [[17, Buffer.of(1)]], 'unsupported'],
    ['encoded', [[18, Buffer.of(1)]], 'unsupported'],
    ['encoded otherwise', [[19, Buffer.of(1)]], 'unsupported'],
    ['of another kind', [[20, Buffer.of(3)]], 'damaged'],
    ['of no bytes', [[45, u64le(0n)]], 'damaged'],
    ['of half a sector', [[45, u64le(2048n)]], 'damaged'],
    ['between sectors', [[21, u64le(0x30_0001n)]], 'damaged'],
    ['stored in half a sector', [[29, u64le(2048n)]], 'damaged'],
    ['from half a sector', [[37, u64le(2048n)]], 'damaged'],
    [
      'to the end of what is stored',
      [[37, u64le(BigInt(2 * sector))]],
      { ...at, content: { kind: 'plain', logical: 0x30_0000 + 2 * sector } },
    ],
    ['past the end of it', [[37, u64le(BigInt(3 * sector))]], 'damaged'],
    ['in more than its size', [[8, u64le(1n)]], { ...at, content: { kind: 'plain', logical: 0x30_0000 + sector } }],
    [
      'compressed, past its size',
      [
        [16, Buffer.of(1)],
        [8, u64le(BigInt(2 * sector))],
      ],
      'damaged',
    ],
    [
      'compressed in 128 KiB',
      [
        [16, Buffer.of(1)],
        [29, u64le(131_072n)],
      ],
      { ...at, content: { kind: 'compressed', piece: { ...piece, stored: 131_072 } } },
    ],
    [
      'compressed in more',
      [
        [16, Buffer.of(1)],
        [29, u64le(131_072n + 4096n)],
      ],
      'damaged',
    ],
    [
      'compressed of 128 KiB',
      [
        [16, Buffer.of(1)],
        [8, u64le(131_072n)],
      ],
      { ...at, content: { kind: 'compressed', piece: { ...piece, size: 131_072 } } },
    ],
    [
      'compressed of more',
      [
        [16, Buffer.of(1)],
        [8, u64le(131_073n)],
      ],
      'damaged',
    ],
  ])('may be %s', (_what, changes, expected) => {
    expect(parse(changes)).toEqual(expected);
  });

  it('has 53 bytes, and begins at a sector', () => {
    expect(parse([], 8 * sector, item.subarray(0, 52))).toBe('damaged');
    expect(parse([], 8 * sector, Buffer.concat([item, Buffer.alloc(1)]))).toBe('damaged');
    expect(parse([], 8 * sector, item.subarray(0, 20))).toBe('damaged');
    expect(parse([], 8 * sector + 1)).toBe('damaged');
    expect(parse([], Number.MAX_SAFE_INTEGER - 4095)).toBe('damaged');
  });

  it('may be in its leaf, at the beginning of its file', () => {
    const inline = (text: string, size: number, code = 0): Buffer =>
      patch(Buffer.concat([Buffer.alloc(21), Buffer.from(text)]), [8, u64le(BigInt(size))], [16, Buffer.of(code)]);
    const content = (length: number, compression: string | null) => ({
      offset: 0,
      length,
      content: { kind: 'inline', data: Buffer.from('text'), compression },
    });
    expect(parse([], 0, inline('text', 4))).toEqual(content(4, null));
    expect(parse([], 0, inline('text', 131_072, 1))).toEqual(content(131_072, 'zlib'));
    expect(parse([], 0, inline('text', 131_073, 1))).toBe('damaged');
    expect(parse([], 0, inline('text', 5))).toBe('damaged');
    expect(parse([], 1, inline('text', 4))).toBe('damaged');
  });
});

describe('chunks of btrfs', () => {
  const stripe = (device: bigint, offset: number): Buffer =>
    Buffer.concat([u64le(device), u64le(BigInt(offset)), Buffer.alloc(16)]);
  const chunk = (length: bigint, type: number, ...stripes: readonly Buffer[]): Buffer =>
    Buffer.concat([
      patch(Buffer.alloc(48), [0, u64le(length)], [24, u32le(type)], [44, u16le(stripes.length)]),
      ...stripes,
    ]);
  const parse = (logical: number, item: Uint8Array): unknown => resultOrWhy(() => parseChunk(logical, item, 3));
  const one = chunk(100n, 1, stripe(3n, 5000));

  it('have the copies that are on this device', () => {
    expect(parse(0, one)).toEqual({ logical: 0, length: 100, copies: [5000] });
    const three = chunk(2n ** 40n, 0x14, stripe(3n, 7), stripe(4n, 8), stripe(3n, 9));
    expect(parse(50, three)).toEqual({ logical: 50, length: 2 ** 40, copies: [7, 9] });
    expect(parse(50, chunk(1n, 0x21, stripe(4n, 8)))).toEqual({ logical: 50, length: 1, copies: [] });
  });

  it.each([
    [0, true],
    [0x10, true],
    [0x20, true],
    [0x200, true],
    [0x400, true],
    [0x08, false],
    [0x40, false],
    [0x80, false],
    [0x100, false],
    [0x18, false],
  ])('with the profile %i are read: %s', (profile, isRead) => {
    const { copies } = parseChunk(0, chunk(1n, 1 + profile, stripe(3n, 5)), 3);
    expect(copies).toEqual(isRead ? [5] : null);
    // Bits from 11 on say nothing about the profile.
    expect(parseChunk(0, chunk(1n, 2 ** 11 + profile, stripe(3n, 5)), 3).copies).toEqual(copies);
  });

  it('are refused if their length does not match their stripes, or is zero', () => {
    for (const bytes of [
      one.subarray(0, 47),
      one.subarray(0, 48),
      one.subarray(0, -1),
      Buffer.concat([one, Buffer.alloc(1)]),
      chunk(0n, 1, stripe(3n, 1)),
      chunk(1n, 1),
    ]) {
      expect(parse(0, bytes)).toBe('damaged');
    }
    expect(parse(Number.MAX_SAFE_INTEGER - 100, one)).toMatchObject({ length: 100 });
    expect(parse(Number.MAX_SAFE_INTEGER - 99, one)).toBe('damaged');
  });

  it('are found by the addresses in them, from 0 on', () => {
    const map = new ChunkMap([
      { logical: 1000, length: 50, copies: [8000, 9000] },
      { logical: 0, length: 100, copies: [5000] },
      { logical: 100, length: 10, copies: null },
      { logical: 2000, length: 10, copies: [] },
    ]);
    const places = (logical: number, length: number): unknown => resultOrWhy(() => map.copies(logical, length));
    expect(places(0, 100)).toEqual([{ offset: 5000, length: 100 }]);
    expect(places(99, 1)).toEqual([{ offset: 5099, length: 1 }]);
    expect(places(1010, 40)).toEqual([
      { offset: 8010, length: 40 },
      { offset: 9010, length: 40 },
    ]);
    expect([places(1010, 41), places(110, 1), places(999, 1), places(1050, 1), places(2010, 1)]).toEqual(
      Array(5).fill('damaged'),
    );
    expect([places(100, 1), places(2000, 1)]).toEqual(['unsupported', 'unsupported']);
    expect(resultOrWhy(() => new ChunkMap([]).copies(0, 1))).toBe('damaged');
  });

  it('do not overlap, and are 65,536 at most', () => {
    const chunks = (count: number, length: number) =>
      Array.from({ length: count }, (_, index) => ({ logical: index * 10, length, copies: [0] }));
    expect(resultOrWhy(() => new ChunkMap(chunks(3, 10)))).toBeInstanceOf(ChunkMap);
    expect(resultOrWhy(() => new ChunkMap(chunks(3, 11)))).toBe('damaged');
    expect(resultOrWhy(() => new ChunkMap(chunks(mostChunks, 1)))).toBeInstanceOf(ChunkMap);
    expect(resultOrWhy(() => new ChunkMap(chunks(mostChunks + 1, 1)))).toBe('unsupported');
  });

  it('in a superblock follow each other, each after its key', () => {
    const key = (logical: bigint, type = 228): Buffer => Buffer.concat([u64le(256n), Buffer.of(type), u64le(logical)]);
    const two = chunk(7n, 0x10, stripe(3n, 1), stripe(3n, 2));
    const array = Buffer.concat([key(0n), one, key(500n), two]);
    const parseAll = (bytes: Uint8Array): unknown => resultOrWhy(() => parseSysChunkArray(bytes, 3));
    expect(parseAll(array)).toEqual([
      { logical: 0, length: 100, copies: [5000] },
      { logical: 500, length: 7, copies: [1, 2] },
    ]);
    expect(parseAll(Buffer.alloc(0))).toEqual([]);
    for (const length of [1, 64, 96, array.length - 1]) expect(parseAll(array.subarray(0, length))).toBe('damaged');
    expect(parseAll(Buffer.concat([key(0n, 227), one]))).toBe('damaged');
  });
});

describe('compressed data of btrfs', () => {
  /** Literals in the format of LZO1X: a run, and the end. */
  const lzo = (text: string): Buffer =>
    Buffer.concat([Buffer.of(17 + text.length), Buffer.from(text), Buffer.of(17, 0, 0)]);
  const segment = (text: string): Buffer => Buffer.concat([u32le(lzo(text).length), lzo(text)]);
  const whole = (...parts: readonly Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([u32le(body.length + 4), body]);
  };
  const unpack = (bytes: Uint8Array, size: number, sectorBytes = 4096): unknown =>
    resultOrWhy(() => Buffer.from(decompress(bytes, 'lzo', size, sectorBytes)).toString('latin1'));

  it('is in segments of at most a sector each', () => {
    expect(unpack(whole(segment('some text')), 9)).toBe('some text');
    expect(unpack(whole(segment('some text')), 12)).toBe('some text\0\0\0');
    expect(unpack(whole(segment('first'), segment('second')), 11)).toBe('firstsecond');
    expect(unpack(Buffer.concat([whole(segment('more')), Buffer.from('rest')]), 4)).toBe('more');
    // What follows the wanted bytes is not looked at.
    expect(unpack(whole(segment('exact'), Buffer.alloc(9)), 5)).toBe('exact');
  });

  it('has no length across the end of a sector', () => {
    // With sectors of 32 bytes: the first segment ends that many bytes before the end of the first sector.
    for (const gap of [1, 2, 3]) {
      const text = 'x'.repeat(32 - gap - 12);
      expect(unpack(whole(segment(text), Buffer.alloc(gap), segment('y')), text.length + 1, 32)).toBe(`${text}y`);
    }
    for (const gap of [0, 4]) {
      const text = 'x'.repeat(32 - gap - 12);
      expect(unpack(whole(segment(text), segment('y')), text.length + 1, 32)).toBe(`${text}y`);
    }
  });

  it.each<readonly [string, Buffer]>([
    ['of no bytes', Buffer.alloc(0)],
    ['of three bytes', Buffer.alloc(3, 1)],
    ['of less than two lengths', Buffer.concat([u32le(7), Buffer.alloc(10)])],
    ['longer than its data', patch(whole(segment('text')), [0, u32le(100)])],
    ['with a segment of no bytes', whole(u32le(0), Buffer.alloc(8))],
    ['with a segment past the end', whole(u32le(9), Buffer.alloc(8))],
    ['with half a length', whole(segment('four'), Buffer.alloc(3))],
  ])('is refused %s', (_what, bytes) => {
    expect(unpack(bytes, 100)).toBe('damaged');
  });

  it('is no more than 128 KiB', () => {
    const packed = deflateSync(Buffer.alloc(131_072, 'ab'));
    expect(decompress(packed, 'zlib', 131_072, 4096)).toHaveLength(131_072);
    expect(decompress(packed, 'zlib', 2 ** 40, 4096)).toHaveLength(131_072);
    expect(resultOrWhy(() => decompress(packed, 'zlib', 131_071, 4096))).toBe('damaged');
  });
});

describe('a node of a tree of btrfs', () => {
  const key = (objectid: number) => ({ objectid, type: 1, offset: 0 });
  const node = (...ids: readonly number[]): Node => ({
    bytenr: 4096,
    level: 1,
    generation: 7,
    keys: ids.map(key),
    items: [],
    pointers: [],
  });
  const verify = (checked: Node, first: number, end: number | null, more = {}): unknown =>
    resultOrWhy(() =>
      verifyNode(checked, {
        bytenr: 4096,
        level: 1,
        generation: 7,
        bounds: { first: key(first), end: end === null ? null : key(end) },
        ...more,
      }),
    );

  it('matches what its parent said', () => {
    expect(verify(node(5, 6, 9), 5, 10)).toBeUndefined();
    expect(verify(node(5, 6, 9), 5, null)).toBeUndefined();
    expect(verify(node(5, 6, 9), 5, 9)).toBe('damaged');
    expect(verify(node(5, 6, 9), 4, 10)).toBe('damaged');
    expect(verify(node(5, 6, 9), 6, 10)).toBe('damaged');
    expect(verify(node(), 5, 10)).toBe('damaged');
    expect(verify(node(5), 5, 10, { level: 0 })).toBe('damaged');
    expect(verify(node(5), 5, 10, { generation: 8 })).toBe('damaged');
    expect(verify(node(), 5, 10, { bounds: null })).toBeUndefined();
  });
});
