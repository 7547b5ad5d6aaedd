// What is the same over both APIs, against the server's own handlers.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { v1Versions, v2Versions } from '../../../src/server/versions.ts';
import { type Glance, glance } from '../../support/glance.ts';
import type { Fault } from '../../support/faults.ts';
import { makeBytes, makeEntry } from '../../support/images.ts';
import { tempDir } from '../../support/temp-dir.ts';

const idOf = (number: number): string => `11111111-2222-4333-8444-00000000000${String(number)}`;
const data = makeBytes(300_000);
const sha512 = createHash('sha512').update(data).digest('hex');

describe.each([
  { api: 'v1', versions: v1Versions, path: `/v1/images/${idOf(1)}`, verifiedBy: 'md5' },
  { api: 'v2', versions: v2Versions, path: `/v2/images/${idOf(1)}/file`, verifiedBy: 'sha512' },
])('over $api', ({ api, versions, path, verifiedBy }) => {
  const hash = api === 'v2' ? { os_hash_algo: 'sha512', os_hash_value: sha512, os_hidden: false } : {};
  const catalog = [
    makeEntry(data, { id: idOf(1), name: 'large', properties: { os_distro: 'debian' }, ...hash }),
    makeEntry('b', { id: idOf(2), name: 'twin', created_at: '2026-01-02T00:00:00Z', ...hash, os_hash_value: null }),
    makeEntry('cc', { id: idOf(3), name: 'twin', created_at: '2026-01-03T00:00:00Z', ...hash, os_hash_value: null }),
    makeEntry('ddd', { id: idOf(4), name: 'in:quiet, "x"', status: 'deactivated', ...hash, os_hash_value: null }),
  ];
  const start = (faults: readonly Fault[] = []): Promise<Glance> => glance(catalog, faults, { versions });
  const ids = (stdout: string): readonly string[] => (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id);

  it.each([
    [
      ['--name', 'twin'],
      [2, 3],
    ],
    [
      ['--size-min', '2', '--size-max', '100K'],
      [4, 3],
    ],
    [['--status', 'deactivated'], [4]],
    [['--property', 'os_distro=debian'], [1]],
    [['--created-since', '2026-01-03'], [3]],
    [['--name', 'in:quiet, "x"'], [4]],
    [
      ['--sort', 'size:desc', '--page-size', '1'],
      [1, 4, 3, 2],
    ],
    [
      ['--sort', 'size:desc', '--limit', '2'],
      [1, 4],
    ],
  ] as const)('list %j', async (options, numbers) => {
    const { code, stdout } = await (await start()).cli(['list', '-f', 'json', ...options]);

    expect([code, ids(stdout).toSorted()]).toEqual([0, numbers.map(idOf).toSorted()]);
    if (options[0] === '--sort') expect(ids(stdout)).toEqual(numbers.map(idOf));
  });

  it('show prints the record by id, and tells apart several images with one name', async () => {
    const server = await start();

    const { stdout } = await server.cli(['show', idOf(1), '-f', 'json']);
    const twins = await server.cli(['show', 'twin', '-f', 'json']);

    expect(JSON.parse(stdout)).toMatchObject({
      ...catalog[0]?.image,
      ...(api === 'v1' && { os_hidden: null }),
      properties: { os_distro: 'debian' },
    });
    expect([twins.code, twins.error()['code']]).toEqual([3, 'image.ambiguous']);
  });

  it('download verifies, resumes with a range after a break, and leaves an existing file alone', async () => {
    const [cwd, server] = [
      await tempDir(),
      await start([{ on: { path: new RegExp(`${path}$`), times: 1 }, do: { type: 'reset', afterBytes: 200_000 } }]),
    ];

    const first = await server.cli(['download', 'large', '-o', 'f', '-f', 'json', '--connections', '1'], { cwd });
    const again = await server.cli(['download', 'large', '-o', 'f'], { cwd });

    expect([first.code, again.code]).toEqual([0, 0]);
    expect(JSON.parse(first.stdout)).toMatchObject({ verified_by: verifiedBy });
    expect(await readFile(join(cwd, 'f'))).toEqual(data);
    const ranges = server.requests.filter((request) => request.path === path && request.method === 'GET');
    expect(ranges.map(({ headers }) => headers['range']?.replace(/=\d+-\d+$/, ''))).toEqual([undefined, 'bytes']);
  });

  it('download of a deactivated image is denied, and the target stays', async () => {
    const [cwd, server] = [await tempDir(), await start()];
    await writeFile(join(cwd, 'f'), 'mine');

    const result = await server.cli(['download', idOf(4), '-o', 'f', '--force', '-f', 'json'], { cwd });

    expect([result.code, result.error()['code']]).toEqual([4, 'image.deactivated']);
    expect(await readFile(join(cwd, 'f'), 'utf8')).toBe('mine');
  });
});
