import { createHash } from 'node:crypto';
import { appendFile, chmod, mkdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { digestStoreName } from '../../../../src/server/directory/digest-store.ts';
import { LiveCatalog } from '../../../../src/server/directory/live-catalog.ts';
import { formatIndex, recordHash, recordText } from '../../../../src/mirror/index-file.ts';
import { makeImage, readData } from '../../../support/images.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const hex = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

interface Opened {
  readonly catalog: LiveCatalog;
  readonly clock: ManualClock;
  readonly warnings: string[];
  /** Lets enough time pass, and looks at what is there now. */
  readonly lookAgain: () => Promise<void>;
  /** `name status`, by name. */
  readonly states: () => string[];
}

async function open(directory: string): Promise<Opened> {
  const clock = new ManualClock();
  const warnings: string[] = [];
  const catalog = await LiveCatalog.open(directory, { clock, warn: (message) => warnings.push(message) });
  onTestFinished(() => catalog.close());
  return {
    catalog,
    clock,
    warnings,
    lookAgain: async () => {
      clock.advance(1000);
      await catalog.refresh();
    },
    states: () => catalog.images.map(({ image }) => `${String(image.name)} ${String(image.status)}`).toSorted(),
  };
}

test('offers a file once its digests are known, smallest first, and lists them', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'large.raw'), 'more data');
  await writeFile(join(directory, 'small.raw'), 'data');

  const { catalog, states } = await open(directory);
  const before = { states: states(), data: catalog.images.map(({ data }) => data) };
  await catalog.digested();

  expect(before).toEqual({ states: ['large queued', 'small saving'], data: [null, null] });
  expect(states()).toEqual(['large active', 'small active']);
  const small = catalog.images.find(({ image }) => image.name === 'small');
  expect(small?.image).toMatchObject({
    checksum: hex('md5', 'data'),
    os_hash_algo: 'sha512',
    os_hash_value: hex('sha512', 'data'),
    size: 4,
  });
  expect(small?.data && (await readData(small.data)).toString()).toBe('data');
});

test('keeps digests beside the files, and reads a file again only if it changed', async () => {
  const directory = await tempDir();
  const file = join(directory, 'a.raw');
  await writeFile(file, 'data');
  const first = await open(directory);
  await first.catalog.digested();
  const store = join(directory, digestStoreName);
  // Kept digests are believed, which shows that the file was not read.
  await writeFile(store, (await readFile(store, 'utf8')).replace(hex('md5', 'data'), hex('md5', 'kept')));

  const second = await open(directory);
  expect(second.states()).toEqual(['a active']);
  expect(second.catalog.images[0]?.image.checksum).toBe(hex('md5', 'kept'));

  await utimes(file, 1, 1);
  const third = await open(directory);
  expect(third.states()).toEqual(['a saving']);
  await third.catalog.digested();
  expect(third.catalog.images[0]?.image.checksum).toBe(hex('md5', 'data'));
});

test.for(['', '{', '[null, {"name":"a.raw","key":"1 4 1","md5":"x"}]'])(
  'computes digests again if the kept ones are “%s”',
  async (text) => {
    const directory = await tempDir();
    await writeFile(join(directory, 'a.raw'), 'data');
    await writeFile(join(directory, digestStoreName), text);

    const { catalog } = await open(directory);
    await catalog.digested();

    expect(catalog.images[0]?.image.checksum).toBe(hex('md5', 'data'));
    expect(await readFile(join(directory, digestStoreName), 'utf8')).toContain(hex('sha512', 'data'));
  },
);

test('reports that digests cannot be kept, and offers the images', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.raw'), 'data');
  await mkdir(join(directory, digestStoreName));

  const { catalog, states, warnings } = await open(directory);
  await catalog.digested();

  expect(states()).toEqual(['a active']);
  expect(warnings.join('\n')).toMatch(/digests are not kept: /);
});

