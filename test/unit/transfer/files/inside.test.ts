import { constants } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type HostFileSystem, nodeFileSystem } from '../../../../src/transfer/files/file-system.ts';
import { InsideDirectory } from '../../../../src/transfer/files/inside.ts';
import { writeReplacing } from '../../../../src/transfer/files/replace-file.ts';
import { readSmallFile } from '../../../../src/transfer/files/small-file.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;

type Operation = readonly [what: string, work: (inside: InsideDirectory, path: string) => Promise<unknown>];

/** Every operation of a file system, with a path whose last name is `name`. */
const operations: readonly Operation[] = [
  ['opens for reading', async (inside, path) => await (await inside.open(path, O_RDONLY, 0)).close()],
  ['opens for writing', async (inside, path) => await (await inside.open(path, O_WRONLY, 0)).close()],
  ['makes a file', async (inside, path) => await (await inside.open(`${path}.new`, O_WRONLY + O_CREAT, 0o600)).close()],
  [
    'makes a new file',
    async (inside, path) => await (await inside.open(`${path}.new`, O_WRONLY + O_CREAT + O_EXCL, 0o600)).close(),
  ],
  ['renames', (inside, path) => inside.rename(path, `${path}.new`)],
  ['links', (inside, path) => inside.link(path, `${path}.new`)],
  ['unlinks', (inside, path) => inside.unlink(path)],
  ['looks', (inside, path) => inside.lstat(path)],
  ['lists', (inside, path) => inside.readdir(join(path, '..'))],
  ['asks for room', (inside, path) => inside.freeBytes(join(path, '..'))],
  ['syncs', (inside, path) => inside.syncDirectory(join(path, '..'))],
  ['makes a directory', (inside, path) => inside.makeDirectory(`${path}.new`)],
  ['removes a directory', (inside, path) => inside.removeDirectory(join(path, '..', 'empty'))],
  ['replaces a text', (inside, path) => writeReplacing(inside, path, ['mine'], 0o600)],
  ['reads a text', (inside, path) => readSmallFile(inside, path, 100)],
];

const refused = { code: 'io.not_regular' };

/** `in` is a directory with a directory `1`; `out`, which contains the same names, lies beside it. */
async function setUp(): Promise<{ root: string; out: string; untouched: () => Promise<void> }> {
  const cwd = await tempDir();
  const [root, out] = [join(cwd, 'in'), join(cwd, 'out')];
  for (const directory of [join(root, '1'), out]) {
    await mkdir(join(directory, 'empty'), { recursive: true });
    await writeFile(join(directory, 'name'), 'precious');
  }
  const untouched = async (): Promise<void> => {
    expect((await readdir(out)).toSorted()).toEqual(['empty', 'name']);
    expect(await readFile(join(out, 'name'), 'utf8')).toBe('precious');
  };
  return { root, out, untouched };
}

/** The file system of this machine, with something done before each operation. */
function preceded(before: () => Promise<void>): HostFileSystem {
  const entries = Object.entries(nodeFileSystem) as [string, (...values: readonly unknown[]) => Promise<unknown>][];
  const wrap = ([name, work]: (typeof entries)[number]) =>
    [
      name,
      async (...values: readonly unknown[]) => {
        await before();
        return await work(...values);
      },
    ] as const;
  return Object.fromEntries(entries.map(wrap)) as unknown as HostFileSystem;
}

describe.each([
  ['by open directories', true],
  ['by names', false],
])('a directory that is reached %s', (_how, byHandle) => {
  it.each(operations)('%s what is inside, even if the directory itself is named by a link', async (_what, work) => {
    const { root } = await setUp();
    await symlink(root, `${root}-link`);
    const inside = await InsideDirectory.open(`${root}-link`, { byHandle });
    expect(inside.root).toBe(root);
    await work(inside, join(root, '1/name'));
    await inside.close();
  });

  it.each(operations)('%s nothing through a link to a directory', async (_what, work) => {
    const { root, out, untouched } = await setUp();
    await rm(join(root, '1'), { recursive: true });
    await symlink(out, join(root, '1'));
    const inside = await InsideDirectory.open(root, { byHandle });
    await expect(work(inside, join(root, '1/name'))).rejects.toMatchObject(refused);
    await untouched();
    await inside.close();
  });

  it.each(['name', 'nowhere'])('opens no link to a file, whether its target exists or not (%s)', async (goal) => {
    const { root, out, untouched } = await setUp();
    await rm(join(root, '1/name'));
    await symlink(join(out, goal), join(root, '1/name'));
    const inside = await InsideDirectory.open(root, { byHandle });
    for (const flags of [O_RDONLY, O_WRONLY, O_WRONLY + O_CREAT, O_WRONLY + O_CREAT + O_EXCL]) {
      const error = await inside.open(join(root, '1/name'), flags, 0o600).catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code: expect.stringMatching(/^(?:ELOOP|EEXIST|io\.not_regular)$/) });
    }
    await writeReplacing(inside, join(root, '1/name'), ['mine'], 0o600);
    await untouched();
    expect(await readFile(join(root, '1/name'), 'utf8')).toBe('mine');
    await inside.close();
  });

  it('looks at what it opens, unless it has just created it', async () => {
    const { root } = await setUp();
    const inside = await InsideDirectory.open(root, { byHandle });
    const old = await inside.open(join(root, '1/name'), O_RDONLY, 0);
    const made = await inside.open(join(root, '1/made'), O_WRONLY + O_CREAT + O_EXCL, 0o600);
    expect([old.opened?.size, made.opened]).toEqual(['precious'.length, undefined]);
    await Promise.all([old.close(), made.close()]);
    await expect(inside.open(join(root, '1/empty'), O_RDONLY, 0)).rejects.toMatchObject(refused);
    await inside.close();
  });

  it('refuses a path that leads out of it', async () => {
    const { root, out, untouched } = await setUp();
    const inside = await InsideDirectory.open(root, { byHandle });
    await expect(inside.unlink(join(out, 'name'))).rejects.toThrow('outside');
    await expect(inside.unlink(`${root}/1/../../out/name`)).rejects.toThrow('outside');
    await untouched();
    await inside.close();
  });
});

