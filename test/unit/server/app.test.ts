import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { appendFile, open, rename, unlink, writeFile } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { type AccessRecord, type RunningServer, type ServerOptions, startServer } from '../../../src/server/app.ts';
import { type CatalogImage, makeCatalog } from '../../../src/server/images/catalog.ts';
import { loadCatalog } from '../../support/load-catalog.ts';
import { fileBytes, identify, type ImageBytes } from '../../../src/server/answers/image-bytes.ts';
import { makeBytes, makeEntry, makeImage } from '../../support/images.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { fetchHttp, requestText, sendRaw } from '../../support/servers/raw-client.ts';
import { tempDir } from '../../support/temp-dir.ts';

const mebibyte = 1024 * 1024;
const path = '/v1/images/1';

async function start(entry: CatalogImage, options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const server = await startServer({ catalog: makeCatalog([entry]), port: 0, clock: new ManualClock(), ...options });
  onTestFinished(() => server.close());
  return server;
}

/** Endless zeros, and how many of them were requested. */
function zeros(size: number): ImageBytes & { readonly read: () => number } {
  let read = 0;
  function* generate(count: number): Generator<Buffer> {
    for (let left = count; left > 0; left -= mebibyte) {
      read += Math.min(left, mebibyte);
      yield Buffer.alloc(Math.min(left, mebibyte));
    }
  }
  return { size, open: (from, to) => Readable.from(generate(to - from)), read: () => read };
}

function makeLarge(data: ImageBytes): CatalogImage {
  return { image: makeImage({ id: '1', size: data.size }), data, members: [] };
}

/** An answer of which only the headers have been read. */
function begin(server: RunningServer, agent?: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(new URL(path, server.url), { agent: agent ?? false }, resolve);
    request.on('error', reject);
  });
}

function connectTo(server: RunningServer): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
    onTestFinished(() => void socket.destroy());
  });
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => void socket.resume().once('close', resolve));

test('listens only on this machine, at a free port, and says where', async () => {
  const server = await start(makeEntry('data', { id: '1' }));

  expect(server.url.href).toBe(`http://127.0.0.1:${String(server.port)}/`);
  expect(server.port).toBeGreaterThan(0);
  expect(await fetchHttp(server.url)).toMatchObject({ status: 300 });
});

test('writes status, header names and values as a real server does, and the data', async () => {
  const data = makeBytes(300_000);
  const server = await start(makeEntry(data, { id: '1', name: 'Grüße' }));

  const answer = await sendRaw(server.url, requestText('GET', path, 'Connection: close'));

  expect(answer.head).toMatch(
    /^HTTP\/1\.1 200 OK\r\nContent-Length: 300000\r\nContent-Type: application\/octet-stream\r\n/,
  );
  expect(answer.head).toContain(`\r\nX-Image-Meta-Name: ${Buffer.from('Grüße').toString('latin1')}\r\n`);
  expect(answer.head).toContain('\r\nX-Image-Meta-Is_public: True\r\n');
  expect(answer.head).toMatch(/\r\nEtag: [0-9a-f]{32}\r\n/);
  expect(answer.body.equals(data)).toBe(true);
});

test('sends the requested part of the data', async () => {
  const data = makeBytes(300_000);
  const server = await start(makeEntry(data, { id: '1' }));

  const { status, body } = await fetchHttp(new URL(path, server.url), { headers: { Range: 'bytes=70000-200000' } });

  expect(status).toBe(206);
  expect(body.equals(data.subarray(70_000, 200_001))).toBe(true);
});

test('answers HEAD with headers alone', async () => {
  const server = await start(makeEntry('data', { id: '1' }));

  const { head, body } = await sendRaw(server.url, requestText('HEAD', path, 'Connection: close'));

  expect(head).toContain('\r\nContent-Length: 0\r\n');
  expect(body).toHaveLength(0);
});

test('serves a directory', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.img'), 'data');
  const [entry] = (await loadCatalog(directory)).images;
  if (entry === undefined) throw new Error('nothing was loaded');
  const server = await start(entry);

  const { body } = await fetchHttp(new URL(`/v1/images/${entry.image.id}`, server.url));

  expect(body.toString()).toBe('data');
});

test('says which port is taken', async () => {
  const { port } = await start(makeEntry(''));

  await expect(startServer({ catalog: makeCatalog([]), port })).rejects.toMatchObject({
    code: 'io.port',
    message: `127.0.0.1:${String(port)} is in use`,
  });
});

test.each([
  ['', 0, '`host` is not an address that a URL can name: ""'],
  ['fe80::1%eth0', 0, '`host` is not an address that a URL can name: "fe80::1%eth0"'],
  ['127.0.0.1', 65_536, '`port` is not a whole number from 0 to 65535: 65536'],
  ['127.0.0.1', -1, '`port` is not a whole number from 0 to 65535: -1'],
  ['127.0.0.1', Number.NaN, '`port` is not a whole number from 0 to 65535: NaN'],
])('does not listen on host "%s" and port %d', async (host, port, message) => {
  await expect(startServer({ catalog: makeCatalog([]), host, port })).rejects.toMatchObject({
    code: 'usage.option',
    message,
  });
});

test('says which address does not belong to this machine', async () => {
  await expect(startServer({ catalog: makeCatalog([]), port: 0, host: '192.0.2.1' })).rejects.toMatchObject({
    code: 'io.port',
  });
});

