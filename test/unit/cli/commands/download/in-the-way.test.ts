// Names that a download needs beside its target, taken by something other than a file of an earlier run.
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { glance } from '../../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../../support/images.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const data = makeBytes(200_000);

/** A directory, and the path of the part that a download to `f` in it makes. */
async function scene(): Promise<{ cwd: string; part: string; server: Awaited<ReturnType<typeof glance>> }> {
  const cwd = await tempDir();
  const cut = { on: { method: 'GET', path: /\/1$/, times: 1 }, do: { type: 'cut', afterBytes: 70_000 } } as const;
  const server = await glance([makeEntry(data, { id: '1' })], [cut]);
  expect((await server.cli(['download', '1', '-o', 'f', '--retries', '0'], { cwd })).code).toBe(5);
  const names = await readdir(cwd);
  const part = names.find((name) => name.endsWith('.part')) ?? '';
  for (const name of names) {
    await rm(join(cwd, name));
  }
  return { cwd, part: join(cwd, part), server };
}

describe('a directory with the name of', () => {
  it.each(['', '.json', '.json.tmp'])('the part%s is named, and stays', async (suffix) => {
    const { cwd, part, server } = await scene();
    await mkdir(`${part}${suffix}`);
    await writeFile(join(`${part}${suffix}`, 'mine'), 'mine');
    const result = await server.cli(['download', '1', '-o', 'f', '--error-format', 'json'], { cwd });
    expect([result.code, result.error()]).toMatchObject([8, { code: 'io.not_regular' }]);
    expect(result.error()['message']).toBe(`${part}${suffix}: it is a directory`);
    expect(await readdir(cwd)).toEqual([`${part}${suffix}`.slice(cwd.length + 1)]);
    expect(await readFile(join(`${part}${suffix}`, 'mine'), 'utf8')).toBe('mine');
  });
});

type Put = (path: string) => Promise<void> | void;

const putSocket: Put = (path) =>
  new Promise((resolve) => {
    const server = createServer().listen(path, resolve);
    onTestFinished(() => void server.close());
  });

describe('in place of a file of our own', () => {
  const things: readonly (readonly [what: string, put: Put])[] = [
    ['a FIFO', (path) => void execFileSync('mkfifo', [path])],
    ['a socket', putSocket],
    ['a link', (path) => symlink('elsewhere', path)],
    ['a dangling link', (path) => symlink('nowhere', path)],
  ];
  const suffixes = ['.part', '.part.json', '.part.json.tmp'];
  it.each(things.flatMap(([what, put]) => suffixes.map((suffix) => [what, suffix, put] as const)))(
    '%s (%s) is removed, never written to, read or waited for',
    async (_what, suffix, put) => {
      const { cwd, part, server } = await scene();
      await writeFile(join(cwd, 'elsewhere'), 'mine');
      await put(part.replace(/\.part$/, suffix));
      expect((await server.cli(['download', '1', '-o', 'f'], { cwd })).code).toBe(0);
      expect(await readFile(join(cwd, 'elsewhere'), 'utf8')).toBe('mine');
      expect((await readdir(cwd)).toSorted()).toEqual(['elsewhere', 'f']);
      expect((await readFile(join(cwd, 'f'))).equals(data)).toBe(true);
    },
  );
  it.each(things)('%s under the name of a record that is being written is removed too', async (_what, put) => {
    const { cwd, server } = await scene();
    await writeFile(join(cwd, 'elsewhere'), 'mine');
    await put(join(cwd, '.f.json.tmp'));
    expect((await server.cli(['download', '1', '-o', 'f', '--metadata'], { cwd })).code).toBe(0);
    expect(await readFile(join(cwd, 'elsewhere'), 'utf8')).toBe('mine');
    expect((await readdir(cwd)).toSorted()).toEqual(['elsewhere', 'f', 'f.json']);
  });
});
