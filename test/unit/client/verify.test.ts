// Comparisons with the library only.
import { createHash } from 'node:crypto';
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type FileVerdict,
  GlanceClient,
  systemOf,
  verifyFile,
  type VerifyEvent,
  verifyMirror,
} from '../../../src/index.ts';
import { codeOf } from '../../support/code-of.ts';
import { glance } from '../../support/glance.ts';
import { makeBytes, makeEntry } from '../../support/images.ts';
import { expectEachValid } from '../../support/schemas/schemas.ts';
import { tempDir } from '../../support/temp-dir.ts';

const data = makeBytes(200_000);
const sha256 = createHash('sha256').update(data).digest('hex');
const catalog = [makeEntry(data, { id: '1', name: 'one' }), makeEntry('x', { id: '2', name: 'two' })];

/** A client of a server with these images, and a directory with the first of them and its record. */
async function open() {
  const [server, directory] = [await glance(catalog), await tempDir()];
  const client = await GlanceClient.connect({ endpoint: server.url });
  onTestFinished(() => client.close());
  const path = join(directory, 'one.raw');
  await client.download('one', path, { metadata: true });
  return { server, client, directory, path };
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(9) === 0 ? 1 : 0, 9);
  await writeFile(path, bytes);
}

async function verdictsOf(verdicts: AsyncIterable<FileVerdict>): Promise<readonly FileVerdict[]> {
  const all: FileVerdict[] = [];
  for await (const verdict of verdicts) all.push(verdict);
  return all;
}

it('compares with a list of checksums, in a file or on a server, with and without Glance', async () => {
  const { client, directory, path } = await open();
  const list = join(directory, 'SHA256SUMS');
  await writeFile(list, `${sha256}  upstream.img\n`);
  const named = { against: list, againstName: 'upstream.img' };
  expect(await verifyFile(path, named)).toMatchObject({ status: 'ok', algorithm: 'sha256' });
  expect(await client.verify(path, 'one', named)).toMatchObject({ status: 'ok', algorithm: 'sha256' });
  const other = join(directory, 'other.raw');
  const how = { expectFrom: list, againstName: 'upstream.img' };
  expect(await client.download('one', other, how)).toMatchObject({ verified_by: 'sha256' });
  expect(await codeOf(client.download('two', other, { ...how, force: true }))).toBe('integrity.digest');
  const image = await client.find('one');
  expect(await buffer(client.open(image, how))).toEqual(data);
  expect(await codeOf(buffer(client.open(image, { expectFrom: list })))).toBe('integrity.unprovable');
});

it('starts relative paths, and a list, where the caller says, whatever connects', async () => {
  const { client, directory } = await open();
  await client.mirror(join(directory, 'mirror')).run();
  await writeFile(join(directory, 'SUMS'), `${sha256}  one.raw\n`);
  const system = { ...systemOf(process), env: {}, cwd: directory };
  for (const how of [{ system }, { connect: { system } }, { connect: {}, system }]) {
    expect(await verifyFile('one.raw', { ...how, against: 'SUMS' })).toMatchObject({ status: 'ok', path: 'one.raw' });
    expect(await verdictsOf(verifyMirror('mirror', how))).toMatchObject([{ status: 'ok' }, { status: 'ok' }]);
  }
});

