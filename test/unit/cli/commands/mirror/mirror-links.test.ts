// Links wherever a mirror has files and directories: nothing behind them is read as the mirror's own, written or removed.
import { execFileSync } from 'node:child_process';
import { renameSync, symlinkSync } from 'node:fs';
import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Interrupted } from '../../../../../src/cli/runtime.ts';
import type { Fault } from '../../../../support/faults.ts';
import { glance, type Glance } from '../../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../../support/images.ts';
import { type CliResult, runCli } from '../../../../support/run-cli.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

/** Too large for a small image, so a part file is kept. */
const data = makeBytes(300_000);
const entry = (id: string, more: object = {}, bytes = data) =>
  makeEntry(bytes, { id, name: id, disk_format: 'raw', ...more });
const before = [entry('1'), entry('2')];
/** All of it has to be written again. */
const after = [entry('1', { disk_format: 'img' }, makeBytes(280_000)), entry('2', { name: 'renamed' })];

async function mirror(server: Glance, cwd: string, ...more: readonly string[]): Promise<CliResult> {
  return await server.cli(['mirror', 'm', '-f', 'json', '--progress', 'none', '--retries', '0', ...more], { cwd });
}

async function readTree(directory: string): Promise<Readonly<Record<string, string>>> {
  const items = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = items.filter((item) => !item.isDirectory()).map((item) => join(item.parentPath, item.name));
  return Object.fromEntries(
    await Promise.all(
      files.map(async (path) => [path.slice(directory.length), await readFile(path, 'latin1')] as const),
    ),
  );
}

/** A mirror that {@link setUp} copies: making it is half the work of a test. */
let original = '';
let isMade = false;
beforeAll(async () => {
  original = await mkdtemp(join(tmpdir(), 'glance-cli-links-'));
});
afterAll(() => rm(original, { recursive: true }));

/** A mirror `m` whose image 1 is half replaced, with a part file, and a directory beside it. */
async function setUp(): Promise<{ cwd: string; parts: readonly string[] }> {
  if (!isMade) {
    await mirror(await glance(before), original);
    const cut: Fault = { on: { path: /images\/1$/ }, do: { type: 'cut', afterBytes: 20_000 } };
    await mirror(await glance([after[0] ?? entry('1'), entry('2')], [cut]), original);
    isMade = true;
  }
  const cwd = await tempDir();
  await cp(original, cwd, { recursive: true, preserveTimestamps: true });
  const parts = (await readdir(join(cwd, 'm/1'))).filter((name) => name.startsWith('.')).toSorted();
  expect(parts).toHaveLength(2);
  await mkdir(join(cwd, 'out'));
  return { cwd, parts };
}

const places: readonly (readonly [place: string, path: (parts: readonly string[]) => string])[] = [
  ['the directory of an image', () => '1'],
  ['the directory of an image of which only the record changes', () => '2'],
  ['data that is replaced', () => '1/1.raw'],
  ['data that stays', () => '2/2.raw'],
  ['data that arrives', () => '1/1.img'],
  ['a record', () => '1/image.json'],
  ['a record that changes', () => '2/image.json'],
  ['the index', () => 'index.json'],
  ['a list of checksums', () => 'SHA512SUMS'],
  ['a part', ([part = '']) => `1/${part}`],
  ['the record of a part', ([, record = '']) => `1/${record}`],
  ['the next record of a part', ([, record = '']) => `1/${record}.tmp`],
  ['the next record', () => '2/.image.json.tmp'],
  ['the next index', () => '.index.json.tmp'],
  ['the next list of checksums', () => '.SHA512SUMS.tmp'],
];

