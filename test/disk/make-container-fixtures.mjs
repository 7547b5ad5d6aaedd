// Makes test/fixtures/disk/containers/, one disk in every container format, with qemu-img and qemu-io. Run by hand; needs both.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const scratch = mkdtempSync(join(tmpdir(), 'containers-'));
try {
  const outfile = join(scratch, 'disk.mjs');
  const entry = fileURLToPath(new URL('../support/disk/container-disk.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
  /** @type {typeof import('../support/disk/container-disk.ts')} */
  const { containers, makeDisk, zeroed } = await import(pathToFileURL(outfile).href);
  const raw = join(scratch, 'raw');
  writeFileSync(raw, makeDisk());
  const fixtures = fileURLToPath(new URL('../fixtures/disk/containers/', import.meta.url));
  mkdirSync(fixtures, { recursive: true });
  for (const [name, format, options, compresses] of containers) {
    const image = join(scratch, name);
    const more = [...(options === '' ? [] : ['-o', options]), ...(compresses ? ['-c'] : [])];
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, ...more, raw, image]);
    if (!name.endsWith('-stream')) {
      const place = `${zeroed.offset} ${zeroed.length}`;
      const commands = ['-c', `write -q -P 255 ${place}`, '-c', `write -q -z ${place}`];
      execFileSync('qemu-io', ['-f', format, ...commands, image], { stdio: 'inherit' });
    }
    const packed = gzipSync(readFileSync(image), { level: 9 });
    writeFileSync(join(fixtures, `${name}.gz`), packed);
    process.stdout.write(`${name}: ${packed.length}\n`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
