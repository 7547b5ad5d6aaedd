// bin/build.mjs: when it builds, with stand-ins for the programs it runs.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from './support/temp-dir.ts';

const original = join(import.meta.dirname, '../bin/build.mjs');

/** A package whose compiler and bundler each log their runs in dist/log. */
async function makePackage(): Promise<{ root: string; write: (path: string, text: string) => void }> {
  const root = await tempDir();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('package.json', '{"type": "module"}');
  for (const name of ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json']) write(name, '{}');
  for (const name of ['src/a/a.ts', 'src/b.ts', 'examples/demo/demo.ts', 'bin/packaging/licences.mjs']) write(name, '');
  write('node_modules/typescript/package.json', '{}');
  const note = (word: string): string =>
    `fs.mkdirSync('dist', { recursive: true }); fs.appendFileSync('dist/log', '${word} ');`;
  write('node_modules/typescript/bin/tsc', `const fs = require('node:fs'); ${note('tsc')}`);
  write('bin/bundle.mjs', `import fs from 'node:fs'; ${note('bundle')}`);
  cpSync(original, join(root, 'bin/build.mjs'));
  return { root, write };
}

/** Whether a call with --if-changed builds; dist/ is then new, and marked for the next call. */
function builds(root: string): boolean {
  const log = join(root, 'dist/log');
  const output = execFileSync(process.execPath, [join(root, 'bin/build.mjs'), '--if-changed'], { encoding: 'utf8' });
  expect(output).toBe('');
  const isBuilt = readFileSync(log, 'utf8') === 'tsc bundle ';
  writeFileSync(log, 'as it was');
  return isBuilt;
}

describe('npm run build', () => {
  test('with --if-changed only builds if a source has changed or moved', async () => {
    const { root, write } = await makePackage();
    expect([builds(root), builds(root)]).toEqual([true, false]);
    write('src/b.ts', 'other');
    expect(builds(root)).toBe(true);
    rmSync(join(root, 'src/b.ts'));
    write('src/a/b.ts', 'other');
    expect(builds(root)).toBe(true);
    write('package-lock.json', '{ }');
    expect(builds(root)).toBe(true);
    rmSync(join(root, 'dist/built-from'));
    expect(builds(root)).toBe(true);
  });

  test('does not count as a build when it fails, and exits like the failed step', async () => {
    const { root, write } = await makePackage();
    const sound = readFileSync(join(root, 'bin/bundle.mjs'), 'utf8');
    write('bin/bundle.mjs', 'process.exit(3)');
    expect(spawnSync(process.execPath, [join(root, 'bin/build.mjs')]).status).toBe(3);
    write('bin/bundle.mjs', sound);
    expect(builds(root)).toBe(true);
  });
});
