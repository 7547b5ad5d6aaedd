import { describe, expect, it } from 'vitest';
import { type DetectedFormat, type Finding, plainFinding } from '../../../src/disk/parsing/finding.ts';
import { hazard } from '../../../src/disk/parsing/hazards.ts';
import { createReport, type Declared, failedReport, undeclared } from '../../../src/disk/report.ts';

function codes(
  declared: Partial<Declared>,
  format: DetectedFormat,
  more: Partial<Finding> = {},
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