test('notices new, changed and deleted files, one second after it was last asked', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'goes.raw'), '1');
  await writeFile(join(directory, 'changes.raw'), '1');
  const { catalog, lookAgain, states } = await open(directory);
  await catalog.digested();
  const old = catalog.images.find(({ image }) => image.name === 'changes');

  await rm(join(directory, 'goes.raw'));
  await writeFile(join(directory, '.new'), '2');
  await rename(join(directory, '.new'), join(directory, 'changes.raw'));
  await writeFile(join(directory, 'comes.raw'), '1');
  expect(catalog.refresh()).toBeUndefined();
  await lookAgain();

  expect(states().map((state) => state.replace(/queued|saving/, 'to be read'))).toEqual([
    'changes to be read',
    'comes to be read',
  ]);
  await catalog.digested();
  expect(states()).toEqual(['changes active', 'comes active']);
  const changed = catalog.images.find(({ image }) => image.name === 'changes');
  expect(changed?.image.checksum).toBe(hex('md5', '2'));
  await expect(old?.data && readData(old.data)).rejects.toMatchObject({ code: 'io.error' });
});

test('does not restart reading a file because the directory is checked meanwhile', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.raw'), '1');
  await writeFile(join(directory, 'b.raw'), '2');
  const { catalog, lookAgain, states } = await open(directory);

  await Promise.all([lookAgain(), catalog.digested()]);

  expect(states()).toEqual(['a active', 'b active']);
});

test('delays nobody for long to check the directory', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.raw'), '1');
  const { catalog, clock } = await open(directory);
  await catalog.digested();
  await rm(join(directory, 'a.raw'));

  clock.advance(1000);
  const refreshed = catalog.refresh();
  clock.advance(200);
  await refreshed;

  expect(catalog.images).toHaveLength(1);
  await catalog.close();
  expect(catalog.images).toHaveLength(0);
});

test('stays the same catalog while nothing changes', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.raw'), '1');
  const { catalog, lookAgain } = await open(directory);
  await catalog.digested();
  const { images } = catalog;

  await lookAgain();

  expect(catalog.images).toBe(images);
});

test('leaves out what can no longer be offered, and says so once', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.raw'), '1');
  await writeFile(join(directory, 'b.raw'), '1');
  const { catalog, lookAgain, states, warnings } = await open(directory);
  await catalog.digested();

  await writeFile(join(directory, 'a.raw.json'), '{"name":7}');
  await lookAgain();
  await lookAgain();

  expect(states()).toEqual(['b active']);
  expect(warnings).toEqual([expect.stringContaining(`${join(directory, 'a.raw.json')}: "name" is not`)]);
});

test('adds the multihash to a record with only the right MD5, and offers it meanwhile', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.raw'), 'data');
  await writeFile(join(directory, 'a.raw.json'), JSON.stringify({ checksum: hex('md5', 'data') }));

  const { catalog, states } = await open(directory);
  expect(states()).toEqual(['a active']);
  await catalog.digested();

  expect(catalog.images[0]?.image.os_hash_value).toBe(hex('sha512', 'data'));
});

test.for([
  { checksum: hex('md5', 'other'), os_hash_algo: null, os_hash_value: null },
  { checksum: null, os_hash_algo: 'sha512', os_hash_value: hex('sha512', 'other') },
])('adds nothing to a record that describes other data, and warns: %o', async (told) => {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.raw'), 'data');
  await writeFile(join(directory, 'a.raw.json'), JSON.stringify(told));

  const { catalog, warnings } = await open(directory);
  await catalog.digested();

  expect(catalog.images[0]?.image).toMatchObject(told);
  expect(warnings).toEqual([`${join(directory, 'a.raw')} is not what its record says`]);
});

test('an image is unchanged while its record is being written', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.raw'), 'data');
  await writeFile(join(directory, 'a.raw.json'), '{"id":"1","name":"before"}');
  const { catalog, lookAgain, warnings } = await open(directory);
  await writeFile(join(directory, 'a.raw.json'), '{"id":"1","na');
  await lookAgain();

  expect(catalog.images).toMatchObject([{ image: { id: '1', name: 'before' } }]);
  expect(warnings).toEqual([`${join(directory, 'a.raw.json')}: not JSON`]);
  await writeFile(join(directory, 'a.raw.json'), '{"id":"1","name":"after"}');
  await lookAgain();

  expect(catalog.images).toMatchObject([{ image: { id: '1', name: 'after' } }]);
});

