import { expect, onTestFinished, test } from 'vitest';
import { type Fault, type FaultAction, type FaultyServer, startFaultyServer } from '../../support/faults.ts';
import { makeBytes, makeEntry } from '../../support/images.ts';
import { fetchHttp, requestText, sendRaw } from '../../support/servers/raw-client.ts';

const data = makeBytes(100_000);
const entry = makeEntry(data, { id: '1' });
const path = '/v1/images/1';
const get = requestText('GET', path);

async function start(...faults: Fault[]): Promise<FaultyServer> {
  const server = await startFaultyServer({ catalog: [entry], faults });
  onTestFinished(() => server.close());
  return server;
}

const startWith = (action: FaultAction | readonly FaultAction[]): Promise<FaultyServer> => start({ do: action });

test('answers like the real server if no fault matches, and records requests', async () => {
  const server = await start({ on: { path: /nothing/ }, do: { type: 'html' } });

  const answer = await fetchHttp(new URL(path, server.url), { headers: { 'X-Auth-Token': 't' } });

  expect(answer.status).toBe(200);
  expect(answer.body.equals(data)).toBe(true);
  expect(server.requests).toMatchObject([{ method: 'GET', path, headers: { 'x-auth-token': 't' } }]);
});

test('spares the first requests and then hits as many as told', async () => {
  const server = await start({ on: { method: 'GET', after: 1, times: 2 }, do: { type: 'status', status: 503 } });
  const statuses: number[] = [];

  for (let count = 0; count < 4; count += 1) {
    statuses.push((await fetchHttp(new URL(path, server.url))).status);
  }

  expect(statuses).toEqual([200, 503, 503, 200]);
});

test('picks requests by method, path and what a function says', async () => {
  const server = await start(
    { on: { method: 'HEAD' }, do: { type: 'status', status: 500 } },
    { on: { path: /\?limit=1$/ }, do: { type: 'status', status: 502 } },
    { on: { where: ({ headers }) => headers['range'] !== undefined }, do: { type: 'status', status: 504 } },
  );
  const url = new URL(path, server.url);

  const answers = await Promise.all([
    fetchHttp(url, { method: 'HEAD' }),
    fetchHttp(new URL('/v1/images?limit=1', server.url)),
    fetchHttp(url, { headers: { Range: 'bytes=0-1' } }),
    fetchHttp(url),
  ]);

  expect(answers.map(({ status }) => status)).toEqual([500, 502, 504, 200]);
});

test('ends the body cleanly but short of its announced length', async () => {
  const server = await startWith({ type: 'cut', afterBytes: 70_001 });

  const { head, body, failure } = await sendRaw(server.url, get);

  expect(head).toContain('\r\nContent-Length: 100000\r\n');
  expect(body.equals(data.subarray(0, 70_001))).toBe(true);
  expect(failure).toBeNull();
});

