// The cost of a mirror of very many images when nothing or everything has to be done; and what many small images cost in memory
// and on disk, compared with programs that do the same work.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatIndex, recordHash, recordText } from '../dist/mirror/index-file.js';
import { measureInTurns } from './measuring/measure.mjs';
import { hasNginx, startNginxOfMany } from './servers/nginx.mjs';
import { programPath } from './measuring/program.mjs';
import { peakMebibytes, printComparison, wallMs } from './measuring/report.mjs';

/** @import { Peer } from './measuring/measure.mjs' */
/** @typedef {{ runs: number, directory: string }} Settings */

const counts = [1000, 10_000, 100_000];
const small = { count: 400, size: 256 * 1024 };
const memoryDirectory = '/dev/shm';
const serverPath = fileURLToPath(new URL('./servers/long-list-server.mjs', import.meta.url));

/** @param {import('./run.mjs').Settings} settings */
export async function benchMirror({ runs, directory }) {
  await benchSmall({ runs: runs ?? 9, directory });
  await benchMany({ runs: runs ?? 3, directory });
}

/** @param {Settings} settings */
async function benchMany({ runs, directory }) {
  for (const count of counts) {
    const server = spawn(process.execPath, [serverPath, String(count)], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const [line] = await once(server.stdout, 'data');
      await measureOne(count, runs, directory, String(line).trim());
    } finally {
      server.stdin.end();
    }
  }
}

/** @param {Settings} settings */
async function benchSmall({ runs, directory }) {
  if (!hasNginx) {
    process.stdout.write('\nSKIPPED mirror of small images: it is measured against nginx, which is not installed\n');
    return;
  }
  const inMemory = existsSync(memoryDirectory) ? mkdtempSync(join(memoryDirectory, 'glance-cli-bench-')) : null;
  const title = `${String(small.count)} images of 256 KiB`;
  const server = await startNginxOfMany({ ...small, directory });
  try {
    if (inMemory !== null) await measureSmall(`${title} in memory`, server, inMemory, { runs, directory });
    await measureSmall(`${title} on disk`, server, directory, { runs, directory });
  } finally {
    await server.stop();
    if (inMemory !== null) rmSync(inMemory, { recursive: true, force: true });
  }
}

/**
 * @param {string} title
 * @param {import('./servers/nginx.mjs').NginxImages} server
 * @param {string} place the directory of the mirrors
 * @param {Settings} settings
 */
async function measureSmall(title, { v2, images }, place, { runs, directory }) {
  const [ours, theirs] = [join(place, 'ours'), join(place, 'theirs')];
  const list = join(place, 'curl.conf');
  writeFileSync(list, images.map(({ id, url }) => `url = "${url}"\noutput = "${theirs}/${id}"\n`).join(''));
  const cli = [process.execPath, programPath, '--progress', 'none'];
  const countLines = (/** @type {string} */ output) => {
    const { length } = output.split('\n').filter((line) => line !== '');
    if (length !== images.length) throw new Error(`${String(length)} images instead of ${String(images.length)}`);
  };
  const curl = 'curl -sfZ --parallel-max 4 -K "$1" && sha512sum "$2"/*';
  const empty = (/** @type {string} */ path) => () => {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path);
  };
  const mirrors = [
    {
      name: 'mirror',
      command: [...cli, '--endpoint', v2, 'mirror', ours, '-f', 'ndjson'],
      prepare: empty(ours),
      check: countLines,
    },
    { name: 'curl -Z; sha512sum; sync', command: ['bash', '-c', `${curl} && sync "$2"/* "$2"`, 'bash', list, theirs] },
    { name: 'curl -Z; sha512sum', command: ['bash', '-c', curl, 'bash', list, theirs] },
  ].map((peer) => ({ prepare: empty(theirs), check: countLines, ...peer }));
  await compareWallAndCpu(`mirror, ${title}`, mirrors, { runs, directory });
  const verifies = [
    { name: 'verify', command: [...cli, 'verify', ours, '-f', 'json'], drain: true },
    { name: 'sha512sum -c', command: ['bash', '-c', 'cd "$1" && sha512sum -c --quiet SHA512SUMS', 'bash', ours] },
  ];
  await compareWallAndCpu(`verify, ${title}`, verifies, { runs, directory });
}

/** @param {string} title @param {readonly Peer[]} peers @param {Settings} settings */
async function compareWallAndCpu(title, peers, { runs, directory }) {
  const results = await measureInTurns(peers, runs, directory);
  printComparison(`${title}, wall ms`, results, wallMs);
  printComparison(`${title}, CPU ms`, results, ({ cpuMs }) => cpuMs);
}

/**
 * @param {number} count of images
 * @param {number} runs
 * @param {string} directory
 * @param {string} endpoint
 */
async function measureOne(count, runs, directory, endpoint) {
  const cli = [process.execPath, programPath, '--endpoint', endpoint, '--progress', 'none'];
  const mirror = join(directory, `mirror-${String(count)}`);
  const listing = {
    name: 'list',
    command: [...cli, 'list', '-f', 'ndjson'],
    check: (/** @type {string} */ text) => writeMirror(mirror, text),
  };
  await measureInTurns([listing], 1, directory);
  const peers = [
    { name: `list of ${String(count)}`, command: [...cli, 'list', '-f', 'ndjson'], drain: true },
    { name: 'mirror, all as it was', command: [...cli, 'mirror', mirror, '-f', 'json'], drain: true },
    {
      name: 'mirror --dry-run, all new',
      command: [...cli, 'mirror', `${mirror}-empty`, '-n', '-f', 'json'],
      drain: true,
    },
  ];
  const results = await measureInTurns(peers, runs, directory);
  printComparison(`${String(count)} images, wall ms, ${runs} runs`, results, wallMs);
  printComparison(`${String(count)} images, peak resident memory, MiB`, results, peakMebibytes);
}

/**
 * Creates the mirror of these images: its index, its records, and data that consists of holes.
 * @param {string} mirror its directory
 * @param {string} listing lines of JSON, an image each
 */
function writeMirror(mirror, listing) {
  /** @type {(import('../dist/image/image.js').Image & { size: number, os_hash_value: string })[]} */
  const images = listing
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  /** @type {Map<string, import('../dist/mirror/entry-store.js').MirrorEntry>} */
  const entries = new Map();
  if (existsSync(mirror)) return;
  for (const image of images) {
    mkdirSync(join(mirror, image.id), { recursive: true });
    const [text, file] = [recordText(image), `${image.id}/${image.id}.qcow2`];
    writeFileSync(join(mirror, image.id, 'image.json'), text);
    writeFileSync(join(mirror, file), '');
    truncateSync(join(mirror, file), image.size);
    entries.set(image.id, {
      id: image.id,
      file,
      size: image.size,
      digests: [{ algorithm: 'sha512', hex: image.os_hash_value }],
      record: recordHash(text),
    });
  }
  writeFileSync(join(mirror, 'index.json'), Array.from(formatIndex({ entries, failures: new Map() })).join(''));
}
