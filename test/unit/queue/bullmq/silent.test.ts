// A Redis that takes connections and never answers.
import { createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { openBullQueue } from '../../../../src/queue/bullmq/bull-queue.ts';
import { parseQueueUrl } from '../../../../src/queue/queue-url.ts';
import { codeOf } from '../../../support/code-of.ts';

it('is waited for as long as an answer may take, and not longer', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const address = parseQueueUrl(`redis://127.0.0.1:${String(port)}`);
  expect(await codeOf(openBullQueue({ address, ca: null, timeoutMs: 20 }))).toBe('queue.unavailable');
  expect(sockets).toHaveLength(1);
});
