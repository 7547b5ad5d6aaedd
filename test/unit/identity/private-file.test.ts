import { mkdir, readdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPrivate, removePrivate, writePrivate } from '../../../src/identity/private-file.ts';
import { tempDir } from '../../support/temp-dir.ts';

const uid = process.getuid?.() ?? null;
const isOurs = (name: string): boolean => name.endsWith('.json');

it('private files are read, written and removed in our own directory', async () => {
  const directory = join(await tempDir(), 'cache');
  await writePrivate(join(directory, 'a.json'), uid, { kept: true });
  expect(readPrivate(join(directory, 'a.json'), uid)).toEqual({ kept: true });
  expect(await removePrivate(directory, isOurs)).toEqual(['a.json']);
  expect(await readdir(directory)).toEqual([]);
  expect(await removePrivate(join(directory, 'nowhere'), isOurs)).toEqual([]);
});

it('no private file is read, written or removed through a link in place of the directory', async () => {
  const cwd = await tempDir();
  const [directory, elsewhere] = [join(cwd, 'cache'), join(cwd, 'elsewhere')];
  await mkdir(directory, { mode: 0o700 });
  await writePrivate(join(directory, 'a.json'), uid, { kept: true });
  await rename(directory, elsewhere);
  await symlink(elsewhere, directory);
  expect(readPrivate(join(directory, 'a.json'), uid)).toBeNull();
  await writePrivate(join(directory, 'b.json'), uid, { kept: true });
  expect(await removePrivate(directory, isOurs)).toEqual([]);
  expect(await readdir(elsewhere)).toEqual(['a.json']);
});
