import type { Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { HttpClient } from '../../../src/http/client.ts';
import type { HttpRequest, WireEvent } from '../../../src/http/request.ts';
import { Dispatchers } from '../../../src/http/connect/dispatchers.ts';
import { answer, rawServer } from '../../support/servers/raw-server.ts';

function createClient(wire: WireEvent[]): HttpClient {
  const dispatchers = new Dispatchers({ tls: { verify: true }, env: {}, connectTimeoutMs: 5000 });
  onTestFinished(() => dispatchers.close());
  return new HttpClient({
    dispatchers,
    clock: systemClock,
    userAgent: 'glance-cli/test',
    timeouts: { headersMs: 60_000, dataHeadersMs: 60_000, stallMs: 60_000 },
    retry: { retries: 0 },
    onWire: (event) => wire.push(event),
  });
}

async function ask(client: HttpClient, url: URL, method: HttpRequest['method'] = 'GET'): Promise<unknown> {
  const signal = new AbortController().signal;
  const request = { method, url, accept: 'application/json', token: null, purpose: 'metadata', signal } as const;
  const { value } = await client.json(request, 1000);
  // The connection is only kept once the end of the answer has been noticed.
  await new Promise((turn) => void setImmediate(turn));
  return value;
}

it('a kept connection that the server closed is silently replaced, even without retries', async () => {
  const sockets: Socket[] = [];
  const wire: WireEvent[] = [];
  const { url, requests } = await rawServer((_request, socket, index) => {
    sockets.push(socket);
    if (index === 1) socket.destroy();
    else socket.write(answer('200 OK', String(index)));
  });
  const client = createClient(wire);
  expect([await ask(client, url), await ask(client, url)]).toEqual([0, 2]);
  expect(requests).toHaveLength(3);
  expect(sockets[1]).toBe(sockets[0]);
  expect(sockets[2]).not.toBe(sockets[0]);
  expect(wire.filter(({ direction }) => direction === 'retry')).toEqual([]);
});

it('a request that must not be repeated is not sent twice', async () => {
  const { url, requests } = await rawServer((_request, socket, index) => {
    if (index === 1) socket.destroy();
    else socket.write(answer('200 OK', '1'));
  });
  const client = createClient([]);
  await ask(client, url);
  await expect(ask(client, url, 'POST')).rejects.toMatchObject({ code: 'net.reset' });
  expect(requests).toHaveLength(2);
});

it('a new connection that closes before it answers is a failure', async () => {
  const { url, requests } = await rawServer((_request, socket) => socket.destroy());
  await expect(ask(createClient([]), url)).rejects.toMatchObject({ code: 'net.reset', facts: { attempts: 1 } });
  expect(requests).toHaveLength(1);
});

it.each([
  ['in the same piece', (socket: Socket, text: string) => void socket.write(`${text}surplus`)],
  [
    'afterwards',
    (socket: Socket, text: string) => void socket.write(text, () => setImmediate(() => socket.write('surplus'))),
  ],
])(
  'bytes after the announced end, %s, belong to no answer, and their connection is not reused',
  async (_when, send) => {
    const sockets: Socket[] = [];
    const { url, requests } = await rawServer((_request, socket, index) => {
      sockets.push(socket);
      if (index === 0) send(socket, answer('200 OK', '"first"'));
      else socket.write(answer('200 OK', '"second"'));
    });
    const client = createClient([]);
    expect(await ask(client, url)).toBe('first');
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => void setImmediate(next));
    expect(await ask(client, url)).toBe('second');
    expect(requests).toHaveLength(2);
    expect(sockets[1]).not.toBe(sockets[0]);
  },
);
