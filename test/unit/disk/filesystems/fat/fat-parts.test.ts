// The parts of the reader of FAT, each by itself: which boot sectors are accepted, times of entries, and chains of clusters.
import { describe, expect, it } from 'vitest';
import type { Reads } from '../../../../../src/disk/blocks/reading.ts';
import { type FatLayout, isBootSector, readLayout } from '../../../../../src/disk/filesystems/fat/boot-sector.ts';
import { placeOf, SlotPages, textOfPlace } from '../../../../../src/disk/filesystems/fat/slot-pages.ts';
import { readSlotFacts } from '../../../../../src/disk/filesystems/fat/slots.ts';
import { ClusterTable } from '../../../../../src/disk/filesystems/fat/table.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { SparseBlocks } from '../../../../support/disk/sparse-blocks.ts';
import { type Change, patch, u16le, u32le } from '../../../../support/disk/writers.ts';

const run = <T>(reads: Reads<T>): T => driveReads(reads, new Uint8Array());

describe('the boot sector of a FAT32', () => {
  /** Two tables of 1000 sectors after 32 reserved ones, a million sectors in total, clusters of 4 KiB. */
  const sector = patch(
    Buffer.alloc(512),
    [0, '\u00eb'],
    [11, u16le(512)],
    [13, Buffer.of(8)],
    [14, u16le(32)],
    [16, Buffer.of(2)],
    [21, Buffer.of(0xf8)],
    [32, u32le(1_000_000)],
    [36, u32le(1000)],
    [44, u32le(5)],
    [48, u16le(1)],
  );
  const layoutOf = (...changes: readonly Change[]): FatLayout | null => readLayout(patch(sector, ...changes));
  /** Room for this many clusters of one sector, after the two tables. */
  const room = (clusters: number): Change[] => [
    [13, Buffer.of(1)],
    [32, u32le(32 + 2000 + clusters)],
  ];

  it('says where everything lies', () => {
    expect(layoutOf()).toMatchObject({
      bits: 32,
      clusterBytes: 4096,
      clusters: Math.floor((1_000_000 - 2032) / 8),
      tableOffset: 32 * 512,
      tableBytes: 512_000,
      rootCluster: 5,
      rootBytes: 0,
      dataOffset: 2032 * 512,
      size: 512_000_000,
      infoOffset: 512,
    });
  });

  it.each([
    ['sectors', 11, [512, 1024, 2048, 4096], [0, 256, 513, 1023, 2049, 8192]],
    ['clusters', 13, [1, 2, 4, 8, 16, 32, 64, 128], [0, 3, 5, 7, 9, 15, 17, 31, 33, 63, 65, 127, 129, 255]],
    ['media', 21, [0xf0, 0xf8, 0xf9, 0xff], [0, 0xef, 0xf1, 0xf7]],
    ['tables', 16, [1, 2, 4], [0]],
    ['reserved sectors', 14, [1, 33], [0]],
  ] as const)('may have these %s', (_what, at, good, bad) => {
    const value = (number: number): Change => [at, at === 11 || at === 14 ? u16le(number) : Buffer.of(number)];
    expect(good.map((number) => layoutOf(value(number)) !== null)).toEqual(good.map(() => true));
    expect(bad.map((number) => layoutOf(value(number)) !== null)).toEqual(bad.map(() => false));
  });

  it('has at least one cluster, and no more than its table has entries', () => {
    expect(layoutOf(...room(1))?.clusters).toBe(1);
    expect(layoutOf(...room(0))).toBeNull();
    expect(layoutOf(...room(200_000))?.clusters).toBe((1000 * 512) / 4 - 2);
    const large: Change[] = [
      [13, Buffer.of(1)],
      [32, u32le(2 ** 32 - 1)],
      [36, u32le(2 ** 22)],
    ];
    expect(layoutOf(...large)?.clusters).toBe(0x0fff_fff5);
    expect(layoutOf([36, u32le(0)])).toBeNull();
    // A FAT12 table of one sector has entries for clusters from 2 on.
    const few: Change[] = [
      [36, u32le(0)],
      [22, u16le(1)],
      [17, u16le(16)],
      [32, u32le(32 + 2 + 1 + 8)],
    ];
    expect(layoutOf(...few)).toMatchObject({ bits: 12, clusters: 1 });
  });

  it('is of version 0', () => {
    for (const version of [1, 0x100]) expect(layoutOf([42, u16le(version)])).toBeNull();
  });

  it.each([
    [0, 32],
    [1, 32],
    [0x81, 1032],
    [0x80, 32],
    [0x82, 32],
    [0x101, 32],
    [0x181, 1032],
  ])('with flags %i has a table at sector %i', (flags, table) => {
    expect(layoutOf([40, u16le(flags)])?.tableOffset).toBe(table * 512);
  });

  it('has information on free clusters within its reserved sectors', () => {
    const info = (number: number): number | null | undefined => layoutOf([48, u16le(number)])?.infoOffset;
    expect([0, 1, 31, 32].map(info)).toEqual([null, 512, 31 * 512, null]);
  });

  it.each<readonly [string, readonly Change[], boolean]>([
    ['a jump', [], true],
    ['a longer jump', [[0, '\u00e9']], true],
    ['neither jump nor signature', [[0, 'x']], false],
    [
      'a signature',
      [
        [0, 'x'],
        [510, '\u0055\u00aa'],
      ],
      true,
    ],
    [
      'half a signature',
      [
        [0, 'x'],
        [510, '\u0055\u00ab'],
      ],
      false,
    ],
    [
      'the other half',
      [
        [0, 'x'],
        [510, '\u0054\u00aa'],
      ],
      false,
    ],
    [
      'a name',
      [
        [0, 'x'],
        [82, 'FAT32'],
      ],
      true,
    ],
    [
      'an older name',
      [
        [0, 'x'],
        [54, 'FAT'],
      ],
      true,
    ],
    [
      'the name of DOS',
      [
        [0, 'x'],
        [54, 'MSDOS'],
      ],
      true,
    ],
    ['the name of HPFS', [[54, 'HPFS']], false],
    ['the name of JFS', [[54, 'JFS']], false],
    ['the name of NTFS', [[3, 'NTFS    ']], false],
  ])('is recognised by %s', (_what, changes, expected) => {
    expect(isBootSector(patch(sector, ...changes))).toBe(expected);
    expect(isBootSector(patch(sector, ...changes).subarray(0, 511))).toBe(false);
  });
});

