// `npm run test:kill -- [KILLS] [SEED]`: downloads an image over and over while the program is killed with SIGKILL at random
// moments and connections are reset, from stores that support ranges, refuse them and ignore them. After each kill the target
// must be absent or complete; whenever a run finishes, it must be complete and nothing else may be left. Prints its counts;
// exits with 1 at the first failure.
import { spawn } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listen } from '../bench/servers/listen.mjs';

const kills = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const program = fileURLToPath(new URL('../bin/glance-cli.js', import.meta.url));
const size = 96 * 1024 * 1024 + 4321;
const id = '11111111-2222-4333-8444-555555555555';
const stores = ['works', 'refused', 'ignored'];

let state = seed;
/** A number in [0, 1), reproducible by its seed. */
function random() {
  state = (state * 1103515245 + 12345) % 2147483648;
  return state / 2147483648;
}

const data = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed % 251), Buffer.alloc(16)).update(Buffer.alloc(size));
const sha256 = createHash('sha256').update(data).digest('hex');
const counts = { kills: 0, resets: 0, completed: 0, resumed: 0 };
let store = stores[0];
/** Whether connections are reset. */
let cuts = false;

const record = {
  id,
  name: 'image',
  status: 'active',
  visibility: 'public',
  disk_format: 'qcow2',
  container_format: 'bare',
  size,
  checksum: null,
  os_hash_algo: 'sha256',
  os_hash_value: sha256,
  tags: [],
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
};

const server = createServer((request, response) => {
  response.on('error', () => undefined);
  if (request.url?.endsWith('/file') !== true) {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(record));
    return;
  }
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  if (range !== null && store === 'refused') {
    response.writeHead(400).end();
    return;
  }
  const start = range !== null && store === 'works' ? Number(range[1]) : 0;
  if (start > 0) response.setHeader('content-range', `bytes ${start}-${size - 1}/${size}`);
  const headers = { 'content-type': 'application/octet-stream', 'content-length': size - start };
  response.writeHead(start > 0 ? 206 : 200, headers);
  const isCut = cuts && random() < 0.6;
  if (isCut) {
    counts.resets += 1;
    const end = start + Math.floor(random() * (size - start));
    response.write(data.subarray(start, end), () => response.socket?.resetAndDestroy());
  } else response.end(data.subarray(start));
});
const port = await listen(server);
const endpoint = `http://127.0.0.1:${port}/v2`;
const directory = mkdtempSync(join(tmpdir(), 'glance-cli-kill-'));
const target = join(directory, 'image.qcow2');

/**
 * Runs the program.
 * @param {number | null} killAfterMs null: never
 * @returns {Promise<boolean>} whether it finished before it was killed
 */
async function run(killAfterMs) {
  const args = [program, '--endpoint', endpoint, '--progress', 'none', 'download', id, '-o', target, '-f', 'json'];
  const env = { PATH: process.env['PATH'], HOME: directory };
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const timer = killAfterMs === null ? null : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer ?? undefined);
  if (signal === 'SIGKILL') {
    counts.kills += 1;
    return false;
  }
  if (code !== 0) throw new Error(`the program ended with ${code}: ${errors}`);
  /** @type {{ resumed_from: number }} */
  const { resumed_from: resumedFrom } = JSON.parse(output);
  if (resumedFrom > 0) counts.resumed += 1;
  return true;
}

async function checkTarget() {
  const actual = createHash('sha256')
    .update(await readFile(target))
    .digest('hex');
  if (actual !== sha256) throw new Error(`a wrong file stands under the target's name: ${actual}`);
}

/** How long a run takes undisturbed at the moment, so that kills hit every stage of it even on a slow or busy machine. */
async function measure() {
  cuts = false;
  const started = performance.now();
  await run(null);
  const wholeMs = performance.now() - started;
  await finish();
  cuts = true;
  return wholeMs;
}

/** Checks after a finished run that everything is there and nothing else. */
async function finish() {
  await checkTarget();
  const names = readdirSync(directory);
  if (names.length !== 1) throw new Error(`left behind: ${names.join(', ')}`);
  rmSync(target);
  counts.completed += 1;
}

/** After so many kills in a row without a finished run, one is left to finish, and its time is measured again. */
const mostInARow = 25;

try {
  let wholeMs = await measure();
  let inARow = 0;
  while (counts.kills < kills) {
    store = stores[counts.completed % stores.length];
    const isDone = await run(wholeMs * (0.2 + random()));
    if (existsSync(target)) await checkTarget();
    inARow = isDone ? 0 : inARow + 1;
    if (isDone) await finish();
    if (inARow < mostInARow) continue;
    inARow = 0;
    cuts = false;
    await run(null);
    await finish();
    wholeMs = await measure();
  }
  cuts = false;
  await run(null);
  await finish();
  const { resets, completed, resumed } = counts;
  process.stdout.write(
    `${counts.kills} kills and ${resets} resets (seed ${seed}): ${completed} downloads completed, ${resumed} of them ` +
      'gone on with after a kill; 0 wrong files, 0 files left behind\n',
  );
} catch (error) {
  process.stderr.write(`seed ${seed}, after ${counts.kills} kills: ${String(error)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
  server.closeAllConnections();
  server.close();
}
