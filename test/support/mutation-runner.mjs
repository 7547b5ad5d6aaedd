// Runs tests with one file of src/ replaced, again and again in one vitest. A process of its own, for mutation-score.mjs.
import { join } from 'node:path';
import { createVitest } from 'vitest/node';

/** Long, and about the file system or every format rather than about one line. */
const left = /\/(?:power-cut|model|qemu|hostile)\.test\.ts$/;
const root = process.cwd();
let replaced = { path: '', text: '' };

const vitest = await createVitest(
  'test',
  { root, watch: false, bail: 1, reporters: [{}], maxWorkers: 1, testTimeout: 10_000 },
  {
    plugins: [
      {
        name: 'replaced-file',
        enforce: 'pre',
        transform: (_code, id) => (id === replaced.path ? { code: replaced.text, map: null } : null),
      },
    ],
  },
);

/** Whether they find it. @param {{ file: string, text: string, tests: string }} mutant */
async function isKilled({ file, text, tests }) {
  const path = join(root, file);
  vitest.invalidateFile(path);
  replaced = { path, text };
  const specifications = await vitest.globTestSpecifications([tests]);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(
    specifications.filter(({ moduleId }) => !left.test(moduleId)),
  );
  vitest.invalidateFile(path);
  return unhandledErrors.length > 0 || testModules.some((module) => !module.ok());
}

process.on('message', (/** @type {Parameters<typeof isKilled>[0]} */ mutant) => {
  void isKilled(mutant).then((found) => process.send?.(found));
});
process.on('disconnect', () => void vitest.close().then(() => process.exit(0)));