describe('an entry of a directory of FAT', () => {
  const slot = (attributes: number, date = 0, time = 0): Buffer =>
    patch(
      Buffer.alloc(32),
      [11, Buffer.of(attributes)],
      [20, u16le(0x0102)],
      [22, u16le(time)],
      [24, u16le(date)],
      [26, u16le(0x0304)],
      [28, u32le(0x0506_0708)],
    );
  const day = (year: number, month: number, date: number): number => (year - 1980) * 512 + month * 32 + date;
  const clock = (hour: number, minute: number, second: number): number => hour * 2048 + minute * 32 + second / 2;

  it('has its cluster number in two halves, of which FAT12 and FAT16 only use one', () => {
    expect([12, 16, 32].map((bits) => readSlotFacts(slot(0), bits).cluster)).toEqual([0x0304, 0x0304, 0x0102_0304]);
  });

  it('has a size if it is a file', () => {
    expect([0x20, 0x10, 0x37].map((attributes) => readSlotFacts(slot(attributes), 16).facts)).toMatchObject([
      { kind: 'file', size: 0x0506_0708 },
      { kind: 'directory', size: 0 },
      { kind: 'directory', size: 0 },
    ]);
  });

  it.each([
    [day(2024, 2, 29), clock(23, 59, 58), '2024-02-29T23:59:58Z'],
    [day(1980, 1, 1), 0, '1980-01-01T00:00:00Z'],
    [day(2107, 12, 31), clock(12, 0, 2), '2107-12-31T12:00:02Z'],
    [day(2000, 0, 1), 0, null],
    [day(2000, 13, 1), 0, null],
    [day(2000, 1, 0), 0, null],
    [day(2000, 1, 1), clock(24, 0, 0), null],
    [day(2000, 1, 1), clock(0, 60, 0), null],
    [day(2000, 1, 1), clock(0, 0, 60), null],
    [0, 0, null],
  ])('was changed on day %i at %i: %s', (date, time, expected) => {
    const { mtime } = readSlotFacts(slot(0, date, time), 16).facts;
    expect(mtime).toBe(expected === null ? null : Date.parse(expected) / 1000);
  });
});

