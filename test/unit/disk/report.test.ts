import { describe, expect, it } from 'vitest';
import { type DetectedFormat, type DiskFinding, plainFinding } from '../../../src/disk/parsing/finding.ts';
import { hazard } from '../../../src/disk/parsing/hazards.ts';
import {
  addContents,
  createReport,
  type Declared,
  failedReport,
  type FoundInside,
  subjectOf,
  undeclared,
} from '../../../src/disk/report.ts';

function codes(
  declared: Partial<Declared>,
  format: DetectedFormat,
  more: Partial<DiskFinding> = {},
  size = 1000,
): string[] {
  const inspected = { id: '1', name: 'n', path: null, size, declared: { ...undeclared, ...declared } };
  return createReport(inspected, { ...plainFinding(format), ...more }, 0).hazards.map(({ code }) => code);
}

describe('what is declared', () => {
  it.each<[Partial<Declared>, DetectedFormat, string[]]>([
    [{ disk_format: 'qcow2' }, 'qcow2', []],
    [{ disk_format: 'raw' }, 'raw', []],
    [{ disk_format: 'raw' }, 'luks', []],
    [{ disk_format: 'raw' }, 'qcow2', ['format_mismatch']],
    [{ disk_format: 'raw' }, 'vmdk', ['format_mismatch']],
    [{ disk_format: 'raw' }, 'iso', ['format_mismatch']],
    [{ disk_format: 'qcow2' }, 'raw', ['format_mismatch']],
    [{ disk_format: 'vhd' }, 'vhdx', ['format_mismatch']],
    [{ disk_format: 'vhd' }, 'raw', ['format_mismatch']],
    [{ disk_format: 'aki', container_format: 'aki' }, 'raw', []],
    [{ disk_format: 'ari', container_format: 'ari' }, 'gzip', []],
    [{ disk_format: null, container_format: 'aki' }, 'xz', []],
    [{ disk_format: 'ami', container_format: 'ami' }, 'gzip', ['compressed']],
    [{ disk_format: 'ami', container_format: 'ami' }, 'qcow2', ['format_mismatch']],
    [{ disk_format: 'qcow2', container_format: 'compressed' }, 'gzip', []],
    [{ disk_format: 'qcow2', container_format: 'compressed' }, 'qcow2', ['format_mismatch']],
    [{ disk_format: 'qcow2', container_format: 'bare' }, 'gzip', ['compressed', 'format_mismatch']],
    [{ disk_format: 'vmdk', container_format: 'ova' }, 'ova', []],
    [{ disk_format: 'vmdk', container_format: 'ova' }, 'tar', ['format_mismatch']],
    [{ disk_format: 'raw', container_format: 'docker' }, 'tar', []],
    [{}, 'qcow2', []],
  ])('%o and found %s: %o', (declared, format, expected) => {
    expect(codes(declared, format)).toEqual(expected);
  });

  it('as vhd, and raw from the start, is no mismatch while the end is unread', () => {
    const hazards = [hazard('end_unread', 'x', 'warning')];
    expect(codes({ disk_format: 'vhd' }, 'raw', { hazards })).toEqual(['end_unread']);
    const declared = { disk_format: 'vhd', virtual_size: 488 };
    expect(codes(declared, 'raw', { hazards, virtualSize: 1000n })).toEqual(['end_unread']);
  });

  it('as virtual size is compared to the byte, even beyond 2^53', () => {
    const declared = { disk_format: 'qcow2', virtual_size: 10 };
    expect(codes(declared, 'qcow2', { virtualSize: 10n })).toEqual([]);
    expect(codes(declared, 'qcow2', { virtualSize: 11n })).toEqual(['virtual_size_mismatch']);
    expect(codes(declared, 'qcow2', { virtualSize: null })).toEqual([]);
    expect(codes({ disk_format: 'qcow2', virtual_size: 2 ** 53 }, 'qcow2', { virtualSize: 2n ** 53n + 1n })).toEqual([
      'virtual_size_mismatch',
    ]);
    expect(codes({ disk_format: 'iso', virtual_size: 1000 }, 'iso', { virtualSize: 900n })).toEqual([]);
    expect(codes({ disk_format: 'iso', virtual_size: 950 }, 'iso', { virtualSize: 900n })).toEqual([
      'virtual_size_mismatch',
    ]);
    expect(codes({ disk_format: 'raw', virtual_size: 1000 }, 'luks', { virtualSize: 900n })).toEqual([]);
    expect(codes({ disk_format: 'raw', virtual_size: 950 }, 'luks', { virtualSize: 900n })).toEqual([
      'virtual_size_mismatch',
    ]);
    expect(
      codes({ disk_format: 'vmdk', container_format: 'ova', virtual_size: 5 }, 'ova', { virtualSize: null }),
    ).toEqual([]);
  });

  it('as min_disk is a warning if the disk is larger', () => {
    const virtualSize = 2n * 1024n ** 3n;
    expect(codes({ disk_format: 'qcow2', min_disk: 1 }, 'qcow2', { virtualSize })).toEqual(['min_disk']);
    expect(codes({ disk_format: 'qcow2', min_disk: 2 }, 'qcow2', { virtualSize })).toEqual([]);
    expect(codes({ disk_format: 'qcow2', min_disk: 0 }, 'qcow2', { virtualSize })).toEqual([]);
  });
});

