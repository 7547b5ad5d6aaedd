// The last value that a field may have, and the first that it may not.
import { describe, expect, it } from 'vitest';
import type { DiskFinding } from '../../../../src/disk/parsing/finding.ts';
import { writeQcow2 } from '../../../../examples/demo/images/qcow2.ts';
import { writeVdi } from '../../../../examples/demo/images/vdi.ts';
import { writeDynamicVhd, writeFixedVhd } from '../../../../examples/demo/images/vhd.ts';
import { content, mebibyte } from '../../../support/disk/corpus/sample.ts';
import { drive } from '../../../support/disk/drive.ts';
import {
  type Change,
  patch,
  u16le,
  u32be,
  u32le,
  u64be,
  u64le,
  vmdkDescriptor,
  writeLuks,
  writePloop,
  writeQcow,
  writeQed,
  writeVhdx,
  writeVmdk,
} from '../../../support/disk/writers.ts';

/** What is changed, and the messages that result: none if it is in order. */
type Row = readonly [changes: readonly Change[], messages: readonly string[]];

function messagesOf(bytes: Uint8Array): string[] {
  return drive(bytes).finding.hazards.map(({ message }) => message);
}

function expectEach(base: Buffer, rows: readonly Row[]): void {
  for (const [changes, messages] of rows) {
    expect([changes, messagesOf(patch(base, ...changes))]).toEqual([changes, messages]);
  }
}

const tenMebibytes = String(10 * mebibyte);

