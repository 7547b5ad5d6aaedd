import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type AddressInfo, connect, createServer } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { GlanceError } from '../../../src/errors.ts';
import { HttpClient } from '../../../src/http/client.ts';
import type { HttpRequest, WireEvent } from '../../../src/http/request.ts';
import { Dispatchers } from '../../../src/http/connect/dispatchers.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { answer, fixture, rawServer } from '../../support/servers/raw-server.ts';

interface Setup {
  readonly clock?: Clock;
  readonly env?: Record<string, string>;
  readonly ca?: string;
  readonly verify?: boolean;
  readonly retries?: number;
  readonly wire?: WireEvent[];
}

function createClient({
  clock = systemClock,
  env = {},
  ca,
  verify = true,
  retries = 0,
  wire = [],
}: Setup = {}): HttpClient {
  const dispatchers = new Dispatchers({ tls: { ca, verify }, env, connectTimeoutMs: 5000 });
  onTestFinished(() => dispatchers.close());
  return new HttpClient({
    dispatchers,
    clock,
    userAgent: 'glance-cli/test',
    timeouts: { headersMs: 60_000, dataHeadersMs: 300_000, stallMs: 30_000 },
    retry: { retries },
    onWire: (event) => wire.push(event),
  });
}

const request = (url: URL, overrides: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  accept: 'application/json',
  token: 's3cret-token',
  purpose: 'metadata',
  signal: new AbortController().signal,
  ...overrides,
});

const json = (client: HttpClient, url: URL, overrides: Partial<HttpRequest> = {}): Promise<unknown> =>
  client.json(request(url, overrides), 1000).then(({ value }) => value);

