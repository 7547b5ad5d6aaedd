// A place served by the library alone, and used with its client.
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished, test } from 'vitest';
import { writeQcow2 } from '../../../examples/demo/images/qcow2.ts';
import {
  type AccessRecord,
  type FailureRecord,
  GlanceClient,
  type Image,
  serve,
  type ServedPlace,
  type ServeOptions,
  systemOf,
} from '../../../src/index.ts';
import { codeOf } from '../../support/code-of.ts';
import { glance } from '../../support/glance.ts';
import { makeBytes, makeEntry } from '../../support/images.ts';
import { type S3Double, startS3 } from '../../support/s3/double.ts';
import { fetchHttp, type HttpAnswer } from '../../support/servers/raw-client.ts';
import { tempDir } from '../../support/temp-dir.ts';

const bytes = makeBytes(300_000);
const browser = { headers: { accept: 'text/html,*/*;q=0.8' } };

/** Serves a place on a free port for the running test. */
async function open(place: string, options: ServeOptions = {}): Promise<ServedPlace> {
  const served = await serve(place, { port: 0, ...options });
  onTestFinished(() => served.close());
  return served;
}

async function clientOf({ url }: ServedPlace, token?: string): Promise<GlanceClient> {
  const client = await GlanceClient.connect({ endpoint: url, token });
  onTestFinished(() => client.close());
  return client;
}

async function listAll(client: GlanceClient): Promise<readonly Image[]> {
  const images: Image[] = [];
  for await (const image of client.list()) images.push(image);
  return images;
}

/** The list for browsers, once every image in it is inspected. */
async function inspectedPage({ url }: ServedPlace): Promise<string> {
  let page = '';
  do page = (await fetchHttp(url, browser)).body.toString();
  while (page.includes('not inspected yet'));
  return page;
}

/** A directory with two images. */
async function imageDirectory(): Promise<string> {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.qcow2'), writeQcow2({ size: 2 ** 23, pieces: [] }));
  await writeFile(join(directory, 'b.raw'), bytes);
  return directory;
}

/** A bucket into which the library has put a mirror. */
async function mirrorBucket(): Promise<S3Double> {
  const [server, store] = [await glance([makeEntry(bytes, { id: '1', name: 'one' })]), await startS3()];
  const client = await GlanceClient.connect({ endpoint: server.url, env: store.env });
  onTestFinished(() => client.close());
  await client.mirror('s3://images/prod').run();
  await client.close();
  return store;
}

test('a directory is a Glance for clients, and pages for browsers', async () => {
  const directory = await imageDirectory();
  const requests: AccessRecord[] = [];
  const served = await open(directory, { onRequest: (record) => requests.push(record) });
  expect(served.url.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);

  const client = await clientOf(served);
  const images = await listAll(client);
  expect(images.map(({ name, status }) => `${String(name)} ${status}`).toSorted()).toEqual(['a active', 'b active']);
  const target = join(await tempDir(), 'b.raw');
  expect(await client.download('b', target)).toMatchObject({ outcome: 'downloaded', verified_by: 'sha512' });
  expect((await readFile(target)).equals(bytes)).toBe(true);
  expect(requests).toContainEqual(
    expect.objectContaining({ method: 'GET', path: expect.stringMatching(/\/file$/) as string, bytes: 300_000 }),
  );

  const page = await inspectedPage(served);
  expect(page).toContain('>safe<');
  await served.close();
  expect(await readFile(join(directory, '.glance-cli-reports.txt'), 'utf8')).toContain('"format":"qcow2"');
});

test('a mirror in a bucket is a Glance for clients, and pages for browsers', async () => {
  const store = await mirrorBucket();
  const [before, failures] = [store.requests.length, [] as FailureRecord[]];
  const served = await open('s3://images/prod', {
    connect: { env: store.env, retries: 0 },
    onFailure: (record) => failures.push(record),
  });

  const client = await clientOf(served);
  expect(await listAll(client)).toMatchObject([{ id: '1', name: 'one', size: 300_000 }]);
  const target = join(await tempDir(), 'one.raw');
  expect(await client.download('one', target)).toMatchObject({ outcome: 'downloaded', bytes: 300_000 });
  expect((await readFile(target)).equals(bytes)).toBe(true);
  expect(await inspectedPage(served)).toContain('<h1>s3://images/prod</h1>');
  const methods = store.requests.slice(before).map(({ method }) => method);
  expect([...new Set(methods)].toSorted()).toEqual(['GET', 'HEAD']);

  store.become({ faults: [{ on: { key: 'prod/1/1.raw' }, do: { type: 'error', code: 'AccessDenied' } }] });
  expect((await fetchHttp(new URL('v2/images/1/file', served.url))).status).toBe(503);
  expect(failures).toMatchObject([{ method: 'GET', path: '/v2/images/1/file', error: { code: 'place.denied' } }]);
});

