// node test/disk/mutate-file-systems.mjs [INPUTS] [SEED] [NAME…]: changes file systems at random and runs their readers on them.
// Prints its counts; exits with 1 if a reader fails.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [inputs = '100000', seed = '1', ...names] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'mutations-'));
try {
  const outfile = join(scratch, 'mutations.mjs');
  const entry = fileURLToPath(new URL('../support/disk/file-system-mutations.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
  const { fileSystemSamples, mutateFileSystem, readSample } = await import(pathToFileURL(outfile).href);
  const fixtures = new URL('../fixtures/disk/file-systems/', import.meta.url);
  for (const sample of fileSystemSamples.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const outcome = mutateFileSystem(sample, readSample(sample.name, fixtures), Number(inputs), Number(seed));
    process.stdout.write(`${sample.name}: ${JSON.stringify(outcome)}\n`);
    if (outcome.failures.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
