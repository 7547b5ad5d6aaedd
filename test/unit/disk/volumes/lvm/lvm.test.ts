import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../../src/disk/blocks/blocks.ts';
import { findVolumes } from '../../../../../src/disk/volumes/find-volumes.ts';
import { listIn, numberIn, parseMetadata, textIn } from '../../../../../src/disk/volumes/lvm/metadata-text.ts';
import type { Volume } from '../../../../../src/disk/volumes/volume.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import {
  areaBytes,
  firstUuid,
  groupText,
  lvmChecksum,
  type SegmentText,
  writePhysical,
} from '../../../../support/disk/volumes/lvm.ts';
import { mbrSector, type MbrRow } from '../../../../support/disk/volumes/partition-tables.ts';
import { tellingBytes } from '../../../../support/disk/patterns.ts';
import { patch, u32le, u64le } from '../../../../support/disk/writers.ts';

const mebibyte = 1024 * 1024;
const kibibyte = 1024;

function find(disk: Buffer): readonly Volume[] {
  return driveReads(findVolumes(new FlatBlocks(disk.length)), disk);
}

function bytesOf({ blocks }: Volume, disk: Buffer): Uint8Array {
  const [bytes] = driveReads(blocks.read([{ offset: 0, length: blocks.size }]), disk);
  return bytes ?? new Uint8Array();
}

/** The volume with this name. */
function volumeOf(disk: Buffer, name: string): Volume {
  const volume = find(disk).find((each) => each.name === name);
  if (volume === undefined) throw new Error(`there is no ${name}`);
  return volume;
}

describe('a disk that LVM made', () => {
  const disk = gunzipSync(readFileSync(join(import.meta.dirname, '../../../../fixtures/disk/lvm.gz')));
  // The physical volumes begin at 1 and 5 MiB, and their extents of 64 KiB at sector 384 of them.
  const [first, second] = [mebibyte + 384 * 512, 5 * mebibyte + 384 * 512];
  disk.set(tellingBytes(5 * mebibyte - first, first), first);
  disk.set(tellingBytes(11 * mebibyte - second, second), second);
  const extents = (start: number, from: number, to: number): Buffer =>
    disk.subarray(start + from * 64 * kibibyte, start + (to + 1) * 64 * kibibyte);

  it('has the logical volumes after its partitions', () => {
    expect(find(disk).map(({ name, partition, blocks }) => [name, partition?.entry.type ?? null, blocks.size])).toEqual(
      [
        ['1', 'E6D6D379-F507-44C2-A23C-238F2A3DF928', 4 * mebibyte],
        ['2', 'E6D6D379-F507-44C2-A23C-238F2A3DF928', 6 * mebibyte],
        ['lv vg0/root', null, 4 * mebibyte],
        ['lv vg0/swap-1', null, 512 * kibibyte],
        ['lv vg0/striped', null, 512 * kibibyte],
      ],
    );
  });

  it('has their bytes where LVM says', () => {
    const root = Buffer.concat([extents(first, 0, 15), extents(first, 24, 39), extents(second, 0, 31)]);
    expect(Buffer.compare(bytesOf(volumeOf(disk, 'lv vg0/root'), disk), root)).toBe(0);
    expect(Buffer.compare(bytesOf(volumeOf(disk, 'lv vg0/swap-1'), disk), extents(first, 16, 23))).toBe(0);
    const spans = [
      { offset: mebibyte - 5, length: 10 },
      { offset: 0, length: 3 },
      { offset: 2 * mebibyte - 100, length: mebibyte },
      { offset: 4 * mebibyte - 2, length: 10 },
    ];
    const pieces = driveReads(volumeOf(disk, 'lv vg0/root').blocks.read(spans), disk);
    for (const [index, { offset, length }] of spans.entries()) {
      expect(Buffer.compare(pieces[index] ?? new Uint8Array(), root.subarray(offset, offset + length))).toBe(0);
    }
  });

  it('does not read a striped one', () => {
    const { blocks } = volumeOf(disk, 'lv vg0/striped');
    expect(() => driveReads(blocks.read([{ offset: 0, length: 1 }]), disk)).toThrow(
      expect.objectContaining({ why: 'unsupported', message: 'striped logical volumes are not supported' }),
    );
  });
});

