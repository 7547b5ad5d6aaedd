// undici by itself reconnects after some failures, immediately and endlessly. Here every failure costs one connection, and only
// the retry policy makes another.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { HttpClient } from '../../../../src/http/client.ts';
import { Dispatchers } from '../../../../src/http/connect/dispatchers.ts';
import { answer, fixture, rawServer } from '../../../support/servers/raw-server.ts';
import { eagerClock } from '../../../support/run-cli.ts';

const ca = fixture('tls/ca.pem').toString();

interface Setup {
  readonly env?: Record<string, string>;
  readonly connectTimeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onDispatchers?: (dispatchers: Dispatchers) => void;
}

/** Makes a request with one retry. @returns the code of the failure, or the value */
async function ask(url: string, { env = {}, connectTimeoutMs = 5000, ...setup }: Setup = {}): Promise<unknown> {
  const dispatchers = new Dispatchers({ tls: { ca, verify: true }, env, connectTimeoutMs });
  setup.onDispatchers?.(dispatchers);
  onTestFinished(() => dispatchers.close());
  const client = new HttpClient({
    dispatchers,
    clock: eagerClock,
    userAgent: 'glance-cli/test',
    timeouts: { headersMs: 60_000, dataHeadersMs: 60_000, stallMs: 60_000 },
    retry: { retries: 1 },
  });
  const signal = setup.signal ?? new AbortController().signal;
  const request = {
    method: 'GET',
    url: new URL(url),
    accept: 'a/b',
    token: null,
    purpose: 'metadata',
    signal,
  } as const;
  return await client.json(request, 1000).then(
    ({ value }) => value,
    (error: { code?: string }) => error.code ?? error,
  );
}

/** How each new connection is handled, without reading from it further. */
type Treat = (socket: Socket) => void;

