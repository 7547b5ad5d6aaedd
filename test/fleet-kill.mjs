// `npm run test:fleet -- [SECONDS] [s3 | directory] [SEED]`: mirrors images with four workers, over and over. Meanwhile a random
// worker is killed with SIGKILL every one to three seconds, Redis is killed and restarted every twenty seconds, and now and then a
// worker is stopped for longer than its lease. The same workers also inspect and verify the images. Every planner must succeed by
// itself, every report must arrive once and in order, the place must hold every image byte for byte, and no more parts may be sent
// than were needed or in progress when something was killed. Needs redis-server and, for s3, the variables of a store, as
// test/stores/servers/rgw-up prints them. Prints its counts; exits with 1 at the first failure.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once, setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { listen } from '../bench/servers/listen.mjs';
import { createGlance, makeImages, size } from './fleet-kill/glance.mjs';
import { freePort, startRedis } from './fleet-kill/redis.mjs';
import { createStoreProxy, openBucket } from './fleet-kill/store.mjs';

const seconds = Number(process.argv[2] ?? 3600);
const kind = process.argv[3] ?? 's3';
const seed = Number(process.argv[4] ?? Date.now() % 1_000_000);
const program = fileURLToPath(new URL('../bin/glance-cli.js', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'glance-cli-fleet-'));
const workersAtOnce = 4;
const jobs = 2;
const leaseSeconds = 5;
const imagesARound = 8;
/** The size of the parts in which the program uploads. */
const partSize = 8 * 1024 * 1024;
let state = seed;
/** A number in [0, 1), reproducible by its seed. */
function random() {
  state = (state * 1103515245 + 12345) % 2147483648;
  return state / 2147483648;
}

const counts = {
  rounds: 0,
  audits: 0,
  kills: 0,
  stops: 0,
  redisKills: 0,
  setAside: 0,
  lost: 0,
  images: 0,
  sent: 0,
  needed: 0,
};
/** Ends everything that waits. */
const over = new AbortController();
setMaxListeners(0, over.signal);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => over.abort());