const fill = (length: number): Buffer => tellingBytes(length);
const linear = groupText({ root: [{ from: 0, count: 4 }] });

describe('a physical volume', () => {
  it('may also be a disk without partitions', () => {
    const disk = writePhysical({ text: linear, fill });
    expect(find(disk).map(({ name }) => name)).toEqual([null, 'lv vg/root']);
    expect(Buffer.compare(bytesOf(volumeOf(disk, 'lv vg/root'), disk), disk.subarray(65_536, 65_536 + 16_384))).toBe(0);
  });

  it.each([1, 100, 500])('keeps its text in a ring, %i bytes of it before the end', (before) => {
    const disk = writePhysical({ text: linear, textAt: areaBytes - before, fill });
    expect(find(disk).map(({ name }) => name)).toEqual([null, 'lv vg/root']);
  });

  it('may have no text', () => {
    expect(find(writePhysical({ text: null })).map(({ name }) => name)).toEqual([null]);
  });

  it.each([
    ['label', 512 + 40, 'the LVM label has a bad checksum'],
    ['metadata header', 4096 + 200, 'no valid LVM metadata was found'],
    ['text', 4096 + 600, 'no valid LVM metadata was found'],
  ])('reports that its %s is damaged', (_what, at, message) => {
    const disk = writePhysical({ text: linear });
    disk[at] = (disk[at] ?? 0) + 1;
    const [volume, ...others] = find(disk);
    expect(others).toEqual([]);
    expect(() => driveReads((volume as Volume).blocks.read([{ offset: 0, length: 1 }]), disk)).toThrow(
      expect.objectContaining({ why: 'damaged', message }),
    );
  });

  it.each([
    '{',
    'vg {',
    'vg { a = }',
    'vg { a = [1, }',
    'a = "b',
    'vg }',
    '\u0001',
    'a {'.repeat(5000),
    `a = ${'['.repeat(5000)}`,
    `${'a { '.repeat(9)}${'} '.repeat(9)}`,
  ])('is damaged if its text makes no sense: %j', (text) => {
    const disk = writePhysical({ text: text.slice(0, 30_000) });
    const [volume] = find(disk);
    expect(() => driveReads((volume as Volume).blocks.read([{ offset: 0, length: 1 }]), disk)).toThrow(
      'the LVM metadata cannot be parsed',
    );
  });
});

describe('a logical volume', () => {
  const refused: readonly (readonly [string, readonly SegmentText[], string, string])[] = [
    [
      'thin',
      [{ from: 0, count: 1, type: 'thin' }],
      'unsupported',
      'logical volumes of the type thin are not supported',
    ],
    [
      'raid',
      [{ from: 0, count: 1, type: 'raid1' }],
      'unsupported',
      'logical volumes of the type raid1 are not supported',
    ],
    ['elsewhere', [{ from: 0, count: 1, stripes: '["pv1", 0]' }], 'damaged', 'the LVM metadata has no valid id'],
    ['too long', [{ from: 0, count: 4096 }], 'damaged', 'a logical volume extends past the end of its physical volume'],
    ['huge', [{ from: 0, count: 999_999_999_999_999 }], 'damaged', 'the size of a logical volume is out of range'],
    [
      'gap',
      [
        { from: 0, count: 1 },
        { from: 2, count: 1 },
      ],
      'damaged',
      'the segments of a logical volume are not contiguous',
    ],
    [
      'overlap',
      [
        { from: 0, count: 2 },
        { from: 1, count: 1 },
      ],
      'damaged',
      'the segments of a logical volume are not contiguous',
    ],
    [
      'odd',
      [{ from: 0, count: 1, stripes: '[0, "pv0"]' }],
      'damaged',
      'a stripe of a logical volume has no valid location',
    ],
    ['empty', [], 'damaged', 'the segment count of a logical volume is out of range: 0'],
  ];
  it.each(refused)('is listed and not read if it is %s', (_what, segments, why, message) => {
    const disk = writePhysical({ text: groupText({ a: segments, b: [{ from: 0, count: 1 }] }) });
    const { blocks } = volumeOf(disk, 'lv vg/a');
    expect(() => driveReads(blocks.read([{ offset: 0, length: 1 }]), disk)).toThrow(
      expect.objectContaining({ why, message }),
    );
    expect(bytesOf(volumeOf(disk, 'lv vg/b'), disk)).toHaveLength(4096);
  });

  it('is not read if its physical volume is missing', () => {
    const disk = writePhysical({ uuid: 'x'.repeat(32), text: linear });
    const { blocks } = volumeOf(disk, 'lv vg/root');
    expect(() => driveReads(blocks.read([{ offset: 0, length: 1 }]), disk)).toThrow(
      expect.objectContaining({ why: 'unsupported', message: 'a part of the logical volume is on another disk' }),
    );
  });

  it('is left out if it is hidden, as parts of others are', () => {
    const text = linear.replace('"VISIBLE"', '"OTHER"');
    expect(find(writePhysical({ text })).map(({ name }) => name)).toEqual([null]);
  });
});