describe('qcow2', () => {
  const image = writeQcow2(content);
  const cluster = 65_536;

  it('tables', () => {
    const l1At = 196_608;
    const l1Past = (entries: number): string =>
      `the L1 table ends at byte ${String(l1At + entries * 8)}, but the data at ${String(image.length)}`;
    expectEach(image, [
      [[[36, u32be(2 ** 22)]], [l1Past(2 ** 22)]],
      [[[36, u32be(2 ** 22 + 1)]], ['the L1 table is too large: 4194305 entries', l1Past(2 ** 22 + 1)]],
      // An entry stands for 512 MiB with clusters of 64 KiB, and for half of that with extended entries.
      [[[24, u64be(2n ** 29n)]], []],
      [[[24, u64be(2n ** 29n + 1n)]], ['the L1 table is too short: 1 entry for 536870913 bytes']],
      [
        [
          [24, u64be(2n ** 28n)],
          [72, u64be(16n)],
        ],
        ['it has extended L2 entries, which not every program can read'],
      ],
      [
        [
          [24, u64be(2n ** 28n + 1n)],
          [72, u64be(16n)],
        ],
        [
          'the L1 table is too short: 1 entry for 268435457 bytes',
          'it has extended L2 entries, which not every program can read',
        ],
      ],
      // Bits of version 3 mean nothing in version 2.
      [
        [
          [4, u32be(2)],
          [24, u64be(2n ** 29n)],
          [72, u64be(16n)],
        ],
        [],
      ],
      [
        [[48, u64be(2n ** 63n)]],
        [
          'the offset of the refcount table is invalid: 9223372036854775808',
          `the refcount table ends at byte ${String(2n ** 63n + 65_536n)}, but the data at ${String(image.length)}`,
        ],
      ],
      [[[96, u32be(6)]], []],
      [[[96, u32be(7)]], ['the refcount width is out of range: 2^7 bits']],
    ]);
  });

  it('ends of tables', () => {
    const l1End = image.readBigUInt64BE(40) + 8n;
    const refcountEnd = image.readBigUInt64BE(48) + BigInt(cluster);
    expect([l1End, refcountEnd]).toEqual([196_616n, 131_072n]);
    const cut = (length: bigint): string[] => messagesOf(image.subarray(0, Number(length)));
    expect(cut(l1End)).toEqual([]);
    expect(cut(l1End - 1n)).toEqual(['the L1 table ends at byte 196616, but the data at 196615']);
    expect(cut(refcountEnd)).toEqual(['the L1 table ends at byte 196616, but the data at 131072']);
    expect(cut(refcountEnd - 1n)).toEqual([
      'the L1 table ends at byte 196616, but the data at 131071',
      'the refcount table ends at byte 131072, but the data at 131071',
    ]);
    // The refcount table is the further one, and of two clusters.
    const further = patch(image, [48, u64be(4n * BigInt(cluster))], [56, u32be(2)]);
    expect(messagesOf(further)).toEqual([]);
    expect(messagesOf(further.subarray(0, -1))).toEqual([
      'the refcount table ends at byte 393216, but the data at 393215',
    ]);
  });

  it('snapshots', () => {
    const travel = (count: number): string => `it has ${String(count)} internal snapshots`;
    expectEach(image, [
      [[[60, u32be(65_536)]], [travel(65_536)]],
      [[[60, u32be(65_537)]], ['there are too many snapshots: 65537', travel(65_537)]],
      [
        [
          [60, u32be(2)],
          [64, u64be(BigInt(cluster))],
        ],
        [travel(2)],
      ],
      [
        [
          [60, u32be(2)],
          [64, u64be(BigInt(cluster) + 1n)],
        ],
        ['the offset of the snapshot table is not aligned: 65537', travel(2)],
      ],
      // Without any, their place does not matter.
      [[[64, u64be(1n)]], []],
    ]);
  });

  it('the name of its backing file', () => {
    const named = (offset: number, length: number): Row[0] => [
      [8, u64be(BigInt(offset))],
      [16, u32be(length)],
      [offset, Buffer.alloc(Math.min(length, 1024), 'x')],
    ];
    const needed = (name: string): string => `it needs another file: ${name}`;
    const unread = needed('one whose name cannot be read');
    const wrong = (offset: number, length: string): string =>
      `the backing file name is out of range: ${length} at byte ${String(offset)}`;
    expectEach(image, [
      [named(cluster - 1024, 1024), [wrong(cluster - 1024, '1024 bytes'), unread]],
      [named(cluster - 1022, 1023), [wrong(cluster - 1022, '1023 bytes'), unread]],
      [named(512, 1), [needed('"x"')]],
      [named(512, 0), [wrong(512, '0 bytes'), unread]],
      [named(104, 8), [needed('"xxxxxxxx"')]],
    ]);
    const { backingFile } = drive(patch(image, ...named(cluster - 1023, 1023))).finding;
    expect(backingFile).toBe('x'.repeat(1023));
  });

  it('header extensions', () => {
    const extension = (type: number, length: number): Buffer => Buffer.concat([u32be(type), u32be(length)]);
    const room = cluster - 104 - 8;
    const detailOf = (...changes: Change[]): unknown => drive(patch(image, ...changes)).finding.details['extensions'];
    expect(detailOf([104, extension(0x12345678, room)])).toEqual(['0x12345678']);
    expectEach(image, [
      [[[104, extension(0x00345678, room)]], []],
      [
        [[104, extension(0x00345678, room + 1)]],
        [`header extension 0x345678 of ${String(room + 1)} bytes overruns its room`],
      ],
    ]);
    // Each is padded to 8 bytes.
    expect(
      detailOf([104, extension(0x0537be77, 1)], [120, extension(0x23852875, 8)], [136, extension(0x00000001, 0)]),
    ).toEqual(['luks_header', 'bitmaps', '0x00000001']);
    // No more than 64 of them.
    const many = (count: number): Change => [104, Buffer.concat(Array.from({ length: count }, () => extension(1, 0)))];
    expect(detailOf(many(64))).toHaveLength(64);
    expectEach(image, [
      [[many(64)], []],
      [[many(65)], ['header extension 0x1 of 0 bytes overruns its room']],
    ]);
  });

  it('clusters', () => {
    const sizeOf = (bits: number): unknown => drive(patch(image, [20, u32be(bits)])).finding.details['cluster_size'];
    expect([8, 9, 21, 22].map(sizeOf)).toEqual([undefined, 512, 2 ** 21, undefined]);
    for (const bits of [8, 22])
      expect(messagesOf(patch(image, [20, u32be(bits)]))).toContain(
        `the cluster size is out of range: 2^${String(bits)} bytes`,
      );
    // With clusters of 512 bytes, an entry stands for 64 of them. If the size of clusters is invalid, the number of entries is
    // not judged.
    expect(messagesOf(patch(image, [20, u32be(9)], [24, u64be(32_768n)]))).toEqual([]);
    expect(messagesOf(patch(image, [20, u32be(9)], [24, u64be(32_769n)]))).toEqual([
      'the L1 table is too short: 1 entry for 32769 bytes',
    ]);
    expect(messagesOf(patch(image, [20, u32be(8)], [24, u64be(32_768n)]))).toEqual([
      'the cluster size is out of range: 2^8 bytes',
    ]);
  });

  it('features, by their names', () => {
    const featuresOf = (offset: number, value: bigint): readonly string[] =>
      drive(patch(image, [offset, u64be(value)])).finding.features;
    expect(featuresOf(72, 0b10111n)).toEqual(['dirty', 'corrupt', 'data_file', 'extended_l2']);
    expect(featuresOf(80, 1n)).toEqual(['lazy_refcounts']);
    expect(featuresOf(80, 2n)).toEqual([]);
    expect(featuresOf(88, 3n)).toEqual(['bitmaps', 'data_file_raw']);
    expect(featuresOf(88, 2n)).toEqual(['data_file_raw']);
  });
});

