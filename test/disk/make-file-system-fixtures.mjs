// Makes test/fixtures/disk/file-systems/ with the tools of each file system, which must be installed. Run by hand, with the names of
// the fixtures to make, or without arguments for all.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const scratch = mkdtempSync(join(tmpdir(), 'file-systems-'));
try {
  const outfile = join(scratch, 'makers.mjs');
  const entry = fileURLToPath(new URL('../support/disk/volumes/fixture-makers.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
  /** @type {typeof import('../support/disk/volumes/fixture-makers.ts')} */
  const { fixtureMakers, writeGuestTree } = await import(pathToFileURL(outfile).href);
  const fixtures = fileURLToPath(new URL('../fixtures/disk/file-systems/', import.meta.url));
  mkdirSync(fixtures, { recursive: true });
  const wanted = process.argv.slice(2);
  for (const { name, make, keptBytes } of fixtureMakers) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const image = join(scratch, name);
    const tree = join(scratch, `${name}-tree`);
    writeGuestTree(tree);
    make(image, tree);
    const packed = gzipSync(readFileSync(image).subarray(0, keptBytes), { level: 9 });
    writeFileSync(join(fixtures, `${name}.gz`), packed);
    process.stdout.write(`${name}: ${packed.length}\n`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
