// What a mirror keeps beside the data of an image: computed digests, and why the image is unavailable.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Fault } from '../../../../support/faults.ts';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import { type CliResult, runCli } from '../../../../support/run-cli.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const data = Buffer.alloc(5000, 2);
const hash = (algorithm: string): string => createHash(algorithm).update(data).digest('hex');
const entry = (id: string, more: object = {}) =>
  makeEntry(data, { id, name: `image ${id}`, disk_format: 'raw', ...more });
/** An image for which the server names no digest. */
const bare = entry('2', { checksum: null });
const bitFlip: Fault = { on: { path: /images\/2$/ }, do: { type: 'flip', offset: 9, bit: 0 } };

type Server = Awaited<ReturnType<typeof glance>>;

const mirror = async (server: Server, cwd: string, ...more: readonly string[]): Promise<CliResult> =>
  await server.cli(['mirror', 'm', '-f', 'json', '--progress', 'none', ...more], { cwd });
const verify = async (cwd: string): Promise<readonly (readonly string[])[]> => {
  const { stdout } = await runCli(['verify', 'm', '-f', 'json'], { cwd });
  return (JSON.parse(stdout) as { path: string; status: string }[]).map(({ path, status }) => [path, status]);
};
const reasons = ({ stdout }: CliResult): readonly string[] =>
  (JSON.parse(stdout) as { reason: string | null }[]).map(({ reason }) => reason ?? '');
const read = async (cwd: string, path: string): Promise<unknown> =>
  JSON.parse(await readFile(join(cwd, 'm', path), 'utf8'));
const dataRequests = (server: Server): number =>
  server.asked().filter((request) => /^GET \/v1\/images\/\d+$/.test(request)).length;

it('keeps the digests that were computed, and notes which of them the cloud named', async () => {
  const cwd = await tempDir();
  const { code } = await mirror(await glance([entry('1')]), cwd);
  expect([code, await read(cwd, '1/digests.json')]).toEqual([
    0,
    { schema: 1, file: '1.raw', size: 5000, digests: { md5: hash('md5'), sha512: hash('sha512') }, verified_by: 'md5' },
  ]);
});

it('keeps an image without a digest by its length, and warns', async () => {
  const [cwd, server] = [await tempDir(), await glance([bare])];
  const { code, stderr } = await mirror(server, cwd);
  expect(code).toBe(0);
  expect(stderr).toContain(
    'warning: image 2: not verified: the server has no digest for this image; only its size was checked',
  );
  expect(await read(cwd, '2/digests.json')).toMatchObject({ digests: { sha512: hash('sha512') }, verified_by: null });
  expect(await verify(cwd)).toEqual([['2/2.raw', 'ok']]);
});

it('with --require-checksum leaves that image out and remembers it; without, has it', async () => {
  const [cwd, server] = [await tempDir(), await glance([entry('1'), bare])];
  const refused = await mirror(server, cwd, '--require-checksum');
  expect([refused.code, reasons(refused)]).toEqual([9, ['', expect.stringMatching(/\[integrity\.unprovable\]$/)]]);
  expect(await readdir(join(cwd, 'm/2'))).toEqual(['failure.json']);
  const asked = dataRequests(server);
  const again = await mirror(server, cwd, '--require-checksum');
  expect([again.code, reasons(again), dataRequests(server)]).toEqual([
    9,
    [expect.stringMatching(/^as before: /)],
    asked,
  ]);
  expect((await mirror(server, cwd)).code).toBe(0);
  expect((await readdir(join(cwd, 'm/2'))).toSorted()).toEqual(['2.raw', 'digests.json', 'image.json']);
});

it('leaves a mirror of an earlier version as it is, and adds digests where it writes a record', async () => {
  const cwd = await tempDir();
  await mirror(await glance([entry('1'), entry('2')]), cwd);
  for (const id of ['1', '2']) await rm(join(cwd, 'm', id, 'digests.json'));
  const times = async (): Promise<unknown> =>
    await Promise.all(
      ['1/1.raw', '1/image.json', 'index.json'].map(async (path) => (await stat(join(cwd, 'm', path))).ino),
    );
  const before = await times();
  const same = await glance([entry('1'), entry('2')]);
  expect([(await mirror(same, cwd)).stdout, dataRequests(same), await times()]).toEqual(['[]\n', 0, before]);
  expect(await readdir(join(cwd, 'm/1'))).toEqual(['1.raw', 'image.json']);
  expect(await verify(cwd)).toEqual([
    ['1/1.raw', 'ok'],
    ['2/2.raw', 'ok'],
  ]);
  const renamed = await glance([entry('1'), entry('2', { name: 'renamed' })]);
  expect([(await mirror(renamed, cwd)).code, dataRequests(renamed)]).toEqual([0, 0]);
  expect(await readdir(join(cwd, 'm/1'))).toEqual(['1.raw', 'image.json']);
  expect(await read(cwd, '2/digests.json')).toMatchObject({ file: '2.raw', verified_by: 'md5' });
  expect(await verify(cwd)).toEqual([
    ['1/1.raw', 'ok'],
    ['2/2.raw', 'ok'],
  ]);
});