/** Puts an image into a mirror; its index has to be written yet. */
async function add(directory: string, id: string, data: string): Promise<object> {
  const record = recordText(makeImage({ id, name: id, size: data.length }));
  await mkdir(join(directory, id), { recursive: true });
  await writeFile(join(directory, id, 'image.json'), record);
  await writeFile(join(directory, id, `${id}.raw`), data);
  const digests = [{ algorithm: 'sha512', hex: hex('sha512', data) }] as const;
  return [id, { id, file: `${id}/${id}.raw`, size: data.length, digests, record: recordHash(record) }];
}

async function writeIndex(directory: string, ...entries: object[]): Promise<void> {
  const index = { entries: new Map(entries as [string, never][]), failures: new Map() };
  await writeFile(join(directory, '.new'), [...formatIndex(index)].join(''));
  await rename(join(directory, '.new'), join(directory, 'index.json'));
}

test('serves a mirror by its index, reads none of its data, and follows changes of the index', async () => {
  const directory = await tempDir();
  const one = await add(directory, '1', 'data');
  await writeIndex(directory, one);
  const { catalog, lookAgain, states } = await open(directory);

  expect(catalog.images).toMatchObject([{ image: { checksum: null }, digest: hex('sha512', 'data') }]);
  await writeIndex(directory, one, await add(directory, '2', 'more'));
  await lookAgain();

  expect(states()).toEqual(['1 active', '2 active']);
});

/** What may have happened to an image of a mirror, and what is said then. */
type Damage = (directory: string, outside: string) => Promise<unknown>;

async function replaceByLink(path: string, target: string): Promise<void> {
  await rm(path, { recursive: true });
  await symlink(target, path);
}

const damages: readonly (readonly [what: string, damage: Damage, words: string])[] = [
  ['its directory is a link', (at, to) => replaceByLink(join(at, '2'), to), 'a symbolic link leads there'],
  ['its data is a link', (at, to) => replaceByLink(join(at, '2', '2.raw'), join(to, '2.raw')), 'a symbolic link'],
  [
    'its record is a link',
    (at, to) => replaceByLink(join(at, '2', 'image.json'), join(to, 'image.json')),
    'a symbolic link',
  ],
  ['its data is gone', (at) => rm(join(at, '2', '2.raw')), 'there is no such file'],
  ['its record is gone', (at) => rm(join(at, '2', 'image.json')), 'there is no such'],
  [
    'its data has another length',
    (at) => writeFile(join(at, '2', '2.raw'), 'longer than before'),
    'the file has 18 bytes',
  ],
  [
    'its record is a different one',
    (at) => writeFile(join(at, '2', 'image.json'), '{}'),
    'it is not the record that the index lists',
  ],
];

test.each(damages)(
  'leaves an image of a mirror out if %s, says so once, and serves the rest',
  async (_, damage, words) => {
    const [directory, outside] = [await tempDir(), await tempDir()];
    // The same outside, so that only the link makes a difference.
    const entries = [await add(directory, '1', 'data'), await add(directory, '2', 'more')];
    await add(outside, '2', 'more');
    await writeIndex(directory, ...entries);
    await damage(directory, join(outside, '2'));

    const { states, warnings, lookAgain } = await open(directory);
    await lookAgain();

    expect(states()).toEqual(['1 active']);
    expect(warnings).toEqual([expect.stringContaining(words)]);
  },
);

test('gives no byte of what replaced a mirror’s directory since it was checked', async () => {
  const [directory, outside] = [await tempDir(), await tempDir()];
  await writeIndex(directory, await add(directory, '1', 'data'));
  await add(outside, '1', 'evil');
  const { catalog } = await open(directory);

  await replaceByLink(join(directory, '1'), join(outside, '1'));

  const [entry] = catalog.images;
  await expect(entry?.data && readData(entry.data)).rejects.toMatchObject({ code: 'io.error' });
});

