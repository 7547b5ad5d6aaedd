import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReport, parseReport } from '../../../../src/client/inspect/report-text.ts';
import { inspectFile } from '../../../../src/client/inspect/inspect-file.ts';
import type { Report } from '../../../../src/index.ts';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { tempDir } from '../../../support/temp-dir.ts';

/** With a partition table. */
async function makeReport(): Promise<Report> {
  const disk = Buffer.alloc(1024 * 1024);
  disk.set([0x80, 0, 0, 0, 0x83, 0, 0, 0, 1, 0, 0, 0, 0xff, 0, 0, 0], 446);
  disk.set([0x55, 0xaa], 510);
  const path = join(await tempDir(), 'disk.raw');
  await writeFile(path, disk);
  return { ...(await inspectFile(path, { contents: true })), id: '1', path: null };
}

describe('a report on its way through a queue', () => {
  it('comes back as it was, whole numbers of any length too', async () => {
    const report = { ...(await makeReport()), virtual_size: 2n ** 63n - 1n };
    expect(report.partitions?.entries).toHaveLength(1);
    expect(parseReport(formatReport(report), '1')).toEqual(report);
  });

  it('is refused where any of it was changed to something else, or has the shape that printing needs', async () => {
    const text = formatReport(await makeReport());
    const keys = Object.keys(JSON.parse(text) as object);
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
        const changed = JSON.stringify({ ...(JSON.parse(text) as object), [key]: value });
        try {
          const { hazards, declared, contents, partitions } = parseReport(changed, '1');
          expect([Array.isArray(hazards), typeof declared]).toEqual([true, 'object']);
          for (const { size } of partitions?.entries ?? []) expect(typeof size).toBe('bigint');
          expect(contents === null || Array.isArray(contents.filesystems)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'metadata.invalid' });
        }
      }),
      { numRuns: 300 },
    );
  });
});
