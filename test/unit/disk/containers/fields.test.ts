// Containers built field by field, of a few bytes each: qcow2, VMDK and VHD, as far as their tables can reach.
import { deflateRawSync, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Blocks } from '../../../../src/disk/blocks/blocks.ts';
import { PagedBlocks } from '../../../../src/disk/blocks/paged.ts';
import type { Reads } from '../../../../src/disk/blocks/reading.ts';
import { UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { openContainer } from '../../../../src/disk/containers/open-container.ts';
import { openQcow2 } from '../../../../src/disk/containers/qcow2.ts';
import { openVhd } from '../../../../src/disk/containers/vhd.ts';
import { openVmdk } from '../../../../src/disk/containers/vmdk.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { SparseBlocks } from '../../../support/disk/sparse-blocks.ts';
import { type Change, patch, u16le, u32be, u32le, u64be, u64le } from '../../../support/disk/writers.ts';

type Open = (file: Blocks, size: number) => Reads<Blocks>;

const run = <T>(reads: Reads<T>): T => driveReads(reads, new Uint8Array());

/** The first bytes of a unit as text up to its first NUL, or the reason why they cannot be read. */
function readAt(open: Open, file: Blocks, offset: number, length = 4, size = 2 ** 50): string {
  try {
    const [bytes] = run(run(open(file, size)).read([{ offset, length }]));
    return Buffer.from(bytes ?? [])
      .toString('latin1')
      .replace(/\0+$/, '');
  } catch (error) {
    if (error instanceof UnreadableError) return error.why;
    throw error;
  }
}

describe('a qcow2', () => {
  const far = 5 * 2 ** 40;
  /** With clusters of 512 bytes, whose L2 tables have 64 entries: its first L2 table is far away, and so is some data. */
  const header: readonly Change[] = [
    [0, 'QFI\u00fb'],
    [4, u32be(3)],
    [20, u32be(9)],
    [36, u32be(2)],
    [40, u64be(512n)],
    [100, u32be(112)],
    // The flags of an entry change nothing: bit 63 is about reference counts.
    [512, u64be(2n ** 63n + BigInt(far))],
    [far, u64be(2n ** 63n + BigInt(far) + 1024n)],
    [far + 8, u64be(2n ** 63n + 1536n)],
    [far + 63 * 8, u64be(2048n)],
    [far + 1024, 'far '],
    [1536, 'near'],
    [2048, 'last'],
  ];
  const read = (offset: number, ...changes: readonly Change[]): string =>
    readAt(openQcow2, new SparseBlocks(2 ** 50, ...header, ...changes), offset);
  const opens = (size: number, ...changes: readonly Change[]): string =>
    readAt(openQcow2, new SparseBlocks(size, ...header, ...changes), 0, 0);

  it('has its clusters where 56 bits say', () => {
    expect([0, 512, 1024, 63 * 512, 64 * 512].map((offset) => read(offset))).toEqual(['far ', 'near', '', 'last', '']);
    expect(read(128 * 512)).toBe('damaged');
  });

  it.each<readonly [string, offset: number, changes: readonly Change[], expected: string]>([
    ['reserved bits in the place of a table', 0, [[512, u64be(BigInt(far) + 0x1ffn)]], 'far '],
    ['reserved bits in the place of a cluster', 512, [[far + 8, u64be(1536n + 0x1fen)]], 'near'],
    [
      'a table in the middle of a cluster',
      0,
      [
        [20, u32be(10)],
        [512, u64be(BigInt(far) + 512n)],
      ],
      'damaged',
    ],
    ['a cluster in the middle of another', 1024, [[20, u32be(10)]], 'damaged'],
    ['a cluster of zeros', 512, [[far + 8, u64be(1537n)]], ''],
    ['a cluster that is nowhere', 512, [[far + 8, u64be(0n)]], ''],
  ])('may have %s', (_what, offset, changes, expected) => {
    expect(read(offset, ...changes)).toBe(expected);
  });

  it('of version 2 has neither features nor clusters of zeros', () => {
    const second: Change = [4, u32be(2)];
    expect(read(512, second, [72, u64be(2n ** 63n)])).toBe('near');
    expect(read(512, second, [far + 8, u64be(1537n)])).toBe('damaged');
  });

  it.each([
    ['version 3 of 103 bytes', 103, [], 'damaged'],
    ['version 3 without its L1 table', 512, [], 'damaged'],
    ['version 3 with the first byte of its L1 table', 513, [], ''],
    ['version 2 of 71 bytes', 71, [[4, u32be(2)]], 'damaged'],
    [
      'version 2 whose L1 table is in its header',
      72,
      [
        [4, u32be(2)],
        [40, u64be(0n)],
      ],
      '',
    ],
    ['an L1 table between sectors', 2 ** 50, [[40, u64be(768n)]], 'damaged'],
    ['an L1 table far away', 2 ** 50, [[40, u64be(2n ** 62n)]], 'damaged'],
    ['encryption', 2 ** 50, [[32, u32be(1)]], 'unsupported'],
    ['clusters of 256 bytes', 2 ** 50, [[20, u32be(8)]], 'damaged'],
    ['clusters of 2 MiB', 2 ** 50, [[20, u32be(21)]], ''],
    ['clusters of 4 MiB', 2 ** 50, [[20, u32be(22)]], 'damaged'],
    [
      'subclusters in 8 KiB',
      2 ** 50,
      [
        [20, u32be(13)],
        [72, u64be(16n)],
      ],
      'damaged',
    ],
    [
      'subclusters in 16 KiB',
      2 ** 50,
      [
        [20, u32be(14)],
        [72, u64be(16n)],
      ],
      '',
    ],
    ['flags of a crash and of damage', 2 ** 50, [[72, u64be(3n)]], ''],
    ['data elsewhere', 2 ** 50, [[72, u64be(4n)]], 'unsupported'],
    ['a known compression type', 2 ** 50, [[72, u64be(8n)]], ''],
    [
      'another compression type',
      2 ** 50,
      [
        [72, u64be(8n)],
        [104, Buffer.of(2)],
      ],
      'unsupported',
    ],
    ['another compression type without its feature', 2 ** 50, [[104, Buffer.of(2)]], ''],
    [
      'another compression type past the header',
      2 ** 50,
      [
        [72, u64be(8n)],
        [100, u32be(104)],
        [104, Buffer.of(2)],
      ],
      '',
    ],
    [
      'another compression type in its last byte',
      2 ** 50,
      [
        [72, u64be(8n)],
        [100, u32be(105)],
        [104, Buffer.of(2)],
      ],
      'unsupported',
    ],
    ['feature 5', 2 ** 50, [[72, u64be(32n)]], 'unsupported'],
    ['feature 63', 2 ** 50, [[72, u64be(2n ** 63n)]], 'unsupported'],
    [
      'a feature that may be ignored',
      2 ** 50,
      [
        [80, u64be(1n)],
        [71, Buffer.of(1)],
      ],
      '',
    ],
  ] as const)('with %s is opened or not', (_what, size, changes, expected) => {
    expect(opens(size, ...changes)).toBe(expected);
  });

  describe('with compressed clusters', () => {
    /** Of 2 KiB: seven bits count the sectors after the first. The bytes are random, so that they do not get shorter. */
    const bits = 11;
    const data = Buffer.from(
      Array.from({ length: 2048 }, (_, index) => (index * index * 131 + Math.floor(index / 8) * 77) % 251),
    );
    const packed = deflateRawSync(data);
    const start = 4096 + 100;
    const sectors = Math.ceil((100 + packed.length) / 512);
    const entry = (further: number, at = start): Buffer =>
      u64be(2n ** 62n + BigInt(further) * 2n ** BigInt(62 - (bits - 8)) + BigInt(at));
    const file = (further: number, at = start): SparseBlocks =>
      new SparseBlocks(
        8192,
        ...header,
        [20, u32be(bits)],
        [40, u64be(1024n)],
        [1024, u64be(2048n)],
        [2048, entry(further, at)],
        [start, packed],
      );
    const bytesOf = (blocks: SparseBlocks): Uint8Array | undefined =>
      run(run(openQcow2(blocks, 2048)).read([{ offset: 0, length: 2048 }]))[0];

    it('reads as many sectors as the entry says', () => {
      const blocks = file(sectors - 1);
      expect(Buffer.from(bytesOf(blocks) ?? []).equals(data)).toBe(true);
      expect(blocks.asked.at(-1)).toEqual({ offset: start, length: sectors * 512 - 100 });
      expect(() => bytesOf(file(sectors - 2))).toThrow(UnreadableError);
    });

    it('finds none beyond the end', () => {
      for (const at of [8192, 2 ** 40]) expect(() => bytesOf(file(0, at))).toThrow(UnreadableError);
    });
  });

  describe('with subclusters', () => {
    /** Of 512 bytes in clusters of 16 KiB. */
    const table = 2 ** 15;
    const place = 2 ** 16;
    const file = (states: bigint, at: number = place): SparseBlocks =>
      new SparseBlocks(
        2 ** 20,
        ...header,
        [20, u32be(14)],
        [72, u64be(16n)],
        [40, u64be(1024n)],
        [1024, u64be(BigInt(table))],
        [table + 16, Buffer.concat([u64be(BigInt(at)), u64be(states)])],
        ...[0, 1, 31].map((index): Change => [place + index * 512, `sub${String(index)}`]),
      );
    /** Of the second cluster. */
    const sub = (index: number, states: bigint, at?: number): string =>
      readAt(openQcow2, file(states, at), 2 ** 14 + index * 512, 5);

    it('has those that are allocated, and zeros for the others', () => {
      const states = 1n + 2n + 2n ** 31n;
      expect([0, 1, 2, 31].map((index) => sub(index, states))).toEqual(['sub0', 'sub1', '', 'sub31']);
      expect([0, 1].map((index) => sub(index, 2n ** 32n))).toEqual(['', '']);
    });

    it('has none that are both, or nowhere', () => {
      expect([0, 1, 31].map((index) => sub(index, 2n ** 32n + 2n ** 63n + 2n ** 31n + 1n))).toEqual([
        'damaged',
        '',
        'damaged',
      ]);
      expect([0, 1].map((index) => sub(index, 1n, 0))).toEqual(['damaged', '']);
    });
  });
});

describe('a sparse VMDK', () => {
  /** With grains of 1 KiB, four to a table, whose directory is far away. */
  const far = 2 ** 30;
  const header: readonly Change[] = [
    [0, 'KDMV'],
    [4, u32le(1)],
    [8, u32le(3)],
    [20, u64le(2n)],
    [44, u32le(4)],
    [56, u64le(BigInt(far / 512))],
    [far, Buffer.concat([u32le(3), u32le(0), u32le(5)])],
    [3 * 512, Buffer.concat([u32le(0), u32le(1), u32le(0x0102_0304), u32le(9)])],
    [5 * 512, Buffer.concat([u32le(11)])],
    [512, 'one'],
    [0x0102_0304 * 512, 'away'],
    [9 * 512, 'nine'],
    [11 * 512, 'more'],
  ];
  const file = (size: number, ...changes: readonly Change[]): SparseBlocks =>
    new SparseBlocks(size, ...header, ...changes);
  const read = (grain: number, ...changes: readonly Change[]): string =>
    readAt(openVmdk, file(2 ** 40, ...changes), grain * 1024);
  const opens = (...changes: readonly Change[]): string => readAt(openVmdk, file(2 ** 40, ...changes), 0, 0);

  it('has its grains where the tables say, and zeros for those that are nowhere', () => {
    expect([0, 1, 2, 3, 4, 7, 8].map((grain) => read(grain))).toEqual(['', 'one', 'away', 'nine', '', '', 'more']);
  });

  it('has grains of zeros if it says that it does', () => {
    expect([1, 2].map((grain) => read(grain, [8, u32le(7)]))).toEqual(['', 'away']);
  });

  it.each<readonly [string, readonly Change[], string]>([
    ['no magic number', [[0, 'KDMW']], 'unsupported'],
    ['a compression', [[77, u16le(1)]], ''],
    ['another compression', [[77, u16le(2)]], 'unsupported'],
    ['a compression of two bytes', [[77, u16le(0x100)]], 'unsupported'],
    ['grains of no sectors', [[20, u64le(0n)]], 'damaged'],
    ['grains of 4 MiB', [[20, u64le(8192n)]], ''],
    ['grains of more', [[20, u64le(8193n)]], 'damaged'],
    ['grains of 2^63 sectors', [[20, u64le(2n ** 63n)]], 'damaged'],
    ['tables of no grains', [[44, u32le(0)]], 'damaged'],
    ['tables of one grain', [[44, u32le(1)]], ''],
    ['tables of 65,536', [[44, u32le(65_536)]], ''],
    ['tables of more', [[44, u32le(65_537)]], 'damaged'],
    ['no directory', [[56, u64le(0n)]], 'damaged'],
    ['a directory in its last sector', [[56, u64le(2n ** 31n - 1n)]], ''],
    ['a directory at its end', [[56, u64le(2n ** 31n)]], 'damaged'],
    ['a directory said to be at the end, where there is none', [[56, u64le(2n ** 64n - 1n)]], 'damaged'],
    [
      'a directory in the header at its end',
      [
        [56, u64le(2n ** 64n - 1n)],
        [2 ** 40 - 1024, Buffer.concat([Buffer.from('KDMV'), Buffer.alloc(508)])],
        [2 ** 40 - 1024 + 20, u64le(2n)],
        [2 ** 40 - 1024 + 44, u32le(4)],
        [2 ** 40 - 1024 + 56, u64le(BigInt(far / 512))],
      ],
      '',
    ],
  ])('with %s is opened or not', (_what, changes, expected) => {
    expect(opens(...changes)).toBe(expected);
  });

  it('is too short to have a header at its end', () => {
    const short = (size: number): string => readAt(openVmdk, file(size, [56, u64le(2n ** 64n - 1n)]), 0, 0);
    expect([512, 1023, 1024].map(short)).toEqual(['damaged', 'damaged', 'damaged']);
  });

  describe('of compressed grains', () => {
    const grain = deflateSync(Buffer.from('text'.repeat(256)));
    const marker = (sector: bigint, length: number): Buffer => Buffer.concat([u64le(sector), u32le(length)]);
    const packed = (...changes: readonly Change[]): SparseBlocks =>
      file(
        2 ** 40,
        [8, u32le(3 + 2 ** 16)],
        [77, u16le(1)],
        [9 * 512, marker(6n, grain.length)],
        [9 * 512 + 12, grain],
        ...changes,
      );
    const readPacked = (...changes: readonly Change[]): string => readAt(openVmdk, packed(...changes), 3 * 1024);

    it('has them after their markers, and zeros for those that are nowhere', () => {
      const blocks = packed();
      expect(readAt(openVmdk, blocks, 3 * 1024, 1024)).toBe('text'.repeat(256));
      expect(blocks.asked.at(-1)).toEqual({ offset: 9 * 512 + 12, length: grain.length });
      expect([0, 4].map((index) => readAt(openVmdk, blocks, index * 1024))).toEqual(['', '']);
    });

    it.each([
      ['of the sector before', marker(5n, grain.length), 'damaged'],
      ['of no bytes', marker(6n, 0), 'damaged'],
      ['of one byte too few', marker(6n, grain.length - 1), 'damaged'],
      ['as long as a grain can get', marker(6n, 1024 + 4096), 'text'],
      ['of one byte more', marker(6n, 1024 + 4097), 'damaged'],
    ])('are not read by a marker %s', (_what, change, expected) => {
      // Bytes that follow the compressed data are ignored.
      expect(readPacked([9 * 512, change])).toBe(expected);
    });
  });
});

describe('a dynamic VHD', () => {
  /** With blocks of 2 MiB, whose bitmaps have 512 bytes: its header, table and second block are far away. */
  const [header, table, far] = [2 ** 33, 2 ** 34, 2 ** 40];
  const mebibyte = 2 ** 20;
  const pieces: readonly Change[] = [
    [0, 'conectix'],
    [16, u64be(BigInt(header))],
    [60, u32be(3)],
    [header, 'cxsparse'],
    [header + 16, u64be(BigInt(table))],
    [header + 28, u32be(3)],
    [header + 32, u32be(2 * mebibyte)],
    [table, Buffer.concat([u32be(8), u32be(far / 512), u32be(2 ** 32 - 1)])],
    [8 * 512, Buffer.of(0b1000_0001, 0b0100_0000)],
    [far + 511, Buffer.of(1)],
    ...[0, 1, 7, 8, 9].map((sector): Change => [(9 + sector) * 512, `s${String(sector)}`]),
    [far + 512 + 4095 * 512, 'end'],
  ];
  const file = (...changes: readonly Change[]): SparseBlocks => new SparseBlocks(2 ** 41, ...pieces, ...changes);
  const read = (offset: number, ...changes: readonly Change[]): string => readAt(openVhd, file(...changes), offset);
  const opens = (...changes: readonly Change[]): string => readAt(openVhd, file(...changes), 0, 0);

  it('has the sectors that its bitmaps say were written', () => {
    expect([0, 1, 7, 8, 9].map((sector) => read(sector * 512))).toEqual(['s0', '', 's7', '', 's9']);
    expect(read(4 * mebibyte - 512)).toBe('end');
    expect([4, 6].map((block) => read(block * mebibyte))).toEqual(['', 'damaged']);
  });

  it.each<readonly [string, readonly Change[], string]>([
    ['of a fixed disk', [[60, u32be(2)]], 'damaged'],
    ['of a difference', [[60, u32be(4)]], 'unsupported'],
    ['with a header past the end', [[16, u64be(2n ** 41n)]], 'damaged'],
    ['with a header of another name', [[header + 7, 'x']], 'damaged'],
    ['with blocks of one sector', [[header + 32, u32be(512)]], ''],
    ['with smaller blocks', [[header + 32, u32be(256)]], 'damaged'],
    ['with blocks of 256 MiB', [[header + 32, u32be(256 * mebibyte)]], ''],
    ['with larger blocks', [[header + 32, u32be(512 * mebibyte)]], 'damaged'],
    ['with blocks of 3 MiB', [[header + 32, u32be(3 * mebibyte)]], 'damaged'],
    ['with a table in its last byte', [[header + 16, u64be(2n ** 41n - 1n)]], ''],
    ['with a table past the end', [[header + 16, u64be(2n ** 41n)]], 'damaged'],
  ])('%s is opened or not', (_what, changes, expected) => {
    expect(opens(...changes)).toBe(expected);
  });

  it('has bitmaps of whole sectors', () => {
    // 4 MiB are 8192 sectors, whose bits fill two sectors.
    const larger: Change = [header + 32, u32be(4 * mebibyte)];
    expect([0, 1].map((sector) => read(sector * 512, larger, [10 * 512, 'here']))).toEqual(['here', '']);
  });

  it('is plain data if the footer is only at its end', () => {
    const fixed = new SparseBlocks(4 * 512, [0, 'data'], [3 * 512, 'conectix']);
    expect(run(openVhd(fixed, 2 ** 40)).size).toBe(3 * 512);
    expect(run(openVhd(fixed, 512)).size).toBe(512);
    expect(readAt(openVhd, fixed, 0)).toBe('data');
  });
});

describe('a fixed VHD, by its footer', () => {
  const footer = patch(Buffer.alloc(512), [0, 'conectix'], [48, u64be(1024n)], [60, u32be(2)]);
  const opened = (file: SparseBlocks): number | string => {
    try {
      return run(openContainer('vhd', file)).size;
    } catch (error) {
      return (error as UnreadableError).why;
    }
  };

  it('is as large as the footer says', () => {
    expect(opened(new SparseBlocks(1024 + 512, [0, 'data'], [1024, footer]))).toBe(1024);
    expect(opened(new SparseBlocks(512, [0, footer]))).toBe('damaged');
    expect(opened(new SparseBlocks(100, [0, footer]))).toBe('damaged');
  });
});

describe('pages of blocks', () => {
  it('are kept, up to 4 MiB of them; the least recently used one is dropped first', () => {
    const blocks = new SparseBlocks(2 ** 40);
    const paged = new PagedBlocks(blocks, 2 ** 20);
    const asks = (page: number, length = 1): number => {
      const before = blocks.asked.length;
      run(paged.read([{ offset: page * 2 ** 20, length }]));
      return blocks.asked.length - before;
    };
    expect([0, 1, 2, 3, 0, 1, 2, 3].map((page) => asks(page))).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
    expect([0, 4, 0, 1].map((page) => asks(page))).toEqual([0, 1, 0, 1]);
    // A span over three pages requests the missing ones in one turn, and one of no bytes requests none.
    expect(asks(8, 2 ** 21 + 1)).toBe(3);
    expect(asks(20, 0)).toBe(0);
  });

  it('are joined if a span crosses their ends', () => {
    const bytes = Buffer.from(Array.from({ length: 40 }, (_, index) => index));
    const paged = new PagedBlocks(new SparseBlocks(40, [0, bytes]), 16);
    const spans = [
      { offset: 0, length: 16 },
      { offset: 15, length: 2 },
      { offset: 3, length: 33 },
      { offset: 31, length: 100 },
      { offset: 50, length: 1 },
      { offset: 16, length: 0 },
    ];
    expect(run(paged.read(spans)).map((piece) => [...piece])).toEqual(
      spans.map(({ offset, length }) => [...bytes.subarray(offset, offset + length)]),
    );
  });
});
