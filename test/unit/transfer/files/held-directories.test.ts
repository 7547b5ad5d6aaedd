// Directories stay open for reuse: each is opened once and closed once, and a path always leads to what is there now.
import { constants } from 'node:fs';
import { mkdir, readdir, readlink, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type HostFileSystem, nodeFileSystem } from '../../../../src/transfer/files/file-system.ts';
import { HeldDirectories } from '../../../../src/transfer/files/held-directories.ts';
import { InsideDirectory } from '../../../../src/transfer/files/inside.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** The directories below this one that the process has open. */
async function openBelow(root: string): Promise<string[]> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links
    .filter((path) => path === root || path.startsWith(`${root}/`))
    .map((path) => path.slice(root.length + 1))
    .toSorted();
}

async function setUp(count = 3): Promise<{ root: string; held: HeldDirectories }> {
  const root = await tempDir();
  for (let index = 0; index < count; index++) await mkdir(join(root, `d${index}`, 'in'), { recursive: true });
  const handle = await nodeFileSystem.open(root, constants.O_RDONLY, 0);
  onTestFinished(() => handle.close());
  return { root, held: new HeldDirectories(handle, root) };
}

/** Waits until only this many are open: forgotten ones are closed in the background. */
async function settle(root: string, count: number): Promise<void> {
  for (let turn = 0; turn < 1000 && (await openBelow(root)).length > count; turn++) await new Promise(setImmediate);
}

describe.runIf(process.platform === 'linux')('a directory that is held', () => {
  it('is opened once for all users, and closed at the end', async () => {
    const { root, held } = await setUp();
    const [first, second] = [await held.hold(['d1', 'in']), await held.hold(['d1', 'in'])];
    expect(first.path).toBe(second.path);
    expect(await readdir(first.path)).toEqual([]);
    await first.close();
    await second.close();
    expect(await openBelow(root)).toEqual(['', 'd1/in']);
    await held.close();
    expect(await openBelow(root)).toEqual(['']);
    await held.close();
  });

  it('is the open root itself for an empty path, and that stays open', async () => {
    const { root, held } = await setUp();
    const own = await held.hold([]);
    expect((await readdir(own.path)).toSorted()).toEqual(['d0', 'd1', 'd2']);
    await own.sync?.();
    await own.close();
    await held.close();
    expect(await openBelow(root)).toEqual(['']);
  });

  it('is closed when it is forgotten and nobody uses it any more', async () => {
    const { root, held } = await setUp();
    const used = await held.hold(['d1']);
    const again = await held.hold(['d1']);
    held.forget(['d1']);
    await used.close();
    expect(await openBelow(root)).toEqual(['', 'd1']);
    await again.close();
    expect(await openBelow(root)).toEqual(['']);
    await (await held.hold(['d2'])).close();
    held.forget(['d2']);
    held.forget(['d2']);
    await settle(root, 1);
    expect(await openBelow(root)).toEqual(['']);
  });

  it('is looked up again once it is forgotten', async () => {
    const { root, held } = await setUp();
    const before = await held.hold(['d1']);
    await rename(join(root, 'd1'), join(root, 'moved'));
    await mkdir(join(root, 'd1'));
    await writeFile(join(root, 'd1', 'new'), '');
    expect(await readdir((await held.hold(['d1'])).path)).toEqual(['in']);
    held.forget(['d1']);
    const after = await held.hold(['d1']);
    expect([await readdir(before.path), await readdir(after.path)]).toEqual([['in'], ['new']]);
    for (const each of [before, before, after]) await each.close();
    await held.close();
    expect(await openBelow(root)).toEqual(['']);
  });

  it('is one of at most 64: the one held longest is closed', async () => {
    const { root, held } = await setUp(66);
    for (let index = 0; index < 64; index++) await (await held.hold([`d${index}`])).close();
    expect(await openBelow(root)).toHaveLength(65);
    await (await held.hold(['d64'])).close();
    await settle(root, 65);
    expect(await openBelow(root)).toHaveLength(65);
    expect(await openBelow(root)).not.toContain('d0');
    await held.close();
  });

  it('leaves nothing open if it does not exist, and is looked for again', async () => {
    const { root, held } = await setUp();
    await expect(held.hold(['d1', 'none'])).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(join(root, 'd1', 'file'), '');
    const message = `${join(root, 'd1', 'file')}: it is a link, or something else that is not a directory`;
    await expect(held.hold(['d1', 'file', 'x'])).rejects.toMatchObject({ code: 'io.not_regular', message });
    await mkdir(join(root, 'd1', 'none'));
    await (await held.hold(['d1', 'none'])).close();
    expect(await openBelow(root)).toEqual(['', 'd1/none']);
    await held.close();
    expect(await openBelow(root)).toEqual(['']);
  });
});

describe.runIf(process.platform === 'linux')('a directory to stay inside of', () => {
  const openIn = async (): Promise<{ root: string; inside: InsideDirectory }> => {
    const { root } = await setUp();
    return { root, inside: await InsideDirectory.open(root) };
  };

  it('closes what it opened', async () => {
    const { root, inside } = await openIn();
    const file = join(root, 'd1', 'file');
    await (await inside.open(file, constants.O_RDWR + constants.O_CREAT, 0o600)).close();
    expect([(await inside.stat(file)).size, await inside.realpath(file)]).toEqual([0, file]);
    await inside.syncDirectory(join(root, 'd1'));
    await expect(inside.open(join(root, 'd1', 'in'), constants.O_RDONLY, 0)).rejects.toThrow('not a regular file');
    expect(await openBelow(root)).toEqual(['', '', 'd1']);
    inside.letGo(join(root, 'd1'));
    await settle(root, 2);
    expect(await openBelow(root)).toEqual(['', '']);
    await inside.close();
    expect(await openBelow(root)).toEqual(['']);
  });

  it('says whether it made a directory, and uses the one that is there', async () => {
    const { root, inside } = await openIn();
    const made = join(root, 'd1', 'made');
    expect([await inside.makeDirectory(made), await inside.makeDirectory(made)]).toEqual([true, false]);
    await expect(inside.makeDirectory(join(root, 'none', 'made'))).rejects.toMatchObject({ code: 'ENOENT' });
    await rename(made, join(root, 'd1', 'old'));
    expect(await inside.makeDirectory(made)).toBe(true);
    await inside.removeDirectory(made);
    await expect(inside.readdir(made)).rejects.toMatchObject({ code: 'ENOENT' });
    await inside.close();
    expect(await openBelow(root)).toEqual(['']);
  });

  it('gives a name in the directory that is there now', async () => {
    const { root, inside } = await openIn();
    await inside.readdir(join(root, 'd1'));
    await rename(join(root, 'd1'), join(root, 'old'));
    await mkdir(join(root, 'd1'));
    await writeFile(join(root, 'd1', 'from'), '');
    await inside.rename(join(root, 'd1', 'from'), join(root, 'd1', 'to'));
    expect(await readdir(join(root, 'd1'))).toEqual(['to']);
    await inside.close();
  });

  it('is synced through its descriptor, and without one by its path', async () => {
    const { root } = await setUp();
    const synced: string[] = [];
    const fileSystem: HostFileSystem = { ...nodeFileSystem, syncDirectory: async (path) => void synced.push(path) };
    const [byHandle, byName] = [
      await InsideDirectory.open(root, { fileSystem }),
      await InsideDirectory.open(root, { byHandle: false, fileSystem }),
    ];
    for (const inside of [byHandle, byName]) {
      await inside.syncDirectory(join(root, 'd1'));
      await inside.close();
    }
    expect(synced).toEqual([join(root, 'd1')]);
  });
});
