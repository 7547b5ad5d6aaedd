// Small files are stored the same way whether the steps are taken here or, in a run with threads, in one of them.
import { link, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InsideDirectory } from '../../../../src/transfer/files/inside.ts';
import { type SmallFile, storeFiles, storeSteps } from '../../../../src/transfer/files/store-files.ts';
import { keepForNext } from '../../../../src/transfer/threads/thread-pool.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const bytes = Buffer.from(new SharedArrayBuffer(300_000)).fill('data');
const files: readonly SmallFile[] = [
  { name: 'data', temporary: '.data.part', content: bytes, mode: 0o666 },
  { name: 'text', temporary: '.text.tmp', content: 'späte Wörter\n', mode: 0o600 },
];

/** Stores that a run makes without a thread. */
const few = 8;

/**
 * Does work on a mirror's directory, which contains one directory, `1`; step by step, or late in a run, when threads are used.
 */
async function within(
  inThread: boolean,
  work: (inside: InsideDirectory, path: string) => Promise<void>,
): Promise<void> {
  const root = await tempDir();
  await mkdir(join(root, '1'));
  const inside = await InsideDirectory.open(root);
  const letGo = inThread ? keepForNext() : (): void => undefined;
  try {
    const path = join(inside.root, '1');
    if (inThread) for (let count = 0; count < few; count++) expect(await inside.takeAtOnce(path, [])).toBe(false);
    await work(inside, path);
  } finally {
    letGo();
    await inside.close();
  }
}

it('takes the steps of one file after those of another, each durable before the next', () => {
  expect(storeSteps(files)).toEqual([
    { create: '.data.part', content: bytes, mode: 0o666 },
    { rename: '.data.part', to: 'data' },
    { isSync: true },
    { create: '.text.tmp', content: 'späte Wörter\n', mode: 0o600 },
    { rename: '.text.tmp', to: 'text' },
    { isSync: true },
  ]);
});

describe.each([
  ['step by step', false],
  ['in a thread', true],
])('%s', (_how, inThread) => {
  it('is asked for', async () => {
    await within(inThread, async (inside, path) => expect(await inside.takeAtOnce(path, [])).toBe(inThread));
  });

  it('stores them, and nothing else', async () => {
    await within(inThread, async (inside, path) => {
      await storeFiles(inside, path, files);
      expect((await readdir(path)).toSorted()).toEqual(['data', 'text']);
      expect((await readFile(join(path, 'data'))).equals(bytes)).toBe(true);
      expect(await readFile(join(path, 'text'), 'utf8')).toBe('späte Wörter\n');
      const modes = await Promise.all(files.map(async ({ name }) => (await stat(join(path, name))).mode % 0o1000));
      const umask = process.umask();
      // oxlint-disable-next-line no-bitwise -- that is what a umask is
      expect(modes).toEqual([0o666 & ~umask, 0o600 & ~umask]);
    });
  });

  it('replaces what is there, and writes through nothing', async () => {
    await within(inThread, async (inside, path) => {
      const elsewhere = join(inside.root, 'elsewhere');
      await writeFile(elsewhere, 'untouched');
      await symlink(elsewhere, join(path, 'data'));
      await link(elsewhere, join(path, '.data.part'));
      await writeFile(join(path, 'text'), 'old');
      await storeFiles(inside, path, files);
      expect((await readFile(join(path, 'data'))).equals(bytes)).toBe(true);
      expect(await readFile(join(path, 'text'), 'utf8')).toBe('späte Wörter\n');
      expect([await readFile(elsewhere, 'utf8'), (await readdir(path)).length]).toEqual(['untouched', 2]);
    });
  });

  it.each([
    ['text', 'text'],
    ['.text.tmp', '.text.tmp'],
  ])('stops if %s cannot be written, names it, and removes what is unfinished', async (name, named) => {
    await within(inThread, async (inside, path) => {
      await mkdir(join(path, name));
      await writeFile(join(path, 'undefined'), 'of somebody else');
      await expect(storeFiles(inside, path, files)).rejects.toMatchObject({
        code: 'io.not_regular',
        message: `${path}/${named}: it is a directory`,
      });
      expect((await readdir(path)).toSorted()).toEqual([name, 'data', 'undefined'].toSorted());
    });
  });

  it('does not follow a link in place of the directory', async () => {
    await within(inThread, async (inside) => {
      await mkdir(join(inside.root, 'other'));
      await symlink('other', join(inside.root, 'link'));
      await expect(storeFiles(inside, join(inside.root, 'link'), files)).rejects.toMatchObject({
        code: 'io.not_regular',
      });
      await expect(storeFiles(inside, join(inside.root, 'gone'), files)).rejects.toMatchObject({ code: 'io.missing' });
      expect(await readdir(join(inside.root, 'other'))).toEqual([]);
    });
  });
});
