// What one client or one record can do to the others: nothing.
import { EventEmitter, once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type AccessRecord,
  type FailureRecord,
  type RunningServer,
  type ServerOptions,
  startServer,
} from '../../../src/server/app.ts';
import { type CatalogImage, makeCatalog } from '../../../src/server/images/catalog.ts';
import { fileBytes, identify, type ImageBytes } from '../../../src/server/answers/image-bytes.ts';
import { takeTurns } from '../../../src/server/turns.ts';
import { makeEntry, makeImage } from '../../support/images.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { fetchHttp, requestText, sendRaw } from '../../support/servers/raw-client.ts';
import { tempDir } from '../../support/temp-dir.ts';

interface Started extends RunningServer {
  readonly failures: FailureRecord[];
  /** Resolves with the next record of the access log. */
  readonly nextRecord: () => Promise<AccessRecord>;
}

async function start(images: readonly CatalogImage[], options: Partial<ServerOptions> = {}): Promise<Started> {
  const failures: FailureRecord[] = [];
  const log = new EventEmitter();
  const server = await startServer({
    catalog: makeCatalog(images),
    port: 0,
    clock: new ManualClock(),
    onFailure: (record) => failures.push(record),
    onRequest: (record) => void log.emit('record', record),
    ...options,
  });
  onTestFinished(() => server.close());
  const nextRecord = async (): Promise<AccessRecord> => ((await once(log, 'record')) as [AccessRecord])[0];
  return { ...server, failures, nextRecord };
}

async function connectTo(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** An image with a field that throws when read. */
function makeBroken(id: string, field: 'tags' | 'name'): CatalogImage {
  const image = Object.defineProperty(makeImage({ id }), field, {
    get: () => {
      throw new TypeError('no such field');
    },
  });
  return { image, data: null, members: [] };
}

/** Four bytes that cannot be opened. */
function failingData(failure: Error): ImageBytes {
  const next = async (): Promise<never> => {
    throw failure;
  };
  return { size: 4, open: () => ({ [Symbol.asyncIterator]: () => ({ next }) }) };
}

describe('a request that fails', () => {
  const images = [makeBroken('1', 'name'), makeEntry('data', { id: '2' })];

  test.each([
    ['/v1/images/detail', 'text/html; charset=UTF-8'],
    ['/v2/images', 'text/html; charset=UTF-8'],
    ['/v2/images/1', 'application/json'],
  ])('%s is a 500 with an id that the log has too, and the others continue', async (path, accept) => {
    const server = await start(images);

    const answer = await fetchHttp(new URL(path, server.url), { headers: { accept: accept.split(';')[0] ?? '' } });

    expect(answer).toMatchObject({ status: 500, headers: { 'content-type': accept } });
    const requestId = answer.headers['x-openstack-request-id'];
    expect(requestId).toMatch(/^req-/);
    expect(server.failures).toMatchObject([{ requestId, method: 'GET', path, error: { message: 'no such field' } }]);
    expect(await fetchHttp(new URL('/v1/images/2', server.url))).toMatchObject({ status: 200 });
  });

  test('is logged under the id that the client sent', async () => {
    const server = await start(images);

    await fetchHttp(new URL('/v2/images/1', server.url), { headers: { 'x-openstack-request-id': 'mine' } });

    expect(server.failures).toMatchObject([{ requestId: 'mine' }]);
  });

  test('is also one if looking for files fails', async () => {
    const refresh = (): Promise<void> => Promise.reject(new Error('no directory'));
    const server = await start([], { catalog: { ...makeCatalog([]), refresh } });

    await expect(fetchHttp(server.url)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(fetchHttp(server.url)).rejects.toMatchObject({ code: 'ECONNRESET' });

    expect(server.failures).toHaveLength(2);
  });

  test.each([
    ['v1', '/v1/images/1', 'text/html; charset=UTF-8', '500 Internal Server Error<'],
    ['v2', '/v2/images/1/file', 'text/html; charset=UTF-8', '500 Internal Server Error<'],
  ])('before its data is sent is reported the way %s reports it', async (_, path, type, text) => {
    const data = failingData(new Error('the disk is gone'));
    const server = await start([{ image: makeImage({ id: '1', size: 4 }), data, members: [] }]);

    const answer = await fetchHttp(new URL(path, server.url), { headers: { accept: 'text/html' } });

    expect(answer).toMatchObject({ status: 500, headers: { 'content-type': type } });
    expect(answer.body.toString()).toContain(text);
    expect(server.failures).toMatchObject([{ requestId: answer.headers['x-openstack-request-id'] }]);
  });

  test('has v2’s own title and the request id if the data of v2 was replaced', async () => {
    const data = failingData(Object.assign(new Error('gone'), { code: 'ENOENT' }));
    const entry = { image: makeImage({ id: '1', size: 4 }), data, members: [] };
    const server = await start([entry]);

    const answer = await fetchHttp(new URL('/v2/images/1/file', server.url), {
      headers: { accept: 'application/json', 'x-openstack-request-id': 'req-x' },
    });

    expect(answer).toMatchObject({
      status: 404,
      headers: { 'content-type': 'application/json', 'x-openstack-request-id': 'req-x' },
    });
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: '404 Not Found', title: 'Not Found' });
  });

  test('in the middle of a list ends its connection and is logged', async () => {
    const long = Array.from({ length: 40 }, (_, index) =>
      makeEntry('', { id: `a${String(index)}`, properties: { text: 'x'.repeat(20_000) } }),
    );
    const server = await start([...long, makeBroken('b', 'tags')]);

    await expect(fetchHttp(new URL('/v2/images?limit=100&sort=id:asc', server.url))).rejects.toMatchObject({
      code: 'ECONNRESET',
    });

    expect(server.failures).toMatchObject([{ error: { message: 'no such field' } }]);
    expect(await fetchHttp(server.url)).toMatchObject({ status: 300 });
  });
});