describe.each(places)('a link in place of %s', (_place, pathOf) => {
  it.each(['there', 'nowhere'])('is not followed, whether what it leads to is %s', async (goal) => {
    const { cwd, parts } = await setUp();
    const path = join(cwd, 'm', pathOf(parts));
    const out = join(cwd, 'out', goal);
    if ((await lstat(path).catch(() => null)) === null) await writeFile(path, 'precious');
    if (goal === 'there') await cp(path, out, { recursive: true });
    await rm(path, { recursive: true });
    await symlink(out, path);
    const untouched = await readTree(join(cwd, 'out'));
    expect([0, 8, 9]).toContain((await mirror(await glance(after), cwd)).code);
    const gone = await mirror(await glance(after.slice(1)), cwd, '--prune', '--force');
    expect([0, 8, 9]).toContain(gone.code);
    expect([0, 6, 8]).toContain((await runCli(['verify', 'm'], { cwd })).code);
    expect(await readTree(join(cwd, 'out'))).toEqual(untouched);
    // Either the link is there and was reported, or a file of the mirror took its place.
    if ((await lstat(path).catch(() => null))?.isSymbolicLink() !== true) return;
    expect((await mirror(await glance(after), cwd)).code).toBeGreaterThan(0);
  });
});

it.each(['index.json', 'SHA512SUMS', '1/1.img', '2/2.raw', '2/image.json', '2/.image.json.tmp', '.index.json.tmp'])(
  'does not wait for a FIFO in place of %s',
  async (name) => {
    const { cwd } = await setUp();
    const path = join(cwd, 'm', name);
    await rm(path, { force: true });
    execFileSync('mkfifo', [path]);
    expect([0, 6, 8]).toContain((await runCli(['verify', 'm'], { cwd })).code);
    expect([0, 8, 9]).toContain((await mirror(await glance(after), cwd)).code);
  },
);

it('a link in place of one image fails only that image, which is named', async () => {
  const { cwd } = await setUp();
  await writeFile(join(cwd, 'out/precious'), 'precious');
  await rm(join(cwd, 'm/1/1.raw'));
  await symlink(join(cwd, 'out/precious'), join(cwd, 'm/1/1.raw'));
  const result = await mirror(await glance([entry('1'), entry('2', { name: 'renamed' })]), cwd);
  expect(result.code).toBe(9);
  const path = join(cwd, 'm/1/1.raw');
  expect(JSON.parse(result.stdout)).toMatchObject([
    { action: 'failed', image: '1', reason: `${path}: it is a symbolic link [io.not_regular]` },
    { action: 'record', image: '2' },
  ]);
});

it('a mirror may itself be named by a link', async () => {
  const cwd = await tempDir();
  await mkdir(join(cwd, 'real'));
  await symlink(join(cwd, 'real'), join(cwd, 'm'));
  expect((await mirror(await glance(before), cwd)).code).toBe(0);
  expect((await readdir(join(cwd, 'real'))).toSorted()).toEqual(['1', '2', 'MD5SUMS', 'SHA512SUMS', 'index.json']);
  expect((await runCli(['verify', 'm'], { cwd })).code).toBe(0);
});

