// `inspect --contents` of an image in a store and of a copy on this disk, compared with downloading all of it.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { measureInTurns } from './measuring/measure.mjs';
import { downloadCommand, programPath } from './measuring/program.mjs';
import { printComparison, wallSeconds } from './measuring/report.mjs';
import { startServe } from './servers/start-serve.mjs';
import { formatBytes } from './measuring/units.mjs';

const id = 'c0de0000-0000-4000-8000-000000000001';
const clusterBytes = 65_536;

/** @param {import('./run.mjs').Settings} settings */
export async function benchContents({ runs = 5, size, directory }) {
  const root = join(directory, 'contents');
  mkdirSync(root);
  const image = join(root, 'guest.qcow2');
  const digests = writeGuest(image, size);
  writeFileSync(`${image}.json`, JSON.stringify({ id, size, disk_format: 'qcow2', ...digests }));
  const server = await startServe(root);
  const target = join(directory, 'contents.qcow2');
  const inspect = [process.execPath, programPath, 'inspect', '--contents', '-f', 'json'];
  let read = { bytes_read: 0, requests: 0 };
  const keep = (/** @type {string} */ output) => {
    /** @type {{ contents: typeof read & { packages?: { count: number } } }} */
    const { contents } = JSON.parse(output);
    if (contents.packages?.count !== 1050) throw new Error(`not all was found: ${output}`);
    read = contents;
  };
  const peers = [
    { name: 'inspect --contents, by ranges', command: [...inspect, '--endpoint', server.url, id], check: keep },
    { name: 'inspect --contents, of a copy', command: [...inspect, image], check: keep },
    {
      name: 'download',
      command: downloadCommand(server.url, id, target),
      prepare: () => rmSync(target, { force: true }),
    },
  ];
  try {
    const title = `a qcow2 of ${formatBytes(size)} with a Debian in it, s, ${runs} runs`;
    printComparison(title, await measureInTurns(peers, runs, directory), wallSeconds);
    const { bytes_read: bytes, requests } = read;
    const part = ((bytes / size) * 100).toFixed(2);
    process.stdout.write(`contents are ${formatBytes(bytes)} in ${requests} requests: ${part} % of a download\n`);
  } finally {
    await server.stop();
    rmSync(target, { force: true });
    rmSync(root, { recursive: true });
  }
}

/**
 * The guest of the tests in a qcow2 of that size: its data is spread out, with noise between.
 * @param {string} path
 * @param {number} size bytes
 * @returns {Record<string, string>} its digests, so that nobody has to read it to compute them
 */
function writeGuest(path, size) {
  const guest = gunzipSync(readFileSync(new URL('../test/fixtures/disk/guest.qcow2.gz', import.meta.url)));
  const [l1, entries] = [Number(guest.readBigUInt64BE(40)), guest.readUInt32BE(36)];
  const placeOf = (/** @type {number} */ at) =>
    Number(guest.readBigUInt64BE(at) % 2n ** 56n) - Number(guest.readBigUInt64BE(at) % 512n);
  const tables = Array.from({ length: entries }, (_, index) => l1 + index * 8).filter((at) => placeOf(at) > 0);
  const slots = tables.flatMap((at) => {
    const table = placeOf(at);
    const all = Array.from({ length: clusterBytes / 8 }, (_, index) => table + index * 8);
    return all.filter((slot) => placeOf(slot) > 0);
  });
  const front = Math.ceil(guest.length / clusterBytes);
  const step = Math.floor((size / clusterBytes - front) / slots.length);
  if (step < 1) throw new RangeError(`an image of ${size} bytes is too small`);
  const file = openSync(path, 'w');
  const noise = randomBytes(8 * 1024 ** 2);
  for (let at = 0; at < size; at += noise.length) writeSync(file, noise, 0, Math.min(noise.length, size - at), at);
  for (const [index, slot] of slots.entries()) {
    const place = (front + index * step) * clusterBytes;
    writeSync(file, guest, placeOf(slot), clusterBytes, place);
    guest.writeBigUInt64BE(2n ** 63n + BigInt(place), slot);
  }
  writeSync(file, guest, 0, guest.length, 0);
  closeSync(file);
  const digest = (/** @type {string} */ algorithm) =>
    execFileSync(`${algorithm}sum`, [path], { encoding: 'utf8' }).replace(/ .*\n$/, '');
  return { checksum: digest('md5'), os_hash_algo: 'sha512', os_hash_value: digest('sha512') };
}