describe('a list', () => {
  let rendered = 0;
  const makeLong = (index: number): CatalogImage => {
    const entry = makeEntry('', { id: String(index), properties: { text: 'x'.repeat(120_000) } });
    const image = Object.defineProperty({ ...entry.image }, 'tags', {
      enumerable: true,
      get: () => {
        rendered += 1;
        return [];
      },
    });
    return { ...entry, image };
  };
  const images = Array.from({ length: 200 }, (_, index) => makeLong(index));

  test('that is long is generated while it is sent, and is the same', async () => {
    rendered = 0;
    const server = await start(images);
    const socket = await connectTo(server.port);
    socket.pause();
    socket.write(requestText('GET', '/v2/images?limit=1000&sort=id', 'Connection: close'));
    // Enough time for a server that does not wait for its reader.
    for (let count = 0; count < 200; count += 1) {
      await fetchHttp(server.url);
    }

    expect(rendered).toBeLessThan(100);
    const [head = ''] = (await buffer(socket)).toString('latin1').split('\r\n\r\n');
    expect(head).toContain('\r\nTransfer-Encoding: chunked');
    expect(rendered).toBe(200);
  });

  test.each([1, 2])('of API v%i with megabytes of records is whole', async (api) => {
    const server = await start(images.slice(0, 30));
    const path = api === 1 ? '/v1/images/detail?limit=1000' : '/v2/images?limit=1000';

    const { status, body } = await fetchHttp(new URL(path, server.url));

    expect(status).toBe(200);
    const list = (JSON.parse(body.toString()) as { images: { id: string }[] }).images;
    expect(new Set(list.map(({ id }) => id)).size).toBe(30);
  });
});

/** Endless data, and how often it is open at the same time. */
function watchedData(): ImageBytes & { readonly now: () => number; readonly most: () => number } {
  let [now, most] = [0, 0];
  async function* generate(): AsyncGenerator<Uint8Array> {
    now += 1;
    most = Math.max(most, now);
    try {
      for (;;) yield Buffer.alloc(256 * 1024);
    } finally {
      now -= 1;
    }
  }
  return { size: 2 ** 40, open: generate, now: () => now, most: () => most };
}