describe('VHD', () => {
  /** With changes to the footer at its start or end, and the checksum corrected. */
  function withFooter(image: Buffer, at: number, ...changes: readonly Change[]): Buffer {
    const footer = patch(Buffer.from(image.subarray(at, at + 512)), ...changes, [64, Buffer.alloc(4)]);
    const sum = footer.reduce((total, byte) => total + byte, 0);
    return patch(image, [at, patch(footer, [64, u32be(0xffffffff - sum)])]);
  }
  const dynamic = writeDynamicVhd(content);
  const fixed = writeFixedVhd(content);

  it('footer', () => {
    const most = 2040n * 1024n ** 3n;
    const tooSmall = (bytes: number): string =>
      `the disk is larger than its blocks: 5 blocks of ${String(bytes)} bytes`;
    expect(messagesOf(withFooter(dynamic, 0, [48, u64be(most)]))).toEqual([tooSmall(2 * mebibyte)]);
    expect(messagesOf(withFooter(dynamic, 0, [48, u64be(most + 1n)]))).toEqual([
      `the disk is larger than the format allows: ${String(most + 1n)} bytes`,
      tooSmall(2 * mebibyte),
    ]);
    // Every byte is in the sum, except those of the sum itself.
    for (const at of [0, 63, 68, 511]) {
      const changed = patch(dynamic, [at + (at === 0 ? 27 : 0), Buffer.from([(dynamic[at === 0 ? 27 : at] ?? 0) + 1])]);
      expect(messagesOf(changed)).toContain('the checksum of the footer does not match');
    }
    const end = fixed.length - 512;
    expect(messagesOf(withFooter(fixed, end, [48, u64be(BigInt(end))]))).toEqual([]);
    expect(messagesOf(withFooter(fixed, end, [48, u64be(BigInt(end) + 1n)]))).toEqual([
      `the disk has ${String(end + 1)} bytes, but the data before the footer has fewer`,
    ]);
    expect(messagesOf(withFooter(fixed, end, [60, u32be(3)]))).toEqual(['the footer is not where its type puts it']);
  });

  it('the second header and the table of blocks', () => {
    const moved = (to: number): Buffer =>
      withFooter(patch(Buffer.concat([dynamic, Buffer.alloc(mebibyte)]), [to, dynamic.subarray(512, 1536)]), 0, [
        16,
        u64be(BigInt(to)),
      ]);
    expect(messagesOf(moved(mebibyte))).toEqual([]);
    expect(messagesOf(moved(mebibyte + 1))).toEqual(['the offset of the dynamic header is out of range: 1048577']);
    expect(messagesOf(withFooter(dynamic, 0, [16, u64be(511n)]))).toEqual([
      'the offset of the dynamic header is out of range: 511',
    ]);
    expectEach(dynamic, [
      [
        [
          [512 + 32, u32be(512)],
          [512 + 28, u32be(20_480)],
          [512 + 16, u64be(0n)],
        ],
        [],
      ],
      [
        [
          [512 + 32, u32be(256)],
          [512 + 28, u32be(40_960)],
          [512 + 16, u64be(0n)],
        ],
        ['the block size is invalid: 256 bytes'],
      ],
      [[[512 + 28, u32be(4)]], ['the disk is larger than its blocks: 4 blocks of 2097152 bytes']],
    ]);
    const tableEnd = 1536 + 5 * 4;
    expect(messagesOf(dynamic.subarray(0, tableEnd))).toEqual([]);
    expect(messagesOf(dynamic.subarray(0, tableEnd - 1))).toEqual([
      `the block table ends at byte ${String(tableEnd)}, but the data at ${String(tableEnd - 1)}`,
    ]);
  });
});

