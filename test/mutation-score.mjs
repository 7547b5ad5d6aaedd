// `node test/mutation-score.mjs [--sample N] [--seed N] [--reach] [FILES…]`: measures how many small errors (mutants) in these files
// of src/ the unit tests find. Run by hand: each error takes seconds. Without FILES it takes all files for which the goal is 85 %. The
// sample is spread over the folders in proportion. Prints which errors survived, and the score of each folder. An error is inserted
// while vitest reads the file, so no source file is written. Which test reaches which code is recorded first, which takes minutes,
// and kept in node_modules/; --reach records it again.
import { execFileSync, fork } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findMutants } from './support/mutants/mutants.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const runner = fileURLToPath(new URL('support/mutants/mutation-runner.mjs', import.meta.url));
const reachedFile = join(root, 'node_modules/.reached.jsonl');
/** Seconds after which the tests of one error are killed. */
const longestSeconds = 60;
/** Tests that reach an error are run, near ones first, until together they would take longer than this; milliseconds. */
const longestTestsMs = 60_000;
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
  options: {
    sample: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    reach: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
if (values.reach || !existsSync(reachedFile)) record();
const reaching = readFileSync(reachedFile, 'utf8').trimEnd().split('\n').map(readReached);

const mutants = (positionals.length > 0 ? positionals : usual)
  .flatMap(filesOf)
  .flatMap((file) => findMutants(readFileSync(join(root, file), 'utf8')).map((mutant) => ({ ...mutant, file })));
const chosen = sample(mutants, Number(values.sample), Number(values.seed));
process.stdout.write(`${chosen.length} of ${mutants.length} errors, seed ${values.seed}\n`);

/**
 * For each folder: how many errors were found, and how many there were.
 * @type {Map<string, { found: number, all: number }>}
 */
const folders = new Map();
let child = startRunner();
for (const [index, mutant] of chosen.entries()) {
  const tests = testsOf(mutant);
  const outcome = tests.length === 0 ? 'never run' : await outcomeOf({ ...mutant, tests });
  const score = folders.get(dirname(mutant.file)) ?? { found: 0, all: 0 };
  folders.set(dirname(mutant.file), score);
  score.all += 1;
  if (outcome === 'killed' || outcome === 'timed out') score.found += 1;
  if (outcome !== 'killed') process.stdout.write(`${outcome}: ${mutant.file}:${mutant.line}  ${mutant.what}\n`);
  if (process.stderr.isTTY) process.stderr.write(`\r${index + 1} of ${chosen.length} `);
}
child.disconnect();
for (const [folder, { found, all }] of folders) process.stdout.write(`${folder}: ${found} of ${all}\n`);
const found = [...folders.values()].reduce((sum, score) => sum + score.found, 0);
const share = found / chosen.length;
const margin = 1.96 * Math.sqrt((share * (1 - share)) / chosen.length);
process.stdout.write(
  `${found} of ${chosen.length} found: ${(100 * share).toFixed(1)} %, ± ${(100 * margin).toFixed(1)} % (19 of 20 samples)\n`,
);

/** Runs every test once, each test file with its own modules. */
function record() {
  const unfinished = `${reachedFile}.part`;
  rmSync(unfinished, { force: true });
  execFileSync(process.execPath, [runner, unfinished], { cwd: root, stdio: 'inherit' });
  renameSync(unfinished, reachedFile);
}

/** @param {string} line @returns {{ test: string, ms: number, blocks: Set<string>, isOld: boolean }} */
function readReached(line) {
  /** @type {{ test: string, ms: number, blocks: string[] }} */
  const { test, ms, blocks } = JSON.parse(line);
  return { test, ms, blocks: new Set(blocks), isOld: isNewer(test) };
}

/** Whether a file has changed since it was recorded which test reaches what. @param {string} file */
function isNewer(file) {
  return statSync(join(root, file)).mtimeMs > statSync(reachedFile).mtimeMs;
}

/** @param {string} path a file or a folder @returns {string[]} */
function filesOf(path) {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(path, name));
}

/**
 * The tests that reach it, the likeliest and quickest first. If the file or a test has changed since: the tests that load it.
 * @param {{ file: string, block: number }} mutant @returns {string[]}
 */
function testsOf({ file, block }) {
  const hasChanged = isNewer(file);
  const part = file.split('/').slice(1, 2).join('/');
  const names = [basename(file, '.ts'), basename(dirname(file))];
  const distance = (/** @type {{ test: string }} */ { test }) =>
    names.some((name) => test.includes(name)) ? 0 : test.startsWith(`test/unit/${part}/`) ? 1 : 2;
  let ms = 0;
  return reaching
    .filter(({ blocks, isOld }) => blocks.has(`${file}:${hasChanged || isOld ? 0 : block}`))
    .toSorted((a, b) => distance(a) - distance(b) || a.ms - b.ms)
    .filter((each) => (ms += each.ms) <= longestTestsMs)
    .map(({ test }) => test);
}

/**
 * A sample in proportion to the folders, the same for the same seed.
 * @template {{ file: string }} T
 * @param {readonly T[]} all
 * @param {number} count
 * @param {number} seed
 */
function sample(all, count, seed) {
  let state = seed;
  const random = () => (state = (state * 48_271) % 2_147_483_647);
  const ordered = all
    .map((each) => ({ each, folder: dirname(each.file), at: random() }))
    .toSorted((a, b) => a.folder.localeCompare(b.folder) || a.at - b.at);
  const step = Math.max(1, ordered.length / count);
  const first = random() / 2_147_483_647;
  const places = Array.from({ length: Math.min(count, ordered.length) }, (_, index) =>
    Math.floor((index + first) * step),
  );
  return ordered.filter((_, place) => places.includes(place)).map(({ each }) => each);
}

/** Starts vitest, which stays loaded, in a process group of its own. */
function startRunner() {
  return fork(runner, [], { cwd: root, detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/**
 * @param {{ file: string, text: string, tests: readonly string[] }} mutant
 * @returns {Promise<'killed' | 'survived' | 'timed out'>}
 */
async function outcomeOf({ file, text, tests }) {
  return await new Promise((resolve) => {
    /** @param {'killed' | 'survived' | 'timed out'} outcome */
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
    child.send({ file, text, tests });
  });
}
