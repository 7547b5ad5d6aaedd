import { createHash } from 'node:crypto';
import { mkdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GlanceError } from '../../../src/errors.ts';
import { loadCatalog } from '../../support/load-catalog.ts';
import { readData } from '../../support/images.ts';
import { tempDir } from '../../support/temp-dir.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

async function write(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(directory, name), text)));
}

async function failureOf(directory: string): Promise<GlanceError> {
  const error = await loadCatalog(directory).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GlanceError)) throw new Error('it was loaded', { cause: error });
  return error;
}

test('derives the metadata of a file without sidecar', async () => {
  const directory = await tempDir();
  await write(directory, { 'cirros-0.6.2.qcow2': 'data' });
  await utimes(join(directory, 'cirros-0.6.2.qcow2'), 1_700_000_000, 1_700_000_000);

  const [entry] = (await loadCatalog(directory)).images;

  expect(entry?.image).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/) as string,
    name: 'cirros-0.6.2',
    status: 'active',
    visibility: 'public',
    disk_format: 'qcow2',
    container_format: 'bare',
    size: 4,
    checksum: md5('data'),
    min_disk: 0,
    min_ram: 0,
    protected: false,
    created_at: '2023-11-14T22:13:20.000Z',
    updated_at: '2023-11-14T22:13:20.000Z',
  });
  expect(entry?.data && (await readData(entry.data, 1, 3)).toString()).toBe('at');
});

test('gives a file the same id wherever it lies, and another file another', async () => {
  const [one, other] = [await tempDir(), await tempDir()];
  await write(one, { 'a.img': '1', 'b.img': '1' });
  await write(other, { 'a.img': '2' });

  const [a, b] = (await loadCatalog(one)).images.map(({ image }) => image.id);
  const [again] = (await loadCatalog(other)).images.map(({ image }) => image.id);

  expect(again).toBe(a);
  expect(b).not.toBe(a);
});

test.for([
  ['disk.img', 'disk', 'raw'],
  ['DISK.VHDX', 'DISK', 'vhdx'],
  ['windows.vhd', 'windows', 'vhd'],
  ['install.iso', 'install', 'iso'],
  ['box.vmdk', 'box', 'vmdk'],
  ['box.vdi', 'box', 'vdi'],
  ['ubuntu-24.04', 'ubuntu-24.04', 'raw'],
  ['plain', 'plain', 'raw'],
] as const)('takes %s for %s in the format %s', async ([file, name, format]) => {
  const directory = await tempDir();
  await write(directory, { [file]: '' });

  const [entry] = (await loadCatalog(directory)).images;

  expect(entry?.image).toMatchObject({ name, disk_format: format });
});

test('lists regular files only, without dot files, part files, checksum lists and JSON', async () => {
  const [directory, outside] = [await tempDir(), await tempDir()];
  await write(outside, { 'secret.img': 'secret' });
  await write(directory, {
    'b.img': '1',
    'a.img': '2',
    '.hidden.img': '',
    'c.img.part': '',
    SHA512SUMS: '',
    'notes.json': '[]',
  });
  await mkdir(join(directory, 'directory.img'));
  await symlink(join(outside, 'secret.img'), join(directory, 'link.img'));

  const catalog = (await loadCatalog(directory)).images;

  expect(catalog.map(({ image }) => image.name)).toEqual(['a', 'b']);
});

test('takes from a sidecar what it says, and derives the rest', async () => {
  const directory = await tempDir();
  const sidecar = {
    id: '1',
    name: null,
    container_format: 'ovf',
    min_disk: 5,
    size: null,
    created_at: null,
    updated_at: '2010-02-03T09:34:01Z',
    direct_url: 'file:///x',
    unknown: { key: 1 },
  };
  await write(directory, {
    'ubuntu.vhd': 'data',
    'ubuntu.vhd.json': `{ "properties": { "__proto__": "p", "MixedCase": null }, ${JSON.stringify(sidecar).slice(1)}`,
  });

  const [entry] = (await loadCatalog(directory)).images;

  expect(entry?.image).toMatchObject({
    id: '1',
    name: null,
    disk_format: 'vhd',
    container_format: 'ovf',
    min_disk: 5,
    size: 4,
    checksum: md5('data'),
    created_at: expect.stringMatching(/Z$/) as string,
    updated_at: '2010-02-03T09:34:01Z',
    direct_url: 'file:///x',
  });
  expect(entry?.image).not.toHaveProperty('unknown');
  expect(Object.entries(entry?.image.properties ?? {})).toEqual([
    ['__proto__', 'p'],
    ['MixedCase', null],
  ]);
});