describe('a file', () => {
  it('is compared with its record, without a connection', async () => {
    const { server, path } = await open();
    const asked = server.asked().length;
    const verdict = await verifyFile(path);
    expect(verdict).toMatchObject({ path, status: 'ok', size: 200_000, expected_size: 200_000, algorithm: 'md5' });
    await flip(path);
    const altered = await verifyFile(path);
    expect(altered.status).toBe('altered');
    await writeFile(path, 'short');
    const short = await verifyFile(path);
    expect(short).toMatchObject({ status: 'size', size: 5, expected_size: 200_000, actual: null });
    expectEachValid('verify-report', [verdict, altered, short]);
    expect(server.asked()).toHaveLength(asked);
  });

  it('is compared with given digests, which need no record', async () => {
    const { path } = await open();
    await rm(`${path}.json`);
    expect(await verifyFile(path, { expect: [`sha256:${sha256}`] })).toMatchObject({ status: 'ok', actual: sha256 });
    const other = '0'.repeat(64);
    expect(await verifyFile(path, { expect: [`sha256:${sha256}`, `sha256:${other}`] })).toMatchObject({
      status: 'altered',
      expected: other,
      actual: sha256,
    });
    expect(await codeOf(verifyFile(path))).toBe('io.missing');
    expect(await codeOf(verifyFile(path, { expect: ['sha256:xyz'] }))).toBe('usage.argument');
  });

  it("is compared with an image, its pin, and the caller's digests", async () => {
    const { client, path } = await open();
    expect(await client.verify(path, 'one')).toMatchObject({ status: 'ok', algorithm: 'md5' });
    expect(await client.verify(path, await client.find('1'))).toMatchObject({ status: 'ok' });
    expect(await client.verify(path, `one@sha256:${sha256}`)).toMatchObject({ status: 'ok', expected: sha256 });
    expect(await client.verify(path, 'two')).toMatchObject({ status: 'size', expected_size: 1 });
    const demanded = [`sha256:${'0'.repeat(64)}`];
    expect(await client.verify(path, 'one', { expect: demanded })).toMatchObject({ status: 'altered', actual: sha256 });
    await flip(path);
    expect(await client.verify(path, 'one')).toMatchObject({ status: 'altered' });
  });

  it('that is missing is an error before any request', async () => {
    const { server, client, directory } = await open();
    const asked = server.asked().length;
    const path = join(directory, 'nosuch');
    expect(await codeOf(verifyFile(path))).toBe('io.missing');
    expect(await codeOf(client.verify(path, 'one'))).toBe('io.missing');
    expect(server.asked()).toHaveLength(asked);
  });

  it('is not read through a link', async () => {
    const { directory, path } = await open();
    await symlink(path, join(directory, 'link'));
    expect(await codeOf(verifyFile(join(directory, 'link'), { expect: [`sha256:${sha256}`] }))).toBe('io.not_regular');
  });

  it('is no longer read after the signal', async () => {
    const { path } = await open();
    const reason = new Error('enough');
    expect(await codeOf(verifyFile(path, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });
});

describe('a mirror', () => {
  it('is compared with its index, with events, and each finding is a verdict', async () => {
    const [{ client }, directory] = [await open(), await tempDir()];
    await client.mirror(directory).run();
    const events: VerifyEvent[] = [];
    const good = await verdictsOf(verifyMirror(directory, { jobs: 1, onEvent: (event) => events.push(event) }));
    expect(good.map(({ path, status }) => [path, status])).toEqual([
      ['1/1.raw', 'ok'],
      ['2/2.raw', 'ok'],
    ]);
    expect(events[0]).toMatchObject({ event: 'start', name: '2 images', total: 200_001 });
    expect(events.at(-1)).toMatchObject({ event: 'progress', bytes: 200_001, total: 200_001 });
    expectEachValid('progress-event', events);
    await flip(join(directory, '1/1.raw'));
    await rm(join(directory, '2/2.raw'));
    await writeFile(join(directory, 'stray'), '');
    const found = await verdictsOf(verifyMirror(directory));
    expect(found.map(({ status }) => status)).toEqual(['altered', 'missing', 'stray']);
    expectEachValid('verify-report', [...good, ...found]);
  });

  it('with an index that no mirror wrote has that as its only finding', async () => {
    const directory = await tempDir();
    await writeFile(join(directory, 'index.json'), '{}');
    const events: VerifyEvent[] = [];
    const found = await verdictsOf(verifyMirror(directory, { onEvent: (event) => events.push(event) }));
    expect(found).toMatchObject([{ path: 'index.json', status: 'forged' }]);
    expect(events).toMatchObject([{ event: 'forged', message: expect.stringContaining('index.json') as string }]);
    expectEachValid('progress-event', events);
    expectEachValid('verify-report', found);
  });

  it('with an index of very many missing images is reported image by image, until a signal', async () => {
    const directory = await tempDir();
    const ids = Array.from({ length: 3500 }, (_, index) => `i${String(index)}`);
    const lines = ids.map((id) =>
      JSON.stringify({ id, file: `${id}/${id}.raw`, size: 1, digests: { sha512: 'a'.repeat(128) }, record: sha256 }),
    );
    await writeFile(join(directory, 'index.json'), `{"schema":1,"images":[\n${lines.join(',\n')}\n],"failed":[\n]}\n`);
    const found = await verdictsOf(verifyMirror(directory));
    expect(found.map(({ path }) => path)).toEqual([...ids.map((id) => `${id}/image.json`), 'SHA512SUMS']);
    expect(new Set(found.map(({ status }) => status))).toEqual(new Set(['missing']));
    const [stop, reason, seen] = [new AbortController(), new Error('enough'), [] as FileVerdict[]];
    const interrupted = async (): Promise<void> => {
      for await (const verdict of verifyMirror(directory, { signal: stop.signal })) {
        // Queued like the handler of a signal.
        if (seen.push(verdict) === 1) setImmediate(() => stop.abort(reason));
      }
    };
    expect(await codeOf(interrupted())).toBe(reason);
    expect(seen.length).toBeLessThan(ids.length);
  });

  it('that does not exist is an error', async () => {
    expect(await codeOf(verdictsOf(verifyMirror(await tempDir())))).toBe('io.missing');
  });
});
