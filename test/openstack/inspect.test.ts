// What inspect finds in the images of a real Glance, and how little of them it reads.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/disk/report.ts';
import { type CliResult, glanceCli } from './support/cli.ts';
import { sampleId, stack } from './support/stack.ts';

const mostBytes = 1024 * 1024;

const hazardous: readonly (readonly [number: number, codes: readonly string[]])[] = [
  [70, ['backing_file']],
  [71, ['data_file']],
  [72, ['unsupported_subformat', 'external_extent', 'external_extent']],
  [73, ['backing_file', 'format_mismatch']],
];

describe.skipIf(stack === null)('inspect --all', () => {
  let result: CliResult = { code: null, stdout: '', stderr: '' };
  const reports = new Map<string, Report>();

  beforeAll(async () => {
    if (stack === null) return;
    result = await glanceCli(['inspect', '--all', '-f', 'ndjson']);
    for (const line of result.stdout.trimEnd().split('\n')) {
      const report = JSON.parse(line) as Report;
      reports.set(report.id ?? '', report);
    }
  });

  const samples = (): readonly Report[] => [...reports.values()].filter(({ id }) => id?.startsWith('5eed') === true);

  test('exits with 11 after inspecting every sample', () => {
    expect(result.code).toBe(11);
    expect(samples().length).toBeGreaterThan(60);
  });

  test.each(hazardous)('finds what makes sample %i unsafe', (number, codes) => {
    const report = reports.get(sampleId(number));
    expect(report?.safe).toBe(false);
    expect(report?.hazards.filter(({ severity }) => severity === 'unsafe').map(({ code }) => code)).toEqual(codes);
  });

  test('finds no other sample unsafe', () => {
    const unsafe = samples().filter(({ safe }) => safe === false);
    expect(unsafe.map(({ id }) => id ?? '').toSorted()).toEqual(hazardous.map(([number]) => sampleId(number)));
  });

  test('tells which samples have no data available', () => {
    const unread = samples().filter(({ safe }) => safe === null);
    expect(Object.fromEntries(unread.map(({ id, error }) => [id, error?.code]))).toEqual({
      [sampleId(20)]: 'image.no_data',
      [sampleId(21)]: 'image.no_data',
      [sampleId(22)]: 'image.deactivated',
      [sampleId(25)]: 'image.no_data',
      [sampleId(38)]: 'image.deactivated',
      [sampleId(92)]: 'image.no_data',
    });
  });

  test.each([
    [1, 'qcow2'],
    [2, 'raw'],
    [3, 'vmdk'],
    [5, 'vhd'],
    [7, 'vdi'],
    [8, 'vhdx'],
    [9, 'iso'],
    [13, 'ova'],
  ])('finds that sample %i is %s', (number, format) => {
    expect(reports.get(sampleId(number))).toMatchObject({ format, safe: true });
  });

  test('reads at most a megabyte of each', () => {
    expect(Math.max(...[...reports.values()].map(({ bytes_read }) => bytes_read))).toBeLessThan(mostBytes);
  });

  test('resumes after the image that --marker names', async () => {
    const rest = await glanceCli(['inspect', '--all', '-f', 'ndjson', '--marker', sampleId(70)]);
    const ids = rest.stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as Report).id ?? '');
    const all = [...reports.keys()];
    expect(ids).toEqual(all.slice(all.indexOf(sampleId(70)) + 1));
  });
});
