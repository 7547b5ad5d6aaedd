// Runs tests with one file of src/ replaced, again and again in one vitest: a process that mutation-score.mjs starts. Given the
// name of a file, it instead runs all tests once, and writes to that file what each test file has reached.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createVitest } from 'vitest/node';
import { markBlocks } from './mutants.mjs';

/** Long tests that are about the file system, every format or every fault, not about single lines. They are left out, as are tests
 * that mock modules. */
const left = /\/(?:power-cut|model|qemu|matrix|bucket-matrix|filesystems\/mutations)\.test\.ts$/;
const root = process.cwd();
const [reachedFile] = process.argv.slice(2);
const recording =
  reachedFile === undefined
    ? {}
    : {
        isolate: true,
        setupFiles: ['test/support/equal-bytes.ts', 'test/support/mutants/reached.ts'],
        provide: { reachedFile },
      };
let replaced = { path: '', text: '' };

/** @param {string} id of a module @returns {string | null} the code to load in its place; null for its own */
function codeOf(id) {
  if (reachedFile === undefined) return id === replaced.path ? replaced.text : null;
  const file = relative(root, id);
  return file.startsWith('src/') && file.endsWith('.ts') ? markBlocks(readFileSync(id, 'utf8'), file) : null;
}

const vitest = await createVitest(
  'test',
  {
    root,
    config: 'vitest.score.config.ts',
    watch: false,
    pool: 'threads',
    bail: reachedFile === undefined ? 1 : 0,
    reporters: [{}],
    testTimeout: 20_000,
    ...recording,
  },
  {
    plugins: [
      {
        name: 'replaced-file',
        enforce: 'pre',
        transform: (_code, id) => {
          const code = codeOf(id);
          return code === null ? null : { code, map: null };
        },
      },
    ],
  },
);

/** Whether the tests find the error. @param {{ file: string, text: string, tests: readonly string[] }} mutant */
async function isKilled({ file, text, tests }) {
  const path = join(root, file);
  vitest.invalidateFile(path);
  replaced = { path, text };
  const project = vitest.getRootProject();
  const specifications = tests.map((test) => project.createSpecification(join(root, test)));
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  vitest.invalidateFile(path);
  // These include modules that were loaded in earlier runs, and may have failed then.
  const isFailed = testModules.some((module) => tests.includes(module.relativeModuleId) && !module.ok());
  return isFailed || unhandledErrors.length > 0;
}

if (reachedFile === undefined) {
  process.on('message', (/** @type {Parameters<typeof isKilled>[0]} */ mutant) => {
    void isKilled(mutant).then((found) => process.send?.(found));
  });
  process.on('disconnect', () => void vitest.close().then(() => process.exit(0)));
} else {
  const all = await vitest.globTestSpecifications();
  const wanted = all.filter(
    ({ moduleId }) => !left.test(moduleId) && !readFileSync(moduleId, 'utf8').includes('vi.mock('),
  );
  const { testModules } = await vitest.runTestSpecifications(wanted);
  const failed = testModules.filter((module) => !module.ok()).map(({ relativeModuleId }) => relativeModuleId);
  await vitest.close();
  if (failed.length > 0) throw new Error(`with nothing changed these fail: ${failed.join(', ')}`);
}
