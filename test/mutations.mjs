// `npm run test:mutations -- [INPUTS] [SEED]`: changes disk images at random and runs every parser on them. Prints its counts;
// exits with 1 if a parser fails, takes a second for one input, or grows by 64 MiB.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const inputs = Number(process.argv[2] ?? 1_000_000);
const seed = Number(process.argv[3] ?? 1);

const directory = mkdtempSync(join(tmpdir(), 'mutations-'));
const outfile = join(directory, 'mutations.mjs');
try {
  await build({
    entryPoints: [fileURLToPath(new URL('support/disk/mutations/mutations.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  /** @type {typeof import('./support/disk/mutations/mutations.ts')} */
  const { runMutations } = await import(pathToFileURL(outfile).href);
  const began = performance.now();
  const outcome = runMutations(inputs, seed, (done) => process.stderr.write(`\r${done} of ${inputs}`));
  const { failures, formats, mostTime, slowest, mostGrowth } = outcome;
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stderr.write('\n');
  process.stdout.write(`${inputs} inputs, seed ${seed}, in ${seconds} s: ${failures.length} failures\n`);
  process.stdout.write(
    `most of one input: ${mostTime.toFixed(1)} ms, ${(mostGrowth / 1024 ** 2).toFixed(1)} MiB (slowest: ${slowest})\n`,
  );
  const peak = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(`peak of the process, with the corpus: ${peak.toFixed(0)} MiB\n`);
  process.stdout.write(`found: ${[...formats].map(([format, count]) => `${format} ${count}`).join(', ')}\n`);
  for (const failure of failures) process.stdout.write(`${failure}\n`);
  if (failures.length > 0 || mostTime >= 1000 || mostGrowth >= 64 * 1024 ** 2) process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