const images = makeImages(imagesARound, seed);
const glance = createGlance(images, () => {
  if (kind === 'directory') counts.sent++;
});
const store = createStoreProxy(() => counts.sent++);
const redisPort = await freePort();
let redis = await startRedis(redisPort, directory);
const queue = `redis://127.0.0.1:${redisPort}/0`;
const env = {
  PATH: process.env['PATH'],
  HOME: directory,
  OS_IMAGE_ENDPOINT_OVERRIDE: `http://127.0.0.1:${await listen(glance)}/v2`,
  GLANCE_CLI_QUEUE: queue,
  AWS_ACCESS_KEY_ID: process.env['AWS_ACCESS_KEY_ID'],
  AWS_SECRET_ACCESS_KEY: process.env['AWS_SECRET_ACCESS_KEY'],
  AWS_REGION: process.env['AWS_REGION'],
  AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${await listen(store)}`,
};

/** @param {string[]} argv */
function run(...argv) {
  const child = spawn(process.execPath, [program, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += chunk));
  child.stderr.on('data', (chunk) => (said.stderr += chunk));
  return { child, said };
}

/** What each has printed. @type {Map<import('node:child_process').ChildProcess, { stderr: string }>} */
const workers = new Map();

function startWorker() {
  const { child, said } = run('worker', '--jobs', String(jobs), '--lease', String(leaseSeconds), '--retries', '2');
  workers.set(child, said);
  child.once('exit', () => {
    counts.lost += said.stderr.match(/: lost$/gm)?.length ?? 0;
    workers.delete(child);
    if (!over.signal.aborted) startWorker();
  });
}

/** Waits, but no longer once the test is over. @param {number} ms */
const pause = (ms) => wait(ms, null, { signal: over.signal }).catch(() => undefined);

const anyWorker = () => [...workers.keys()][Math.floor(random() * workers.size)];

async function killWorkers() {
  while (!over.signal.aborted) {
    await pause(1000 + random() * 2000);
    if (anyWorker()?.kill('SIGKILL')) counts.kills++;
  }
}

async function stopWorkers() {
  while (!over.signal.aborted) {
    await pause(10_000);
    const child = anyWorker();
    if (!child?.kill('SIGSTOP')) continue;
    counts.stops++;
    await pause(leaseSeconds * 1600);
    child.kill('SIGCONT');
  }
}

async function killRedis() {
  while (!over.signal.aborted) {
    await pause(20_000);
    if (over.signal.aborted) return;
    const ended = once(redis, 'exit');
    redis.kill('SIGKILL');
    counts.redisKills++;
    await ended;
    await wait(500);
    redis = await startRedis(redisPort, directory);
  }
}

/** Runs the program. @param {string[]} argv @throws Error with all its output, if it does not exit with 0 */
async function demand(...argv) {
  const { child, said } = run(...argv);
  const stop = () => child.kill('SIGKILL');
  over.signal.addEventListener('abort', stop, { once: true });
  const [code] = await once(child, 'close');
  over.signal.removeEventListener('abort', stop);
  // Redis was down at the start: a user would run the same command again.
  if (code === 5 && / \((?:ECONNREFUSED|ECONNRESET|Connection is closed\.)\) /.test(said.stderr))
    return await demand(...argv);
  // Three kills hit the same image, so it was set aside: a user who reads that would run the same command again.
  const failures = said.stdout.split('\n').filter((line) => line.startsWith('failed '));
  if (code === 9 && failures.length > 0 && failures.every((line) => line.endsWith('[worker.died]'))) {
    counts.setAside += failures.length;
    return await demand(...argv);
  }
  if (code !== 0) throw new Error(`glance-cli ${argv.join(' ')} ended with ${code}:\n${said.stdout}${said.stderr}`);
  return said;
}

const bucket = `fleet-${randomUUID()}`;
const { create, empty } = openBucket(bucket, env);
if (kind === 's3') await create();
for (let each = 0; each < workersAtOnce; each++) startWorker();
const loops = [killWorkers(), stopWorkers(), killRedis()];
const end = Date.now() + seconds * 1000;
try {
  while (Date.now() < end) {
    const place = kind === 's3' ? `s3://${bucket}/${counts.rounds}` : join(directory, String(counts.rounds));
    await demand('mirror', place, '--progress', 'none');
    // By workers, whatever happens to them, and once more without them.
    const { stdout } = await demand('inspect', '--all', '--progress', 'none', '-f', 'value', '-c', 'id', '-c', 'safe');
    const inspected = stdout.trim().split('\n');
    const isWhole = images.every(({ id }, index) => inspected[index] === `${id} true`);
    if (!isWhole || inspected.length !== images.length) throw new Error(`inspect --all printed:\n${stdout}`);
    await demand('verify', place, '--progress', 'none');
    env.GLANCE_CLI_QUEUE = '';
    const { stderr } = await demand('verify', place, '--progress', 'none').finally(
      () => (env.GLANCE_CLI_QUEUE = queue),
    );
    counts.audits += inspected.length;
    await (kind === 's3' ? empty() : rm(place, { recursive: true }));
    counts.rounds++;
    counts.images += imagesARound;
    // For a directory, requests for data are counted: one to inspect an image, one to fetch it.
    counts.needed += imagesARound * (kind === 's3' ? Math.ceil(size / partSize) : 2);
    process.stdout.write(`${JSON.stringify(counts)} ${stderr.trim().split('\n').at(-1) ?? ''}\n`);
  }
  const most = counts.needed + (counts.kills + counts.stops + counts.lost) * jobs;
  if (counts.sent > most) throw new Error(`${counts.sent} parts were sent, and ${most} are the most`);
  process.stdout.write(`no image wrong, none lost; ${counts.sent} parts sent, at most ${most} may be; seed ${seed}\n`);
} catch (error) {
  process.stdout.write(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  over.abort();
  for (const child of workers.keys()) child.kill('SIGKILL');
  await Promise.all(loops);
  redis.kill('SIGKILL');
  for (const server of [glance, store]) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(directory, { recursive: true, force: true });
}
