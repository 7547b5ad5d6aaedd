// Bodies on their way to a server: what is sent, how long it is waited for, and what happens when either side gives up.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { HttpClient } from '../../../src/http/client.ts';
import { Dispatchers } from '../../../src/http/connect/dispatchers.ts';
import type { BodyContent } from '../../../src/http/request-body.ts';
import type { HttpAnswer, HttpRequest } from '../../../src/http/request.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { answer, rawServer } from '../../support/servers/raw-server.ts';

function createClient(clock: Clock = systemClock): HttpClient {
  const dispatchers = new Dispatchers({ tls: { verify: true }, env: {}, connectTimeoutMs: 5000 });
  onTestFinished(() => dispatchers.close());
  return new HttpClient({
    dispatchers,
    clock,
    userAgent: 'glance-cli/test',
    timeouts: { headersMs: 60_000, dataHeadersMs: 60_000, stallMs: 30_000 },
    retry: { retries: 0 },
  });
}

async function put(
  client: HttpClient,
  url: URL,
  content: BodyContent,
  rest: Partial<HttpRequest> = {},
): Promise<HttpAnswer> {
  const { signal } = new AbortController();
  const body = { type: null, content };
  const plain = { accept: '*/*', token: null, purpose: 'data', signal, isRaw: true } as const;
  return await client.send({ method: 'PUT', url, ...plain, body, ...rest });
}

/** Starts a server for the running test. */
async function httpServer(respond: (request: IncomingMessage, response: ServerResponse) => void): Promise<URL> {
  const server = createServer({ keepAliveTimeout: 0 }, respond);
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
}

const turn = (): Promise<void> => new Promise((done) => void setImmediate(done));

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function defer<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

/** A stream that never ends by itself, and reports when it is closed. */
function endless(): {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly closed: Promise<undefined>;
  readonly given: () => number;
} {
  let given = 0;
  const closed = defer<undefined>();
  const chunks = (async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        given += 100_000;
        yield Buffer.alloc(100_000);
        await turn();
      }
    } finally {
      closed.resolve(undefined);
    }
  })();
  return { chunks, closed: closed.promise, given: () => given };
}

describe('a body', () => {
  it('arrives unchanged, with its length, whatever its pieces', async () => {
    const bodies: Buffer[] = [];
    const lengths: (string | undefined)[] = [];
    const url = await httpServer((request, response) => {
      lengths.push(request.headers['content-length']);
      void buffer(request).then((bytes) => response.end(void bodies.push(bytes)));
    });
    const client = createClient();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_none, index) => index % 251));
    const chunks = (async function* (): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 1);
      yield bytes.subarray(1, 1);
      await turn();
      yield bytes.subarray(1, 200_000);
      yield bytes.subarray(200_000);
    })();
    const nothing = (async function* (): AsyncGenerator<Uint8Array> {})();
    for (const content of [
      bytes,
      { length: bytes.length, chunks },
      'text',
      Buffer.alloc(0),
      { length: 0, chunks: nothing },
    ]) {
      (await put(client, url, content)).body.destroy();
    }
    expect(lengths).toEqual(['300000', '300000', '4', '0', '0']);
    expect(bodies.map((body, index) => (index < 2 ? body.equals(bytes) : String(body)))).toEqual([
      true,
      true,
      'text',
      '',
      '',
    ]);
  });

  it.each([
    ['fewer', 11],
    ['more', 9],
  ])('of %s bytes than announced is a bug, and makes no request', async (_what, length) => {
    const seen: boolean[] = [];
    const url = await httpServer((request) => request.on('close', () => seen.push(request.complete)));
    const chunks = (async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(5);
      yield Buffer.alloc(5);
    })();
    await expect(put(createClient(), url, { length, chunks })).rejects.toThrow(RangeError);
    expect(seen).not.toContain(true);
  });

  it('ends with the error of its source, and is never sent completely', async () => {
    const ended = defer<boolean>();
    const url = await httpServer((request) => request.on('close', () => ended.resolve(request.complete)));
    const chunks = (async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(5);
      throw new TypeError('the source broke');
    })();
    await expect(put(createClient(), url, { length: 10, chunks })).rejects.toThrow(new TypeError('the source broke'));
    expect(await ended.promise).toBe(false);
  });

  it('is abandoned when the signal says so, and its source is closed', async () => {
    const url = await httpServer((request) => void request.resume());
    const { chunks, closed, given } = endless();
    const stop = new AbortController();
    const sent = put(createClient(), url, { length: 1e12, chunks }, { signal: stop.signal });
    while (given() < 1_000_000) await turn();
    stop.abort(new Error('enough'));
    await expect(sent).rejects.toThrow('enough');
    await closed;
  });
});

