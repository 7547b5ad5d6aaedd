// node test/disk/mutate-blocks.mjs [INPUTS] [SEED] [NAME…]: changes containers and partition tables at random and reads them.
// Prints its counts; exits with 1 if a reader throws anything but an UnreadableError.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [inputs = '100000', seed = '1', ...names] = process.argv.slice(2);
const entry = fileURLToPath(new URL('../support/disk/block-mutations.ts', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'mutations-'));
try {
  const outfile = join(scratch, 'mutations.mjs');
  // Fixtures are looked for relative to the source of the bundle.
  const define = { 'import.meta.dirname': JSON.stringify(dirname(entry)) };
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', define });
  const { blockSamples, mutateBlocks } = await import(pathToFileURL(outfile).href);
  for (const name of blockSamples.filter((each) => names.length === 0 || names.includes(each))) {
    const outcome = mutateBlocks(name, Number(inputs), Number(seed));
    process.stdout.write(`${name}: ${JSON.stringify(outcome)}\n`);
    if (outcome.failures.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