it.each(operations)(
  '%s nothing outside if the directory is replaced by a link between check and use',
  async (_what, work) => {
    const { root, out, untouched } = await setUp();
    let isSwapped = false;
    const fileSystem = preceded(async () => {
      if (isSwapped) return;
      isSwapped = true;
      await rename(join(root, '1'), join(root, 'old'));
      await symlink(out, join(root, '1'));
    });
    const inside = await InsideDirectory.open(root, { fileSystem });
    await work(inside, join(root, '1/name')).catch((error: unknown) => expect(error).toMatchObject(refused));
    await untouched();
    await inside.close();
  },
);

it('notices afterwards that a directory was replaced by a link, if it is reached by name', async () => {
  const { root, out } = await setUp();
  const fileSystem = preceded(async () => {
    await rename(join(root, '1'), join(root, 'old'));
    await symlink(out, join(root, '1'));
  });
  const inside = await InsideDirectory.open(root, { fileSystem, byHandle: false });
  await expect(inside.open(join(root, '1/name'), O_RDONLY, 0)).rejects.toMatchObject(refused);
  expect(await readFile(join(out, 'name'), 'utf8')).toBe('precious');
  await inside.close();
});

it('looks up a directory again once it was released, and no longer holds a recreated one', async () => {
  const { root, out, untouched } = await setUp();
  const inside = await InsideDirectory.open(root);
  await writeReplacing(inside, join(root, '1/name'), ['first'], 0o600);
  await rename(join(root, '1'), join(root, 'old'));
  await inside.makeDirectory(join(root, '1'));
  await writeReplacing(inside, join(root, '1/name'), ['second'], 0o600);
  expect(await readFile(join(root, 'old/name'), 'utf8')).toBe('first');
  expect(await readFile(join(root, '1/name'), 'utf8')).toBe('second');
  await rm(join(root, '1'), { recursive: true });
  await symlink(out, join(root, '1'));
  inside.letGo(join(root, '1'));
  await expect(inside.unlink(join(root, '1/name'))).rejects.toMatchObject(refused);
  await untouched();
  await inside.close();
});

it('works in more directories than it holds open, several at once', async () => {
  const { root } = await setUp();
  const inside = await InsideDirectory.open(root);
  const open = (await readdir('/proc/self/fd').catch(() => [])).length;
  const names = Array.from({ length: 100 }, (_, index) => String(index + 100));
  await Promise.all(
    names.map(async (name) => {
      await inside.makeDirectory(join(root, name));
      await writeReplacing(inside, join(root, name, 'name'), [name], 0o600);
    }),
  );
  for (const name of names) expect(await readSmallFile(inside, join(root, name, 'name'), 3)).toBe(name);
  await inside.close();
  // Directories that other tests of this process hold may have been closed meanwhile.
  expect((await readdir('/proc/self/fd').catch(() => [])).length).toBeLessThanOrEqual(open);
});

it('writes to nothing that has the name of a temporary file: neither through a link nor under another name', async () => {
  const { root, out, untouched } = await setUp();
  await nodeFileSystem.link(join(out, 'name'), join(root, '1/.name.tmp'));
  await writeReplacing(nodeFileSystem, join(root, '1/name'), ['mine'], 0o600);
  await untouched();
  expect(await readdir(join(root, '1'))).toEqual(['empty', 'name']);
});

it('limits how much of a small file it reads', async () => {
  const { root } = await setUp();
  const path = join(root, '1/name');
  await expect(readSmallFile(nodeFileSystem, path, 8)).resolves.toBe('precious');
  await expect(readSmallFile(nodeFileSystem, path, 7)).rejects.toMatchObject({ code: 'metadata.invalid' });
  await expect(readSmallFile(nodeFileSystem, join(root, '1'), 7)).rejects.toMatchObject({ code: 'io.not_regular' });
});