/** A volume with changed bytes, and with corrected checksums of its label and of the header of its metadata. */
function changed(
  volume: Buffer,
  ...changes: readonly (readonly [offset: number, value: Uint8Array | string])[]
): Buffer {
  const disk = patch(volume, ...changes);
  disk.writeUInt32LE(lvmChecksum(disk.subarray(4096 + 4, 4096 + 512)), 4096);
  disk.writeUInt32LE(lvmChecksum(disk.subarray(512 + 20, 1024)), 512 + 16);
  return disk;
}

/** The names of its volumes, or why the first of them cannot be read. */
function outcomeOf(disk: Buffer): unknown {
  const found = find(disk);
  try {
    const [first] = found;
    if (first !== undefined) driveReads(first.blocks.read([{ offset: 0, length: 1 }]), disk);
    return found.map(({ name }) => name);
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the label of a physical volume', () => {
  const disk = writePhysical({ text: linear, fill });
  const found = [null, 'lv vg/root'];
  const nonsense = 'the LVM label is invalid';
  const unread = 'no valid LVM metadata was found';
  /** A list of areas, each with an offset and a length. */
  const areas = (...each: readonly (readonly [offset: bigint, length: bigint])[]): Buffer =>
    Buffer.concat(each.flatMap(([offset, length]) => [u64le(offset), u64le(length)]));
  const data = (count: number): readonly (readonly [bigint, bigint])[] =>
    Array.from({ length: count }, () => [65_536n, 0n] as const);
  const [end, own] = [
    [0n, 0n],
    [4096n, BigInt(areaBytes)],
  ] as const;
  const lists = 512 + 72;

  it.each([0, 1, 2, 3, 4])('is in sector %i, of which the first four are searched', (sector) => {
    const label = disk.subarray(512, 1024);
    const moved = patch(Buffer.from(disk).fill(0, 0, 4096), [sector * 512, label]);
    expect(outcomeOf(moved)).toEqual(sector < 4 ? found : [null]);
  });

  it.each([512, 512 + 24])('is not one with another magic number at %i', (at) => {
    expect(outcomeOf(changed(disk, [at, 'X']))).toEqual([null]);
  });

  it.each<readonly [string, readonly (readonly [number, Uint8Array])[], unknown]>([
    [
      'whose header is elsewhere in it',
      [
        [512 + 20, u32le(64)],
        [512 + 64, disk.subarray(512 + 32, 512 + 400)],
      ],
      found,
    ],
    ['whose header overlaps its own beginning', [[512 + 20, u32le(31)]], nonsense],
    ['whose header ends with it', [[512 + 20, u32le(472)]], nonsense],
    ['whose header is far away', [[512 + 20, u32le(2 ** 32 - 1)]], nonsense],
    ['with eight areas of data', [[lists, areas(...data(8), end, own, end)]], found],
    ['with nine areas of data', [[lists, areas(...data(9), end, own, end)]], nonsense],
    ['with areas that fill it', [[lists, areas(...data(27))]], nonsense],
    ['with an area as far as can be counted', [[lists, areas([2n ** 53n - 2n, 1n], end, own, end)]], found],
    ['with an area that ends beyond that', [[lists, areas([2n ** 53n - 2n, 2n], end, own, end)]], nonsense],
    ['whose first area of metadata is damaged', [[lists, areas(end, [65_536n, 512n], own, end)]], found],
    ['whose second area of metadata is damaged', [[lists, areas(end, own, [65_536n, 512n], end)]], found],
    ['whose area of metadata is past the end', [[lists, areas(end, [2n ** 40n, 512n], end)]], unread],
    ['without an area of metadata', [[lists, areas(end, end)]], [null]],
  ])('%s', (_what, changes, expected) => {
    expect(outcomeOf(changed(disk, ...changes))).toEqual(expected);
  });

  const [textAt, textLength] = [4096 + 40, 4096 + 48];
  const text = Buffer.from(linear);
  /** Of that many bytes: the text, and zeros. */
  const padded = (length: number): readonly (readonly [number, Uint8Array])[] => {
    const bytes = Buffer.concat([text, Buffer.alloc(length - text.length)]);
    return [
      [4096 + 512, bytes],
      [textLength, u64le(BigInt(length))],
      [4096 + 56, u32le(lvmChecksum(bytes))],
    ];
  };
  it.each<readonly [string, readonly (readonly [number, Uint8Array])[], unknown]>([
    ['that is ignored', [[4096 + 60, u32le(1)]], unread],
    ['with other flags', [[4096 + 60, u32le(0x0102)]], found],
    ['that overlaps its own header', [[textAt, u64le(511n)]], unread],
    ['past its end', [[textAt, u64le(BigInt(areaBytes))]], unread],
    ['of no bytes', [[textLength, u64le(0n)]], unread],
    ['without a NUL', padded(text.length), found],
    ['that fills its area', padded(areaBytes - 512), found],
    ['longer than its area', padded(areaBytes - 511), unread],
    ['of 2^63 bytes', [[textLength, u64le(2n ** 63n)]], unread],
    ['with another checksum', [[4096 + 56, u32le(1)]], unread],
  ])('leads to a text %s', (_what, changes, expected) => {
    expect(outcomeOf(changed(disk, ...changes))).toEqual(expected);
  });
});