describe('one connection', () => {
  const path = '/v1/images/1';

  test('has its requests answered one at a time, and frees what was open when it ends', async () => {
    const data = watchedData();
    const server = await start([{ image: makeImage({ id: '1', size: data.size }), data, members: [] }]);
    const socket = await connectTo(server.port);
    socket.pause();
    const recorded = server.nextRecord();

    socket.write(requestText('GET', path).repeat(300));
    while (data.now() === 0) {
      await fetchHttp(server.url);
    }
    expect([data.now(), data.most()]).toEqual([1, 1]);
    socket.destroy();
    while (data.now() > 0) {
      await fetchHttp(server.url);
    }

    expect(data.most()).toBe(1);
    expect(await recorded).toMatchObject({ path: '/' });
    expect(server.connections()).toBe(0);
  });

  test('gets every answer to pipelined requests, in order', async () => {
    const server = await start([makeEntry('data', { id: '1' }), makeEntry('more', { id: '2' })]);
    const texts = Array.from({ length: 700 }, (_, index) => requestText('GET', `/v2/images/${1 + (index % 2)}/file`));

    const { bytes } = await sendRaw(server.url, texts.join('') + requestText('GET', '/', 'Connection: close'));

    const bodies = [...bytes.toString('latin1').matchAll(/data|more|versions/g)].map(([body]) => body);
    expect(bodies).toEqual([
      ...Array.from({ length: 700 }, (_, index) => (index % 2 === 0 ? 'data' : 'more')),
      'versions',
    ]);
  });

  test.each([[{ perConnection: 2, inAll: 100 }], [{ perConnection: 100, inAll: 2 }]])(
    'is closed if too many requests wait: %o',
    async (limits) => {
      const answered: unknown[] = [];
      const server = createServer(takeTurns((message) => answered.push(message), limits));
      onTestFinished(() => void server.close());
      await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
      const { port } = server.address() as AddressInfo;
      const url = new URL(`http://127.0.0.1:${String(port)}/`);

      const { bytes, failure } = await sendRaw(url, requestText('GET', '/').repeat(4));

      expect([answered.length, bytes.length]).toEqual([1, 0]);
      expect(failure).toBeOneOf([null, 'ECONNRESET']);
      // The waiting requests are forgotten: the next connection has its whole share.
      const next = await connectTo(port);
      next.write(requestText('GET', '/').repeat(3));
      while (answered.length < 2) {
        await new Promise((turn) => void setImmediate(turn));
      }
      expect(next.destroyed).toBe(false);
    },
  );

  test('that is closed before its turn has nothing opened', async () => {
    const data = watchedData();
    const images = [{ image: makeImage({ id: '1', size: data.size }), data, members: [] }];
    const looking = new EventEmitter();
    const looked = once(looking, 'end').then(() => undefined);
    const server = await start(images, { catalog: { ...makeCatalog(images), refresh: () => looked } });
    const recorded = server.nextRecord();
    const socket = await connectTo(server.port);
    socket.write(requestText('GET', path));
    socket.end();
    await recorded;
    looking.emit('end');
    await looked;

    expect(data.most()).toBe(0);
  });
});

test.each(['/v1/images/1', '/v2/images/1', '/'])('refuses %s with two hosts', async (path) => {
  const server = await start([makeEntry('data', { id: '1' })]);

  const { head } = await sendRaw(server.url, requestText('GET', path, 'host: other', 'Connection: close'));

  expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
});

test.each(['Expect: everything', 'Expect: 100-continue'])('accepts %s like any other request', async (header) => {
  const server = await start([makeEntry('data', { id: '1' })]);

  const { head } = await sendRaw(
    server.url,
    requestText('GET', '/v1/images/1', header) + requestText('GET', '/', 'Connection: close'),
  );

  expect(head).toMatch(/^HTTP\/1\.1 (?:200 OK|100 Continue)/);
});

test('gives the first readers of files large buffers, and many others small ones', async () => {
  const path = join(await tempDir(), 'a.raw');
  await writeFile(path, Buffer.alloc(1024 * 1024));
  const handle = await open(path);
  const data = fileBytes(path, await identify(handle));
  await handle.close();
  const readers = Array.from({ length: 40 }, () => data.open(0, data.size)[Symbol.asyncIterator]());
  const next = async (reader: AsyncIterator<Uint8Array>): Promise<number> =>
    ((await reader.next()) as IteratorYieldResult<Uint8Array>).value.length;

  const lengths = await Promise.all(readers.map(next));
  await Promise.all(readers.map(async (reader) => await reader.return?.()));
  const again = data.open(0, data.size)[Symbol.asyncIterator]();
  const length = await next(again);
  await again.return?.();

  expect(lengths.toSorted((a, b) => a - b)).toEqual([
    ...Array.from({ length: 8 }, () => 64 * 1024),
    ...Array.from({ length: 32 }, () => 512 * 1024),
  ]);
  expect(length).toBe(512 * 1024);
});