it('uses the endpoint of the option for a bucket, and closes its connections to the store', async () => {
  const store = await mirrorBucket();
  const { AWS_ENDPOINT_URL_S3: s3Endpoint, ...env } = store.env;
  const served = await open('s3://images/prod', { s3Endpoint, pages: false, connect: { env } });
  expect(await listAll(await clientOf(served))).toMatchObject([{ name: 'one' }]);
  await served.close();
  await expect.poll(() => store.connections()).toBe(0);
});

it('answers only those with the token, and browsers without pages', async () => {
  const token = 'a-secret-of-this-test';
  const directory = await imageDirectory();
  const served = await open(directory, { token });
  expect(await listAll(await clientOf(served, token))).toHaveLength(2);
  expect(await codeOf(listAll(await clientOf(served, 'another-secret')))).toBe('auth.required');
  expect(await codeOf(listAll(await clientOf(served)))).toBe('auth.required');
  expect((await fetchHttp(served.url, browser)).headers['content-security-policy']).toBeUndefined();
  await served.close();
  expect(await readdir(directory)).not.toContain('.glance-cli-reports.txt');
});

it.each<ServeOptions>([{ pages: false }, { v1Style: 'document' }])('has no pages with %j', async (options) => {
  const served = await open(await imageDirectory(), options);
  expect((await fetchHttp(served.url, browser)).headers['content-security-policy']).toBeUndefined();
});

it('shows advice in the words of the program', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.raw'), '<html>not found</html>');
  const served = await open(directory, { wordAdvice: (advice) => `[${advice}]` });
  const [, link = ''] = /href="(page\/[^"]+)"/.exec(await inspectedPage(served)) ?? [];
  expect((await fetchHttp(new URL(link, served.url), browser)).body.toString()).toContain(
    'To do: [look at what was uploaded',
  );
});

it('answers v1 as its specification does, if that is asked for', async () => {
  const served = await open(await imageDirectory(), { v1Style: 'document' });
  const statusOf = async (path: string): Promise<number> => (await fetchHttp(new URL(path, served.url))).status;
  expect([await statusOf('images'), await statusOf('v2/images')]).toEqual([200, 404]);
});

it('starts relative paths where the caller says, and warns the connection', async () => {
  const cwd = await tempDir();
  await mkdir(join(cwd, 'images'));
  await writeFile(join(cwd, 'images', 'a.raw'), '');
  await writeFile(join(cwd, 'images', 'a.raw.json'), '{');
  const system = { ...systemOf(process), env: {}, cwd };
  for (const how of [{ system }, { connect: { system } }]) {
    const warnings: string[] = [];
    const onWarning = (message: string): unknown => warnings.push(message);
    await open('images', { ...how, connect: { ...how.connect, onWarning } });
    expect(warnings).toEqual([expect.stringContaining(join(cwd, 'images', 'a.raw.json')) as string]);
  }
});

it('is closed as often as one likes, and by its signal', async () => {
  const stop = new AbortController();
  const [one, other] = [await open(await tempDir()), await open(await tempDir(), { signal: stop.signal })];
  await Promise.all([one.close(), one.close()]);
  await one.close();
  expect(await refusal(one)).toBe('ECONNREFUSED');

  expect((await fetchHttp(other.url)).status).toBe(300);
  stop.abort(new Error('enough'));
  await other.close();
  expect(await refusal(other)).toBe('ECONNREFUSED');
});

it('is closed by its signal alone, and by that of what it connects with', async () => {
  for (const how of [(signal: AbortSignal) => ({ signal }), (signal: AbortSignal) => ({ connect: { signal } })]) {
    const stop = new AbortController();
    const served = await open(await tempDir(), how(stop.signal));
    stop.abort(new Error('enough'));
    await expect.poll(() => refusal(served)).toBe('ECONNREFUSED');
  }
});

async function refusal({ url }: ServedPlace): Promise<unknown> {
  return await fetchHttp(url).then(
    ({ status }: HttpAnswer) => status,
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  );
}

it('closes the connections to a store if it cannot start', async () => {
  const store = await mirrorBucket();
  const other = createServer();
  onTestFinished(() => void other.close());
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const connect = { env: store.env };
  expect(await codeOf(serve('s3://images/prod', { port, connect }))).toBe('io.port');
  expect(await codeOf(serve('s3://images/none', { port: 0, connect }))).toBe('place.missing');
  const reason = new Error('enough');
  expect(await codeOf(serve('s3://images/prod', { connect, signal: AbortSignal.abort(reason) }))).toBe(reason);
  await expect.poll(() => store.connections()).toBe(0);
});

it('fails if there is nothing to serve, or no such kind of place', async () => {
  expect(await codeOf(serve(join(await tempDir(), 'nosuch')))).toBe('io.missing');
  expect(await codeOf(serve('gs://images'))).toBe('usage.argument');
  expect(await codeOf(serve(await tempDir(), { port: -1 }))).toBe('usage.option');
});
