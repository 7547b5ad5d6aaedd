// How starting to serve fails, and what is left open then: nothing.
import { once } from 'node:events';
import { mkdir, open, readdir, readlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Connection } from '../../../../src/client/connection.ts';
import { bareSystem } from '../../../../src/client/system.ts';
import type { AccessRecord } from '../../../../src/server/app.ts';
import { servePlace, type ServePlaceOptions } from '../../../../src/server/place/serve-place.ts';
import { codeOf } from '../../../support/code-of.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { startS3 } from '../../../support/s3/double.ts';
import { fetchHttp } from '../../../support/servers/raw-client.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const digestWaitMs = 2000;

/** A place that is about to be served. */
function prepare(place: string, options: ServePlaceOptions = {}, env: Readonly<Record<string, string>> = {}) {
  const [clock, stop, warnings] = [new ManualClock(), new AbortController(), [] as string[]];
  const system = { ...bareSystem(env), clock };
  const connection = new Connection({ system, onWarning: (message) => warnings.push(message) });
  onTestFinished(() => connection.close());
  const start = () => servePlace(connection, place, { port: 0, ...options, signal: stop.signal });
  return { connection, clock, stop, warnings, start };
}

/** A port of this machine that somebody else listens on. */
async function takenPort(): Promise<number> {
  const other = createServer();
  onTestFinished(() => void other.close());
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  return (other.address() as AddressInfo).port;
}

/** A directory with an image whose digests take minutes. */
async function largeDirectory(): Promise<string> {
  const directory = await tempDir();
  const file = await open(join(directory, 'large.raw'), 'w');
  await file.truncate(2 ** 36);
  await file.close();
  return directory;
}

/** The files below a directory that this process has open. */
async function openFiles(directory: string): Promise<string[]> {
  const handles = await readdir('/proc/self/fd');
  const paths = await Promise.all(handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => '')));
  return paths.filter((path) => path.startsWith(directory));
}

// It reads open files from /proc.
describe.runIf(process.platform === 'linux')('a start that fails while digests are computed', () => {
  it('because the port is in use stops computing them', async () => {
    const directory = await largeDirectory();
    const { clock, start } = prepare(directory, { port: await takenPort() });
    const code = codeOf(start());
    await clock.waitForTimer(digestWaitMs);
    await expect.poll(() => openFiles(directory)).toHaveLength(1);

    clock.advance(digestWaitMs);

    expect(await code).toBe('io.port');
    expect(await openFiles(directory)).toEqual([]);
  });

  it('because of its signal does so too, and fails with the reason', async () => {
    const directory = await largeDirectory();
    const { clock, start, stop } = prepare(directory);
    const reason = new Error('enough');
    const code = codeOf(start());
    await clock.waitForTimer(digestWaitMs);
    await expect.poll(() => openFiles(directory)).toHaveLength(1);

    stop.abort(reason);

    expect(await code).toBe(reason);
    expect(await openFiles(directory)).toEqual([]);
  });
});

it('shows what is there without its digests if they take long, and stops computing them when it is closed', async () => {
  const directory = await largeDirectory();
  const { clock, start } = prepare(directory);
  const starting = start();
  await clock.waitForTimer(digestWaitMs);
  clock.advance(digestWaitMs);
  const { url, close } = await starting;

  const { body } = await fetchHttp(new URL('v2/images', url));
  expect(JSON.parse(body.toString())).toMatchObject({ images: [{ name: 'large', status: 'saving' }] });

  await Promise.all([close(), close()]);
  await close();
  await expect(fetchHttp(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

it.each([
  ['a directory that is missing', 'nosuch', 'io.missing'],
  ['a file', 'file', 'io.missing'],
  ['a mirror with a broken index', 'broken', 'metadata.invalid'],
])('does not serve %s', async (_, name, code) => {
  const directory = await tempDir();
  await mkdir(join(directory, 'broken'));
  await writeFile(join(directory, 'broken', 'index.json'), '{"schema":1');
  await writeFile(join(directory, 'file'), '');
  expect(await codeOf(prepare(join(directory, name)).start())).toBe(code);
});

it('does not serve a bucket that has no mirror, or a kind of place that it does not know', async () => {
  const store = await startS3();
  expect(await codeOf(prepare('s3://images/none', {}, store.env).start())).toBe('place.missing');
  expect(await codeOf(prepare('gs://images').start())).toBe('usage.argument');
});

it.each<[string, ServePlaceOptions]>([
  ['a token that is empty', { token: '' }],
  ['a token with a space', { token: 'a token' }],
  ['a token of two lines', { token: 'one\ntwo' }],
  ['an invalid port', { port: 65_536 }],
  ['an empty host', { host: '' }],
])('refuses %s before it looks at anything', async (_, options) => {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.raw'), 'data');
  expect(await codeOf(prepare(directory, options).start())).toBe('usage.option');
  expect(await readdir(directory)).toEqual(['a.raw']);
});

it('opens nothing if its signal is aborted before', async () => {
  const { start, stop } = prepare(await tempDir());
  const reason = new Error('enough');
  stop.abort(reason);
  expect(await codeOf(start())).toBe(reason);
});

it('tells of requests and oddities, without the token', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'odd.raw'), 'data');
  await writeFile(join(directory, 'odd.raw.json'), 'no JSON');
  const token = 'a-token/of+serve';
  const requests: AccessRecord[] = [];
  const { start, warnings } = prepare(directory, { token, onRequest: (record) => requests.push(record) });
  const { url, close } = await start();
  onTestFinished(close);

  await fetchHttp(new URL(`v2/images?name=${encodeURIComponent(token)}`, url));
  await fetchHttp(new URL('v1/images', url), { headers: { 'x-auth-token': token } });
  await close();

  expect(requests).toMatchObject([
    { method: 'GET', path: '/v2/images?name=***', status: 401, complete: true, remoteAddress: '127.0.0.1' },
    { method: 'GET', path: '/v1/images', status: 200, complete: true },
  ]);
  expect(warnings).toEqual([expect.stringContaining(join(directory, 'odd.raw.json')) as string]);
});
