// `npm run test:storm -- [SECONDS] [SEED]`, or `--requests COUNT [SEED]`: serves a directory of hostile files that keep changing,
// and sends random requests: well-formed, malformed, pipelined, with answers unread or broken off. Throughout, the server must
// answer well-behaved clients; in the end it must have no more files open than before, and use about as much memory as after it
// had warmed up. Prints its counts and measurements; exits with 1 if any of this fails. Loopback only; needs /proc.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text as readAll } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const byCount = process.argv[2] === '--requests';
const limit = Number(process.argv[byCount ? 3 : 2] ?? 60);
const seed = Number(process.argv[byCount ? 4 : 3] ?? Date.now() % 1_000_000);
const program = process.env.GLANCE_CLI_JS ?? fileURLToPath(new URL('../bin/glance-cli.js', import.meta.url));
const clients = 16;
const mebibyte = 1024 * 1024;

let state = seed;
/** An integer in [0, below), reproducible by its seed. */
function random(below) {
  state = (state * 1103515245 + 12345) % 2147483648;
  return Math.floor((state / 2147483648) * below);
}
const pick = (list) => list[random(list.length)];
const noise = (length) =>
  createHash('shake256', { outputLength: length })
    .update(String(random(2 ** 30)))
    .digest();

const root = mkdtempSync(join(tmpdir(), 'glance-cli-storm-'));
const directory = join(root, 'images');
const begun = performance.now();
const isOver = () => (byCount ? counts.requests >= limit : performance.now() - begun > limit * 1000);
const counts = { requests: 0, connections: 0, decent: 0, changes: 0, failed: 0, lines: 0 };
const samples = [];
const faults = [];
/** Why requests failed, and how often. */
const reasons = new Map();
const listeners = [];

/** Sidecars that are malformed or too large. */
const sidecars = [
  () => '{"id":"a\\ud800b"}',
  () => '{"id":7}',
  () => '[',
  () => '['.repeat(200_000),
  () => noise(5000),
  () => JSON.stringify({ name: 'x\u202e\0\n', properties: { __proto__: null, 'ü\n': 'y', 'X-Odd': '\r\nA: b' } }),
  () =>
    JSON.stringify({
      properties: Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`p${i}`, 'ü'.repeat(500)])),
    }),
  () => JSON.stringify({ tags: Array.from({ length: 50_000 }, () => 'tag') }),
  () => JSON.stringify({ size: 3, checksum: 'None', min_disk: '10' }),
  () =>
    JSON.stringify({
      name: '\ud800',
      os_hash_algo: 'sha512',
      os_hash_value: '"'.repeat(10_000),
      owner: '<'.repeat(9000),
    }),
  () => '{}'.padEnd(2 * mebibyte),
];