describe('a server', () => {
  it('that accepts no more data is a stall, and the source is closed', async () => {
    const { url } = await rawServer((_request, socket) => void socket.pause());
    const clock = new ManualClock();
    const { chunks, closed } = endless();
    const failures: unknown[] = [];
    const sent = put(createClient(clock), url, { length: 1e12, chunks }).catch((error: unknown) =>
      failures.push(error),
    );
    // Until all buffers between here and the server are full.
    while (failures.length === 0) {
      clock.advance(30_000);
      for (let left = 100; left > 0; left--) await turn();
    }
    await sent;
    expect(failures[0]).toMatchObject({
      code: 'net.stall',
      message: expect.stringContaining('nothing was taken for 30 s') as string,
    });
    await closed;
  });

  it('is timed only once it has everything, however slow the source', async () => {
    const got = defer<ServerResponse>();
    const url = await httpServer((request, response) => void buffer(request).then(() => got.resolve(response)));
    const clock = new ManualClock();
    const asked = defer<undefined>();
    const wait = defer<undefined>();
    const chunks = (async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(5);
      asked.resolve(undefined);
      await wait.promise;
      yield Buffer.alloc(5);
    })();
    const sent = put(createClient(clock), url, { length: 10, chunks });
    await asked.promise;
    clock.advance(3_600_000);
    wait.resolve(undefined);
    const response = await got.promise;
    clock.advance(59_000);
    response.end('done');
    const { status, body } = await sent;
    expect([status, String(await buffer(body))]).toEqual([200, 'done']);
  });

  it('that has everything and does not answer is too late', async () => {
    const got = defer<undefined>();
    const url = await httpServer((request) => void buffer(request).then(() => got.resolve(undefined)));
    const clock = new ManualClock();
    const sent = put(createClient(clock), url, Buffer.alloc(200_000));
    await got.promise;
    await clock.waitForTimer(60_000);
    clock.advance(60_000);
    await expect(sent).rejects.toMatchObject({ code: 'net.timeout.headers' });
  });

  it('that answers before it has everything is heard', async () => {
    const { url } = await rawServer((_request, socket) => void socket.write(answer('403 Forbidden', 'no')));
    const { chunks, closed } = endless();
    const { status, body } = await put(createClient(), url, { length: 1e12, chunks });
    expect([status, String(await buffer(body))]).toEqual([403, 'no']);
    await closed;
  });
});

describe('a kept connection that the server has given up', () => {
  async function afterOne(
    content: () => BodyContent,
  ): Promise<{ sent: Promise<HttpAnswer>; requests: readonly unknown[] }> {
    const { url, requests } = await rawServer((_request, socket: Socket, index) => {
      if (index === 1) socket.destroy();
      else socket.write(answer('200 OK', ''));
    });
    const client = createClient();
    await buffer((await put(client, url, 'first')).body);
    await turn();
    return { sent: put(client, url, content()), requests };
  }

  it.each([
    ['text', (): BodyContent => 'x'],
    ['bytes', (): BodyContent => Buffer.alloc(200_000)],
  ])('is replaced, and %s sent again', async (_what, content) => {
    const { sent, requests } = await afterOne(content);
    expect((await sent).status).toBe(200);
    expect(requests).toHaveLength(3);
  });

  it('is a failure for a stream, which cannot be repeated', async () => {
    const chunks = (async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10);
    })();
    const { sent, requests } = await afterOne(() => ({ length: 10, chunks }));
    await expect(sent).rejects.toMatchObject({ code: 'net.reset' });
    expect(requests).toHaveLength(2);
  });
});

describe('a raw request', () => {
  it.each([301, 307, 404, 500])('has the answer %i unchanged', async (status) => {
    const { url, requests } = await rawServer((_request, socket) => {
      socket.write(answer(`${String(status)} Odd`, 'said', 'Location: /elsewhere'));
    });
    const got = await put(createClient(), url, 'x');
    expect([got.status, got.headers.get('location'), String(await buffer(got.body))]).toEqual([
      status,
      '/elsewhere',
      'said',
    ]);
    expect(requests).toHaveLength(1);
  });

  it('is signed anew for each attempt', async () => {
    const { url, requests } = await rawServer((_request, socket) => void socket.write(answer('200 OK', '')));
    let count = 0;
    const sign = (): Promise<ReadonlyMap<string, string>> => Promise.resolve(new Map([['x-signed', String(++count)]]));
    const client = createClient();
    for (let left = 2; left > 0; left--) await buffer((await put(client, url, 'x', { sign })).body);
    expect(requests.map(({ headers }) => headers.get('x-signed'))).toEqual(['1', '2']);
  });
});