test('checks a mirror again once one of its files has changed, even if only in mode', async () => {
  const directory = await tempDir();
  await writeIndex(directory, await add(directory, '1', 'data'));
  const { catalog, lookAgain } = await open(directory);
  const read = async (): Promise<string> => {
    const [entry] = catalog.images;
    return entry?.data ? (await readData(entry.data)).toString() : '';
  };

  await chmod(join(directory, '1', '1.raw'), 0o400);
  await lookAgain();
  await expect(read()).rejects.toMatchObject({ code: 'io.error' });
  await lookAgain();

  expect(await read()).toBe('data');
});

test('does not accept a mirror whose index is a link', async () => {
  const [directory, outside] = [await tempDir(), await tempDir()];
  await writeIndex(outside, await add(outside, '1', 'data'));
  await symlink(join(outside, 'index.json'), join(directory, 'index.json'));

  await expect(LiveCatalog.open(directory, { clock: new ManualClock(), warn: () => undefined })).rejects.toMatchObject({
    code: 'io.not_regular',
  });
});

test('may itself be named by a link', async () => {
  const [directory, outside] = [await tempDir(), await tempDir()];
  await writeFile(join(directory, 'a.raw'), 'data');
  await symlink(directory, join(outside, 'link'));
  const { catalog, states, warnings } = await open(join(outside, 'link'));
  await catalog.digested();

  expect(states()).toEqual(['a active']);
  expect(warnings).toEqual([]);
});

test('notices data that changes in place with its old time restored', async () => {
  const directory = await tempDir();
  const path = join(directory, 'a.raw');
  await writeFile(path, 'data');
  await utimes(path, 1000, 1000);
  const { catalog, lookAgain } = await open(directory);
  await catalog.digested();
  const before = catalog.images[0];

  await writeFile(path, 'atad', { flag: 'r+' });
  await utimes(path, 1000, 1000);

  await expect(before?.data && readData(before.data)).rejects.toMatchObject({ code: 'io.error' });
  await lookAgain();
  await catalog.digested();
  expect(catalog.images[0]?.image.checksum).toBe(hex('md5', 'atad'));
  const second = await open(directory);
  await second.catalog.digested();
  expect(second.catalog.images[0]?.image.checksum).toBe(hex('md5', 'atad'));
});

test('does not trust digests stored for an earlier version of the file', async () => {
  const directory = await tempDir();
  const path = join(directory, 'a.raw');
  await writeFile(path, 'data');
  await utimes(path, 1000, 1000);
  const first = await open(directory);
  await first.catalog.digested();
  await first.catalog.close();
  await writeFile(path, 'atad', { flag: 'r+' });
  await utimes(path, 1000, 1000);

  const { catalog } = await open(directory);
  await catalog.digested();

  expect(catalog.images[0]?.image.checksum).toBe(hex('md5', 'atad'));
});

test('reports once that a file that keeps growing is left out', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.raw'), 'da');
  await writeFile(join(directory, 'a.raw.json'), '{"size":4}');
  const { catalog, lookAgain, states, warnings } = await open(directory);
  await appendFile(join(directory, 'a.raw'), 't');
  await lookAgain();
  await appendFile(join(directory, 'a.raw'), 'a');
  await lookAgain();
  await catalog.digested();

  expect(states()).toEqual(['a active']);
  expect(warnings).toEqual([`${join(directory, 'a.raw.json')}: "size" is 4, but the file has 2 bytes`]);
});

test('serves as many images as memory allows for records, and names the rest', async () => {
  const directory = await tempDir();
  // Little text that takes much memory.
  const record = JSON.stringify({ tags: Array.from({ length: 250_000 }, () => '') });
  for (let index = 0; index < 20; index += 1) {
    const name = join(directory, `${String.fromCharCode(97 + index)}.raw`);
    await writeFile(name, '');
    await writeFile(`${name}.json`, record);
  }

  const { catalog, warnings } = await open(directory);

  expect(catalog.images).toHaveLength(16);
  expect(warnings).toHaveLength(4);
  expect(warnings[0]).toContain('q.raw: not served: the records of the directory take more than 256 MiB of memory');
});
