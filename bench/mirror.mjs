// What a mirror of very many images costs when there is nothing to do, and when there is everything to do.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatIndex, recordHash, recordText } from '../dist/mirror/index-file.js';
import { measureInTurns } from './measure.mjs';
import { programPath } from './program.mjs';
import { formatComparison } from './report.mjs';

const counts = [1000, 10_000, 100_000];
const serverPath = fileURLToPath(new URL('./long-list-server.mjs', import.meta.url));

/** @param {import('./run.mjs').Settings} settings */
export async function benchMirror({ runs = 3, directory }) {
  for (const count of counts) {
    const server = spawn(process.execPath, [serverPath, String(count)], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await measureOne(count, runs, directory, server);
    } finally {
      server.stdin.end();
    }
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

/** The mirror that these images would make: its index, the records, and data that is nothing but holes. */
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
