// `npm run test:storm -- [SECONDS] [SEED]`, or `--requests COUNT [SEED]`: serves a directory of hostile files that keep changing,
// and sends random requests: well-formed, malformed, pipelined, with answers unread or broken off. Throughout, the server must
// answer well-behaved clients; in the end it must have no more files open than before, and use about as much memory as after it
// had warmed up. Prints its counts and measurements; exits with 1 if any of this fails. Loopback only; needs /proc.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text as readAll } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { change, makeFiles } from './serve-storm/hostile-files.mjs';
import { random, seedRandom } from './serve-storm/random.mjs';
import { anyMarker, anyTalk, rememberIds } from './serve-storm/requests.mjs';

const byCount = process.argv[2] === '--requests';
const limit = Number(process.argv[byCount ? 3 : 2] ?? 60);
const seed = Number(process.argv[byCount ? 4 : 3] ?? Date.now() % 1_000_000);
const program = process.env['GLANCE_CLI_JS'] ?? fileURLToPath(new URL('../bin/glance-cli.js', import.meta.url));
const clients = 16;
const mebibyte = 1024 * 1024;
seedRandom(seed);

const root = mkdtempSync(join(tmpdir(), 'glance-cli-storm-'));
const directory = join(root, 'images');
const begun = performance.now();
const isOver = () => (byCount ? counts.requests >= limit : performance.now() - begun > limit * 1000);
const counts = { requests: 0, connections: 0, decent: 0, changes: 0, failed: 0, lines: 0 };
/** @typedef {ReturnType<typeof measure>} Sample */
/** @type {Sample[]} */
const samples = [];
/** @type {string[]} */
const faults = [];
/** Why requests failed, and how often. @type {Map<string, number>} */
const reasons = new Map();

async function start() {
  const child = spawn(process.execPath, [program, 'serve', directory, '--port', '0'], {
    env: { PATH: process.env['PATH'], HOME: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  /** @type {string[]} */
  const said = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    counts.lines += 1;
    const [, reason] = / failed \([^)]*\): (.*)/.exec(line) ?? [];
    if (reason !== undefined) {
      counts.failed += 1;
      const words = reason.replaceAll(directory, '').replace(/\d+/g, '').slice(0, 120);
      reasons.set(words, (reasons.get(words) ?? 0) + 1);
    }
    said.push(line.slice(0, 300));
    if (said.length > 20) said.shift();
  });
  child.once('exit', (code, signal) => faults.push(`serve ended with ${signal ?? code}:\n${said.join('\n')}`));
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error(faults.join('\n')))),
  ]);
  return { child, port: Number(new URL(line).port) };
}

/** Seconds since the beginning, resident memory, and open files. @param {number | undefined} pid */
function measure(pid) {
  const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  const { length: files } = readdirSync(`/proc/${pid}/fd`);
  return { at: Math.round((performance.now() - begun) / 1000), mebibytes: Math.round(Number(kibibytes) / 1024), files };
}

/**
 * A connection: sends something, reads some, all or nothing of the answer, and disconnects in one way or another.
 * @param {number} port
 */
async function talk(port) {
  const [text, count] = anyTalk();
  const [reads, leaves, stays] = [random(3), random(3), 20 + random(400)];
  counts.requests += count;
  counts.connections += 1;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  if (reads === 0) socket.pause();
  if (reads === 1) socket.once('data', () => socket.pause());
  if (reads === 2) socket.resume();
  socket.write(text);
  await Promise.race([once(socket, 'close').catch(() => undefined), delay(stays)]);
  if (leaves === 0) socket.destroy();
  if (leaves === 1) socket.resetAndDestroy();
  if (leaves === 2) socket.end(() => socket.destroy());
}

/** The time limit of a well-behaved client, milliseconds. It is long, as the server is tested and not the speed of a busy machine. */
const patience = 300_000;

/**
 * A well-behaved client, which must be answered whatever the others do.
 * @param {number} port
 * @param {number} count of images
 */
