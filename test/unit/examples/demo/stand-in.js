// Stands in for bin/glance-cli.js where a test needs a program that does something wrong. It carries out the commands of the
// demo correctly, from the files of the catalog and without a network, except for what FAULT names.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { FAULT: named = '', PID_FILE: pidFile = 'pid' } = process.env;
const faults = new Set(named.split(','));
const [command, ...rest] = process.argv.slice(2).filter((word) => word !== '--endpoint' && !word.startsWith('http:'));

/** @typedef {{ id: string, name: string, disk_format: string, checksum: string }} Image */

function readImages() {
  const names = readdirSync('catalog').filter((name) => name.endsWith('.json'));
  return names.map((name) => {
    /** @type {Image} */
    const image = JSON.parse(readFileSync(join('catalog', name), 'utf8'));
    return { image, data: readFileSync(join('catalog', name.slice(0, -'.json'.length))) };
  });
}

/** @param {string | undefined} id */
function findImage(id) {
  const found = readImages().find(({ image }) => image.id === id);
  if (found === undefined) throw new Error(`no image ${id}`);
  return found;
}

function serve() {
  writeFileSync(pidFile, String(process.pid));
  if (faults.has('server-ends')) {
    process.stderr.write('error: catalog: something about it\n');
    process.exit(8);
  }
  process.on('SIGTERM', () => !faults.has('server-deaf') && process.exit(0));
  setInterval(() => undefined, 1000);
  process.stderr.write('GET / 200\n');
  process.stdout.write(faults.has('server-silent') ? 'starting\n' : 'http://127.0.0.1:9/\n');
}

/** @param {readonly string[]} words */
function show([id, ...options]) {
  const { image } = findImage(id);
  if (faults.has('hangs')) setInterval(() => process.stderr.write('still here\n'), 10);
  if (options.length === 0)
    process.stdout.write(
      `name: ${image.name}\nOS_: ${Object.keys(process.env)
        .filter((name) => name.startsWith('OS_'))
        .join()}\n`,
    );
  else process.stdout.write(JSON.stringify(faults.has('wrong-json') ? { ...image, size: 1 } : image));
}

/** @param {readonly string[]} words */
function inspect([id]) {
  const images = id === '--all' ? readImages() : [findImage(id)];
  for (const { image } of images) process.stdout.write(`${image.id} ${image.disk_format}\n`);
}

/** @param {readonly string[]} words */
function verify([path = '', id]) {
  process.exit(readFileSync(path).equals(findImage(id).data) ? 0 : 6);
}

/** @param {readonly string[]} words */
function download([id, , target, ...options]) {
  const { image, data } = findImage(id);
  const part = `.${target}.key.part`;
  if (target !== undefined && options.length > 0 && !existsSync(part)) return untilInterrupted(part, target, data);
  rmSync(part, { force: true });
  const isSound = createHash('md5').update(data).digest('hex') === image.checksum;
  if (!isSound && faults.has('leaves-part')) writeFileSync('.damaged.raw.part', data);
  if (!isSound && !faults.has('accepts-damage')) process.exit(6);
  const bytes = Buffer.from(faults.has('cuts-file') && target ? data.subarray(1) : data);
  if (faults.has('flips-bit') && target === undefined) bytes.writeUInt8(bytes.readUInt8(9) === 0 ? 1 : 0, 9);
  if (target === undefined) process.stdout.write(bytes);
  else writeFileSync(target.endsWith('/') ? `${target}${image.name}.${image.disk_format}` : target, bytes);
}

/**
 * Leaves half of it, as an interrupted download does, or not.
 * @param {string} part
 * @param {string} target
 * @param {Buffer} data
 */
function untilInterrupted(part, target, data) {
  process.on('SIGINT', () => {
    if (faults.has('forgets-part')) writeFileSync(part, '');
    if (faults.has('names-part')) writeFileSync(target, '');
    process.exit(130);
  });
  writeFileSync(part, data.subarray(data.length / 2));
  setInterval(() => undefined, 1000);
}

/** @type {Readonly<Record<string, (words: readonly string[]) => void>>} */
const commands = {
  serve,
  show,
  inspect,
  verify,
  download,
  list: () =>
    process.stdout.write(
      `${readImages()
        .map(({ image }) => image.name)
        .join()}\n`,
    ),
};
const run = commands[command ?? ''];
if (run === undefined) throw new Error(`no command ${command}`);
run(rest);
