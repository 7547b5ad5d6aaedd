// `node bench/fleet-plan.mjs [IMAGES]`, after `npm run build`: how long it takes to plan that many images into a real Redis, how
// much the planner's memory grows, and that a second plan adds nothing. Needs redis-server.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemOf } from '../dist/client/system.js';
import { Connection } from '../dist/client/connection.js';
import { FleetMirror } from '../dist/client/fleet/fleet-mirror.js';
import { openBullQueue } from '../dist/queue/bullmq/bull-queue.js';
import { parseQueueUrl } from '../dist/queue/queue-url.js';
import { listen } from './listen.mjs';

const images = Number(process.argv[2] ?? 100_000);
const directory = mkdtempSync(join(tmpdir(), 'glance-cli-plan-'));
const idOf = (index) => `11111111-2222-4333-8444-${String(index).padStart(12, '0')}`;

const glance = createServer((request, response) => {
  const marker = /marker=[^&]*?(\d{12})/.exec(request.url ?? '')?.[1];
  const start = marker === undefined ? 0 : Number(marker) + 1;
  const page = Array.from({ length: Math.max(0, Math.min(1000, images - start)) }, (_, index) => ({
    id: idOf(start + index),
    name: `image ${start + index}`,
    status: 'active',
    visibility: 'public',
    disk_format: 'qcow2',
    container_format: 'bare',
    size: 1_000_000 + index,
    checksum: null,
    os_hash_algo: 'sha512',
    os_hash_value: String(start + index).padStart(128, '0'),
    tags: [],
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
  }));
  const more = start + 1000 < images ? { next: `/v2/images?limit=1000&marker=${idOf(start + 999)}` } : {};
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ images: page, ...more }));
});

const free = createServer();
const redisPort = await listen(free);
free.close();
const options = ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--dir', directory];
const redis = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
for await (const chunk of redis.stdout) if (String(chunk).includes('Ready to accept')) break;
const endpoint = `http://127.0.0.1:${await listen(glance)}/v2`;
const system = { ...systemOf(process), env: {} };
const connection = new Connection({ endpoint, system });
const queue = await openBullQueue({
  address: parseQueueUrl(`redis://127.0.0.1:${redisPort}`),
  ca: null,
  timeoutMs: 60_000,
});
const mebibytes = () => {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss: Math.round(rss / 2 ** 20), heap: Math.round(heapUsed / 2 ** 20) };
};

try {
  for (const plan of ['first', 'second']) {
    const before = mebibytes();
    const start = performance.now();
    const { counts } = await new FleetMirror(connection, queue, join(directory, 'm'), { detach: true }).run();
    const seconds = (performance.now() - start) / 1000;
    const { waiting } = await queue.counts();
    process.stdout.write(`${JSON.stringify({ plan, seconds, before, after: mebibytes(), waiting, ...counts })}\n`);
  }
} finally {
  await queue.close();
  await connection.close();
  redis.kill('SIGKILL');
  glance.close();
  glance.closeAllConnections();
  rmSync(directory, { recursive: true, force: true });
}