describe('what becomes a link while an image arrives', () => {
  /** Puts a link where the image's directory was. */
  const swap = (cwd: string): void => {
    renameSync(join(cwd, 'm/1'), join(cwd, 'was'));
    symlinkSync(join(cwd, 'out'), join(cwd, 'm/1'));
  };

  it('leads nothing out of the mirror if it is the directory', async () => {
    const cwd = await tempDir();
    await mkdir(join(cwd, 'out'));
    const where = (): boolean => {
      swap(cwd);
      return false;
    };
    const server = await glance(before, [{ on: { path: /images\/1$/, where }, do: { type: 'status', status: 500 } }]);
    const result = await mirror(server, cwd, '--jobs', '1');
    expect(result.code).toBe(9);
    expect(JSON.parse(result.stdout)).toMatchObject([
      { image: '1', action: 'failed', reason: expect.stringContaining('[io.not_regular]') },
      { image: '2', action: 'new' },
    ]);
    expect(await readdir(join(cwd, 'out'))).toEqual([]);
  });

  it('is itself replaced if it stands for the data alone', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'precious'), 'precious');
    const where = (): boolean => {
      symlinkSync(join(cwd, 'precious'), join(cwd, 'm/1/1.raw'));
      return false;
    };
    const server = await glance(before, [{ on: { path: /images\/1$/, where }, do: { type: 'status', status: 500 } }]);
    expect((await mirror(server, cwd, '--jobs', '1')).code).toBe(0);
    expect(await readFile(join(cwd, 'precious'), 'utf8')).toBe('precious');
    expect((await lstat(join(cwd, 'm/1/1.raw'))).isFile()).toBe(true);
    expect(await readFile(join(cwd, 'm/1/1.raw'))).toEqual(data);
  });

  it('destroys no part that is kept, even after a signal', async () => {
    const cwd = await tempDir();
    await mkdir(join(cwd, 'out'));
    const controller = new AbortController();
    const server = await glance(before, [{ on: { path: /images\/1$/ }, do: { type: 'stall', afterBytes: 20_000 } }]);
    const argv = ['mirror', 'm', '--progress', 'none', '--jobs', '1'];
    const result = server.cli(argv, { cwd, signal: controller.signal });
    await server.stalled;
    swap(cwd);
    controller.abort(new Interrupted('SIGINT'));
    expect((await result).code).toBe(130);
    expect(await readdir(join(cwd, 'out'))).toEqual([]);
  });
});

describe('download --metadata', () => {
  const server = () => glance(before);

  it.each(['there', 'nowhere'])('writes no record through a link, whether what it leads to is %s', async (goal) => {
    const cwd = await tempDir();
    const out = join(cwd, 'out');
    if (goal === 'there') await writeFile(out, '{"id":"1"}');
    await symlink(out, join(cwd, 'f.json'));
    const result = await (
      await server()
    ).cli(['download', '1', '-o', 'f', '--metadata', '--error-format', 'json'], { cwd });
    expect([result.code, result.error()['code']]).toEqual([8, 'io.exists']);
    expect(await readdir(cwd)).toEqual(goal === 'there' ? ['f.json', 'out'] : ['f.json']);
    const forced = await (await server()).cli(['download', '1', '-o', 'f', '--metadata', '--force'], { cwd });
    expect(forced.code).toBe(0);
    expect((await lstat(join(cwd, 'f.json'))).isFile()).toBe(true);
    expect(await readFile(out, 'utf8').catch(() => null)).toBe(goal === 'there' ? '{"id":"1"}' : null);
  });

  it('rejects a record that is too large', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'f.json'), JSON.stringify({ id: '1', name: 'x'.repeat(1024 * 1024) }));
    const result = await (
      await server()
    ).cli(['download', '1', '-o', 'f', '--metadata', '--error-format', 'json'], { cwd });
    expect([result.code, result.error()['code']]).toEqual([8, 'io.exists']);
    await writeFile(join(cwd, 'f'), data);
    const verified = await runCli(['verify', 'f', '--error-format', 'json'], { cwd });
    expect([verified.code, verified.error()['code']]).toEqual([7, 'metadata.invalid']);
  });

  it('keeps a link that the user named, and replaces its target', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'old'), 'old');
    await symlink('old', join(cwd, 'f'));
    expect((await (await server()).cli(['download', '1', '-o', 'f', '--force'], { cwd })).code).toBe(0);
    expect((await lstat(join(cwd, 'f'))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(cwd, 'old'))).toEqual(data);
  });
});

it('verify rejects a record that is a link', async () => {
  const cwd = await tempDir();
  await (await glance(before)).cli(['download', '1', '-o', 'f', '--metadata'], { cwd });
  await rename(join(cwd, 'f.json'), join(cwd, 'real.json'));
  await symlink('real.json', join(cwd, 'f.json'));
  const result = await runCli(['verify', 'f', '--error-format', 'json'], { cwd });
  expect([result.code, result.error()['code']]).toEqual([8, 'io.not_regular']);
});