test('believes the checksum of a sidecar', async () => {
  const directory = await tempDir();
  await write(directory, { 'a.img': 'data', 'a.img.json': JSON.stringify({ checksum: md5('other') }) });

  const [entry] = (await loadCatalog(directory)).images;

  expect(entry?.image.checksum).toBe(md5('other'));
});

test.for([
  ['{', 'json.invalid', 'not JSON'],
  ['[]', 'metadata.invalid', 'an object is wanted'],
  ['null', 'metadata.invalid', 'an object is wanted'],
  ['{"size":-1}', 'metadata.invalid', '"size"'],
  ['{"size":1.5}', 'metadata.invalid', '"size"'],
  ['{"size":"4"}', 'metadata.invalid', '"size"'],
  ['{"size":5}', 'metadata.invalid', 'the file has 4 bytes'],
  ['{"id":""}', 'metadata.invalid', '"id"'],
  ['{"id":"a/b"}', 'metadata.invalid', '"id"'],
  ['{"id":"a\\nb"}', 'metadata.invalid', '"id"'],
  ['{"id":1}', 'metadata.invalid', '"id"'],
  ['{"name":7}', 'metadata.invalid', '"name"'],
  ['{"checksum":"xyz"}', 'metadata.invalid', '"checksum"'],
  ['{"protected":"yes"}', 'metadata.invalid', '"protected"'],
  ['{"created_at":"yesterday"}', 'metadata.invalid', '"created_at"'],
  ['{"created_at":"2010-99-99T00:00:00Z"}', 'metadata.invalid', '"created_at"'],
  ['{"tags":[1]}', 'metadata.invalid', '"tags"'],
  ['{"locations":[{"url":1}]}', 'metadata.invalid', '"locations"'],
  ['{"properties":[]}', 'metadata.invalid', '"properties"'],
  ['{"properties":{"a":1}}', 'metadata.invalid', '"properties"'],
] as const)('refuses the sidecar %s', async ([text, code, words]) => {
  const directory = await tempDir();
  await write(directory, { 'a.img': 'data', 'a.img.json': text });

  const error = await failureOf(directory);

  expect(error.code).toBe(code);
  expect(error.message).toContain(join(directory, 'a.img.json'));
  expect(error.message).toContain(words);
});

test('takes an empty sidecar for none', async () => {
  const directory = await tempDir();
  await write(directory, { 'a.img': 'data', 'a.img.json': '' });

  const { images } = await loadCatalog(directory);

  expect(images).toMatchObject([{ image: { name: 'a', size: 4 } }]);
});

test('refuses a sidecar that is too large to be one', async () => {
  const directory = await tempDir();
  await write(directory, { 'a.img': '', 'a.img.json': ' '.repeat(1024 * 1024 + 1) });

  expect(await failureOf(directory)).toMatchObject({ code: 'metadata.invalid' });
});

test('does not follow a sidecar that is a link', async () => {
  const directory = await tempDir();
  await write(directory, { 'a.img': '', real: '{}' });
  await rename(join(directory, 'real'), join(directory, '.real'));
  await symlink(join(directory, '.real'), join(directory, 'a.img.json'));

  expect(await failureOf(directory)).toMatchObject({ code: 'io.not_regular' });
});

test('refuses two files with one id and names both', async () => {
  const directory = await tempDir();
  await write(directory, { 'a.img': '', 'a.img.json': '{"id":"1"}', 'b.img': '', 'b.img.json': '{"id":"1"}' });

  const error = await failureOf(directory);

  expect(error.code).toBe('metadata.invalid');
  expect(error.message).toContain(join(directory, 'a.img'));
  expect(error.message).toContain(join(directory, 'b.img'));
});

test('says which directory is not there', async () => {
  const directory = join(await tempDir(), 'none');

  const error = await failureOf(directory);

  expect(error).toMatchObject({ code: 'io.missing', message: `${directory}: there is no such directory` });
});

test('stops reading when told to', async () => {
  const directory = await tempDir();
  await write(directory, { 'a.img': 'data' });

  await expect(loadCatalog(directory, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
});

test('refuses a directory whose index is none of a mirror, instead of offering what it finds', async () => {
  const directory = await tempDir();
  await write(directory, { 'a.img': 'data', 'index.json': '[]' });
  await expect(loadCatalog(directory)).rejects.toMatchObject({ code: 'metadata.invalid' });
});
