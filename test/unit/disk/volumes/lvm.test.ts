import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import { findVolumes } from '../../../../src/disk/volumes/find-volumes.ts';
import type { Volume } from '../../../../src/disk/volumes/volume.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { areaBytes, groupText, type SegmentText, writePhysical } from '../../../support/disk/lvm.ts';
import { tellingBytes } from '../../../support/disk/patterns.ts';

const mebibyte = 1024 * 1024;
const kibibyte = 1024;

function find(disk: Buffer): readonly Volume[] {
  return driveReads(findVolumes(new FlatBlocks(disk.length)), disk);
}

function bytesOf({ blocks }: Volume, disk: Buffer): Uint8Array {
  const [bytes] = driveReads(blocks.read([{ offset: 0, length: blocks.size }]), disk);
  return bytes ?? new Uint8Array();
}

/** Of the volume of this name. */
function volumeOf(disk: Buffer, name: string): Volume {
  const volume = find(disk).find((each) => each.name === name);
  if (volume === undefined) throw new Error(`there is no ${name}`);
  return volume;
}

describe('a disk that LVM made', () => {
  const disk = gunzipSync(readFileSync(join(import.meta.dirname, '../../../fixtures/disk/lvm.gz')));
  // The physical volumes begin at 1 and 5 MiB, their extents of 64 KiB at sector 384 of them.
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
