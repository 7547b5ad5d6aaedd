// Makes test/fixtures/disk/zstd/ with the zstd program. Run by hand; needs that program.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const scratch = mkdtempSync(join(tmpdir(), 'zstd-'));
try {
  const outfile = join(scratch, 'samples.mjs');
  const entry = fileURLToPath(new URL('../support/disk/zstd-samples.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
  /** @type {typeof import('../support/disk/zstd-samples.ts')} */
  const { zstdContents, zstdLevels } = await import(pathToFileURL(outfile).href);
  const fixtures = fileURLToPath(new URL('../fixtures/disk/zstd/', import.meta.url));
  mkdirSync(fixtures, { recursive: true });
  for (const [name, make] of Object.entries(zstdContents)) {
    for (const level of zstdLevels) {
      const packed = execFileSync('zstd', [level, '-c', ...(level === '-3' ? ['--no-check'] : [])], { input: make() });
      writeFileSync(join(fixtures, `${name}${level}.zst`), packed);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