test('cuts right after the headers', async () => {
  const server = await startWith({ type: 'cut', afterBytes: 0 });

  expect(await sendRaw(server.url, get)).toMatchObject({ body: Buffer.alloc(0), failure: null });
  await expect(fetchHttp(new URL(path, server.url))).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('resets the connection in the body and before the headers', async () => {
  const [inBody, before] = await Promise.all([
    startWith({ type: 'reset', afterBytes: 10 }),
    startWith({ type: 'reset', afterBytes: null }),
  ]);

  expect(await sendRaw(inBody.url, get)).toMatchObject({ failure: 'ECONNRESET' });
  expect(await sendRaw(before.url, get)).toMatchObject({ bytes: Buffer.alloc(0), failure: 'ECONNRESET' });
});

test('flips one bit', async () => {
  const server = await startWith({ type: 'flip', offset: 50_000, bit: 7 });

  const { body } = await fetchHttp(new URL(path, server.url));

  const differing = [...body.keys()].filter((at) => body[at] !== data[at]);
  expect(body).toHaveLength(data.length);
  expect(differing).toEqual([50_000]);
  expect(Math.abs((body[50_000] ?? 0) - (data[50_000] ?? 0))).toBe(128);
});

test('sends more than it announced', async () => {
  const server = await startWith({ type: 'extra', bytes: 3 });

  const { head, body } = await sendRaw(server.url, get);

  expect(head).toContain('\r\nContent-Length: 100000\r\n');
  expect(body.equals(Buffer.concat([data, Buffer.alloc(3)]))).toBe(true);
});

test('announces another length', async () => {
  const server = await startWith({ type: 'contentLength', announce: 7 });

  const { head, body } = await sendRaw(server.url, get);

  expect(head.match(/^Content-Length: .*$/gm)).toEqual(['Content-Length: 7']);
  expect(body.equals(data)).toBe(true);
});

test('announces no length and ends the body with the connection', async () => {
  const server = await startWith({ type: 'contentLength', announce: 'none' });

  const answer = await fetchHttp(new URL(path, server.url));

  expect(answer.headers).not.toHaveProperty('content-length');
  expect(answer.headers).not.toHaveProperty('transfer-encoding');
  expect(answer.body.equals(data)).toBe(true);
});

test('sends the body in chunks, and omits the last one when cut', async () => {
  const whole = await startWith({ type: 'contentLength', announce: 'chunked' });
  const cut = await startWith([
    { type: 'contentLength', announce: 'chunked' },
    { type: 'cut', afterBytes: data.length },
  ]);

  const answer = await fetchHttp(new URL(path, whole.url));

  expect(answer.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
  expect(answer.body.equals(data)).toBe(true);
  await expect(fetchHttp(new URL(path, cut.url))).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('answers another status with its headers and body', async () => {
  const server = await startWith({
    type: 'status',
    status: 503,
    reason: 'Busy',
    headers: [['Retry-After', '7']],
    body: 'later',
  });

  const answer = await fetchHttp(new URL(path, server.url));

  expect(answer).toMatchObject({
    status: 503,
    reason: 'Busy',
    headers: { 'retry-after': '7' },
    body: Buffer.from('later'),
  });
  expect(answer.headers).not.toHaveProperty('x-image-meta-id');
});

test('answers with a page of HTML instead', async () => {
  const server = await startWith({ type: 'html' });

  const answer = await fetchHttp(new URL(path, server.url));

  expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } });
  expect(answer.body.toString()).toContain('<html>');
});

test('redirects to where a function says', async () => {
  const server = await startWith({
    type: 'redirect',
    status: 307,
    location: (request) => `http://other${request.path}`,
  });

  const answer = await fetchHttp(new URL(path, server.url));

  expect(answer).toMatchObject({ status: 307, headers: { location: `http://other${path}` } });
});

test('removes headers, replaces them, and adds what is not HTTP', async () => {
  const server = await startWith({
    type: 'headers',
    remove: ['X-OpenStack-Request-ID'],
    set: [['ETAG', '"wrong"']],
    add: [
      ['X-Image-Meta-Size', '1'],
      ['Not A Name', 'bell \x07'],
      ['X-Long', 'x'.repeat(32 * 1024)],
    ],
  });

  const { head, body } = await sendRaw(server.url, get);

  expect(head).not.toMatch(/request-id/i);
  expect(head.match(/^etag: .*$/gim)).toEqual(['ETAG: "wrong"']);
  expect(head.match(/^X-Image-Meta-Size: .*$/gm)).toEqual(['X-Image-Meta-Size: 100000', 'X-Image-Meta-Size: 1']);
  expect(head).toContain('\r\nNot A Name: bell \x07\r\n');
  expect(head).toContain(`\r\nX-Long: ${'x'.repeat(32 * 1024)}`);
  expect(body.equals(data)).toBe(true);
});

test('reports when it stalls, and keeps the connection open', async () => {
  const server = await start(
    { on: { times: 1 }, do: { type: 'stall', afterBytes: null } },
    { do: { type: 'stall', afterBytes: 20_000 } },
  );
  const answers = [sendRaw(server.url, get)];

  await server.stalled;
  answers.push(sendRaw(server.url, get));
  await server.waitForStalls(2);

  expect(server.connections()).toBe(2);
  await server.close();
  const [before, within] = await Promise.all(answers);
  expect(before?.bytes).toHaveLength(0);
  expect(within?.body.equals(data.subarray(0, 20_000))).toBe(true);
});

test('applies its faults to the headers of HEAD, which has no body', async () => {
  const server = await startWith([
    { type: 'status', status: 502, body: 'a body' },
    { type: 'headers', add: [['X-Extra', 'yes']] },
  ]);

  const { head, body } = await sendRaw(server.url, requestText('HEAD', path));

  expect(head).toMatch(/^HTTP\/1\.1 502 /);
  expect(head).toContain('\r\nContent-Length: 6\r\n');
  expect(head).toContain('\r\nX-Extra: yes\r\n');
  expect(body).toHaveLength(0);
});
