// Partition tables as tools write them, and what only looks like one.
import { describe, expect, it } from 'vitest';
import { writeRaw } from '../../../../examples/demo/images/content.ts';
import { makePartitionedDisk } from '../../../../examples/demo/images/partitioned.ts';
import { createReport, undeclared } from '../../../../src/disk/report.ts';
import { file, mebibyte } from '../../../support/disk/corpus/sample.ts';
import { codesOf, drive } from '../../../support/disk/drive.ts';
import { patch, u32le, u64le } from '../../../support/disk/writers.ts';

const gpt = writeRaw(makePartitionedDisk({ size: 4 * mebibyte, table: 'gpt', file }));

interface EntryFields {
  readonly flag?: number;
  readonly type?: number;
  readonly start?: number;
  readonly sectors?: number;
}

function sectorWith(...entries: readonly EntryFields[]): Buffer {
  const bytes = Buffer.alloc(4 * mebibyte);
  for (const [index, { flag = 0, type = 0x83, start = 0, sectors = 0 }] of entries.entries()) {
    bytes.set([flag, 0, 2, 0, type, 0, 0, 0], 446 + index * 16);
    bytes.set(Buffer.concat([u32le(start), u32le(sectors)]), 446 + index * 16 + 8);
  }
  return patch(bytes, [510, Buffer.from([0x55, 0xaa])]);
}

const first = { flag: 0x80, start: 64, sectors: 1000 };
const second = { start: 2000, sectors: 1000 };
const noise = Array.from({ length: 4 }, (_, index) => ({
  flag: 0x31 + index,
  type: 0x40 + index,
  start: 0x9876_5432 - index * 0x1234_5678,
  sectors: 0x1357_9bdf,
}));

describe('what ends with 55 AA', () => {
  it.each<[string, Buffer, boolean, string[]]>([
    ['one partition', sectorWith(first), true, []],
    ['two', sectorWith(first, second), true, []],
    ['two in the other order', sectorWith(second, first), true, []],
    ['one that extends past the end', sectorWith({ start: 64, sectors: 0xffff_0000 }), true, []],
    ['one with a strange flag, and nothing else', sectorWith({ ...first, flag: 0x7f }), true, ['partition_table']],
    [
      'four, one with a strange flag',
      sectorWith(first, second, { start: 4000, sectors: 1 }, { flag: 1, start: 5000, sectors: 1 }),
      false,
      [],
    ],
    ['one past the end', sectorWith({ start: 8192, sectors: 1 }), false, []],
    ['two that overlap', sectorWith(first, { start: 1000, sectors: 1000 }), false, []],
    ['types without lengths', sectorWith({ start: 1 }, { start: 2 }), false, []],
    ['a length without a type', sectorWith({ type: 0, start: 1, sectors: 5 }), false, []],
    ['a boot program', sectorWith(...noise), false, []],
    ['strange flags over nothing', sectorWith({ flag: 7, type: 0 }, { flag: 9, type: 0 }), false, []],
  ])('is a partition table or not: %s', (_name, bytes, isTable, codes) => {
    for (const hasEnd of [true, false]) {
      const { finding } = drive(bytes, hasEnd);
      // If nobody knows the size, a start past the end cannot be noticed.
      if (!hasEnd && _name === 'one past the end') continue;
      expect([finding.partitions === null, codesOf(finding).filter((code) => code !== 'end_unread')]).toEqual([
        !isTable,
        codes,
      ]);
    }
  });

  it('is not taken for a second format by chance, but is one if its entries make sense', () => {
    const gzip = (bytes: Buffer): Buffer => patch(bytes, [0, '\u001f\u008b\b']);
    expect(codesOf(drive(gzip(sectorWith(...noise))).finding)).toEqual([]);
    expect(codesOf(drive(gzip(sectorWith(first))).finding)).toEqual(['polyglot']);
  });

  it.each([
    ['of extlinux', [0, '\u00eb\u0058\u0090SYSLINUX']],
    ['of GRUB', [0, '\u00eb\u0063\u0090\u0010\u008e\u00d0\u00bc\0\u00b0']],
    ['that does not jump', [0, '\u00fa\u0031\u00c0\u008e\u00d8']],
  ] as const)('%s is a boot sector, not partitions of terabytes', (_name, start) => {
    const { finding } = drive(patch(sectorWith(...noise), start));
    expect([finding.partitions, finding.details['content'], codesOf(finding)]).toEqual([null, 'boot sector', []]);
  });
});

