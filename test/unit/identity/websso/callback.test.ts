import { request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { Callback } from '../../../../src/identity/websso/callback.ts';
import { judgeBody, judgeHead } from '../../../../src/identity/websso/form.ts';

const expected = {
  host: 'localhost:9990',
  path: '/auth/websso/',
  keystone: new URL('https://keystone.example:5000/v3'),
};
const form = {
  method: 'POST',
  url: '/auth/websso/',
  headers: { host: 'localhost:9990', 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
};

describe('the form of a Keystone', () => {
  it.each([
    ['its origin', { origin: 'https://keystone.example:5000' }, null],
    ['null, as browsers say for https', { origin: 'null' }, null],
    ['null, of a page of its own', { origin: 'null', 'sec-fetch-dest': 'document' }, null],
    ['null, of a frame', { origin: 'null', 'sec-fetch-dest': 'iframe' }, 403],
    ['null, of a script', { origin: 'null', 'sec-fetch-dest': 'empty' }, 403],
    ['null twice', { origin: 'null, null' }, 403],
    ['another port', { origin: 'https://keystone.example' }, 403],
    ['another scheme', { origin: 'http://keystone.example:5000' }, 403],
    ['none', {}, 403],
  ])('over https comes with %s', (_what, headers, refusal) => {
    expect(judgeHead({ ...form, headers: { ...form.headers, ...headers } }, expected)).toBe(refusal);
  });

  it('over http comes with its origin, and not with null', () => {
    const plain = { ...expected, keystone: new URL('http://keystone.example/v3') };
    const judge = (origin: string): number | null =>
      judgeHead({ ...form, headers: { ...form.headers, origin } }, plain);
    expect([judge('http://keystone.example'), judge('null')]).toEqual([null, 403]);
  });

  it('is checked for its length before it is read', () => {
    const headers = { ...form.headers, origin: 'null', 'content-length': '65537' };
    expect(judgeHead({ ...form, headers }, expected)).toBe(413);
  });

  it('holds one token of printable characters', () => {
    const bodies = [
      'token=gAAAAABm-_%3D%3D&submit=1',
      'token=',
      'token=a&token=b',
      'token=a+b',
      'token=%C3%A4',
      'other=1',
    ];
    expect(bodies.map(judgeBody)).toEqual([{ token: 'gAAAAABm-_==' }, 400, 400, 400, 400, 400]);
  });
});

async function openCallback(): Promise<{ readonly callback: Callback; readonly port: number }> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  const callback = await Callback.open({ port, path: '/cb', keystone: new URL('http://keystone.example') });
  onTestFinished(() => callback.close());
  return { callback, port };
}

describe('a callback', () => {
  it('is only reachable from this machine, by IPv6 too if available', async ({ skip }) => {
    const { callback, port } = await openCallback();
    const received = callback.receive(systemClock, new AbortController().signal);
    const answered = new Promise<number | string>((resolve) => {
      const headers = {
        host: `localhost:${String(port)}`,
        origin: 'http://keystone.example',
        'content-type': 'application/x-www-form-urlencoded',
      };
      const sent = request({ host: '::1', port, path: '/cb', method: 'POST', headers });
      sent.on('error', ({ message }) => resolve(message));
      sent.on('response', ({ statusCode }) => resolve(statusCode ?? 0));
      sent.end('token=abc');
    });
    const first = await Promise.race([answered, received]);
    skip(typeof first === 'string' && /EADDRNOTAVAIL|EAFNOSUPPORT/.test(first), 'this machine has no IPv6');
    const { token, reply } = await received;
    await reply(true);
    expect([token, await answered]).toEqual(['abc', 200]);
  });

  it('does not wait for a browser that has disconnected', async () => {
    const { callback, port } = await openCallback();
    const received = callback.receive(systemClock, new AbortController().signal);
    const socket = connect(port, '127.0.0.1');
    const head = ['POST /cb HTTP/1.1', `Host: localhost:${String(port)}`, 'Origin: http://keystone.example'];
    const body = ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 9', '', 'token=abc'];
    socket.write([...head, ...body].join('\r\n'));
    const { reply } = await received;
    const gone = new Promise((resolve) => socket.on('close', resolve));
    socket.resetAndDestroy();
    await gone;
    // Any request after that is answered after the disconnection was noticed.
    const answered = new Promise((resolve) => request({ port, path: '/' }).on('response', resolve).end());
    await answered;
    await expect(reply(true)).resolves.toBeUndefined();
  });

  it('closes connections that send nothing', async () => {
    const { callback, port } = await openCallback();
    const socket = connect(port, '127.0.0.1');
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    await new Promise((connected) => socket.on('connect', connected));
    await callback.close();
    await expect(ended).resolves.toBe(false);
  });

  it('stops when told to, with the reason', async () => {
    const { callback } = await openCallback();
    const reason = new Error('enough');
    await expect(callback.receive(systemClock, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