it('VDI', () => {
  const image = writeVdi(content);
  const few = `the disk is larger than its blocks: 9 blocks of 1048576 bytes for ${tenMebibytes} bytes`;
  expectEach(image, [
    [[[384, u32le(9)]], [few]],
    [
      [
        [384, u32le(9)],
        [368, u64le(BigInt(9 * mebibyte))],
      ],
      [],
    ],
    [[[76, u32le(3)]], []],
    [[[440, Buffer.from([1])]], ['it holds only the difference from another image']],
    [[[455, Buffer.from([1])]], ['it holds only the difference from another image']],
    [
      [
        [439, Buffer.from([1])],
        [456, Buffer.from([1])],
      ],
      [],
    ],
    [[[68, u32le(0x00010002)]], ['VDI version 0x10002']],
  ]);
  const mapEnd = image.readUInt32LE(340) + 40;
  expect(messagesOf(image.subarray(0, mapEnd))).toEqual([]);
  expect(messagesOf(image.subarray(0, mapEnd - 1))).toEqual([
    `the block map ends at byte ${String(mapEnd)}, but the data at ${String(mapEnd - 1)}`,
  ]);
  expect(drive(patch(image, [68, u32le(0x00030004)])).finding.details).toEqual({ version: '3.4' });
});

it('qcow of version 1 and QED', () => {
  const banned = 'qcow version 1 should not be used';
  const unread = 'it needs another file: one whose name cannot be read';
  const qcow = patch(Buffer.alloc(2 * mebibyte), [0, writeQcow()]);
  const longName = 'x'.repeat(1023);
  expectEach(qcow, [
    [
      [
        [8, u64be(48n)],
        [16, u32be(1)],
        [48, 'x'],
      ],
      [banned, 'it needs another file: x'],
    ],
    [
      [
        [8, u64be(48n)],
        [16, u32be(1024)],
      ],
      [banned, 'the backing file name is out of range: 1024 bytes at byte 48', unread],
    ],
    [
      [
        [8, u64be(1_048_575n)],
        [16, u32be(1)],
        [1_048_575, 'x'],
      ],
      [banned, 'it needs another file: x'],
    ],
    [
      [
        [8, u64be(1_048_576n)],
        [16, u32be(1)],
      ],
      [banned, 'the backing file name is out of range: 1 byte at byte 1048576', unread],
    ],
    // The data ends within the name.
    [
      [
        [8, u64be(1_048_575n)],
        [16, u32be(0)],
      ],
      [banned, 'the backing file name is out of range: 0 bytes at byte 1048575', unread],
    ],
  ]);
  expect(messagesOf(patch(writeQcow(), [8, u64be(4095n)], [16, u32be(2)]))).toEqual([banned, unread]);
  expect(drive(patch(qcow, [8, u64be(48n)], [16, u32be(1023)], [48, longName])).finding.backingFile).toBe(longName);
  const encrypted = [0, 1, 2].map((method) => drive(patch(qcow, [36, u32be(method)])).finding.encrypted);
  expect(encrypted).toEqual([false, true, false]);

  const qedBanned = 'QED should not be used';
  const qed = patch(Buffer.alloc(2 * mebibyte), [0, writeQed('x')]);
  expectEach(qed, [
    [[[60, u32le(1024)]], [qedBanned, 'the backing file name is out of range: 1024 bytes at byte 64', unread]],
    [
      [
        [56, u32le(1_048_575)],
        [1_048_575, 'x'],
      ],
      [qedBanned, 'it needs another file: x'],
    ],
    [[[56, u32le(1_048_576)]], [qedBanned, 'the backing file name is out of range: 1 byte at byte 1048576', unread]],
    [[[16, u64le(2n)]], [qedBanned]],
  ]);
  expect(drive(patch(qed, [60, u32le(1023)], [64, longName])).finding.backingFile).toBe(longName);
});

it.each<[string, Buffer, number]>([
  ['qcow', writeQcow(), 48],
  ['qed', writeQed(), 64],
  ['luks', writeLuks(), 592],
  ['ploop', writePloop('WithoutFreeSpace'), 64],
  ['vdi', writeVdi(content), 512],
  ['vhd', writeDynamicVhd(content), 512],
  ['vmdk', writeVmdk(), 512],
  ['qcow2', writeQcow2(content), 104],
  ['qcow2', patch(writeQcow2(content), [4, u32be(2)]), 72],
])('a header of %s', (format, bytes, length) => {
  const isShort = (end: number): boolean =>
    messagesOf(bytes.subarray(0, end)).includes('the data ends within the header') ||
    messagesOf(bytes.subarray(0, end)).includes('the data ends within the footer');
  expect(drive(bytes).finding.format).toBe(format);
  expect([isShort(length - 1), isShort(length)]).toEqual([true, false]);
});