const layout = (bits: 12 | 16 | 32, more: Partial<FatLayout> = {}): FatLayout => ({
  bits,
  clusterBytes: 512,
  clusters: bits === 12 ? 4000 : 60_000,
  tableOffset: 1000,
  tableBytes: bits === 12 ? 6144 : 245_760,
  rootCluster: 0,
  rootOffset: 0,
  rootBytes: 0,
  dataOffset: 2 ** 20,
  size: 2 ** 26,
  infoOffset: null,
  volumeId: null,
  label: null,
  ...more,
});

/** A table with these entries. */
function tableOf(bits: 12 | 16 | 32, entries: readonly (readonly [cluster: number, next: number])[], more = {}) {
  const own = layout(bits, more);
  const bytes = Buffer.alloc(own.tableBytes);
  for (const [cluster, next] of entries) {
    const at = Math.floor((cluster * bits) / 8);
    if (bits === 32) bytes.writeUInt32LE(next, at);
    else if (bits === 16) bytes.writeUInt16LE(next, at);
    else {
      const pair = bytes.readUInt16LE(at);
      bytes.writeUInt16LE(cluster % 2 === 0 ? pair - (pair % 0x1000) + next : (pair % 0x10) + next * 0x10, at);
    }
  }
  const blocks = new SparseBlocks(2 ** 26, [1000, bytes]);
  return { blocks, table: new ClusterTable(blocks, own), own };
}

