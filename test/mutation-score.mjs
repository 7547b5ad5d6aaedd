// `node test/mutation-score.mjs [--sample N] [--seed N] [FILES…]`: how many small errors in these files of src/ the unit tests of
// their own folders find. By hand: an error takes seconds. Nothing is written: the error is put in as vitest reads the file.
// Without FILES: all that are to reach 85 %. Prints the score and what survived.
import { fork } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findMutants } from './support/mutants.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const runner = fileURLToPath(new URL('support/mutation-runner.mjs', import.meta.url));
/** What does not end by itself is ended: seconds of silence for one error. */
const longestSeconds = 120;
const usual = [
  'src/http/secrets/redact.ts',
  'src/http/redirect.ts',
  'src/http/connect/failures.ts',
  'src/http/status.ts',
  'src/image',
  'src/transfer',
  'src/disk',
  'src/retry.ts',
];

const { values, positionals } = parseArgs({
  options: { sample: { type: 'string', default: '150' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const mutants = (positionals.length > 0 ? positionals : usual).flatMap(filesOf).flatMap((file) => {
  const tests = testsOf(file);
  return findMutants(readFileSync(join(root, file), 'utf8')).map((mutant) => ({ ...mutant, file, tests }));
});
const chosen = sample(mutants, Number(values.sample), Number(values.seed)).toSorted((a, b) =>
  a.file.localeCompare(b.file),
);
process.stdout.write(`${chosen.length} of ${mutants.length} errors, seed ${values.seed}\n`);

const counts = { killed: 0, survived: 0, 'timed out': 0 };
let child = startRunner();
for (const [tests, { file }] of new Map(chosen.map((mutant) => [mutant.tests, mutant]))) {
  const untouched = { file, tests, text: readFileSync(join(root, file), 'utf8') };
  if ((await outcomeOf(untouched)) !== 'survived') throw new Error(`${tests} fails with nothing changed`);
}
for (const [index, mutant] of chosen.entries()) {
  const outcome = await outcomeOf(mutant);
  counts[outcome] += 1;
  process.stderr.write(`\r${index + 1} of ${chosen.length}, ${counts.survived} survived `);
  if (outcome !== 'killed') process.stdout.write(`${outcome}: ${mutant.file}:${mutant.line}  ${mutant.what}\n`);
}
child.disconnect();
const found = counts.killed + counts['timed out'];
process.stdout.write(
  `killed ${counts.killed}, timed out ${counts['timed out']}, survived ${counts.survived}: ` +
    `${((100 * found) / chosen.length).toFixed(1)} %\n`,
);

/** @param {string} path a file or a folder @returns {string[]} */
function filesOf(path) {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(path, name));
}

/** The test of that name, or the nearest folder that has tests. @param {string} file */
function testsOf(file) {
  const own = file.replace(/^src/, 'test/unit').replace(/\.ts$/, '.test.ts');
  if (dirname(file) === 'src') return own;
  let folder = dirname(own);
  while (!existsSync(join(root, folder))) folder = dirname(folder);
  // Tests of a whole part stand at its top.
  return folder.split('/').slice(0, 3).join('/');
}

/** Some of them, the same for the same seed. @template T @param {readonly T[]} all @returns {T[]} */
function sample(all, count, seed) {
  const rest = [...all];
  const taken = [];
  let state = seed;
  while (taken.length < count && rest.length > 0) {
    state = (state * 48_271) % 2_147_483_647;
    taken.push(...rest.splice(state % rest.length, 1));
  }
  return taken;
}

/** Vitest, kept warm, in a group of processes of its own. */
function startRunner() {
  return fork(runner, [], { cwd: root, detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** @returns {Promise<'killed' | 'survived' | 'timed out'>} */
async function outcomeOf(mutant) {
  return await new Promise((resolve) => {
    const finish = (outcome) => {
      clearTimeout(timer);
      child.removeAllListeners('message').removeAllListeners('exit');
      resolve(outcome);
    };
    const timer = setTimeout(() => {
      child.removeAllListeners('exit');
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      child = startRunner();
      finish('timed out');
    }, longestSeconds * 1000);
    child.once('message', (isKilled) => finish(isKilled === true ? 'killed' : 'survived'));
    child.once('exit', () => {
      child = startRunner();
      finish('killed');
    });
    const { file, text, tests } = mutant;
    child.send({ file, text, tests });
  });
}
