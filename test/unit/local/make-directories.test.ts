import fsPromises, { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeDirectories } from '../../../src/local/make-directories.ts';
import { replaceBuiltins } from '../../support/replace-exports.ts';
import { tempDir } from '../../support/temp-dir.ts';

/** Directories that exist, but in which nothing can be created, like /proc. */
const barren = new Set<string>();
let calls = 0;

const actual = fsPromises.mkdir;
const counted = (path: string, mode?: number): Promise<unknown> => {
  calls += 1;
  if ([...barren].some((parent) => path.startsWith(`${parent}/`)))
    return Promise.reject(Object.assign(new Error('ENOENT'), { code: 'ENOENT' }));
  return actual(path, mode);
};
replaceBuiltins(fsPromises, { mkdir: counted as unknown as typeof actual });

it('creates a directory and its parents, with the given mode, and again without harm', async () => {
  const root = await tempDir();
  await makeDirectories(join(root, 'a', 'b', 'c'), 0o700);
  await makeDirectories(join(root, 'a', 'b', 'c'), 0o700);
  for (const path of ['a', 'a/b', 'a/b/c']) {
    expect((await stat(join(root, path))).mode.toString(8)).toBe('40700');
  }
});

it('goes through a link to a directory', async () => {
  const root = await tempDir();
  await mkdir(join(root, 'real'));
  await symlink('real', join(root, 'link'));
  await makeDirectories(join(root, 'link', 'below'));
  await makeDirectories(join(root, 'link'));
  expect(await readdir(join(root, 'real'))).toEqual(['below']);
});

it.each([
  ['a file', (path: string) => writeFile(path, ''), '', 'EEXIST'],
  ['a directory below a file', (path: string) => writeFile(path, ''), 'below', 'ENOTDIR'],
  ['a dangling link', (path: string) => symlink('nowhere', path), '', 'EEXIST'],
  ['a directory below a dangling link', (path: string) => symlink('nowhere', path), 'below', 'EEXIST'],
  ['a name that is too long', () => Promise.resolve(), 'n'.repeat(300), 'ENAMETOOLONG'],
])('fails at once for %s', async (_what, prepare, below, code) => {
  const root = await tempDir();
  await prepare(join(root, 'x'));
  await expect(makeDirectories(join(root, 'x', below))).rejects.toMatchObject({ code });
});

it.each([1, 2, 5])('tries each of %i directories at most twice if the parent is full', async (depth) => {
  const root = await tempDir();
  barren.add(root);
  calls = 0;
  const path = join(root, ...Array.from({ length: depth }, (_, index) => String(index)));
  await expect(makeDirectories(path)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(calls).toBeLessThanOrEqual(2 * depth + 1);
});
