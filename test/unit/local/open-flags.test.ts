// Windows has neither O_NOFOLLOW nor O_NONBLOCK: Node leaves them undefined there, and a sum with one of them is no flag.
import { constants } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as openFlags from '../../../src/local/open-flags.ts';
import { glance } from '../../support/glance.ts';
import { makeBytes, makeEntry } from '../../support/images.ts';
import { replaceExports } from '../../support/replace-exports.ts';
import { tempDir } from '../../support/temp-dir.ts';

const { O_NOFOLLOW: _noFollow, O_NONBLOCK: _nonBlock, ...known } = constants;
const lacking = openFlags.openFlags(known);
replaceExports(openFlags, lacking);

const data = makeBytes(1_200_000);

it('flags that a system lacks are 0, and nobody asks Node for them', async () => {
  expect(lacking).toEqual({ O_NOFOLLOW: 0, O_NONBLOCK: 0, O_DIRECTORY: constants.O_DIRECTORY });
  const asks = /constants\.O_NO(?:FOLLOW|NBLOCK)|\{[^{}]*O_NO(?:FOLLOW|NBLOCK)[^{}]*\} = constants/;
  const sources = (await readdir('src', { recursive: true })).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('thread-program.ts'),
  );
  const texts = await Promise.all(sources.map((name) => readFile(join('src', name), 'utf8')));
  expect(sources.filter((_name, index) => asks.test(texts[index] ?? ''))).toEqual([]);
});

it('files are read, written, resumed and replaced on a system that lacks flags of open(2)', async () => {
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
