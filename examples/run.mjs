// `npm run example`: serves an image of its own on this machine and runs download.mjs against it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../bin/glance-cli.js', import.meta.url));
const example = fileURLToPath(new URL('download.mjs', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'glance-cli-example-'));
const images = mkdtempSync(join(scratch, 'images-'));
writeFileSync(join(images, 'blank.raw'), Buffer.alloc(1024 * 1024));

const server = spawn(process.execPath, [program, 'serve', images, '--port', '0'], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
try {
  const [url] = await once(createInterface(server.stdout), 'line');
  const { status } = spawnSync(process.execPath, [example, url, 'blank', scratch], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  server.kill();
  await once(server, 'exit');
  rmSync(scratch, { recursive: true });
}