describe('several physical volumes', () => {
  const size = 256 * kibibyte;
  /** As two partitions, each with a description of the group. */
  const both = (...texts: readonly string[]): unknown => {
    const uuids = [firstUuid, 'b'.repeat(32)];
    const parts = texts.map((text, index) => writePhysical({ uuid: uuids[index] ?? '', text, size }));
    const rows = texts.map((_, index): MbrRow => [0x8e, 8 + (index * size) / 512, size / 512]);
    return find(Buffer.concat([mbrSector(rows), Buffer.alloc(7 * 512), ...parts])).map(({ name }) => name);
  };
  const numbered = (name: string, number: number | string): string =>
    groupText({ [name]: [{ from: 0, count: 1 }] }).replace('seqno = 2', `seqno = ${String(number)}`);

  it('have the logical ones of the latest description', () => {
    expect(both(numbered('old', 2), numbered('new', 3))).toEqual(['1', '2', 'lv vg/new']);
    expect(both(numbered('new', 10), numbered('old', 9))).toEqual(['1', '2', 'lv vg/new']);
    expect(both(numbered('first', 2), numbered('second', 2))).toEqual(['1', '2', 'lv vg/first']);
    expect(both(numbered('only', 0), '')).toEqual(['1', '2', 'lv vg/only']);
    expect(both(numbered('none', '"2"'), numbered('some', 1))).toEqual(['1', '2', 'lv vg/some']);
    expect(both(numbered('none', 5).replace('id = "group"', 'id = 1'), numbered('some', 1))).toEqual([
      '1',
      '2',
      'lv vg/some',
    ]);
  });

  it('may belong to several groups', () => {
    const other = numbered('b', 1).replace('id = "group"', 'id = "other"').replace('vg {', 'vg2 {');
    expect(both(numbered('a', 9), other)).toEqual(['1', '2', 'lv vg/a', 'lv vg2/b']);
  });
});