describe.each([12, 16, 32] as const)('a table of FAT%i', (bits) => {
  const last = { 12: 0xff8, 16: 0xfff8, 32: 0x0fff_fff8 }[bits];

  it('has clusters from 2 on', () => {
    const { table } = tableOf(bits, []);
    const { clusters } = layout(bits);
    expect([0, 1, 2, clusters + 1, clusters + 2].map((cluster) => table.has(cluster))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
    for (const cluster of [1, clusters + 2]) {
      expect(() => run(table.next(cluster))).toThrow(`cluster number ${String(cluster)} is out of range`);
    }
  });

  it('leads from one to the next, or ends', () => {
    const { table } = tableOf(bits, [
      [2, 3],
      [3, 0xabc],
      [4, last],
      [5, last + 7],
      [6, last - 1],
      [7, 1],
      [8, 0],
    ]);
    expect([2, 3, 4, 5].map((cluster) => run(table.next(cluster)))).toEqual([3, 0xabc, null, null]);
    for (const cluster of [6, 7, 8]) expect(() => run(table.next(cluster))).toThrow('which is not a data cluster');
  });

  it('returns runs of a chain, and remembers where it was', () => {
    const { table } = tableOf(bits, [
      [2, 3],
      [3, 4],
      [4, 9],
      [9, 8],
      [8, last],
    ]);
    const all = [
      { cluster: 2, count: 3 },
      { cluster: 9, count: 1 },
      { cluster: 8, count: 1 },
    ];
    expect(run(table.runs(2, 0, 5))).toEqual(all);
    expect(run(table.runs(2, 3, 2))).toEqual(all.slice(1));
    expect(run(table.runs(2, 4, 1))).toEqual(all.slice(2));
    expect(run(table.runs(2, 1, 1))).toEqual([{ cluster: 3, count: 1 }]);
    expect(run(table.runs(2, 2, 2))).toEqual([
      { cluster: 4, count: 1 },
      { cluster: 9, count: 1 },
    ]);
    expect(() => run(table.runs(2, 0, 6))).toThrow('a cluster chain is shorter than its file');
    expect(() => run(table.runs(1, 0, 1))).toThrow('the first cluster of a file is out of range');
  });

  it.each([
    ['at once', [[2, 2]]],
    [
      'after two',
      [
        [2, 3],
        [3, 2],
      ],
    ],
    [
      'after its beginning',
      [
        [2, 3],
        [3, 4],
        [4, 5],
        [5, 6],
        [6, 4],
      ],
    ],
  ] as const)('is refused if it is circular %s', (_what, entries) => {
    expect(() => run(tableOf(bits, entries).table.runs(2, 0, 100))).toThrow('a cluster chain is circular');
  });
});

describe('the pieces of a table of FAT', () => {
  /** Of 8 KiB: 2048 entries of FAT32. */
  const piece = 2048;
  const entries = Array.from({ length: 6 }, (_, index): [number, number] => [
    2 + index * piece,
    index < 5 ? 2 + (index + 1) * piece : 0x0fff_ffff,
  ]);

  it('are read where a chain leads; four of them are cached, and so is the position in the chain', () => {
    const { blocks, table } = tableOf(32, entries);
    const asks = (first: number, count: number): number => {
      const before = blocks.asked.length;
      run(table.runs(2, first, count));
      return blocks.asked.length - before;
    };
    expect(asks(0, 6)).toBe(5);
    expect(blocks.asked).toEqual([0, 1, 2, 3, 4].map((index) => ({ offset: 1000 + index * 8192, length: 8192 })));
    expect(asks(5, 1)).toBe(0);
    // For an earlier place it starts over, with pieces that are no longer cached.
    expect(asks(1, 1)).toBe(1);
    expect(asks(1, 1)).toBe(0);
  });

  it('end with the table', () => {
    const { blocks, table } = tableOf(32, [[2 + piece, 7]], { tableBytes: 8192 + 1024 });
    expect(run(table.next(2 + piece))).toBe(7);
    expect(blocks.asked).toEqual([{ offset: 1000 + 8192, length: 1024 }]);
  });

  it.each([
    [12, 4000, 6003],
    [16, 60_000, 120_004],
  ] as const)('are all read to count what is free in FAT%i', (bits, clusters, bytes) => {
    const { blocks, table } = tableOf(bits, [
      [0, 1],
      [2, 3],
      [3, 0xff],
      [clusters + 1, 5],
    ]);
    expect(run(table.countFree())).toBe(clusters - 3);
    expect(blocks.asked).toEqual([{ offset: 1000, length: bytes }]);
  });
});

describe('the pages of a directory of FAT', () => {
  /** A chain of clusters of 32 KiB, in which all entries were deleted. */
  const pagesOf = (count: number): SlotPages => {
    const own = layout(32, { clusterBytes: 32_768 });
    const bytes = Buffer.concat(
      Array.from({ length: count + 2 }, (_, index) => u32le(index < count + 1 ? index + 1 : 0x0fff_ffff)),
    );
    const blocks = new SparseBlocks(2 ** 26, [1000, bytes], [2 ** 20, Buffer.alloc(count * 32_768, 0xe5)]);
    return new SlotPages(blocks, own, new ClusterTable(blocks, own));
  };
  const turnsOf = (pages: SlotPages): number => {
    let turns = 0;
    for (let place: ReturnType<typeof placeOf> | null = placeOf(2); place !== null; turns++) {
      place = run(pages.read(placeOf(textOfPlace(place)))).next;
    }
    return turns;
  };

  it('have 16 KiB each, and 65,536 entries in total', () => {
    expect(turnsOf(pagesOf(1))).toBe(2);
    expect(turnsOf(pagesOf(64))).toBe(128);
    expect(() => turnsOf(pagesOf(65))).toThrow('a directory has more than 65,536 entries');
  });

  it('are identified by three numbers', () => {
    expect(placeOf('7:3:512')).toEqual({ cluster: 7, index: 3, skip: 512 });
    expect(placeOf(9)).toEqual({ cluster: 9, index: 0, skip: 0 });
    expect(textOfPlace({ cluster: 7, index: 3, skip: 512 })).toBe('7:3:512');
    for (const cluster of [0, 1, 60_002]) {
      expect(() => run(pagesOf(1).read(placeOf(cluster)))).toThrow('the cluster of a directory is out of range');
    }
  });
});