it('LUKS and ploop', () => {
  const luks = writeLuks();
  expect(drive(luks).finding.virtualSize).toBe(BigInt(mebibyte));
  expect(drive(patch(luks, [104, u32be(4095)])).finding.virtualSize).toBe(BigInt(mebibyte + 512));
  expect(drive(luks, false).finding).toMatchObject({ virtualSize: null, encrypted: true, hazards: [] });
  // One has the number of sectors in 32 bits, the other in 64.
  const sizeOf = (magic: 'WithoutFreeSpace' | 'WithouFreSpacExt'): bigint | null =>
    drive(patch(writePloop(magic), [40, u32le(1)])).finding.virtualSize;
  expect(sizeOf('WithoutFreeSpace')).toBe(BigInt(mebibyte));
  expect(sizeOf('WithouFreSpacExt')).toBe(BigInt(mebibyte) + 2n ** 41n);
});

describe('VHDX', () => {
  const image = writeVhdx();
  const regionTables = [192 * 1024, 256 * 1024] as const;
  const inBoth = (offset: number, value: Buffer): Change[] => regionTables.map((at) => [at + offset, value]);
  /** The entry of the metadata region is the second. */
  const metadataEntry = 16 + 32;
  const items = 32;
  const values = mebibyte + 64 * 1024;

  it('regions', () => {
    expectEach(image, [
      [inBoth(metadataEntry + 24, u32le(64 * 1024 + 20)), []],
      [
        inBoth(metadataEntry + 24, u32le(64 * 1024 - 1)),
        ['the metadata region is invalid: 65535 bytes at byte 1048576'],
      ],
      [inBoth(metadataEntry + 16, u64le(2n ** 52n)), ['no region table locates the metadata']],
      [inBoth(metadataEntry + 16, u64le(2n ** 52n - 2n ** 20n)), ['the data ends within the metadata']],
      // The second table is as good as the first.
      [[[regionTables[0], 'x']], []],
      [[[regionTables[0], Buffer.from(image.subarray(regionTables[0], regionTables[0] + 4))]], []],
      // A region that is not required may be anything.
      [inBoth(16, Buffer.alloc(16, 9)), ['a required region is unknown: 09090909-0909-0909-0909-090909090909']],
      [[...inBoth(16, Buffer.alloc(16, 9)), ...inBoth(16 + 28, u32le(0))], []],
      // The same region twice: the first counts.
      [
        [[regionTables[0] + 16, Buffer.from(image.subarray(regionTables[0] + 48, regionTables[0] + 80))]],
        ['there are two metadata regions'],
      ],
    ]);
    const most = patch(image, ...inBoth(8, u32le(2047)));
    expect(messagesOf(most)).toEqual([]);
    expect(messagesOf(patch(image, ...inBoth(8, u32le(2048))))).toEqual([
      'the region table has too many entries: 2048',
    ]);
    // The last entry for which there is room is read.
    const last = 16 + 2046 * 32;
    const unknown = Buffer.concat([Buffer.alloc(16, 9), Buffer.alloc(12), u32le(1)]);
    expect(messagesOf(patch(most, [regionTables[0] + last, unknown]))).toEqual([
      'a required region is unknown: 09090909-0909-0909-0909-090909090909',
    ]);
  });

  it('items of metadata', () => {
    const entry = (index: number): number => mebibyte + items + index * 32;
    expectEach(image, [
      [[[mebibyte + 10, u16le(2047)]], []],
      [[[mebibyte + 10, u16le(2048)]], ['the metadata table has too many entries: 2048']],
      [[[entry(1) + 20, u32le(7)]], ['the size of the disk lies outside the metadata']],
      [[[entry(1) + 20, u32le(9)]], []],
      [[[entry(1) + 16, u32le(65_535)]], ['the size of the disk lies outside the metadata']],
      [
        [
          [entry(1) + 16, u32le(65_536)],
          [values, u64le(512n)],
        ],
        [],
      ],
      [
        [
          [entry(2) + 16, u32le(mebibyte - 4)],
          [2 * mebibyte - 4, u32le(4096)],
        ],
        [],
      ],
      [[[entry(2) + 16, u32le(mebibyte - 3)]], ['the sector size lies outside the metadata']],
      [[[entry(2) + 20, u32le(3)]], ['the sector size lies outside the metadata']],
      [[[values + 16, u32le(4096)]], []],
      [[[values + 16, u32le(4095)]], ['the sector size is invalid: 4095 bytes']],
      [[[values + 8, u64le(64n * 1024n ** 4n)]], []],
      [
        [[values + 8, u64le(64n * 1024n ** 4n + 1n)]],
        [`the disk is larger than the format allows: ${String(64n * 1024n ** 4n + 1n)} bytes`],
      ],
      [[[values + 4, u32le(1)]], []],
      [[[values + 4, u32le(2)]], ['it holds only the difference from another image']],
    ]);
    // Up to 68 KiB away it comes along with the table, beyond that it is requested.
    for (const at of [68 * 1024 - 4, 68 * 1024 - 3, 68 * 1024]) {
      const moved = patch(image, [entry(2) + 16, u32le(at)], [mebibyte + at, u32le(4096)]);
      expect(drive(moved).finding).toMatchObject({ details: { sector_size: 4096 }, hazards: [] });
    }
  });

  it('the path of a parent', () => {
    const parented = writeVhdx({ parentPath: 'base.vhdx' });
    const locator = values + 20;
    const pathOf = (...changes: Change[]): DiskFinding['backingFile'] =>
      drive(patch(parented, ...changes)).finding.backingFile;
    expect(pathOf()).toBe('base.vhdx');
    // As many keys as fit, however many there are said to be.
    expect(pathOf([locator + 18, u16le(0xffff)])).toBe('base.vhdx');
    expect(pathOf([locator + 18, u16le(0)])).toBeNull();
    expect(pathOf([locator + 28, u16le(25)])).toBeNull();
    expect(pathOf([locator + 32, 'X'])).toBeNull();
    expect(pathOf([locator + 30, u16le(8)])).toBe('base');
    // The second key, after one without a name.
    const texts = Buffer.from('relative_pathab', 'utf16le');
    const second = Buffer.concat([Buffer.alloc(12), u32le(44), u32le(70), u16le(26), u16le(4), texts]);
    expect(pathOf([locator + 18, u16le(2)], [locator + 20, second])).toBe('ab');
    expect(pathOf([locator + 18, u16le(1)], [locator + 20, second])).toBeNull();
  });
});