/** Data that upsets parsers of disk formats. */
const datas = [
  () => Buffer.alloc(0),
  () => noise(100_000),
  () => Buffer.concat([Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'), noise(4096)]),
  () => Buffer.from(`# Disk DescriptorFile\na=${' '.repeat(30_000)}\r`),
  () => Buffer.concat([Buffer.from('KDMV\x01\0\0\0', 'latin1'), noise(4096)]),
  () => Buffer.concat([Buffer.from('vhdxfile'), noise(300_000)]),
  () => Buffer.concat([Buffer.alloc(257, 0x61), Buffer.from('ustar\x0000'), noise(2000)]),
  () => Buffer.concat([Buffer.alloc(510), Buffer.from([0x55, 0xaa]), noise(2000)]),
  () => Buffer.concat([Buffer.from([0x1f, 0x8b]), noise(2000)]),
];

function makeFiles() {
  mkdirSync(directory);
  const path = (name) => join(directory, name);
  for (let index = 0; index < 150; index += 1) {
    writeFileSync(path(`plain-${index}.img`), pick(datas)());
    if (index % 3 === 0) writeFileSync(path(`plain-${index}.img.json`), pick(sidecars)());
  }
  writeFileSync(path('large.raw'), noise(3_000_000));
  writeFileSync(path('sparse.raw'), '');
  truncateSync(path('sparse.raw'), (byCount ? 16 : 256) * mebibyte);
  writeFileSync(path('n'.repeat(255)), 'x');
  writeFileSync(path('line\nbreak\u202e.raw'), 'x');
  writeFileSync(Buffer.from(path('caf\xe9.raw'), 'latin1'), 'x');
  writeFileSync(path('.glance-cli-digests.json'), `[\n{"name":"large.raw","key":"1"}\n${'['.repeat(100_000)}\n`);
  symlinkSync('large.raw', path('link.raw'));
  symlinkSync('nowhere', path('dangling.raw'));
  mkdirSync(path('directory.raw'));
  mkdirSync(path('large.raw.json'));
  execFileSync('mkfifo', [path('fifo.raw'), path('sparse.raw.json')]);
  const server = createServer().listen(path('socket.raw'));
  listeners.push(server);
}

/** Changes something in the directory. */
function change() {
  counts.changes += 1;
  const name = join(directory, `plain-${random(150)}.img`);
  const changes = [
    () => writeFileSync(name, pick(datas)()),
    () => writeFileSync(`${name}.json`, pick(sidecars)()),
    () => rmSync(`${name}.json`, { force: true }),
    () => rmSync(name, { force: true }),
    () => renameSync(name, join(directory, `plain-${random(150)}.img`)),
    () => utimesSync(name, 1, random(2 ** 31)),
    () => {
      rmSync(name, { force: true });
      symlinkSync('large.raw', name);
    },
    () => {
      rmSync(`${name}.json`, { force: true });
      symlinkSync(name, `${name}.json`);
    },
  ];
  try {
    pick(changes)();
  } catch {
    // A missing file cannot be changed.
  }
}

async function start() {
  const child = spawn(process.execPath, [program, 'serve', directory, '--port', '0'], {
    env: { PATH: process.env.PATH, HOME: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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

function measure(pid) {
  const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  const { length: files } = readdirSync(`/proc/${pid}/fd`);
  return { at: Math.round((performance.now() - begun) / 1000), mebibytes: Math.round(Number(kibibytes) / 1024), files };
}

let ids = [];
const apis = ['/v1/images', '/v1/images/detail', '/v2/images'];
const queries = [
  () => '',
  () => `?limit=${random(2000)}`,
  () => `?sort=${['name', ...Array.from({ length: random(4000) }, () => 'id')].join(',')}`,
  () => `?${Array.from({ length: random(400) }, (_, i) => `p${i}=1`).join('&')}`,
  () => `?sort_key=size&sort_dir=asc&marker=${pick(ids)}&limit=1000`,
  () => `?name=in:${'"a",'.repeat(random(500))}`,
  () => `?${noise(random(200)).toString('hex').replace(/(..)/g, '%$1')}`,
  () => `?changes-since=${'9'.repeat(random(5000))}`,
];
const paths = [
  () => pick(apis) + pick(queries)(),
  () => `/v1/images/${pick(ids)}`,
  () => `/v2/images/${pick(ids)}/file`,
  () => `/v2/images/${pick(ids)}`,
  () => `/v2/images/${pick(ids)}/members`,
  () => `/${noise(random(60)).toString('base64url')}`,
  () =>
    pick(['/', '/healthcheck', '/versions', '/v2/schemas/image', '/v2/info/stores', '//', '*', '/v1/', '/%ff', '/%']),
  () => `http://other:1/v2/images/${pick(ids)}`,
];
const headers = [
  () => '',
  () => `Range: bytes=${random(4_000_000)}-${random(2) ? random(4_000_000) : ''}\r\n`,
  () => `Range: ${pick(['bytes=0-1,2-3', 'bytes=-', 'bytes=9-1', 'lines=1-2', `bytes=${'9'.repeat(400)}-`])}\r\n`,
  () =>
    `Accept: ${pick(['application/json', '*/*;q=x', 'a/b,'.repeat(random(2000)), 'application/vnd.openstack.images-v1.1'])}\r\n`,
  () => 'Host: second\r\n',
  () => `X-Openstack-Request-Id: ${'x'.repeat(random(100))}\r\n`,
  () => `X-A: ${'a'.repeat(random(20_000))}\r\n`,
  () => 'a:\r\n'.repeat(random(3500)),
  () =>
    pick([
      'Expect: 100-continue\r\n',
      'Expect: x\r\n',
      'Upgrade: h2c\r\nConnection: upgrade\r\n',
      'Connection: close\r\n',
    ]),
];
const methods = [
  'GET',
  'GET',
  'GET',
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
];
const ask = () => `${pick(methods)} ${pick(paths)()} HTTP/1.${random(8) ? 1 : 0}\r\nHost: a\r\n${pick(headers)()}\r\n`;
const get = (path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

/** What a connection sends, and how many requests a server might see in it. */
const talks = [
  () => [ask(), 1],
  () => [ask(), 1],
  () => {
    const count = 1 + random(60);
    return [Array.from({ length: count }, ask).join(''), count];
  },
  () => {
    const count = 1 + random(1300);
    return [get(`/v2/images/${pick(ids)}/file`).repeat(count), count];
  },
  () => {
    const count = 1 + random(300);
    return [get(pick(['/', '/v2/images?limit=1000', '/v1/images/detail?limit=1000', '/x'])).repeat(count), count];
  },
  () => [noise(1 + random(2000)), 1],
  () => [ask().slice(0, random(200)), 1],
  () => [
    `POST /v1/images HTTP/1.1\r\nHost: a\r\nContent-Length: ${random(9) * 1e9}\r\n\r\n${'x'.repeat(random(1e5))}`,
    1,
  ],
  () => ['PUT /v2/images/1/file HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n', 1],
  () => [
    'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    1,
  ],
];

/** A connection: sends something, reads some, all or nothing of the answer, and disconnects in one way or another. */
async function talk(port) {
  const [text, count] = pick(talks)();
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

/** A well-behaved client, which must be answered whatever the others do. */
async function askDecently(port, count) {
  const marker = ids.length === 0 ? '' : `&marker=${pick(ids)}`;
  // `fetch` would give up connecting after ten seconds.
  const asked = request({
    port,
    host: '127.0.0.1',
    path: `/v2/images?limit=${count}&sort=created_at:desc${marker}`,
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
  ids = [...new Set([...images.map(({ id }) => encodeURIComponent(id)), ...ids])].slice(0, 100);
}

async function askPatiently(port) {
  try {
    await askDecently(port, 3);
  } catch (reason) {
    faults.push(`a decent client was not answered: ${/** @type {Error} */ (reason).message}`);
  }
}

async function beClient(port) {
  while (!isOver() && faults.length === 0) await talk(port);
}

async function watch({ child, port }) {
  while (!isOver() && faults.length === 0) {
    await askPatiently(port);
    for (let index = 0; index < 5; index += 1) change();
    if (child.exitCode === null) samples.push(measure(child.pid));
    await delay(byCount ? 50 : 500);
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Waits until the server has closed all connections, but no longer than it may keep them. */
async function settle(pid, files) {
  for (let turn = 0; turn < 3000 && measure(pid).files > files; turn += 1) await delay(100);
  return measure(pid);
}

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

makeFiles();
const server = await start();
try {
  await askDecently(server.port, 100);
  ids.push('none');
  const before = measure(server.child.pid);
  await Promise.all([watch(server), ...Array.from({ length: clients }, () => beClient(server.port))]);
  if (server.child.exitCode === null) {
    const after = await settle(server.child.pid, before.files + 2);
    process.stdout.write(`${JSON.stringify(judge(before, after))}\n`);
    if (process.env.STORM_SAMPLES !== undefined) writeFileSync(process.env.STORM_SAMPLES, JSON.stringify(samples));
  }
} finally {
  for (const listener of listeners) listener.close();
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