describe('a segment of a logical volume', () => {
  const extent = 4 * kibibyte;
  const place = (number: number): string => `["pv0", ${String(number)}]`;

  it('lies where its extent says, one after another', () => {
    const segments = [
      { from: 0, count: 2, stripes: place(5) },
      { from: 2, count: 1, stripes: place(0) },
      { from: 3, count: 3, stripes: place(9) },
    ];
    const disk = writePhysical({ text: groupText({ a: segments }), fill });
    const at = (from: number, count: number): Buffer =>
      disk.subarray(65_536 + from * extent, 65_536 + (from + count) * extent);
    expect(
      Buffer.compare(bytesOf(volumeOf(disk, 'lv vg/a'), disk), Buffer.concat([at(5, 2), at(0, 1), at(9, 3)])),
    ).toBe(0);
  });

  it.each<readonly [string, SegmentText, (text: string) => string, string]>([
    ['of a longer type', { from: 0, count: 1, type: 't'.repeat(40) }, String, `of the type ${'t'.repeat(32)} are`],
    [
      'in two stripes',
      { from: 0, count: 1 },
      (text) => text.replace('stripe_count = 1', 'stripe_count = 2'),
      'striped logical volumes are not supported',
    ],
    [
      'in one stripe at two places',
      { from: 0, count: 1, stripes: '["pv0", 0, "pv0", 1]' },
      String,
      'striped logical volumes are not supported',
    ],
    [
      'before its physical volume',
      { from: 0, count: 1, stripes: place(-1) },
      String,
      'a stripe of a logical volume has no valid location',
    ],
    [
      'without a number',
      { from: 0, count: 1, stripes: '["pv0", "0"]' },
      String,
      'a stripe of a logical volume has no valid location',
    ],
    [
      'one extent past the end',
      { from: 0, count: 1, stripes: place(240) },
      String,
      'a logical volume extends past the end of its physical volume',
    ],
    ['of a negative length', { from: 0, count: -1 }, String, 'the LVM metadata has no valid extent_count'],
  ])('%s is not read', (_what, segment, change, message) => {
    const disk = writePhysical({ text: change(groupText({ a: [segment] })) });
    const { blocks } = volumeOf(disk, 'lv vg/a');
    expect(() => driveReads(blocks.read([{ offset: 0, length: 1 }]), disk)).toThrow(message);
    const last = writePhysical({ text: groupText({ a: [{ from: 0, count: 1, stripes: place(239) }] }) });
    expect(bytesOf(volumeOf(last, 'lv vg/a'), last)).toHaveLength(extent);
  });
});

describe('metadata of LVM', () => {
  const settingsIn = (text: string): object => Object.fromEntries(parseMetadata(text).settings);

  it('has numbers, texts and lists', () => {
    expect(
      settingsIn('a = 1 b=-5 c = "12" d = word # e = 1\nf = ["x", 2, ["y"],] g = [] h = "q\\"uo\\\\te" b = 6'),
    ).toEqual({ a: 1, b: 6, c: '12', d: 'word', f: ['x', 2, ['y']], g: [], h: 'q"uo\\te' });
    expect(settingsIn(`a = ${'9'.repeat(15)} b = ${'9'.repeat(16)} c = 1.5`)).toEqual({
      a: 999_999_999_999_999,
      b: '9'.repeat(16),
      c: '1.5',
    });
  });

  it('is as deep as eight sections, or lists', () => {
    const deep = (open: string, close: string, count: number): string => `${open.repeat(count)}${close.repeat(count)}`;
    expect(parseMetadata(deep('a { ', '} ', 8)).sections.has('a')).toBe(true);
    expect(settingsIn(`a = ${deep('[', ']', 8)}`)).toEqual({ a: [[[[[[[[]]]]]]]] });
    for (const text of [deep('a { ', '} ', 9), `a = ${deep('[', '1]', 9)}`, `a = ${deep('[', ']', 10)}`]) {
      expect(() => parseMetadata(text)).toThrow('the LVM metadata cannot be parsed');
    }
  });

  it.each(['= 1', '{ }', 'a = =', 'a = ]', 'a 1', 'a b = 1', 'a = [1 2]', 'a = [=]', 'a = 1 }', 'a { b = 1', '] = 1'])(
    'makes no sense as %j',
    (text) => {
      expect(() => parseMetadata(text)).toThrow('the LVM metadata cannot be parsed');
    },
  );

  it('has sizes that are not negative', () => {
    const section = parseMetadata('a = 0 b = -1 c = "1" d = [1]');
    expect([numberIn(section, 'a'), listIn(section, 'd'), listIn(section, 'a')]).toEqual([0, [1], []]);
    for (const name of ['b', 'c', 'd', 'e']) {
      expect(() => numberIn(section, name)).toThrow(`the LVM metadata has no valid ${name}`);
    }
    expect(textIn(section, 'c')).toBe('1');
    for (const name of ['a', 'd', 'e'])
      expect(() => textIn(section, name)).toThrow(`the LVM metadata has no valid ${name}`);
  });
});
