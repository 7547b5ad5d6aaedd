import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../../../../src/clock.ts';
import { MirrorDirectory } from '../../../../../src/mirror/places/directory/mirror-directory.ts';
import { findIndex } from '../../../../../src/mirror/places/directory/read-index.ts';
import { makeImage } from '../../../../support/images.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const facts = { pid: process.pid, platform: 'linux', isRunning: () => true } as const;
const digests = [{ algorithm: 'sha512', hex: 'a'.repeat(128) }] as const;
const verifiedBy = null;
const images = ['1', '2', '3'].map((id) => makeImage({ id, size: 5 }));

/** A mirror, and a function that advances its clock. */
async function openMirror(): Promise<{ path: string; directory: MirrorDirectory; advance: (ms: number) => void }> {
  const path = await tempDir();
  let now = 1000;
  const directory = await MirrorDirectory.open(path, facts, { ...systemClock, monotonic: () => now });
  for (const { id } of images) {
    await mkdir(join(path, id));
  }
  return { path, directory, advance: (ms) => void (now += ms) };
}

const listed = async (path: string): Promise<readonly string[]> => [...((await findIndex(path))?.entries.keys() ?? [])];

it('writes the index now and then while images arrive, so that a kill costs little', async () => {
  const { path, directory, advance } = await openMirror();
  const [first, second, third] = images as [(typeof images)[0], (typeof images)[0], (typeof images)[0]];
  await directory.complete(first, { bytes: 5, digests, verifiedBy });
  expect(await listed(path)).toEqual([]);
  advance(30_000);
  await directory.complete(second, { bytes: 5, digests, verifiedBy });
  expect(await listed(path)).toEqual(['1', '2']);
  await directory.complete(third, { bytes: 5, digests, verifiedBy });
  expect(await listed(path)).toEqual(['1', '2']);
  await directory.save();
  expect(await listed(path)).toEqual(['1', '2', '3']);
  expect(await readFile(join(path, 'SHA512SUMS'), 'utf8')).toMatch(/^a{128} {2}1\/1\.raw\n.*2.*\n.*3.*\n$/);
  await directory.close();
});

it('writes one index at a time, however many are requested', async () => {
  const { path, directory, advance } = await openMirror();
  await Promise.all(
    images.map(async (image) => {
      advance(60_000);
      await directory.complete(image, { bytes: 5, digests, verifiedBy });
      await directory.fail(makeImage({ id: `f${image.id}` }), 'integrity.digest', 'damaged');
      await directory.save();
    }),
  );
  const index = await findIndex(path);
  expect([[...(index?.entries.keys() ?? [])], [...(index?.failures.keys() ?? [])]]).toEqual([
    ['1', '2', '3'],
    ['f1', 'f2', 'f3'],
  ]);
  await directory.close();
});

it('writes new records of images without touching the digests of their data', async () => {
  const { path, directory } = await openMirror();
  for (const image of images) {
    await directory.complete(image, { bytes: 5, digests, verifiedBy });
  }
  await directory.save();
  const before = await findIndex(path);
  await directory.updateRecords([makeImage({ id: '2', size: 5, name: 'renamed' })]);
  const after = await findIndex(path);
  expect(JSON.parse(await readFile(join(path, '2/image.json'), 'utf8'))).toMatchObject({ name: 'renamed' });
  expect(after?.entries.get('1')).toEqual(before?.entries.get('1'));
  expect(after?.entries.get('2')).toMatchObject({ size: 5, digests });
  expect(after?.entries.get('2')?.record).not.toBe(before?.entries.get('2')?.record);
  await directory.close();
});

it('removes what an image of another format left, even after a kill before the index knew either of them', async () => {
  const { path, directory } = await openMirror();
  await writeFile(join(path, '1/1.raw'), 'old');
  await directory.complete(makeImage({ id: '1' }), { bytes: 3, digests, verifiedBy });
  await directory.forget(['1']);
  // The new data has its name, and the old record is still there.
  await writeFile(join(path, '1/1.qcow2'), 'new');
  await writeFile(join(path, '1/1.vmdk'), 'of somebody else');
  await directory.complete(makeImage({ id: '1', disk_format: 'qcow2' }), { bytes: 3, digests, verifiedBy });
  expect((await readdir(join(path, '1'))).toSorted()).toEqual(['1.qcow2', '1.vmdk', 'digests.json', 'image.json']);
  await directory.close();
});

it('reports which records could not be written, and writes the others', async () => {
  const { path, directory } = await openMirror();
  for (const image of images) {
    await directory.complete(image, { bytes: 5, digests, verifiedBy });
  }
  await rm(join(path, '2'), { recursive: true });
  await symlink(join(path, '3'), join(path, '2'));
  const renamed = images.map((image) => ({ ...image, name: 'renamed' }));
  const failures = await directory.updateRecords(renamed);
  expect([...failures].map(([id, { code }]) => [id, code])).toEqual([['2', 'io.not_regular']]);
  expect(await listed(path)).toEqual(['1', '3']);
  expect(JSON.parse(await readFile(join(path, '3/image.json'), 'utf8'))).toMatchObject({ id: '3', name: 'renamed' });
  await directory.close();
});

it.each<[string, { readonly id: string; readonly size: number | null }, boolean]>([
  ['is held in memory up to 256 KiB', { id: 'new', size: 262_144 }, true],
  ['has a part file above that', { id: 'new', size: 262_145 }, false],
  ['has a part file if its size is unknown', { id: 'new', size: null }, false],
  ['has a part file in a directory that already existed', { id: '1', size: 5 }, false],
])('a new image %s', async (_what, values, isHeld) => {
  const { directory } = await openMirror();
  expect('take' in (await directory.target(makeImage(values)))).toBe(isHeld);
  await directory.close();
});

it('an image that others may be writing too is not held in memory', async () => {
  const directory = await MirrorDirectory.openOne(await tempDir(), systemClock);
  expect(await directory.target(makeImage({ id: 'new', size: 5 }))).toMatchObject({ isShared: true });
  expect('take' in (await directory.target(makeImage({ id: 'newer', size: 5 })))).toBe(false);
  await directory.close();
});
