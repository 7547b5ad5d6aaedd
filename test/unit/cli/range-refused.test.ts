// A store, a gateway or a firewall that sends the whole image but refuses every part of it, in whatever way.
import { createCipheriv } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeEntry } from '../../support/images.ts';
import { glance } from '../../support/glance.ts';
import { type CliResult, runCli } from '../../support/run-cli.ts';
import { type Store, type StoreOptions, startStore, storeImage } from '../../support/store.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { isProof } from '../../support/thoroughness.ts';

const bytesOf = (size: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(Buffer.alloc(size));
const data = bytesOf(200_000);
/** Large enough to be fetched over several connections. */
const largeData = bytesOf(9 * 1024 * 1024);

type Refusal = NonNullable<StoreOptions['refusal']>;

const passing: readonly Refusal[] = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 'hang up'];
const all: readonly Refusal[] = [...Array.from({ length: 200 }, (_, index) => 400 + index), 'page', 'hang up'];
const refusals: readonly Refusal[] = isProof ? all : [400, 403, 416, 'page', 503, 'hang up'];

interface Scene {
  readonly store: Store;
  readonly cwd: string;
  readonly download: (...args: string[]) => Promise<CliResult>;
}

async function scene(options: Partial<StoreOptions>): Promise<Scene> {
  const store = await startStore({ data, ranges: 'refused', ...options });
  const cwd = await tempDir();
  const argv = ['--endpoint', store.url, 'download', storeImage, '-f', 'json'];
  return { store, cwd, download: (...args) => runCli([...argv, ...args], { cwd }) };
}

/** A scene with 120,000 bytes left by a first run, on a store that refuses every part from now on. */
async function resumed(refusal: Refusal): Promise<Scene> {
  const made = await scene({ refusal, fault: { type: 'cut', afterBytes: 120_000 } });
  expect((await made.download('-o', 'f', '--retries', '0')).code).toBe(5);
  made.store.become({ fault: undefined as never });
  made.store.asked.length = 0;
  return made;
}

async function expectWhole({ cwd }: Scene, expected: Buffer): Promise<void> {
  expect((await readFile(join(cwd, 'f'))).equals(expected)).toBe(true);
  expect(await readdir(cwd)).toEqual(['f']);
}

describe('where every part is refused, but the whole is sent', () => {
  it.each(refusals)('by %s, a download continues anyway, whatever the retries', async (refusal) => {
    for (const retries of [0, 2]) {
      const made = await resumed(refusal);
      const result = await made.download('-o', 'f', '--retries', String(retries));
      expect(result.code).toBe(0);
      expect(JSON.parse(result.stdout)).toMatchObject({ resumed_from: 120_000, verified: true });
      // Failures that may pass are retried first: a part costs less than the whole. A kept connection may be dead anyway.
      const tries = (passing.includes(refusal) ? 1 + retries : 1) + (refusal === 'hang up' ? 1 : 0);
      expect(made.store.asked).toEqual([...Array<string>(tries).fill('bytes=120000-199999'), 'all']);
      await expectWhole(made, data);
    }
  });

  it.each(isProof ? refusals : ([403, 429, 503, 'hang up', 'page'] as const))(
    'by %s, several connections become one',
    async (refusal) => {
      const made = await scene({ data: largeData, refusal });
      const result = await made.download('-o', 'f', '--connections', '3', '--retries', '1');
      expect(result.code).toBe(0);
      await expectWhole(made, largeData);
    },
  );

  it.each(isProof ? refusals : ([403, 404, 503, 'hang up'] as const))(
    'by %s, an interrupted stream is read again and continued',
    async (refusal) => {
      const made = await scene({ refusal, fault: { type: 'cut', afterBytes: 120_000 }, times: 1 });
      const result = await runCli(['--endpoint', made.store.url, '--retries', '1', 'download', storeImage]);
      expect([result.code, result.stdoutBytes.equals(data)]).toEqual([0, true]);
      expect(made.store.asked.at(-1)).toBe('all');
    },
  );

  it.each(refusals)('by %s, inspect says what it could not read', async (refusal) => {
    const vhd = Buffer.concat([bytesOf(4 * 1024 * 1024), Buffer.from('conectix'), Buffer.alloc(504)]);
    const record = { disk_format: 'vhd' };
    const { url, asked } = await startStore({ data: vhd, ranges: 'refused', refusal, record });
    const result = await runCli(['--endpoint', url, '--retries', '1', 'inspect', storeImage, '-f', 'json']);
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({ hazards: [{ code: 'end_unread', severity: 'warning' }] });
    expect(asked.filter((range) => range === 'all')).toHaveLength(passing.includes(refusal) ? 3 : 1);
  });
});

it.each([0, 1])('gives up a part that never sends a byte, and fetches the whole, with %i retries', async (retries) => {
  const made = await resumed(400);
  made.store.become({ ranges: 'works', fault: { type: 'cut', afterBytes: 0 }, times: retries + 1 });
  const result = await made.download('-o', 'f', '--retries', String(retries));
  expect(result.code).toBe(0);
  expect(made.store.asked).toEqual([...Array<string>(retries + 1).fill('bytes=120000-199999'), 'all']);
  await expectWhole(made, data);
});

describe('if the whole is refused too, that decides', () => {
  it.each([
    [401, 4, 'auth.required'],
    [403, 4, 'auth.forbidden'],
    [410, 7, 'http.status'],
    [429, 5, 'http.429'],
    [501, 7, 'http.status'],
    [503, 5, 'http.503'],
  ])('%i ends with %i, and what was there stays', async (status, code, name) => {
    const made = await resumed(400);
    made.store.become({ fault: { type: 'status', status, headers: [['Retry-After', '0']] } });
    const result = await made.download('-o', 'f', '--retries', '1');
    expect([result.code, result.error()]).toMatchObject([code, { code: name, partial: { bytes: 120_000 } }]);
    expect(made.store.asked.at(-1)).toBe('all');
    made.store.become({ fault: undefined as never });
    expect((await made.download('-o', 'f')).code).toBe(0);
    await expectWhole(made, data);
  });
});

it('API v1 starts over in the same way', async () => {
  const catalog = [makeEntry(data, { id: '1' })];
  const isData = { path: /\/v1\/images\/1$/, method: 'GET' };
  const server = await glance(catalog, [
    { on: { ...isData, times: 1 }, do: { type: 'cut', afterBytes: 120_000 } },
    { on: { ...isData, where: ({ headers }) => headers['range'] !== undefined }, do: { type: 'status', status: 403 } },
  ]);
  const cwd = await tempDir();
  const result = await server.cli(['download', '1', '-o', 'f', '--retries', '1'], { cwd });
  expect(result.code).toBe(0);
  expect((await readFile(join(cwd, 'f'))).equals(data)).toBe(true);
});
