// Makes test/fixtures/disk/guest.qcow2.gz with e2fsprogs, sfdisk and qemu-img: a disk of 2 GiB with a GPT, an empty ESP, and an ext4
// with a Debian in which keys, passwords and the like were left behind. Run by hand; needs these tools.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const mebibyte = 1024 * 1024;
const size = 2048 * mebibyte;
const rootAt = 128 * mebibyte;

/** @param {string} root @param {ReturnType<typeof import('../support/disk/guests/guests.ts').largeGuest>} tree */
function writeTree(root, tree) {
  for (const [path, node] of Object.entries(tree)) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    if (typeof node === 'string' || node instanceof Uint8Array) writeFileSync(target, node);
    else if ('link' in node) symlinkSync(node.link, target);
    else throw new Error(`${path} cannot be written, as it is damaged`);
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'guest-'));
try {
  const outfile = join(scratch, 'guests.mjs');
  const entry = fileURLToPath(new URL('../support/disk/guests/guests.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
  /** @type {typeof import('../support/disk/guests/guests.ts')} */
  const { largeGuest } = await import(pathToFileURL(outfile).href);
  const root = join(scratch, 'root');
  writeTree(root, largeGuest());
  // As long as a kernel, but all holes, since nobody reads them.
  for (const path of Object.keys(largeGuest()))
    if (/vmlinuz|initrd\.img/.test(path)) truncateSync(join(root, path), 20 * mebibyte);
  const disk = join(scratch, 'disk');
  writeFileSync(disk, '');
  truncateSync(disk, size);
  const table = [
    'label: gpt',
    'label-id: 01234567-89AB-4CDE-8F01-23456789ABCD',
    `start=2048, size=${124 * 2048}, type=U, uuid=11111111-89AB-4CDE-8F01-23456789ABCD`,
    `start=${rootAt / 512}, type=L, uuid=22222222-89AB-4CDE-8F01-23456789ABCD`,
  ];
  execFileSync('sfdisk', ['-q', disk], { input: `${table.join('\n')}\n` });
  const options = [
    '-q',
    '-F',
    '-t',
    'ext4',
    '-b',
    '4096',
    '-L',
    'cloudimg-rootfs',
    '-U',
    '01234567-89ab-4cde-8f01-23456789abcd',
  ];
  const more = `offset=${rootAt},hash_seed=89abcdef-0123-4567-89ab-cdef01234567,lazy_itable_init=1`;
  execFileSync('mke2fs', [...options, '-E', more, '-d', root, disk, String((size - rootAt - mebibyte) / 4096)]);
  const image = join(scratch, 'image');
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', disk, image]);
  writeFileSync(
    new URL('../fixtures/disk/guest.qcow2.gz', import.meta.url),
    gzipSync(readFileSync(image), { level: 9 }),
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