it('partitions past the end of a disk that is cut off are reported', () => {
  const cut = sectorWith(first, { start: 9000, sectors: 10 });
  for (const bytes of [cut, patch(cut, [450, Buffer.from([0x0c])])]) {
    expect(drive(bytes).finding).toMatchObject({
      partitions: { scheme: 'mbr', entries: [{ number: 1 }, { number: 2, start: 4_608_000n }] },
      hazards: [
        {
          code: 'truncated',
          message: 'partition 2 begins at byte 4608000, but the data ends at 4194304',
          severity: 'warning',
        },
      ],
    });
  }
  const short = gpt.subarray(0, 40_000);
  expect(codesOf(drive(short).finding)).toEqual(['truncated']);
  expect(drive(short).finding.partitions?.entries).toHaveLength(1);
});

describe('the protective entry', () => {
  const changed = (at: number, bytes: Uint8Array | number[]): Buffer => patch(gpt, [446 + at, Buffer.from(bytes)]);

  it.each<[string, string, string, Buffer]>([
    [
      'of old fdisk and parted',
      'warning',
      'the protective entry has the start CHS bytes 0/1/0 instead of 0/2/0, though it begins at sector 1',
      changed(1, [0, 1, 0]),
    ],
    [
      'with the greatest CHS',
      'warning',
      'the protective entry has the start CHS bytes 254/255/255 instead of 0/2/0, though it begins at sector 1',
      changed(1, [0xfe, 0xff, 0xff]),
    ],
    ['that begins elsewhere', 'unsafe', 'the protective entry begins at sector 5 instead of 1', changed(8, u32le(5))],
  ])('%s: %s %s', (_name, severity, message, bytes) => {
    expect(drive(bytes).finding.hazards).toEqual([{ code: 'partition_table', severity, message }]);
  });

  it('with an odd CHS leaves the image safe', () => {
    const inspected = { id: null, name: null, path: 'x', size: gpt.length, declared: undeclared };
    expect(createReport(inspected, drive(changed(1, [0, 1, 0])).finding, 0).safe).toBe(true);
  });

  it('is unsafe if it begins elsewhere and has an odd CHS', () => {
    const { hazards } = drive(patch(gpt, [447, Buffer.from([9])], [454, u32le(5)])).finding;
    expect(hazards.map(({ severity }) => severity)).toEqual(['unsafe', 'unsafe']);
  });
});

describe('GPT entries', () => {
  const names = (bytes: Buffer): unknown =>
    drive(bytes).finding.partitions?.entries?.map(({ number }) => number) ?? null;
  const entries = gpt.subarray(1024, 1024 + 16_384);

  it.each([2, 34, 2048, 3000])('at sector %i are read', (sector) => {
    const moved = patch(gpt, [1024, Buffer.alloc(16_384)], [512 + 72, u64le(BigInt(sector))], [sector * 512, entries]);
    expect([names(moved), names(gpt)]).toEqual([[1], [1]]);
    expect(codesOf(drive(moved).finding)).toEqual([]);
  });

  it('are null with a hazard if unread, never an empty list', () => {
    for (const [bytes, codes] of [
      [patch(gpt, [512 + 72, u64le(2n ** 24n)]), ['partitions_unread', 'truncated']],
      [gpt.subarray(0, 1024), ['partitions_unread', 'truncated']],
      [gpt.subarray(0, 1100), ['truncated']],
      [patch(gpt, [512 + 84, u32le(7)]), ['header_invalid']],
    ] as const) {
      const { finding } = drive(bytes);
      expect([finding.partitions, codesOf(finding)]).toEqual([{ scheme: 'gpt', entries: null }, codes]);
    }
  });

  it('are an empty list if there are none', () => {
    expect(names(patch(gpt, [1024, Buffer.alloc(16_384)]))).toEqual([]);
  });
});
