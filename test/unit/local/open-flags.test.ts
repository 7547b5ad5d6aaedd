// Windows has neither O_NOFOLLOW nor O_NONBLOCK: Node leaves them undefined there, and a sum with one of them is no flag.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { makeBytes, makeEntry } from '../../support/images.ts';
import { tempDir } from '../../support/temp-dir.ts';

vi.mock(import('node:fs'), async (importActual) => {
  const actual = await importActual();
  const constants = { ...actual.constants, O_NOFOLLOW: undefined, O_NONBLOCK: undefined };
  return { ...actual, constants } as unknown as typeof actual;
});

const data = makeBytes(1_200_000);

it('files are read, written, resumed and replaced on a system that lacks flags of open(2)', async () => {
  const { glance } = await import('../../support/glance.ts');
  const cwd = await tempDir();
  const cut = { on: { method: 'GET', path: /\/1$/ }, times: 1, do: { type: 'cut', afterBytes: 700_000 } } as const;
  const server = await glance([makeEntry(data, { id: '1' })], [cut]);
  await writeFile(
    join(cwd, 'clouds.yaml'),
    `clouds:\n  w:\n    auth_type: none\n    auth:\n      endpoint: ${server.url.href}\n`,
  );
  const env = { OS_IMAGE_ENDPOINT_OVERRIDE: '', OS_CLOUD: 'w' };
  const broken = await server.cli(['download', '1', '-o', 'f', '--retries', '0'], { cwd, env });
  expect(broken).toMatchObject({ code: 5, stderr: expect.stringContaining('kept') });
  const resumed = await server.cli(['download', '1', '-o', 'f', '-f', 'json'], { cwd, env });
  expect(JSON.parse(resumed.stdout)).toMatchObject({ outcome: 'downloaded', resumed_from: 700_000 });
  await writeFile(join(cwd, 'f'), 'old');
  const replaced = await server.cli(['download', '1', '-o', 'f', '--force', '--metadata'], { cwd, env });
  expect(replaced.code).toBe(0);
  expect((await readFile(join(cwd, 'f'))).equals(data)).toBe(true);
  expect((await readdir(cwd)).toSorted()).toEqual(['clouds.yaml', 'f', 'f.json']);
});