describe('a request', () => {
  it('carries the token, accepts JSON without compression, and identifies the program', async () => {
    const { url, requests } = await rawServer((_request, socket) => socket.write(answer('200 OK', '{"a":1}')));
    expect(await json(createClient(), url)).toEqual({ a: 1 });
    expect(Object.fromEntries(requests[0]?.headers ?? [])).toMatchObject({
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'glance-cli/test',
      'x-auth-token': 's3cret-token',
    });
  });

  it('turns an error answer into one sentence, with status, request id and redacted URL', async () => {
    const { url } = await rawServer((_request, socket) =>
      socket.write(
        answer(
          '404 Not Found',
          '<html><body><h1>404 Not Found</h1>No image<br /></body></html>',
          'X-Openstack-Request-Id: req-1',
        ),
      ),
    );
    await expect(json(createClient(), new URL('?secret=abc', url))).rejects.toMatchObject({
      name: 'HttpError',
      code: 'http.status',
      status: 404,
      message: `${url.host} answered 404 Not Found: No image`,
      facts: { requestId: 'req-1', url: `${url.href}?secret=redacted`, method: 'GET' },
    });
  });

  it.each([
    ['not JSON', 'hello', 'json.invalid'],
    ['too long', `"${'x'.repeat(2000)}"`, 'json.invalid'],
  ])('refuses an answer that is %s', async (_what, body, code) => {
    const { url } = await rawServer((_request, socket) => socket.write(answer('200 OK', body)));
    await expect(json(createClient(), url)).rejects.toMatchObject({ code });
  });

  it('unpacks unrequested gzip up to the limit, and refuses other encodings', async () => {
    const bodies = [gzipSync('{"a":1}'), gzipSync(`"${'x'.repeat(100_000)}"`), Buffer.from('{}')];
    const encodings = ['gzip', 'gzip', 'br'];
    const { url } = await rawServer((_request, socket, index) => {
      const body = bodies[index] ?? Buffer.alloc(0);
      socket.write(
        `HTTP/1.1 200 OK\r\nContent-Encoding: ${encodings[index] ?? ''}\r\nContent-Length: ${String(body.length)}\r\n\r\n`,
      );
      socket.write(body);
    });
    const client = createClient();
    expect(await json(client, url)).toEqual({ a: 1 });
    await expect(json(client, url)).rejects.toMatchObject({ code: 'http.encoding' });
    await expect(json(client, url)).rejects.toMatchObject({ code: 'http.encoding' });
  });

  it.each([
    ['closes before it answers', '', 'net.reset'],
    ['speaks another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'http.protocol'],
    [
      'sends a header with a space in its name',
      'HTTP/1.1 200 OK\r\nX-With space: v\r\nContent-Length: 0\r\n\r\n',
      'http.bad_header',
    ],
    [
      'sends a bare line feed in a header',
      'HTTP/1.1 200 OK\r\nX-A: one\ntwo\r\nContent-Length: 0\r\n\r\n',
      'http.bad_header',
    ],
    ['sends two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 'http.bad_header'],
    ['sends a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab', 'http.protocol'],
    ['sends interim answers never end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1001), 'http.protocol'],
    [
      'sends over 1 MiB of headers',
      `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(1_100_000)}\r\n\r\n`,
      'http.headers_too_large',
    ],
    ['sends over 5000 headers', `HTTP/1.1 200 OK\r\n${'X-A: a\r\n'.repeat(5001)}\r\n`, 'http.headers_too_large'],
  ])('fails with its own code if the server %s', async (_what, bytes, code) => {
    const { url } = await rawServer((_request, socket) => socket.end(bytes));
    await expect(json(createClient(), url)).rejects.toMatchObject({ code });
  });

  it.each([
    '9007199254740992',
    '9007199254740993',
    '18446744073709551615',
    '18446744073709551616',
    '9'.repeat(1000),
    '0x10',
    '+2',
    '-2',
    '2.0',
    '2e0',
    '2;',
    '2, 2',
    '2 2',
    'two',
    '\u0662',
    '2\r\nContent-Length: 2',
    '2\r\nContent-Length: 3',
    '2\r\nTransfer-Encoding: chunked',
    '',
  ])('refuses the length %s before reading the body', async (length) => {
    const { url } = await rawServer((_request, socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n42`),
    );
    for (const [method, purpose] of [
      ['GET', 'metadata'],
      ['GET', 'data'],
      ['HEAD', 'metadata'],
    ] as const) {
      await expect(createClient().send(request(url, { method, purpose }))).rejects.toMatchObject({
        code: expect.stringMatching(/^http\.(?:bad_header|protocol)$/),
      });
    }
  });

  it.each(['2', ' 2 ', '0000000000000000000000000002'])('accepts the length "%s"', async (length) => {
    const { url } = await rawServer((_request, socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n42`),
    );
    expect(await json(createClient(), url)).toBe(42);
  });

  it.each([
    ['100 that nobody asked for', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['100 with header lines', 'HTTP/1.1 100 Go on\r\nDate: x\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n'],
    ['102, 103 and 199', ['102 A', '103 B', '199 C'].map((line) => `HTTP/1.1 ${line}\r\nLink: x\r\n\r\n`).join('')],
    ['a hundred of them', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n'.repeat(50)],
  ])('skips interim answers: %s', async (_what, interim) => {
    const { url, connections } = await rawServer((_request, socket) => socket.write(interim + answer('200 OK', '1')));
    const client = createClient();
    expect(await json(client, url)).toBe(1);
    expect(await json(client, url, { method: 'POST' })).toBe(1);
    const { body } = await client.send(request(url, { purpose: 'data' }));
    expect(String(await buffer(body))).toBe('1');
    await client.head(request(url, { method: 'HEAD' })).catch(() => undefined);
    expect(connections()).toBeLessThanOrEqual(3);
  });

  it.each(['0', '7', null])('treats a 413 of a rate limit, Retry-After %s, like a 429', async (retryAfter) => {
    const { url } = await rawServer((_request, socket) => {
      const body = retryAfter === null ? '{"overLimit": {"code": 413, "message": "slow down"}}' : 'slow down';
      const type = `Content-Type: ${retryAfter === null ? 'application/json' : 'text/plain'}`;
      socket.end(answer('413 Too Large', body, type, ...(retryAfter === null ? [] : [`Retry-After: ${retryAfter}`])));
    });
    await expect(json(createClient(), url)).rejects.toMatchObject({
      code: 'http.429',
      status: 413,
      message: `${url.host} answered 413 Content Too Large: slow down`,
      facts: retryAfter === null ? {} : { retryAfterMs: Number(retryAfter) * 1000 },
    });
  });

  it('takes any other 413 at face value', async () => {
    const { url } = await rawServer((_request, socket) => socket.end(answer('413 Too Large', '', 'Retry-After: soon')));
    await expect(json(createClient(), url)).rejects.toMatchObject({ code: 'http.status', status: 413 });
  });

  it('accepts 32 kB of headers, as Glance sends with many properties', async () => {
    const { url } = await rawServer((_request, socket) =>
      socket.write(answer('200 OK', '', ...Array<string>(110).fill(`X-P: ${'v'.repeat(300)}`))),
    );
    const { headers } = await createClient().head(request(url));
    expect(headers.getAll('x-p')).toHaveLength(110);
  });

  it('reports a refused connection and an unknown name', async () => {
    const closed = new URL('http://127.0.0.1:1/');
    await expect(json(createClient(), closed)).rejects.toMatchObject({
      code: 'net.refused',
      message: expect.stringContaining('127.0.0.1:1'),
    });
    await expect(json(createClient(), new URL('http://glance.invalid/'))).rejects.toMatchObject({ code: 'net.dns' });
  });

  it('stops at once when aborted, before and while it waits', async () => {
    let reach = (): void => undefined;
    const reached = new Promise<void>((done) => {
      reach = done;
    });
    const { url } = await rawServer(() => reach());
    const controller = new AbortController();
    const waiting = json(createClient(), url, { signal: controller.signal });
    const outcome = waiting.catch((error: unknown) => error);
    await reached;
    controller.abort(new Error('enough'));
    expect(await outcome).toMatchObject({ message: 'enough' });
    await expect(json(createClient(), url, { signal: controller.signal })).rejects.toThrow('enough');
  });
});

describe('waits', () => {
  it('for header lines are bounded', async () => {
    const clock = new ManualClock();
    const { url } = await rawServer(() => clock.advance(60_000));
    await expect(json(createClient({ clock }), url)).rejects.toMatchObject({ code: 'net.timeout.headers' });
  });

  it('for header lines are bounded, however many interim answers arrive', async () => {
    const clock = new ManualClock();
    const { url } = await rawServer((_request, socket) => {
      let left = 60;
      const tellAgain = (): void => {
        clock.advance(1000);
        if (left-- > 0) socket.write('HTTP/1.1 102 Processing\r\n\r\n', () => setImmediate(tellAgain));
      };
      tellAgain();
    });
    await expect(json(createClient({ clock }), url)).rejects.toMatchObject({ code: 'net.timeout.headers' });
  });

  it('for the rest of a body are bounded, counted from the last byte', async () => {
    const clock = new ManualClock();
    const { url } = await rawServer((_request, socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345'),
    );
    const { body } = await createClient({ clock }).send(request(url, { purpose: 'data' }));
    const received: string[] = [];
    const reading = (async () => {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        received.push(chunk.toString());
        clock.advance(29_999);
        setImmediate(() => clock.advance(30_001));
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'net.stall' });
    expect(received).toEqual(['12345']);
  });

  it('for a body that only trickles come to an end', async () => {
    const clock = new ManualClock();
    let trickle = (): void => undefined;
    const { url } = await rawServer((_request, socket) => {
      trickle = () => void socket.write('x');
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n');
    });
    const { body } = await createClient({ clock }).send(request(url, { purpose: 'data' }));
    const failure = new Promise((resolve) => void body.once('error', resolve));
    for (let step = 0; step < 12; step++) {
      const came = new Promise((resolve) => void body.once('data', resolve));
      trickle();
      await came;
      clock.advance(10_000);
    }
    expect(await failure).toMatchObject({ code: 'net.slow', message: expect.stringContaining('0 bytes a second') });
  });

  it('caused by ourselves are not blamed on the server', async () => {
    const clock = new ManualClock();
    const size = 4 * 1024 * 1024;
    const { url } = await rawServer((_request, socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${String(size)}\r\n\r\n`);
      socket.write(Buffer.alloc(size));
    });
    const { body } = await createClient({ clock }).send(request(url, { purpose: 'data' }));
    const isFull = (): boolean => body.readableLength >= body.readableHighWaterMark;
    body.read(0);
    while (!isFull()) await new Promise((next) => setImmediate(next));
    clock.advance(3_600_000);
    expect((await buffer(body)).length).toBe(size);
  });
});

describe('a slow reader', () => {
  const chunk = Buffer.alloc(64 * 1024, 'x');

  it.each([
    ['of known length', `Content-Length: ${String(chunk.length * 20)}\r\nConnection: close`],
    ['that ends by closing', 'Connection: close'],
  ])('gets all of a body %s even if the server hung up long before', async (_what, headers) => {
    let sent = (): void => undefined;
    const finished = new Promise<void>((done) => {
      sent = done;
    });
    const { url } = await rawServer((_request, socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n`);
      for (let count = 0; count < 20; count++) socket.write(chunk);
      socket.end(sent);
    });
    const { body } = await createClient().send(request(url, { purpose: 'data' }));
    await finished;
    // Turns of the event loop in which the end of the connection arrives while nobody is reading.
    for (let turn = 0; turn < 50; turn++) await new Promise((next) => setImmediate(next));
    expect((await buffer(body)).length).toBe(chunk.length * 20);
  });

  it('slows the server down instead of filling memory', async () => {
    const { url } = await rawServer((_request, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n');
      const fill = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', fill);
      fill();
    });
    const { body } = await createClient().send(request(url, { purpose: 'data' }));
    body.read(0);
    for (let turn = 0; turn < 200; turn++) await new Promise((next) => setImmediate(next));
    expect(body.readableLength).toBeGreaterThanOrEqual(body.readableHighWaterMark);
    expect(body.readableLength).toBeLessThan(4 * body.readableHighWaterMark);
    body.destroy();
  });
});

describe('a broken body', () => {
  it.each([
    ['a closed connection', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345', 'http.truncated'],
    ['a chunk that ends early', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n12345', 'http.truncated'],
  ])('by %s is distinguished from a complete one', async (_what, bytes, code) => {
    const { url } = await rawServer((_request, socket) => socket.end(bytes));
    const { body } = await createClient().send(request(url, { purpose: 'data' }));
    await expect(buffer(body)).rejects.toMatchObject({ code });
  });

  it('by a reset is distinguished from a complete one', async () => {
    const { url } = await rawServer((_request, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345', () =>
        setImmediate(() => socket.resetAndDestroy()),
      );
    });
    const { body } = await createClient().send(request(url, { purpose: 'data' }));
    await expect(buffer(body)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:net\.reset|http\.truncated)$/),
    });
  });
});

it('a body after an answer to HEAD never answers the next request', async () => {
  const forged = answer('200 OK', '"forged"');
  const { url } = await rawServer((seen, socket) => {
    if (seen.method !== 'HEAD') {
      socket.write(answer('200 OK', '"real"'));
      return;
    }
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${String(forged.length)}\r\n\r\n`, () =>
      setImmediate(() => socket.write(forged)),
    );
  });
  const client = createClient();
  await client.head(request(url, { method: 'HEAD' }));
  for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
  expect(await json(client, url)).toBe('real');
});

it('an invalid certificate of ours is an error of configuration, not of the network', async () => {
  const dispatchers = new Dispatchers({ tls: { cert: 'x', key: 'y', verify: true }, env: {}, connectTimeoutMs: 5000 });
  onTestFinished(() => dispatchers.close());
  const timeouts = { headersMs: 0, dataHeadersMs: 0, stallMs: 0 };
  const client = new HttpClient({ dispatchers, clock: systemClock, userAgent: 't', timeouts, retry: { retries: 3 } });
  const { url } = await rawServer(() => undefined, 'server');
  await expect(json(client, url)).rejects.toMatchObject({ code: 'config.invalid', facts: { attempts: 1 } });
});

describe('redirects', () => {
  it('within the origin keep the token', async () => {
    const { url, requests } = await rawServer((_request, socket, index) =>
      socket.write(index === 0 ? answer('302 Found', '', 'Location: /v1/') : answer('200 OK', '1')),
    );
    expect(await json(createClient(), new URL('/v1', url))).toBe(1);
    expect(requests.map(({ target, headers }) => [target, headers.get('x-auth-token')])).toEqual([
      ['/v1', 's3cret-token'],
      ['/v1/', 's3cret-token'],
    ]);
  });

  it('to another server are refused for metadata, and nothing is sent there', async () => {
    const other = await rawServer((_request, socket) => socket.write(answer('200 OK', '1')));
    const { url } = await rawServer((_request, socket) =>
      socket.write(answer('302 Found', '', `Location: ${other.url.href}`)),
    );
    await expect(json(createClient(), url)).rejects.toMatchObject({ code: 'http.redirect.refused' });
    expect(other.requests).toEqual([]);
  });

  it('of image data to another server go without the token', async () => {
    const other = await rawServer((_request, socket) => socket.write(answer('200 OK', 'data')));
    const { url } = await rawServer((_request, socket) =>
      socket.write(answer('302 Found', '', `Location: ${other.url.href}x`)),
    );
    const { body } = await createClient().send(request(url, { purpose: 'data' }));
    expect((await buffer(body)).toString()).toBe('data');
    expect(other.requests.map(({ target, headers }) => [target, headers.has('x-auth-token')])).toEqual([['/x', false]]);
  });

  it('do not regain the token by returning to the first server', async () => {
    let home = '';
    const other = await rawServer((_request, socket) => socket.write(answer('302 Found', '', `Location: ${home}back`)));
    const { url, requests } = await rawServer((seen, socket) =>
      socket.write(
        seen.target === '/back' ? answer('200 OK', 'data') : answer('302 Found', '', `Location: ${other.url.href}`),
      ),
    );
    home = url.href;
    const { body } = await createClient().send(request(url, { purpose: 'data' }));
    await buffer(body);
    expect(requests.map(({ headers }) => headers.has('x-auth-token'))).toEqual([true, false]);
  });

  it('in a loop end after five, and are listed', async () => {
    const { url, requests } = await rawServer((_request, socket) =>
      socket.write(answer('302 Found', '', 'Location: /again')),
    );
    await expect(json(createClient(), url)).rejects.toMatchObject({
      code: 'http.redirect.loop',
      message: expect.stringContaining('/again → '),
    });
    expect(requests).toHaveLength(6);
  });
});

it('no answer is ever reported as a bug of ours, even with the traffic shown', async () => {
  let bytes = '';
  const { url } = await rawServer((_request, socket) => socket.end(bytes, 'latin1'));
  const header = fc.constantFrom(
    'Location',
    'Content-Length',
    'Content-Type',
    'Content-Encoding',
    'Retry-After',
    'ETag',
  );
  const odd = fc.constantFrom(
    '/\\[',
    '//[',
    '/\\host/x',
    '//',
    'http://',
    'http://[',
    ':',
    '\u00ff',
    'a:b',
    '?',
    '#',
    '',
  );
  const line = fc.tuple(header, fc.oneof(odd, fc.string({ unit: 'binary-ascii', maxLength: 20 })));
  const status = fc.constantFrom(200, 204, 206, 300, 301, 302, 307, 401, 404, 407, 413, 503);
  const body = fc.oneof(fc.constant('{}'), fc.string({ unit: 'binary-ascii' }));
  const answers = fc.tuple(status, fc.array(line, { maxLength: 4 }), body);
  await fc.assert(
    fc.asyncProperty(answers, fc.constantFrom('metadata' as const, 'data' as const), async (drawn, purpose) => {
      const lines = drawn[1].map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]/g, '')}\r\n`);
      bytes = `HTTP/1.1 ${String(drawn[0])} x\r\n${lines.join('')}\r\n${drawn[2]}`;
      const error: unknown = await json(createClient(), url, { purpose }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error === null || error instanceof GlanceError ? null : error).toBeNull();
    }),
    { numRuns: 100 },
  );
});

describe('retries', () => {
  it('wait as the policy says and stop at the first success', async () => {
    const clock = new ManualClock();
    const { url, requests } = await rawServer((_request, socket, index) =>
      socket.write(
        index < 2
          ? answer('503 Service Unavailable', '', ...(index === 0 ? ['Retry-After: 7'] : []))
          : answer('200 OK', '1'),
      ),
    );
    const result = json(createClient({ clock, retries: 5 }), url);
    await clock.waitForTimer(7000);
    clock.advance(7000);
    await clock.waitForTimer(1000);
    clock.advance(1000);
    expect(await result).toBe(1);
    expect(requests).toHaveLength(3);
  });

  it('are not made for permanent failures', async () => {
    const { url, requests } = await rawServer((_request, socket) => socket.write(answer('403 Forbidden', '')));
    await expect(json(createClient({ retries: 5 }), url)).rejects.toMatchObject({
      code: 'auth.forbidden',
      facts: { attempts: 1 },
    });
    expect(requests).toHaveLength(1);
  });
});

describe('TLS', () => {
  const ca = fixture('tls/ca.pem').toString();
  const ok = (_request: unknown, socket: { write: (text: string) => unknown }): unknown =>
    socket.write(answer('200 OK', '1'));

  it('trusts the given authority', async () => {
    const { url } = await rawServer(ok, 'server');
    expect(await json(createClient({ ca }), url)).toBe(1);
  });

  it.each([
    ['server', undefined, 'tls.untrusted'],
    ['other-name', ca, 'tls.name'],
    ['expired', ca, 'tls.expired'],
  ] as const)('refuses the certificate %s and sends nothing', async (certificate, authority, code) => {
    const { url, requests } = await rawServer(ok, certificate);
    await expect(
      json(createClient({ ...(authority === undefined ? {} : { ca: authority }), retries: 5 }), url),
    ).rejects.toMatchObject({ code });
    expect(requests).toEqual([]);
  });

  it('accepts any certificate if told to', async () => {
    const { url } = await rawServer(ok, 'expired');
    expect(await json(createClient({ verify: false }), url)).toBe(1);
  });

  it('recognises a server without TLS', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await expect(json(createClient(), new URL(`https://127.0.0.1:${String(port)}/`))).rejects.toMatchObject({
      code: 'tls.protocol',
    });
  });
});