describe('VMDK', () => {
  it('a sparse extent', () => {
    const longest = mebibyte / 512;
    expectEach(writeVmdk(), [
      [[[4, u32le(3)]], []],
      [[[4, u32le(0)]], ['VMDK version 0']],
      [[[4, u32le(4)]], ['VMDK version 4']],
      [[[12, u64le(0n)]], ['the capacity is 0, so the extents would be taken from the descriptor']],
      [[[28, u64le(2n)]], ['the descriptor is not at sector 1, but at 2']],
      [[[36, u64le(0n)]], ['the descriptor size is out of range: 0 sectors']],
      [[[36, u64le(BigInt(longest - 1))]], []],
      [[[36, u64le(BigInt(longest))]], [`the descriptor size is out of range: ${String(longest)} sectors`]],
      [[[76, Buffer.from('x')]], ['its line ends were changed, as by a transfer in text mode']],
    ]);
    const room = vmdkDescriptor();
    const padded = `${room}${'#'.repeat(512 - room.length)}`;
    expect(padded).toHaveLength(512);
    expect(messagesOf(writeVmdk(padded, [[36, u64le(1n)]]))).toEqual([]);
    expect(messagesOf(writeVmdk(`${padded}#`, [[36, u64le(1n)]]))).toEqual([
      'the descriptor is longer than the space reserved for it',
    ]);
    // At most 20 sectors, even if its stated room is less.
    const twenty = padded + '#'.repeat(19 * 512);
    expect(messagesOf(writeVmdk(twenty, [[36, u64le(20n)]]))).toEqual([]);
  });

  it('ESX sparse', () => {
    const cowd = (length: number): DiskFinding =>
      drive(patch(Buffer.alloc(length), [0, 'COWD'], ...(length < 16 ? [] : [[12, u32le(3)] as const]))).finding;
    expect(cowd(16)).toMatchObject({ virtualSize: 1536n, details: { subformat: 'COWD' } });
    expect(cowd(15)).toMatchObject({ virtualSize: null });
  });
});