test('reads no more of the data than a client accepts', async () => {
  const data = zeros(4096 * mebibyte);
  const server = await start(makeLarge(data));
  const response = await begin(server);

  // Enough time for a server that does not wait for its reader.
  for (let count = 0; count < 200; count += 1) {
    await fetchHttp(server.url);
  }

  expect(data.read()).toBeLessThan(64 * mebibyte);
  response.destroy();
});

test('sends a file of many chunks unchanged, whole and in part', async () => {
  const directory = await tempDir();
  const data = randomBytes(2_500_001);
  await writeFile(join(directory, 'a.img'), data);
  const [entry] = (await loadCatalog(directory)).images;
  if (entry === undefined) throw new Error('nothing was loaded');
  const server = await start(entry);
  const url = new URL(`/v2/images/${entry.image.id}/file`, server.url);

  const [whole, part] = await Promise.all([
    fetchHttp(url),
    fetchHttp(url, { headers: { Range: 'bytes=400000-2400000' } }),
  ]);

  expect(whole.body.equals(data)).toBe(true);
  expect(part.body.equals(data.subarray(400_000, 2_400_001))).toBe(true);
});

test('breaks off if the file changes while it is sent', async () => {
  const file = join(await tempDir(), 'a.img');
  await writeFile(file, '');
  const handle = await open(file, 'r+');
  await handle.truncate(64 * mebibyte);
  const data = fileBytes(file, await identify(handle));
  await handle.close();
  const server = await start(makeLarge(data));
  const response = await begin(server);

  await appendFile(file, 'x');

  await expect(buffer(response)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(response.complete).toBe(false);
});

test('answers with an error if a file was replaced or removed before', async () => {
  const directory = await tempDir();
  const [file, other] = [join(directory, 'a.img'), join(directory, 'b.img')];
  await writeFile(file, 'data');
  const [entry] = (await loadCatalog(directory)).images;
  if (entry === undefined) throw new Error('nothing was loaded');
  const server = await start(entry);
  const url = new URL(`/v1/images/${entry.image.id}`, server.url);

  await writeFile(other, 'atad');
  await rename(other, file);
  const replaced = await fetchHttp(url);
  await unlink(file);
  const gone = await fetchHttp(url);

  expect(replaced).toMatchObject({ status: 500, headers: { 'content-type': 'text/plain; charset=UTF-8' } });
  expect(gone.status).toBe(404);
  expect(replaced.body.toString() + gone.body.toString()).not.toContain(directory);
});

test.for([3, 5])('never ends an answer of 4 bytes with %i', async (count) => {
  const data: ImageBytes = { size: 4, open: () => Readable.from([Buffer.alloc(2), Buffer.alloc(count - 2)]) };
  const server = await start(makeLarge(data));

  await expect(fetchHttp(new URL(path, server.url))).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('reports each request when its answer has ended', async () => {
  const records: AccessRecord[] = [];
  const server = await start(makeEntry('data', { id: '1' }), { onRequest: (record) => records.push(record) });

  await fetchHttp(new URL(path, server.url));
  await fetchHttp(new URL('/v1/images/2?x=y', server.url), { method: 'HEAD' });
  await server.close();

  const common = { durationMs: 0, complete: true, remoteAddress: '127.0.0.1' };
  expect(records).toEqual([
    { method: 'GET', path, status: 200, bytes: 4, ...common },
    { method: 'HEAD', path: '/v1/images/2?x=y', status: 404, bytes: 0, ...common },
  ]);
});

test('reports that an answer was not sent completely', async () => {
  const events = new EventEmitter();
  const recorded = once(events, 'record') as Promise<[AccessRecord]>;
  const server = await start(makeLarge(zeros(1024 * mebibyte)), {
    onRequest: (record) => void events.emit('record', record),
  });
  const response = await begin(server);

  response.destroy();

  const [{ complete, bytes }] = await recorded;
  expect(complete).toBe(false);
  expect(bytes).toBeLessThan(1024 * mebibyte);
});

test('refuses a malformed answer before it is sent, and hangs up', async () => {
  const server = await start(makeEntry('data', { id: '1' }));

  const asking = await sendRaw(server.url, requestText('PUT', path, 'Expect: 100-continue', 'Content-Length: 9'));
  const sending = await sendRaw(server.url, `${requestText('PUT', path, 'Content-Length: 4')}data`);

  expect(asking.head).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
  expect(sending.head).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
  expect(sending.head).toContain('\r\nConnection: close');
});

test('limits the number of concurrent connections', async () => {
  const server = await start(makeEntry(''), { maxConnections: 1 });
  const first = await connectTo(server);

  await closed(await connectTo(server));

  expect(server.connections()).toBe(1);
  first.destroy();
});

test('finishes current answers when it closes, and ends idle connections', async () => {
  const data = zeros(64 * mebibyte);
  const server = await start(makeLarge(data));
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const idle = await connectTo(server);
  const response = await begin(server, agent);

  const closing = Promise.all([server.close(), closed(idle)]);
  const body = await buffer(response);
  await closing;

  expect(body).toHaveLength(64 * mebibyte);
  expect(server.connections()).toBe(0);
  await expect(fetchHttp(server.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('does not wait for ever for a client that accepts nothing', async () => {
  const clock = new ManualClock();
  const server = await start(makeLarge(zeros(1024 * mebibyte)), { clock, drainMs: 7000 });
  const response = await begin(server);

  const closing = server.close();
  clock.advance(7000);
  await closing;

  await expect(buffer(response)).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('closes when its signal is aborted', async () => {
  const controller = new AbortController();
  const server = await start(makeEntry(''), { signal: controller.signal });
  const idle = await connectTo(server);

  controller.abort();
  await closed(idle);

  await expect(fetchHttp(server.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
