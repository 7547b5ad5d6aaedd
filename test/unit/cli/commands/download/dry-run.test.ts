import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planKeys, type PlannedDownload } from '../../../../../src/client/download/foresee.ts';
import { glance, type Glance } from '../../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../../support/images.ts';
import type { CliResult } from '../../../../support/run-cli.ts';
import { expectValid } from '../../../../support/schemas/schemas.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const data = makeBytes(2_000_000);
const catalog = ['a', 'b', 'c', 'd'].map((name, index) =>
  makeEntry(data, { id: String(index + 1), name, disk_format: 'qcow2' }),
);
const queued = makeEntry('', { id: '5', name: 'queued', status: 'queued', size: null, checksum: null });

const plan = (server: Glance, cwd: string, ...args: string[]): Promise<CliResult> =>
  server.cli(['download', '--dry-run', '-f', 'json', ...args], { cwd });

/** No image data was requested. */
function expectNoData(server: Glance, before: number): void {
  expect(
    server
      .asked()
      .slice(before)
      .filter((each) => /^GET .*\/images\/\d$/.test(each)),
  ).toEqual([]);
}

describe('download --dry-run', () => {
  it('says what would be fetched or resumed, is up to date or in the way, and does nothing', async () => {
    const cwd = await tempDir();
    const cut = {
      on: { method: 'GET', path: /\/images\/2$/, times: 1 },
      do: { type: 'cut', afterBytes: 900_000 },
    } as const;
    const server = await glance(catalog, [cut]);
    expect((await server.cli(['download', 'a', '-o', './'], { cwd })).code).toBe(0);
    expect((await server.cli(['download', 'b', '-o', './', '--retries', '0'], { cwd })).code).toBe(5);
    await writeFile(join(cwd, 'c.qcow2'), 'mine');
    const [files, asked] = [await readdir(cwd), server.asked().length];
    const { code, stdout, error } = await plan(server, cwd, 'a', 'b', 'c', 'd', 'nobody', '-o', './');
    const rows = JSON.parse(stdout) as PlannedDownload[];
    expect(rows.map(({ outcome, image, bytes, path }) => [outcome, image, bytes, path])).toEqual([
      ['current', '1', data.length, join(cwd, 'a.qcow2')],
      ['resume', '2', data.length, join(cwd, 'b.qcow2')],
      ['in_the_way', '3', data.length, join(cwd, 'c.qcow2')],
      ['fetch', '4', data.length, join(cwd, 'd.qcow2')],
      ['failed', 'nobody', null, null],
    ]);
    expect(rows.map(({ kept }) => kept > 0)).toEqual([false, true, false, false, false]);
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(planKeys);
      expectValid('download-plan', row);
    }
    expect([code, error()['message']]).toEqual([9, '2 of 5 images would fail']);
    expect(error()['failures']).toMatchObject([{ code: 'io.exists' }, { code: 'image.not_found' }]);
    expectNoData(server, asked);
    expect(await readdir(cwd)).toEqual(files);
    expect(await readFile(join(cwd, 'c.qcow2'), 'utf8')).toBe('mine');
  });

  it('exits as the download of one image would, as far as is known', async () => {
    const [server, cwd] = [await glance([...catalog, queued]), await tempDir()];
    await writeFile(join(cwd, 'f'), 'mine');
    const outcomes = [];
    for (const args of [
      ['a', '-o', 'g'],
      ['a', '-o', 'f'],
      ['a', '-o', 'f', '--force'],
      ['a'],
      ['queued', '-o', 'g'],
      ['a', '-o', 'g', '--expect', `md5:${'0'.repeat(32)}`],
      ['nobody', '-o', 'g'],
      ['a', '-o', '.'],
      ['a', '-o', 'new/'],
    ]) {
      const { code, stdout } = await plan(server, cwd, ...args);
      const rows = stdout === '' ? [] : [JSON.parse(stdout) as PlannedDownload | PlannedDownload[]].flat();
      outcomes.push([code, ...rows.map(({ outcome }) => outcome)]);
    }
    expect(outcomes).toEqual([
      [0, 'fetch'],
      [8, 'in_the_way'],
      [0, 'fetch'],
      [0, 'fetch'],
      [3, 'failed'],
      [6, 'failed'],
      [3],
      [0, 'fetch'],
      [0, 'fetch'],
    ]);
    expect(await readdir(cwd)).toEqual(['f']);
    expectNoData(server, 0);
  });

  it('accepts a pattern, and shows people a table', async () => {
    const [server, cwd] = [await glance(catalog), await tempDir()];
    await mkdir(join(cwd, 'images'));
    const { code, stdout, stderr } = await server.cli(['download', '[ab]', '-o', 'images/', '-n'], { cwd });
    expect(code).toBe(0);
    expect(stderr).toBe('"[ab]" matches 2 images: a, b\n');
    expect(stdout).toMatch(/^WHAT +SIZE +KEPT +IMAGE +TARGET\nfetch +1\.9 MiB +- +a +/);
    expect(await readdir(join(cwd, 'images'))).toEqual([]);
  });
});
