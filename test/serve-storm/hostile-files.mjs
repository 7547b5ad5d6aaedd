// A directory of files that upset whoever reads them, and that keep changing.
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { noise, pick, random } from './random.mjs';

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
  () => '{}'.padEnd(2 * 1024 * 1024),
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

/**
 * Makes a directory of hostile files.
 * @param {string} directory @param {number} sparseBytes the size of a file of holes
 * @returns {import('node:net').Server} what listens at a socket in it
 */
export function makeFiles(directory, sparseBytes) {
  mkdirSync(directory);
  const path = (/** @type {string} */ name) => join(directory, name);
  for (let index = 0; index < 150; index += 1) {
    writeFileSync(path(`plain-${index}.img`), pick(datas)());
    if (index % 3 === 0) writeFileSync(path(`plain-${index}.img.json`), pick(sidecars)());
  }
  writeFileSync(path('large.raw'), noise(3_000_000));
  writeFileSync(path('sparse.raw'), '');
  truncateSync(path('sparse.raw'), sparseBytes);
  writeFileSync(path('n'.repeat(255)), 'x');
  writeFileSync(path('line\nbreak\u202e.raw'), 'x');
  writeFileSync(Buffer.from(path('caf\xe9.raw'), 'latin1'), 'x');
  writeFileSync(path('.glance-cli-digests.json'), `[\n{"name":"large.raw","key":"1"}\n${'['.repeat(100_000)}\n`);
  symlinkSync('large.raw', path('link.raw'));
  symlinkSync('nowhere', path('dangling.raw'));
  mkdirSync(path('directory.raw'));
  mkdirSync(path('large.raw.json'));
  execFileSync('mkfifo', [path('fifo.raw'), path('sparse.raw.json')]);
  return createServer().listen(path('socket.raw'));
}

/** Changes something in the directory. @param {string} directory */
export function change(directory) {
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