describe('a proxy', () => {
  it('gets http requests by absolute URL, and is bypassed for hosts in no_proxy', async () => {
    const proxy = await rawServer((_request, socket) => socket.write(answer('200 OK', '"proxied"')));
    const { url } = await rawServer((_request, socket) => socket.write(answer('200 OK', '"direct"')));
    const env = { http_proxy: proxy.url.href };
    expect(await json(createClient({ env }), url)).toBe('proxied');
    expect(proxy.requests[0]?.target).toBe(url.href);
    expect(await json(createClient({ env: { ...env, no_proxy: '127.0.0.1' } }), url)).toBe('direct');
  });

  it('gets the login in its variable, even with an empty password, and the server does not', async () => {
    const { url, requests } = await rawServer((_request, socket) => socket.write(answer('200 OK', '"in"')), 'server');
    const proxy = await rawServer((seen, socket) => {
      if (seen.method !== 'CONNECT') {
        socket.write(answer('200 OK', '"plain"'));
        return;
      }
      const upstream = connect(Number(url.port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
      upstream.on('error', () => socket.destroy());
    });
    const env = { all_proxy: `http://apikey@${proxy.url.host}` };
    const client = createClient({ env, ca: fixture('tls/ca.pem').toString() });
    expect(await json(client, new URL('http://glance.example/'))).toBe('plain');
    expect(await json(client, url)).toBe('in');
    const login = `Basic ${Buffer.from('apikey:').toString('base64')}`;
    expect(proxy.requests.map(({ headers }) => headers.get('proxy-authorization'))).toEqual([login, login]);
    expect(requests[0]?.headers.has('proxy-authorization')).toBe(false);
  });

  it('over TLS may be given by address, without a warning from Node', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const { url } = await rawServer((_request, socket) => socket.write(answer('200 OK', '"in"')), 'server');
    const proxy = await rawServer((seen, socket) => {
      if (seen.method !== 'CONNECT') {
        socket.write(answer('200 OK', '"plain"'));
        return;
      }
      const upstream = connect(Number(url.port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
      upstream.on('error', () => socket.destroy());
    }, 'server');
    const client = createClient({ env: { all_proxy: proxy.url.href }, ca: fixture('tls/ca.pem').toString() });
    expect(await json(client, new URL('http://glance.example/'))).toBe('plain');
    expect(await json(client, url)).toBe('in');
    await new Promise((turn) => void setImmediate(turn));
    expect(warnings).toEqual([]);
  });

  it.each([
    ['http_proxy', '', 'http://glance.example/'],
    ['HTTPS_PROXY', '', 'https://glance.example/'],
    ['all_proxy', 'user:wrong@', 'http://glance.example/'],
    ['https_proxy', 'user:wrong@', 'https://glance.example/'],
  ])(
    'that answers 407 is reported with the variable %s, and whether it was given "%s"',
    async (variable, login, url) => {
      const proxy = await rawServer((_request, socket) => socket.end(answer('407 Proxy Authentication Required', '')));
      const client = createClient({ env: { [variable]: `http://${login}${proxy.url.host}` }, retries: 5 });
      const error = await json(client, new URL(url)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'proxy.denied', facts: { hint: expect.stringContaining(` ${variable}: `) } });
      const { message } = error as Error;
      expect(message).toContain(`through the proxy ${proxy.url.host}: the proxy answered 407`);
      expect(message.includes(`though it was given the user and password of ${variable}`)).toBe(login !== '');
      expect(message).not.toContain('wrong');
      expect(proxy.requests).toHaveLength(1);
    },
  );

  it('that needs a password for an http request is blamed, not retried', async () => {
    const proxy = await rawServer((_request, socket) => socket.end(answer('407 Proxy Authentication Required', '')));
    const client = createClient({ env: { http_proxy: proxy.url.href }, retries: 5 });
    await expect(json(client, new URL('http://glance.example/'))).rejects.toMatchObject({ code: 'proxy.denied' });
    expect(proxy.requests).toHaveLength(1);
  });

  it('is asked to connect for https, and sees no token', async () => {
    const { url, requests } = await rawServer(
      (_request, socket) => socket.write(answer('200 OK', '"inside"')),
      'server',
    );
    const proxy = await rawServer((_request, socket) => {
      const upstream = connect(Number(url.port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
      upstream.on('error', () => socket.destroy());
    });
    const client = createClient({ env: { https_proxy: proxy.url.href }, ca: fixture('tls/ca.pem').toString() });
    expect(await json(client, url)).toBe('inside');
    expect(proxy.requests.map(({ method, target, headers }) => [method, target, headers.has('x-auth-token')])).toEqual([
      ['CONNECT', url.host, false],
    ]);
    expect(requests[0]?.headers.get('x-auth-token')).toBe('s3cret-token');
  });

  it.each([
    ['407 Proxy Authentication Required', 'proxy.denied'],
    ['403 Forbidden', 'proxy.denied'],
    ['502 Bad Gateway', 'proxy.failed'],
  ])('that answers %s to CONNECT is blamed', async (status, code) => {
    const proxy = await rawServer((_request, socket) => socket.end(answer(status, '')));
    const client = createClient({ env: { https_proxy: proxy.url.href } });
    await expect(json(client, new URL('https://glance.example/'))).rejects.toMatchObject({ code });
  });

  it('that refuses the connection is blamed', async () => {
    const client = createClient({ env: { http_proxy: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1' } });
    await expect(json(client, new URL('http://glance.example/'))).rejects.toMatchObject({ code: 'proxy.refused' });
    await expect(json(client, new URL('https://glance.example/'))).rejects.toMatchObject({ code: 'proxy.refused' });
  });
});

it('logs its traffic without the token', async () => {
  const wire: WireEvent[] = [];
  const { url } = await rawServer((_request, socket) =>
    socket.write(answer('200 OK', '1', 'Set-Cookie: s3cret-cookie')),
  );
  await json(createClient({ wire }), url);
  const text = wire.flatMap(({ lines }) => lines).join('\n');
  expect(text).toContain(`GET ${url.href}`);
  expect(text).toContain('x-auth-token: [redacted]');
  expect(text).not.toContain('s3cret');
});
