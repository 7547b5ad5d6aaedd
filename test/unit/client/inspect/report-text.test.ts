import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReport, parseReport } from '../../../../src/client/inspect/report-text.ts';
import { AuditPage } from '../../../../src/pages/audit-page.ts';
import { unreadContents } from '../../../../src/disk/contents/contents.ts';
import { inspectFile } from '../../../../src/client/standalone.ts';
import type { Report } from '../../../../src/index.ts';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { tempDir } from '../../../support/temp-dir.ts';

/** An image with a partition table. */
async function makeReport(): Promise<Report> {
  const disk = Buffer.alloc(1024 * 1024);
  disk.set([0x80, 0, 0, 0, 0x83, 0, 0, 0, 1, 0, 0, 0, 0xff, 0, 0, 0], 446);
  disk.set([0x55, 0xaa], 510);
  const path = join(await tempDir(), 'disk.raw');
  await writeFile(path, disk);
  return { ...(await inspectFile(path, { contents: true })), id: '1', path: null };
}

describe('a report on its way through a queue', () => {
  it('comes back unchanged, including whole numbers of any length', async () => {
    const report = { ...(await makeReport()), virtual_size: 2n ** 63n - 1n };
    expect(report.partitions?.entries).toHaveLength(1);
    expect(parseReport(formatReport(report), '1')).toEqual(report);
  });

  it('is refused if any part of it was changed to something else, or else has the shape that printing needs', async () => {
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

  it('is shown safely to people, whatever values were replaced', async () => {
    const contents = {
      ...unreadContents('limit'),
      filesystems: [{ partition: '1', type: 'ext4', label: 'a', uuid: 'b', size: 4096, free: 1024, read: true }],
      os: { id: 'a', id_like: ['b'], version_id: '1', name: 'A', pretty_name: null, codename: 'c', architecture: 'd' },
      kernels: [{ version: '6.1', initrd: true }],
      packages: { manager: 'dpkg', count: 1 },
      cloud_init: { datasources: ['None'] },
    } as const;
    const report = { ...(await makeReport()), virtual_size: 2n ** 20n, contents };
    const text = formatReport({ ...report, declared: { ...report.declared, virtual_size: 2 ** 20 } });
    for (const path of pathsOf(JSON.parse(text))) {
      for (const value of [null, 0, -1, 1.5, 1e300, 'text', true, [], [1], {}, { a: 1 }]) {
        const changed = parseOrNull(JSON.stringify(replaceAt(JSON.parse(text), path, value)));
        if (changed === null) continue;
        const page = new AuditPage({ madeAt: null, wordAdvice: (advice) => advice.trim() });
        expect(() => page.add(changed), `${path.join('.')}: ${JSON.stringify(value)}`).not.toThrow();
      }
    }
  });
});

/** All values at any depth, by their keys. */
function pathsOf(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [[key], ...pathsOf(each).map((path) => [key, ...path])]);
}

function replaceAt(value: unknown, [key = '', ...rest]: readonly string[], by: unknown): unknown {
  const entries = Object.entries(value as object).map(([own, each]): [string, unknown] => {
    if (own !== key) return [own, each];
    return [own, rest.length === 0 ? by : replaceAt(each, rest, by)];
  });
  return Array.isArray(value) ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}

function parseOrNull(text: string): Report | null {
  try {
    return parseReport(text, '1');
  } catch {
    return null;
  }
}
