// `npm run example`: serves images of its own on this machine and runs the examples, or those that are named, against it:
//   node examples/run.mjs [download] [newest] [stream] [serve] [audit] [mirror] [inside]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const pathOf = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const program = pathOf('../bin/glance-cli.js');
const scratch = mkdtempSync(join(tmpdir(), 'glance-cli-example-'));
const images = join(scratch, 'images');
mkdirSync(images);
for (const [index, release] of ['22.04', '24.04'].entries()) {
  const path = join(images, `ubuntu-${release}.raw`);
  writeFileSync(path, Buffer.alloc(1024 * 1024, index));
  utimesSync(path, 1_700_000_000, 1_700_000_000 + index);
}
// A system to look into.
writeFileSync(
  join(images, 'debian-12.qcow2'),
  gunzipSync(readFileSync(pathOf('../test/fixtures/disk/guest.qcow2.gz'))),
);
// One that is not safe: declared as raw, and a qcow2 that reads a file of the hypervisor.
const qcow2 = Buffer.alloc(1024);
qcow2.write('514649fb00000002', 0, 'hex');
qcow2.writeBigUInt64BE(512n, 8);
qcow2.writeUInt32BE(11, 16);
qcow2.writeUInt32BE(16, 20);
qcow2.write('/etc/passwd', 512);
writeFileSync(join(images, 'unsafe.raw'), qcow2);

/**
 * The examples with their arguments, and how each ends.
 * @type {Readonly<Record<string, { args: string[], exit: number }>>}
 */
const examples = {
  download: { args: ['ubuntu-24.04', join(scratch, 'ubuntu.raw')], exit: 0 },
  newest: { args: [join(scratch, 'newest'), 'ubuntu-*', 'debian-12'], exit: 0 },
  stream: { args: ['ubuntu-24.04', join(scratch, 'ubuntu.raw.gz')], exit: 0 },
  serve: {
    args: [images, process.execPath, program, 'list', '-f', 'value', '-c', 'name', '--sort', 'name:asc'],
    exit: 0,
  },
  audit: { args: [], exit: 11 },
  mirror: { args: [join(scratch, 'mirror')], exit: 9 },
  inside: { args: ['debian-12', join(scratch, 'debian-12.cdx.json')], exit: 0 },
};
const named = process.argv.slice(2);

const server = spawn(process.execPath, [program, 'serve', images, '--port', '0', '--no-page'], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
try {
  const [url] = await once(createInterface(server.stdout), 'line');
  // These are the only variables that name a cloud.
  const surroundings = Object.entries(process.env).filter(([name]) => !name.startsWith('OS_'));
  const env = { ...Object.fromEntries(surroundings), OS_AUTH_TYPE: 'none', OS_ENDPOINT: url };
  for (const name of named.length > 0 ? named : Object.keys(examples)) {
    const example = examples[name];
    if (example === undefined) throw new Error(`there is no example ${name}`);
    const argv = [pathOf(`${name}.mjs`), ...example.args];
    const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit', env });
    if (status !== example.exit) process.exitCode = status || 1;
  }
} finally {
  server.kill();
  await once(server, 'exit');
  rmSync(scratch, { recursive: true });
}
