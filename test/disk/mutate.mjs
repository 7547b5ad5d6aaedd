// node test/disk/mutate.mjs [INPUTS] [SEED] [NAME…]: changes file systems, containers, partition tables and databases of packages at
// random, and reads them. Prints its counts; exits with 1 if a reader throws anything but an UnreadableError, or exceeds its limits.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleSources } from '../support/disk/mutations/bundle-sources.mjs';

const [inputs = '100000', seed = '1', ...names] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'mutations-'));
try {
  const outfile = join(scratch, 'mutations.cjs');
  await bundleSources('all-mutations', outfile);
  /** @type {typeof import('../support/disk/mutations/all-mutations.ts')} */
  const { mutations } = createRequire(import.meta.url)(outfile);
  for (const name of names.length === 0 ? mutations.keys() : names) {
    const mutate = mutations.get(name);
    if (mutate === undefined) throw new Error(`there is no sample ${name}`);
    const outcome = mutate(Number(inputs), Number(seed));
    process.stdout.write(`${name}: ${JSON.stringify(outcome)}\n`);
    if (outcome.failures.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
