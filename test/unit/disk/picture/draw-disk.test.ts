import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unreadContents } from '../../../../src/disk/contents/contents.ts';
import type { Partition } from '../../../../src/disk/parsing/finding.ts';
import { plainFinding } from '../../../../src/disk/parsing/finding.ts';
import { drawDisk, type Picture } from '../../../../src/disk/picture/draw-disk.ts';
import { addContents, createReport, type Report, undeclared } from '../../../../src/disk/report.ts';

const mebibyte = 1024n * 1024n;
const linux = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';
const efi = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const nameless = { id: null, name: null, path: 'disk', size: 1, declared: undeclared };

function reportOn(size: bigint | null, entries: readonly Partition[] | null, scheme: 'mbr' | 'gpt' = 'gpt'): Report {
  const partitions = entries === null ? null : { scheme, entries };
  return createReport(nameless, { ...plainFinding('raw'), virtualSize: size, partitions }, 0);
}

function part(number: number, start: bigint, size: bigint, type = linux, name: string | null = null): Partition {
  return { number, type, name, start, size };
}

function draw(report: Report): Picture {
  const picture = drawDisk(report);
  if (picture === null) throw new Error('no picture');
  return picture;
}

describe('the picture of a disk', () => {
  it('has its partitions in order and to scale, with the gaps between', () => {
    const entries = [part(2, 500n * mebibyte, 300n * mebibyte), part(1, mebibyte, 99n * mebibyte, efi, 'boot')];
    const { parts, scheme, isToScale } = draw(reportOn(1000n * mebibyte, entries));
    expect(scheme).toBe('gpt');
    expect(isToScale).toBe(true);
    expect(parts.map(({ kind, number, purpose, name }) => [kind, number, purpose, name])).toEqual([
      ['partition', 1, 'EFI system', 'boot'],
      ['free', null, null, null],
      ['partition', 2, 'Linux', null],
      ['free', null, null, null],
    ]);
    const shares = [99, 400, 300, 200].map((share) => share / 999);
    for (const [index, { share }] of parts.entries()) expect(share).toBeCloseTo(shares[index] ?? 0, 10);
  });

  it('widens parts that could not be seen, and says so', () => {
    const entries = [part(1, mebibyte, mebibyte), part(2, 2n * mebibyte, 1_000_000n * mebibyte)];
    const { parts, isToScale } = draw(reportOn(1_000_002n * mebibyte, entries));
    expect(isToScale).toBe(false);
    expect(parts.map(({ share }) => share)).toEqual([0.025, 0.975]);
  });

  it('marks what overlaps or ends past the end, and draws only what is there', () => {
    const entries = [
      part(1, 0n, 100n * mebibyte),
      part(2, 50n * mebibyte, 100n * mebibyte),
      part(3, 150n * mebibyte, 900n * mebibyte),
    ];
    const { parts } = draw(reportOn(200n * mebibyte, entries));
    expect(parts.map(({ fault, share }) => [fault, share])).toEqual([
      [null, 0.5],
      ['overlaps', 0.25],
      ['beyond', 0.25],
    ]);
  });

  it('has logical partitions in place of the one around them', () => {
    const entries = [
      part(1, mebibyte, 9n * mebibyte, '83'),
      part(2, 10n * mebibyte, 90n * mebibyte, '05'),
      part(5, 11n * mebibyte, 89n * mebibyte, '82'),
    ];
    const numbers = draw(reportOn(100n * mebibyte, entries, 'mbr')).parts.map(({ number, purpose }) => [
      number,
      purpose,
    ]);
    expect(numbers).toEqual([
      [1, 'Linux'],
      [5, 'Linux swap'],
    ]);
  });

  it('has file systems, how full they are, and logical volumes', () => {
    const filesystem = { type: 'ext4', label: null, uuid: null, size: 100, free: 25, read: true };
    const filesystems = [
      { ...filesystem, partition: '1' },
      { ...filesystem, partition: 'lv a/b' },
      { ...filesystem, partition: '2', type: null },
    ];
    const contents = { ...unreadContents('limit'), filesystems };
    const entries = [part(1, 0n, 50n * mebibyte), part(2, 50n * mebibyte, 50n * mebibyte)];
    const found = { contents, partitions: { scheme: 'gpt' as const, entries }, hazards: [] };
    const { parts, volumes } = draw(addContents(reportOn(100n * mebibyte, null), found));
    expect(parts.map(({ used, filesystem: inside }) => [used, inside?.type])).toEqual([
      [0.75, 'ext4'],
      [0.75, undefined],
    ]);
    expect(volumes.map(({ partition }) => partition)).toEqual(['lv a/b']);
  });

  it('reports a different declared size', () => {
    const report = reportOn(100n, [part(1, 0n, 100n)]);
    const withDeclared = (virtual_size: number): Report => ({ ...report, declared: { ...undeclared, virtual_size } });
    expect(draw(report).declared).toBe(null);
    expect(draw(withDeclared(100)).declared).toBe(null);
    expect(draw(withDeclared(99)).declared).toBe(99n);
  });

  it('is null if the size is unknown', () => {
    expect(drawDisk(reportOn(null, null))).toBe(null);
    expect(drawDisk(reportOn(0n, []))).toBe(null);
  });

  it('is null if nothing is known', () => {
    expect(drawDisk(reportOn(100n, null))).toBe(null);
    expect(drawDisk(reportOn(100n, []))).toBe(null);
  });

  it('fits, whatever a table says', () => {
    const entry = fc.record({
      number: fc.integer({ min: 1, max: 1024 }),
      type: fc.constantFrom(linux, efi, '83', '05', 'EE', 'constructor'),
      name: fc.option(fc.string()),
      start: fc.bigInt({ min: 0n, max: 2n ** 76n }),
      size: fc.bigInt({ min: 0n, max: 2n ** 76n }),
    });
    const size = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
    const scheme = fc.constantFrom('mbr' as const, 'gpt' as const);
    fc.assert(
      fc.property(size, fc.array(entry, { maxLength: 200 }), scheme, (bytes, entries, kind) => {
        const picture = drawDisk(reportOn(bytes, entries, kind));
        if (picture === null) return;
        const { parts, omitted } = picture;
        const shares = parts.map(({ share }) => share);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
        expect(Math.min(...shares)).toBeGreaterThanOrEqual(Math.min(0.025, 1 / (2 * parts.length)));
        expect(parts.length).toBeLessThanOrEqual(2 * 64 + 1);
        expect(parts.filter(({ number }) => number !== null).length + omitted).toBeLessThanOrEqual(entries.length);
      }),
    );
  });
});
