// `npm run example`: serves images of its own on this machine and runs the examples against it, or those that are named:
//   node examples/run.mjs [download] [audit] [mirror]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../bin/glance-cli.js', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'glance-cli-example-'));
const images = mkdtempSync(join(scratch, 'images-'));
writeFileSync(join(images, 'blank.raw'), Buffer.alloc(1024 * 1024));
// One that is not safe: declared as raw, and a qcow2 that reads a file of the hypervisor.
const qcow2 = Buffer.alloc(1024);
qcow2.write('514649fb00000002', 0, 'hex');
qcow2.writeBigUInt64BE(512n, 8);
qcow2.writeUInt32BE(11, 16);
qcow2.writeUInt32BE(16, 20);
qcow2.write('/etc/passwd', 512);
writeFileSync(join(images, 'unsafe.raw'), qcow2);

/** The examples with their arguments, and how each ends. */
const examples = {
  download: { args: ['blank', scratch], exit: 0 },
  audit: { args: [], exit: 11 },
  mirror: { args: [join(scratch, 'mirror')], exit: 9 },
};
const named = process.argv.slice(2);

const server = spawn(process.execPath, [program, 'serve', images, '--port', '0'], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
try {
  const [url] = await once(createInterface(server.stdout), 'line');
  for (const name of named.length > 0 ? named : Object.keys(examples)) {
    const example = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
    const { args, exit } = examples[name];
    const { status } = spawnSync(process.execPath, [example, url, ...args], { stdio: 'inherit' });
    if (status !== exit) process.exitCode = status || 1;
  }
} finally {
  server.kill();
  await once(server, 'exit');
  rmSync(scratch, { recursive: true });
}
