// What changes during a download: the image, the login, what is known of the data.
import { createCipheriv } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { glance } from '../../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../../support/images.ts';
import { type CliResult, runCli } from '../../../../support/run-cli.ts';
import { type Store, startStore, storeImage } from '../../../../support/servers/store.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const bytesOf = (length: number, seed: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length));
const data = bytesOf(400_000, 1);

const download = (store: Store, args: readonly string[], cwd = '/dev/null'): Promise<CliResult> =>
  runCli(['--endpoint', store.url, 'download', storeImage, '--error-format', 'json', ...args], { cwd });

describe('an image that is replaced', () => {
  it.each([
    ['by a larger one', 500_000],
    ['by one of the same size', data.length],
  ])('between the request for its record and that for its data, %s, is fetched as it is now', async (_how, size) => {
    const cwd = await tempDir();
    const store = await startStore({ data, ranges: 'works' });
    const other = bytesOf(size, 2);
    store.onData = () => store.become({ data: other });
    const { code } = await download(store, ['-o', 'f'], cwd);
    expect(code).toBe(0);
    expect((await readFile(join(cwd, 'f'))).equals(other)).toBe(true);
    expect(await readdir(cwd)).toEqual(['f']);
  });

  it('is not confused with a server that gives another length for the same image', async () => {
    const cwd = await tempDir();
    const store = await startStore({ data, ranges: 'works', record: { size: data.length + 1 } });
    const { code, error } = await download(store, ['-o', 'f'], cwd);
    expect(code).toBe(6);
    expect(error()).toMatchObject({ code: 'integrity.size', expected: data.length + 1, actual: data.length });
    expect(store.asked).toEqual(['all']);
    expect(await readdir(cwd)).toEqual([]);
  });
});

it('an image deleted during a break ends with 3, and nothing is kept', async () => {
  const cwd = await tempDir();
  const server = await glance(
    [makeEntry(makeBytes(200_000), { id: '1' })],
    [
      { on: { method: 'GET', path: /\/1$/ }, do: { type: 'cut', afterBytes: 100_000 } },
      { on: { method: 'HEAD', after: 1 }, do: { type: 'status', status: 404 } },
    ],
  );
  const { code, error } = await server.cli(['download', '1', '-o', 'f', '-f', 'json'], { cwd });
  expect(code).toBe(3);
  expect(error()).toMatchObject({ code: 'image.not_found', partial: null });
  expect(await readdir(cwd)).toEqual([]);
});

it('a login that expires during a break is reported, with 4, and the part is kept', async () => {
  const cwd = await tempDir();
  const server = await glance(
    [makeEntry(makeBytes(200_000), { id: '1' })],
    [
      { on: { method: 'GET', path: /\/1$/, times: 1 }, do: { type: 'cut', afterBytes: 100_000 } },
      { on: { method: 'HEAD', after: 1, times: 1 }, do: { type: 'status', status: 401 } },
    ],
  );
  const run = (): Promise<CliResult> => server.cli(['download', '1', '-o', 'f', '-f', 'json'], { cwd });
  const { code, error } = await run();
  expect(code).toBe(4);
  expect(error()).toMatchObject({ code: 'auth.expired', partial: { bytes: 100_000 } });
  const again = await run();
  expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { resumed_from: 100_000, verified: true }]);
});

describe('to a pipe', () => {
  it('without a digest everything is read and compared after a break, even if the store has ranges', async () => {
    const fault = { type: 'cut', afterBytes: 300_000 } as const;
    const store = await startStore({ data, ranges: 'works', hasDigest: false, fault, times: 1 });
    const { code, stdoutBytes } = await download(store, []);
    expect([code, stdoutBytes.equals(data)]).toEqual([0, true]);
    expect(store.asked).toEqual(['all', 'all']);
  });

  it('without a digest changed data after a break is noticed', async () => {
    const fault = { type: 'cut', afterBytes: 300_000 } as const;
    const store = await startStore({ data, ranges: 'works', hasDigest: false, fault, times: 1 });
    let requests = 0;
    store.onData = () => {
      requests += 1;
      if (requests === 2) store.become({ data: bytesOf(data.length, 2), fault, times: 0 });
    };
    const { code, error, stdoutBytes } = await download(store, []);
    expect(code).toBe(6);
    expect(error()).toMatchObject({ code: 'integrity.contradiction' });
    // What was in transit when the connection broke may be lost with it.
    expect(stdoutBytes).toEqual(data.subarray(0, Math.min(stdoutBytes.length, 300_000)));
    expect(stdoutBytes.length).toBeGreaterThan(0);
  });

  it('warns that whatever reads the pipe got bad data if the digest does not match', async () => {
    const store = await startStore({ data, ranges: 'works', fault: { type: 'flip', offset: 9 } });
    const { code, error } = await download(store, []);
    expect(code).toBe(6);
    expect(error()).toMatchObject({
      code: 'integrity.digest',
      hint: expect.stringContaining('has received bad data'),
    });
  });
});
