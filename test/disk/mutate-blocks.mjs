// `node test/disk/mutate-blocks.mjs [INPUTS] [SEED]`: changes containers and partition tables at random and reads them. Ends with
// 1 if a reader fails otherwise than by a word.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const inputs = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);
const entry = fileURLToPath(new URL('../support/disk/block-mutations.ts', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'mutations-'));
try {
  const outfile = join(scratch, 'mutations.mjs');
  // Where its fixtures are looked for.
  const define = { 'import.meta.dirname': JSON.stringify(dirname(entry)) };
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', define });
  const { runBlockMutations } = await import(pathToFileURL(outfile).href);
  const began = performance.now();
  const { failures, readable } = runBlockMutations(inputs, seed);
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stdout.write(
    `${inputs} inputs, seed ${seed}, in ${seconds} s: ${failures.length} failures, ${readable} readable\n`,
  );
  for (const failure of failures) process.stdout.write(`${failure}\n`);
  if (failures.length > 0) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