async function socketServer(treat: Treat, allowHalfOpen = false): Promise<{ port: number; connections: () => number }> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen }, (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    treat(socket);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

const onData =
  (treat: Treat): Treat =>
  (socket) =>
    void socket.once('data', () => treat(socket));
const hangUp: Treat = (socket) => void socket.end();
const vanish: Treat = (socket) => void socket.destroy();
const reset: Treat = (socket) => void socket.resetAndDestroy();
const endWith =
  (text: string): Treat =>
  (socket) =>
    void socket.end(text);

it.each([
  ['hangs up at once', hangUp, 'net.reset'],
  ['resets at once', reset, 'net.reset'],
  ['hangs up when it has read the request', onData(hangUp), 'net.reset'],
  ['resets when it has read the request', onData(reset), 'net.reset'],
  ['hangs up in the status line', onData(endWith('HTTP/1.1 20')), 'net.reset'],
  ['hangs up in the header lines', onData(endWith('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n')), 'net.reset'],
  ['hangs up after an interim answer', onData(endWith('HTTP/1.1 100 Continue\r\n\r\n')), 'net.reset'],
  ['hangs up before the body', onData(endWith('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n')), 'http.truncated'],
  ['says 101', onData(endWith('HTTP/1.1 101 Switching Protocols\r\n\r\n')), 'http.protocol'],
  [
    'changes the protocol',
    onData(endWith(`HTTP/1.1 101 On\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n`)),
    'http.protocol',
  ],
  ['answers in HTTP/1.0', onData(endWith('HTTP/1.0 200 OK\r\n\r\n"old"')), 'old'],
] as const)('a server that %s gets one connection per try', async (_what, treat, outcome) => {
  const server = await socketServer(treat);
  expect(await ask(`http://127.0.0.1:${String(server.port)}/`)).toBe(outcome);
  expect(server.connections()).toBe(outcome === 'old' || outcome === 'http.protocol' ? 1 : 2);
});

it('a server that half-closes and keeps reading gets one connection per try', async () => {
  const server = await socketServer(onData(hangUp), true);
  expect(await ask(`http://127.0.0.1:${String(server.port)}/`)).toBe('net.reset');
  expect(server.connections()).toBe(2);
});

it.each([
  ['hangs up at once', hangUp, 'net.reset', 2],
  ['hangs up when it is greeted', onData(hangUp), 'net.reset', 2],
  ['resets when it is greeted', onData(reset), 'net.reset', 2],
  ['speaks plain HTTP', onData(endWith('HTTP/1.1 400 Bad Request\r\n\r\n')), 'tls.protocol', 1],
] as const)('a TLS server that %s gets one connection per try', async (_what, treat, code, count) => {
  const server = await socketServer(treat);
  expect(await ask(`https://127.0.0.1:${String(server.port)}/`)).toBe(code);
  expect(server.connections()).toBe(count);
});

it.each([
  ['server', hangUp, 'net.reset', 2],
  ['server', vanish, 'net.reset', 2],
  ['other-name', hangUp, 'tls.name', 1],
  ['expired', hangUp, 'tls.expired', 1],
] as const)(
  'a TLS server with the certificate %s gets one connection per try',
  async (certificate, treat, code, count) => {
    const server = await rawServer((_request, socket) => treat(socket), certificate);
    expect(await ask(server.url.href)).toBe(code);
    expect(server.connections()).toBe(count);
  },
);

const established = 'HTTP/1.1 200 Connection established\r\n\r\n';
const openAnd =
  (treat: Treat): Treat =>
  (socket) =>
    void socket.once('data', () => {
      socket.once('data', () => treat(socket));
      socket.write(established);
    });

it.each([
  ['hangs up at once', hangUp, 'proxy.failed', 2],
  ['resets at once', reset, 'proxy.failed', 2],
  ['hangs up when asked', onData(hangUp), 'proxy.failed', 2],
  ['resets when asked', onData(reset), 'proxy.failed', 2],
  ['hangs up in its answer', onData(endWith('HTTP/1.1 200 Conn')), 'proxy.failed', 2],
  ['answers nonsense', onData(endWith('SSH-2.0-OpenSSH_9.2\r\n')), 'proxy.failed', 2],
  ['answers with an invalid status', onData(endWith('HTTP/1.1 2000 OK\r\n\r\n')), 'proxy.failed', 2],
  ['answers without end', onData(endWith(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}`)), 'proxy.failed', 2],
  ['only says that it continues', onData(endWith('HTTP/1.1 100 Continue\r\n\r\n')), 'proxy.failed', 2],
  ['answers 502', onData(endWith('HTTP/1.1 502 Bad Gateway\r\n\r\n')), 'proxy.failed', 2],
  ['answers 407', onData(endWith('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')), 'proxy.denied', 1],
  ['answers 302', onData(endWith('HTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n')), 'proxy.denied', 1],
  [
    'opens with more than was agreed',
    onData((socket) => void socket.write(`${established}of its own`)),
    'tls.protocol',
    1,
  ],
  ['opens and hangs up', onData(endWith(established)), 'net.reset', 2],
  ['opens, and hangs up when the server is greeted', openAnd(hangUp), 'net.reset', 2],
  ['opens, and resets when the server is greeted', openAnd(reset), 'net.reset', 2],
  ['opens to what speaks no TLS', openAnd(endWith('HTTP/1.1 400 Bad Request\r\n\r\n')), 'tls.protocol', 1],
] as const)('a proxy that %s gets one connection per try', async (_what, treat, code, count) => {
  const proxy = await socketServer(treat);
  const env = { https_proxy: `http://127.0.0.1:${String(proxy.port)}` };
  expect(await ask('https://glance.test/', { env })).toBe(code);
  expect(proxy.connections()).toBe(count);
});

it.each(['http', 'https'])('a proxy over TLS that fails gets one connection per try, for %s', async (scheme) => {
  const silent = await socketServer(onData(hangUp));
  const env = (port: string): Setup => ({ env: { all_proxy: `https://127.0.0.1:${port}` } });
  expect(await ask(`${scheme}://glance.test/`, env(String(silent.port)))).toBe('proxy.failed');
  expect(silent.connections()).toBe(2);
  const other = await rawServer(() => undefined, 'other-name');
  expect(await ask(`${scheme}://glance.test/`, env(other.url.port))).toBe('tls.name');
  expect(other.connections()).toBe(1);
});

it('a proxy may send interim answers before the tunnel is up, and its first bytes with the answer', async () => {
  const inner = await rawServer((_request, socket) => socket.write(answer('200 OK', '"inside"')), 'server');
  const proxy = await socketServer((socket) => {
    socket.once('data', () => {
      const upstream = connect(Number(inner.url.port), '127.0.0.1');
      upstream.on('error', () => socket.destroy());
      socket.write(`HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${established}`);
      socket.pipe(upstream).pipe(socket);
    });
  });
  const env = { https_proxy: `http://127.0.0.1:${String(proxy.port)}` };
  expect(await ask(inner.url.href, { env })).toBe('inside');
});

it('a proxy that never answers times out, and is blamed', async () => {
  const proxy = await socketServer(() => undefined);
  const env = { https_proxy: `http://127.0.0.1:${String(proxy.port)}` };
  expect(await ask('https://glance.test/', { env, connectTimeoutMs: 20 })).toBe('proxy.failed');
  expect(proxy.connections()).toBe(2);
});

it.each([
  ['TLS', (port: string) => [`https://127.0.0.1:${port}/`, {}] as const],
  ['a tunnel', (port: string) => ['https://glance.test/', { https_proxy: `http://127.0.0.1:${port}` }] as const],
  ['TLS with a proxy', (port: string) => ['http://glance.test/', { all_proxy: `https://127.0.0.1:${port}` }] as const],
])('%s that is still being set up is dropped at the end, so the program need not wait', async (_what, place) => {
  const controller = new AbortController();
  let note = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    note = resolve;
  });
  const proxy = await socketServer((socket) => {
    socket.once('data', () => controller.abort(new Error('enough')));
    socket.once('close', note);
  });
  let dispatchers: Dispatchers | null = null;
  const [url, env] = place(String(proxy.port));
  const outcome = await ask(url, {
    env,
    signal: controller.signal,
    onDispatchers: (made) => void (dispatchers = made),
  });
  expect(outcome).toMatchObject({ message: 'enough' });
  await (dispatchers as Dispatchers | null)?.close();
  await closed;
});

it('a proxy with an unknown name is blamed, not the server', async () => {
  for (const scheme of ['http', 'https']) {
    const outcome = await ask(`${scheme}://glance.test/`, { env: { all_proxy: 'http://proxy.invalid:3128' } });
    expect(outcome).toBe('proxy.refused');
  }
});
