// Makes the fixtures of the ext family in test/fixtures/disk/file-systems/ with e2fsprogs. Run by hand; needs that package.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const scratch = mkdtempSync(join(tmpdir(), 'ext-'));
try {
  const outfile = join(scratch, 'volumes.mjs');
  const entry = fileURLToPath(new URL('../support/disk/volumes/ext-volumes.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
  /** @type {typeof import('../support/disk/volumes/ext-volumes.ts')} */
  const { extVolumes, makeExtVolume } = await import(pathToFileURL(outfile).href);
  const fixtures = fileURLToPath(new URL('../fixtures/disk/file-systems/', import.meta.url));
  mkdirSync(fixtures, { recursive: true });
  for (const volume of extVolumes.filter(({ isFixture }) => isFixture)) {
    const directory = join(scratch, volume.name);
    mkdirSync(directory);
    const packed = gzipSync(makeExtVolume(volume, directory), { level: 9 });
    writeFileSync(join(fixtures, `${volume.name}.gz`), packed);
    process.stdout.write(`${volume.name}: ${packed.length}\n`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