it('an image that cannot be read is neither safe nor unsafe', () => {
  const report = failedReport(
    { id: '1', name: null, path: null, size: null, declared: undeclared },
    { code: 'net.reset', message: 'gone' },
  );
  expect(report).toMatchObject({ format: null, safe: null, error: { code: 'net.reset', message: 'gone' } });
});

describe('a report', () => {
  const inspected = { id: '1', name: null, path: '/d/f', size: 1000, declared: undeclared };

  it('is named after the image, its id, its file, or where it came from', () => {
    const subject = { name: 'n', id: '1', path: '/f' };
    expect(subjectOf(subject)).toBe('n');
    expect(subjectOf({ ...subject, name: null })).toBe('1');
    expect(subjectOf({ ...subject, name: null, id: null })).toBe('/f');
    expect(subjectOf({ name: null, id: null, path: null })).toBe('standard input');
  });

  it('says only that about an image that cannot be read', () => {
    const { error, safe, bytes_read, encrypted, features, hazards, format, path } = failedReport(inspected, {
      code: 'c',
      message: 'm',
    });
    expect({ error, safe, bytes_read, encrypted, features, hazards, format, path }).toEqual({
      error: { code: 'c', message: 'm' },
      safe: null,
      bytes_read: 0,
      encrypted: false,
      features: [],
      hazards: [],
      format: null,
      path: '/d/f',
    });
  });

  const entry = (number: number) => ({ number, start: 0n, size: 1n }) as never;
  const table = (scheme: string, numbers: readonly number[] | null) =>
    ({ scheme, entries: numbers === null ? null : numbers.map(entry) }) as unknown as NonNullable<
      FoundInside['partitions']
    >;

  it.each([
    ['none and none', null, null, null],
    ['one that is found first', table('mbr', [1]), null, table('mbr', [1])],
    ['one that is found inside', null, table('gpt', [1]), table('gpt', [1])],
    ['one whose entries are found inside', table('mbr', null), table('mbr', [1]), table('mbr', [1])],
    ['two of one kind, each entry once', table('mbr', [1, 2]), table('mbr', [2, 5]), table('mbr', [1, 2, 5])],
    ['two of which the second has no entries', table('mbr', [1]), table('mbr', null), table('mbr', [1])],
    ['two of different kinds: the first', table('mbr', [1]), table('gpt', [2]), table('mbr', [1])],
  ])('has the partitions of both tables: %s', (_what, first, second, expected) => {
    const before = createReport(
      inspected,
      { ...plainFinding('raw'), partitions: first, hazards: [hazard('end_unread', 'x')] },
      5,
    );
    const contents = {} as FoundInside['contents'];
    const report = addContents(before, { contents, partitions: second, hazards: [hazard('compressed', 'y')] });
    expect(report.partitions).toEqual(expected);
    expect([report.hazards.map(({ code }) => code), report.safe, report.bytes_read]).toEqual([
      ['end_unread', 'compressed'],
      before.safe,
      5,
    ]);
    expect(report.contents).toBe(contents);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ first_member: 'disk.vmdk' }, ': its first member, disk.vmdk, is not an OVF descriptor'],
    [{ first_member: 'x'.repeat(101) }, `: its first member, ${'x'.repeat(100)}\u{2026}, is not an OVF descriptor`],
    [
      { first_member: 'a', descriptor: 'b'.repeat(101) },
      `: its OVF descriptor, ${'b'.repeat(100)}\u{2026}, is not the first member, which is a`,
    ],
    [
      { first_member: 'a'.repeat(101), descriptor: 'b' },
      `: its OVF descriptor, b, is not the first member, which is ${'a'.repeat(100)}\u{2026}`,
    ],
    [{}, ''],
  ])('says why a tar is not an OVA: %j', (details, why) => {
    const declared = { ...undeclared, container_format: 'ova' };
    const said = (wanted: Declared): string[] =>
      createReport(
        { ...inspected, declared: wanted },
        { ...plainFinding('tar'), details } as DiskFinding,
        0,
      ).hazards.map(({ message }) => message);
    expect(said(declared)).toEqual([`it is declared as ova, but is tar${why}`]);
    expect(said({ ...declared, container_format: 'bare', disk_format: 'iso' })).toEqual([
      'it is declared as iso, but is tar',
    ]);
  });
});
