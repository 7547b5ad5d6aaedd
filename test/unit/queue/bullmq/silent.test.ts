// A Redis that accepts connections and never answers.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { openBullQueue } from '../../../../src/queue/bullmq/bull-queue.ts';
import { loadPackages } from '../../../../src/queue/bullmq/packages.ts';
import { openRedis, type RedisSettings, toQueueError } from '../../../../src/queue/bullmq/redis.ts';
import { parseQueueUrl } from '../../../../src/queue/queue-url.ts';
import { codeOf } from '../../../support/code-of.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** @returns a promise for each connection, resolved once something was sent over it */
async function listen(timeoutMs: number): Promise<{
  readonly settings: RedisSettings;
  readonly sockets: readonly Socket[];
  readonly asked: () => Promise<unknown>;
}> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.once('data', () => server.emit('asked'));
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const address = parseQueueUrl(`redis://127.0.0.1:${String(port)}`);
  return { settings: { address, ca: null, timeoutMs }, sockets, asked: () => once(server, 'asked') };
}

it('is waited for as long as an answer may take, and not longer', async () => {
  const { settings, sockets } = await listen(20);
  expect(await codeOf(openBullQueue(settings))).toBe('queue.unavailable');
  expect(sockets).toHaveLength(1);
});

it('is connected to again by a worker, which may have to wait for work as well', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { settings, sockets, asked } = await listen(20);
  const first = asked();
  const redis = openRedis(await loadPackages(), settings, true);
  onTestFinished(() => redis.disconnect());
  const failed = once(redis, 'error');
  const closed = new Promise<void>((resolve) => redis.once('close', resolve));
  await first;
  vi.advanceTimersByTime(10_019);
  expect(redis.status).toBe('connect');
  vi.advanceTimersByTime(1);
  const [error] = await failed;
  expect(toQueueError(error, 'redis://cache')).toMatchObject({
    code: 'queue.unavailable',
    message: 'redis://cache: it cannot be reached (it does not answer)',
  });
  await closed;
  const second = asked();
  vi.advanceTimersByTime(2000);
  await second;
  expect(sockets).toHaveLength(2);
});