async function askDecently(port, count) {
  // `fetch` would give up connecting after ten seconds.
  const asked = request({
    port,
    host: '127.0.0.1',
    path: `/v2/images?limit=${count}&sort=created_at:desc${anyMarker()}`,
    headers: { accept: 'application/json' },
    agent: false,
    signal: AbortSignal.timeout(patience),
  }).end();
  // The answer reports later failures.
  asked.on('error', () => undefined);
  const [answer] = /** @type {[import('node:http').IncomingMessage]} */ (await once(asked, 'response'));
  const text = await readAll(answer);
  counts.decent += 1;
  // Its marker may have been removed meanwhile.
  if (answer.statusCode === 400) return;
  if (answer.statusCode !== 200) faults.push(`a decent client was answered ${answer.statusCode}`);
  const { images = [] } = /** @type {{ images?: { id: string }[] }} */ (JSON.parse(text));
  rememberIds(images.map(({ id }) => encodeURIComponent(id)));
}

/** @param {number} port */
async function askPatiently(port) {
  try {
    await askDecently(port, 3);
  } catch (reason) {
    faults.push(`a decent client was not answered: ${/** @type {Error} */ (reason).message}`);
  }
}

/** @param {number} port */
async function beClient(port) {
  while (!isOver() && faults.length === 0) await talk(port);
}

/** @param {Awaited<ReturnType<typeof start>>} server */
async function watch({ child, port }) {
  while (!isOver() && faults.length === 0) {
    await askPatiently(port);
    for (let index = 0; index < 5; index += 1) change(directory);
    counts.changes += 5;
    if (child.exitCode === null) samples.push(measure(child.pid));
    await delay(byCount ? 50 : 500);
  }
}

const median = (/** @type {readonly number[]} */ values) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/**
 * Waits until the server has closed all connections, but no longer than it may keep them.
 * @param {number | undefined} pid
 * @param {number} files that may be open then
 */
async function settle(pid, files) {
  for (let turn = 0; turn < 3000 && measure(pid).files > files; turn += 1) await delay(100);
  return measure(pid);
}

/** @param {Sample} before @param {Sample} after */
function judge(before, after) {
  const quarter = Math.ceil(samples.length / 4);
  const memory = samples.map(({ mebibytes }) => mebibytes);
  // With few samples, only a large difference means anything.
  const early = samples.length < 8 ? before.mebibytes + 64 : median(memory.slice(quarter, 2 * quarter));
  const late = median(memory.slice(-quarter));
  if (after.files > before.files + 2) faults.push(`${after.files} files are open, at first ${before.files}`);
  if (late > early * 1.25 + 48) faults.push(`${late} MiB of memory late, ${early} MiB early`);
  const seconds = Math.round((performance.now() - begun) / 1000);
  const most = { mebibytes: Math.max(...memory), files: Math.max(...samples.map(({ files }) => files)) };
  return { seed, seconds, ...counts, reasons: Object.fromEntries(reasons), before, early, late, most, after };
}

const listener = makeFiles(directory, (byCount ? 16 : 256) * mebibyte);
const server = await start();
try {
  await askDecently(server.port, 100);
  rememberIds(['none']);
  const before = measure(server.child.pid);
  await Promise.all([watch(server), ...Array.from({ length: clients }, () => beClient(server.port))]);
  if (server.child.exitCode === null) {
    const after = await settle(server.child.pid, before.files + 2);
    process.stdout.write(`${JSON.stringify(judge(before, after))}\n`);
    const { STORM_SAMPLES: samplesFile } = process.env;
    if (samplesFile !== undefined) writeFileSync(samplesFile, JSON.stringify(samples));
  }
} finally {
  listener.close();
  const isAlive = server.child.exitCode === null && server.child.signalCode === null;
  if (isAlive) {
    const count = faults.length;
    server.child.kill('SIGTERM');
    await once(server.child, 'exit');
    faults.length = count;
  }
  rmSync(root, { recursive: true, force: true });
}
for (const fault of faults) process.stdout.write(`FAULT ${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
