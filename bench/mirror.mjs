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
import { formatComparison } from './measuring/report.mjs';

const counts = [1000, 10_000, 100_000];
const small = { count: 400, size: 256 * 1024 };
const memoryDirectory = '/dev/shm';
const serverPath = fileURLToPath(new URL('./servers/long-list-server.mjs', import.meta.url));

/** @param {import('./run.mjs').Settings} settings */
export async function benchMirror({ runs, directory }) {
  await benchSmall({ runs: runs ?? 9, directory });
  await benchMany({ runs: runs ?? 3, directory });
}

async function benchMany({ runs, directory }) {
  for (const count of counts) {
    const server = spawn(process.execPath, [serverPath, String(count)], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await measureOne(count, runs, directory, server);
    } finally {
      server.stdin.end();
    }
  }
}

async function benchSmall({ runs, directory }) {
  if (!hasNginx) {
    process.stdout.write('\nSKIPPED mirror of small images: it is measured against nginx, which is not installed\n');
    return;
  }
  const onDisk = ['on disk', directory];
  const inMemory = existsSync(memoryDirectory)
    ? ['in memory', mkdtempSync(join(memoryDirectory, 'glance-cli-bench-'))]
    : null;
  const server = await startNginxOfMany({ ...small, directory });
  try {
    for (const [where, place] of [inMemory, onDisk].filter((each) => each !== null)) {
      await measureSmall(`${String(small.count)} images of 256 KiB ${where}`, server, place, runs, directory);
    }
  } finally {
    await server.stop();
    if (inMemory !== null) rmSync(inMemory[1], { recursive: true, force: true });
  }
}

async function measureSmall(title, { v2, images }, place, runs, directory) {
  const [ours, theirs] = [join(place, 'ours'), join(place, 'theirs')];
  const list = join(place, 'curl.conf');
  writeFileSync(list, images.map(({ id, url }) => `url = "${url}"\noutput = "${theirs}/${id}"\n`).join(''));
  const cli = [process.execPath, programPath, '--progress', 'none'];
  const countLines = (output) => {
    const { length } = output.split('\n').filter((line) => line !== '');
    if (length !== images.length) throw new Error(`${String(length)} images instead of ${String(images.length)}`);
  };
  const curl = 'curl -sfZ --parallel-max 4 -K "$1" && sha512sum "$2"/*';
  const empty = (path) => () => {
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
  printWallAndCpu(`mirror, ${title}`, mirrors, await measureInTurns(mirrors, runs, directory));
  const verifies = [
    { name: 'verify', command: [...cli, 'verify', ours, '-f', 'json'], drain: true },
    { name: 'sha512sum -c', command: ['bash', '-c', 'cd "$1" && sha512sum -c --quiet SHA512SUMS', 'bash', ours] },
  ];
  printWallAndCpu(`verify, ${title}`, verifies, await measureInTurns(verifies, runs, directory));
}

function printWallAndCpu(title, peers, results) {
  const names = peers.map(({ name }) => name);
  for (const [what, key] of [
    ['wall ms', 'wallMs'],
    ['CPU ms', 'cpuMs'],
  ]) {
    const values = results.map((measurements) => measurements.map((each) => each[key]));
    process.stdout.write(formatComparison(`${title}, ${what}`, names, values));
  }
}

async function measureOne(count, runs, directory, server) {
  const [line] = await once(server.stdout, 'data');
  const cli = [process.execPath, programPath, '--endpoint', String(line).trim(), '--progress', 'none'];
  const mirror = join(directory, `mirror-${String(count)}`);
  const listing = {
    name: 'list',
    command: [...cli, 'list', '-f', 'ndjson'],
    check: (text) => writeMirror(mirror, text),
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
  const names = peers.map(({ name }) => name);
  const pick = (read) => results.map((measurements) => measurements.map(read));
  process.stdout.write(
    formatComparison(
      `${String(count)} images, wall ms, ${runs} runs`,
      names,
      pick(({ wallMs }) => wallMs),
    ),
  );
  const mebibytes = pick(({ peakBytes }) => (peakBytes === null ? null : peakBytes / 1024 ** 2));
  process.stdout.write(formatComparison(`${String(count)} images, peak resident memory, MiB`, names, mebibytes));
}

/** Creates the mirror of these images: its index, its records, and data that consists of holes. */
function writeMirror(mirror, listing) {
  const images = listing
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const entries = images.map((image) => [
    image.id,
    {
      id: image.id,
      file: `${image.id}/${image.id}.qcow2`,
      size: image.size,
      digests: [{ algorithm: 'sha512', hex: image.os_hash_value }],
      record: recordHash(recordText(image)),
    },
  ]);
  if (existsSync(mirror)) return;
  for (const image of images) {
    mkdirSync(join(mirror, image.id), { recursive: true });
    writeFileSync(join(mirror, image.id, 'image.json'), recordText(image));
    writeFileSync(join(mirror, image.id, `${image.id}.qcow2`), '');
    truncateSync(join(mirror, image.id, `${image.id}.qcow2`), image.size);
  }
  const index = { entries: new Map(entries), failures: new Map() };
  writeFileSync(join(mirror, 'index.json'), Array.from(formatIndex(index)).join(''));
}