it('remembers without the index why an image is unavailable, until its record changes', async () => {
  const [cwd, server] = [await tempDir(), await glance([entry('1'), entry('2')], [bitFlip])];
  const first = await mirror(server, cwd);
  expect([first.code, await readdir(join(cwd, 'm/2'))]).toEqual([9, ['failure.json']]);
  expect(await read(cwd, '2/failure.json')).toMatchObject({ schema: 1, id: '2', code: 'integrity.digest' });
  expect(await verify(cwd)).toEqual([['1/1.raw', 'ok']]);
  await rm(join(cwd, 'm/index.json'));
  const asked = dataRequests(server);
  for (const more of [['--dry-run'], []]) {
    const again = await mirror(server, cwd, ...more);
    expect(reasons(again).at(-1)).toMatch(/^as before: .*\[integrity\.digest\]$/);
  }
  // The other image's data is there, and was compared.
  expect(dataRequests(server)).toBe(asked);
  const mended = await glance([entry('1'), entry('2', { name: 'mended' })]);
  expect((await mirror(mended, cwd)).code).toBe(0);
  expect((await readdir(join(cwd, 'm/2'))).toSorted()).toEqual(['2.raw', 'digests.json', 'image.json']);
});

it('forgets why an image was unavailable once it is no longer listed', async () => {
  const [cwd, server] = [await tempDir(), await glance([entry('1'), entry('2')], [bitFlip])];
  await mirror(server, cwd);
  expect((await mirror(await glance([entry('1')]), cwd)).code).toBe(0);
  expect((await readdir(join(cwd, 'm'))).toSorted()).toEqual(['1', 'MD5SUMS', 'SHA512SUMS', 'index.json']);
});

it('removes the record before data is replaced, and still knows the file name of the old data', async () => {
  const cwd = await tempDir();
  await mirror(await glance([entry('2')]), cwd);
  const other = makeEntry(Buffer.alloc(4000, 3), { id: '2', disk_format: 'raw' });
  expect((await mirror(await glance([other], [bitFlip]), cwd)).code).toBe(9);
  expect((await readdir(join(cwd, 'm/2'))).toSorted()).toEqual(['2.raw', 'digests.json', 'failure.json']);
  expect(await readFile(join(cwd, 'm/2/2.raw'))).toEqual(data);
  expect(await verify(cwd)).toEqual([['2/2.raw', 'unlisted']]);
  const converted = makeEntry(Buffer.alloc(4000, 4), { id: '2', disk_format: 'vmdk' });
  expect((await mirror(await glance([converted]), cwd)).code).toBe(0);
  expect((await readdir(join(cwd, 'm/2'))).toSorted()).toEqual(['2.vmdk', 'digests.json', 'image.json']);
});

it('with --prune removes what it keeps beside the data too', async () => {
  const cwd = await tempDir();
  await mirror(await glance(['1', '2', '3'].map((id) => entry(id))), cwd);
  await writeFile(join(cwd, 'm/1/failure.json'), '{}');
  expect((await mirror(await glance([entry('2'), entry('3')]), cwd, '--prune')).code).toBe(0);
  expect((await readdir(join(cwd, 'm'))).toSorted()).toEqual(['2', '3', 'MD5SUMS', 'SHA512SUMS', 'index.json']);
});

it('recognises digests, failures and audit reports as its own after a kill, and digests alone as strays', async () => {
  const cwd = await tempDir();
  await mirror(await glance([entry('1')]), cwd);
  const put = async (path: string): Promise<void> => {
    await mkdir(join(cwd, 'm', path, '..'), { recursive: true });
    await writeFile(join(cwd, 'm', path), '{}');
  };
  for (const path of [
    '1/failure.json',
    '2/failure.json',
    '3/3.raw',
    '3/digests.json',
    '4/digests.json',
    'audit/1.json',
  ])
    await put(path);
  expect(await verify(cwd)).toEqual([
    ['1/1.raw', 'ok'],
    ['3/3.raw', 'unlisted'],
    ['4/digests.json', 'stray'],
  ]);
});

it('removes nothing outside the mirror that a forged index calls a failure', async () => {
  const cwd = await tempDir();
  await mirror(await glance([entry('1')]), cwd);
  await writeFile(join(cwd, 'failure.json'), 'mine');
  const index = await readFile(join(cwd, 'm/index.json'), 'utf8');
  const forged = `],"failed":[\n${JSON.stringify({ id: '..', code: 'x', message: '', record: '' })}`;
  await writeFile(join(cwd, 'm/index.json'), index.replace('],"failed":[', forged));
  expect((await mirror(await glance([entry('1')]), cwd)).code).toBe(0);
  expect(await readFile(join(cwd, 'failure.json'), 'utf8')).toBe('mine');
  expect(await readFile(join(cwd, 'm/index.json'), 'utf8')).toBe(index);
});

it('compares digests that the cloud adds later with those computed, and fetches nothing', async () => {
  const cwd = await tempDir();
  await mirror(await glance([bare]), cwd);
  const named = await glance([entry('2')]);
  expect((await mirror(named, cwd)).code).toBe(0);
  expect([dataRequests(named), await read(cwd, '2/image.json')]).toMatchObject([0, { checksum: hash('md5') }]);
  expect(await read(cwd, '2/digests.json')).toMatchObject({ verified_by: 'md5' });
  expect(await verify(cwd)).toEqual([['2/2.raw', 'ok']]);
  const again = await mirror(named, cwd);
  expect([again.stdout, dataRequests(named)]).toEqual(['[]\n', 0]);
});

it('fetches the image again if those digests belong to other data', async () => {
  const cwd = await tempDir();
  await mirror(await glance([bare]), cwd);
  const other = makeEntry(Buffer.alloc(5000, 3), { id: '2', name: 'image 2', disk_format: 'raw' });
  const server = await glance([other]);
  expect([(await mirror(server, cwd)).code, dataRequests(server)]).toEqual([0, 1]);
  expect(await verify(cwd)).toEqual([['2/2.raw', 'ok']]);
});
