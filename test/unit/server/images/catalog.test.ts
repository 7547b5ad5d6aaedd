import { createHash } from 'node:crypto';
import { mkdir, open, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { DetectedFormat } from '../../../../src/disk/parsing/finding.ts';
import { createReport } from '../../../../src/disk/report.ts';
import { FileSource, inspectSource } from '../../../../src/disk/source.ts';
import { inspectedImage } from '../../../../src/client/inspect/inspect-image.ts';
import { corpus } from '../../../support/disk/corpus.ts';
import { GlanceError } from '../../../../src/errors.ts';
import { loadCatalog } from '../../../support/load-catalog.ts';
import { readData } from '../../../support/images.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const qcow2 = sampleOf('qcow2');

const md5 = (text: string | Buffer): string => createHash('md5').update(text).digest('hex');

async function write(directory: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(directory, name), text)));
}

/** The names of what is served, and what is said about the rest. */
async function load(directory: string): Promise<{ readonly names: unknown[]; readonly warnings: readonly string[] }> {
  const warnings: string[] = [];
  const { images } = await loadCatalog(directory, undefined, warnings);
  return { names: images.map(({ image }) => image.name), warnings };
}

async function failureOf(directory: string): Promise<GlanceError> {
  const error = await loadCatalog(directory).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GlanceError)) throw new Error('it was loaded', { cause: error });
  return error;
}

test('derives the metadata of a file without a sidecar', async () => {
  const directory = await tempDir();
  await write(directory, { 'cirros-0.6.2.qcow2': qcow2 });
  await utimes(join(directory, 'cirros-0.6.2.qcow2'), 1_700_000_000, 1_700_000_000);

  const [entry] = (await loadCatalog(directory)).images;

  expect(entry?.image).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/) as string,
    name: 'cirros-0.6.2',
    status: 'active',
    visibility: 'public',
    disk_format: 'qcow2',
    container_format: 'bare',
    size: qcow2.length,
    checksum: md5(qcow2),
    min_disk: 0,
    min_ram: 0,
    protected: false,
    created_at: '2023-11-14T22:13:20.000Z',
    updated_at: '2023-11-14T22:13:20.000Z',
  });
  expect(entry?.data && (await readData(entry.data, 1, 3)).toString()).toBe('FI');
});

test('gives a file the same id in any place, and a different one to another file', async () => {
  const [one, other] = [await tempDir(), await tempDir()];
  await write(one, { 'a.img': '1', 'b.img': '1' });
  await write(other, { 'a.img': '2' });

  const [a, b] = (await loadCatalog(one)).images.map(({ image }) => image.id);
  const [again] = (await loadCatalog(other)).images.map(({ image }) => image.id);

  expect(again).toBe(a);
  expect(b).not.toBe(a);
});

/** The first healthy image of a format. */
function sampleOf(format: DetectedFormat): Buffer {
  const sample = corpus.find((each) => each.format === format && !each.codes.some((code) => code !== 'banned_format'));
  return sample?.bytes ?? Buffer.alloc(0);
}

test.for([
  ['disk.img', 'disk', 'qcow2', 'qcow2', 'bare'],
  ['DISK.VHDX', 'DISK', 'vhdx', 'vhdx', 'bare'],
  ['disk.vhd', 'disk', 'vhd', 'vhd', 'bare'],
  ['install.raw', 'install', 'iso', 'iso', 'bare'],
  ['box.qcow2', 'box', 'vmdk', 'vmdk', 'bare'],
  ['box.vdi', 'box', 'vdi', 'vdi', 'bare'],
  ['ubuntu-24.04', 'ubuntu-24.04', 'qcow2', 'qcow2', 'bare'],
  ['volume', 'volume', 'luks', 'raw', 'bare'],
  ['disk.qcow2', 'disk', 'raw', 'raw', 'bare'],
  ['box.ova', 'box.ova', 'ova', 'vmdk', 'ova'],
  ['layers.tar', 'layers.tar', 'tar', 'raw', 'docker'],
  ['disk.raw.xz', 'disk.raw.xz', 'xz', 'raw', 'compressed'],
  ['disk.qcow2.gz', 'disk.qcow2.gz', 'gzip', 'qcow2', 'compressed'],
  ['disk.img', 'disk', 'zstd', 'raw', 'compressed'],
  ['initrd.ari', 'initrd', 'gzip', 'ari', 'ari'],
  ['vmlinuz.aki', 'vmlinuz', 'raw', 'aki', 'aki'],
  ['root.ami', 'root', 'qcow2', 'qcow2', 'bare'],
  // No Glance has names for these.
  ['old.img', 'old', 'qed', null, 'bare'],
  ['old.qcow2', 'old', 'qcow', null, 'bare'],
] as const)('names %s %s, and declares %s as %s in %s', async ([file, name, format, disk, container]) => {
  const directory = await tempDir();
  await write(directory, { [file]: sampleOf(format) });

  const [entry] = (await loadCatalog(directory)).images;

  expect(entry?.image).toMatchObject({ name, disk_format: disk, container_format: container });
});

test.each([...new Set(corpus.map(({ format }) => format))])('declares %s so that inspect agrees', async (format) => {
  const directory = await tempDir();
  const bytes = sampleOf(format);
  await write(directory, { 'a.img': bytes });
  const handle = await open(join(directory, 'a.img'));
  onTestFinished(() => handle.close());
  const finding = await inspectSource(new FileSource(handle, bytes.length), true);

  const [entry] = (await loadCatalog(directory)).images;

  if (entry === undefined) throw new Error('it is not served');
  const codes = createReport(inspectedImage(entry.image), finding, 0).hazards.map(({ code }) => code);
  expect(codes.filter((code) => code !== 'banned_format')).toEqual([]);
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

  const { names, warnings } = await load(directory);

  expect(names).toEqual(['a', 'b']);
  expect(warnings).toEqual([
    `${join(directory, 'link.img')}: not served: it is a symbolic link, and none is followed`,
    `${directory}: images are not looked for in 1 directory below it`,
  ]);
});

test.runIf(process.platform === 'linux')('serves the rest beside a name that is not UTF-8, and says so', async () => {
  const directory = await tempDir();
  await write(directory, { 'ok.raw': 'data' });
  await writeFile(Buffer.from(join(directory, 'caf\xe9.raw'), 'latin1'), '');

  expect(await load(directory)).toEqual({
    names: ['ok'],
    warnings: [`${join(directory, 'caf')}\\xe9.raw: not served: its name is not UTF-8`],
  });
});

/** Makes something odd in a directory. */
type Make = (directory: string) => Promise<unknown>;

test.each<[what: string, make: Make, words: string]>([
  ['a link to an image', (at) => symlink('ok.raw', join(at, 'x.raw')), 'x.raw: not served: it is a symbolic link'],
  ['a link to nothing', (at) => symlink('nothing', join(at, 'x.raw')), 'x.raw: not served: it is a symbolic link'],
  ['a socket', (at) => listenAt(join(at, 'x.raw')), 'x.raw: not served: it is not a regular file'],
  ['a directory as sidecar', (at) => mkdir(join(at, 'x.raw.json')), 'x.raw.json: it is not a regular file'],
  ['a link as sidecar', (at) => symlink('.real', join(at, 'x.raw.json')), 'x.raw.json: it is a symbolic link'],
  ['half a character as id', (at) => write(at, { 'x.raw.json': '{"id":"\\ud800"}' }), 'x.raw.json: "id" is not'],
])('serves the rest beside %s, and says so', async (what, make, words) => {
  const directory = await tempDir();
  await write(directory, { 'ok.raw': 'data', '.real': '{}', ...(what.includes('as') && { 'x.raw': '' }) });
  await make(directory);

  const { names, warnings } = await load(directory);

  expect(names).toEqual(['ok']);
  expect(warnings).toEqual([expect.stringContaining(join(directory, words))]);
});

async function listenAt(path: string): Promise<void> {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((listening) => void server.listen(path, listening));
}

test('serves a file whose name is too long for a sidecar', async () => {
  const directory = await tempDir();
  await write(directory, { ['n'.repeat(255)]: 'data', 'ok.raw': 'data' });

  expect(await load(directory)).toEqual({ names: ['n'.repeat(255), 'ok'], warnings: [] });
});

test('uses what a sidecar says, and derives the rest', async () => {
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
    disk_format: 'raw',
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

test('trusts the checksum of a sidecar', async () => {
  const directory = await tempDir();
  await write(directory, { 'a.img': 'data', 'a.img.json': JSON.stringify({ checksum: md5('other') }) });

  const [entry] = (await loadCatalog(directory)).images;

  expect(entry?.image.checksum).toBe(md5('other'));
});

test.for([
  ['{', 'not JSON'],
  ['[]', 'it has to be an object'],
  ['null', 'it has to be an object'],
  ['{"size":-1}', '"size"'],
  ['{"size":1.5}', '"size"'],
  ['{"size":"4"}', '"size"'],
  ['{"size":5}', 'the file has 4 bytes'],
  ['{"id":""}', '"id"'],
  ['{"id":"a/b"}', '"id"'],
  ['{"id":"a\\nb"}', '"id"'],
  ['{"id":1}', '"id"'],
  ['{"name":7}', '"name"'],
  ['{"checksum":"xyz"}', '"checksum"'],
  ['{"protected":"yes"}', '"protected"'],
  ['{"created_at":"yesterday"}', '"created_at"'],
  ['{"created_at":"2010-99-99T00:00:00Z"}', '"created_at"'],
  ['{"tags":[1]}', '"tags"'],
  ['{"locations":[{"url":1}]}', '"locations"'],
  ['{"properties":[]}', '"properties"'],
  ['{"properties":{"a":1}}', '"properties"'],
] as const)('leaves out what has the sidecar %s, and says why', async ([text, words]) => {
  const directory = await tempDir();
  await write(directory, { 'a.img': 'data', 'a.img.json': text, 'ok.img': 'data' });

  const { names, warnings } = await load(directory);

  expect(names).toEqual(['ok']);
  expect(warnings).toEqual([expect.stringContaining(join(directory, 'a.img.json'))]);
  expect(warnings[0]).toContain(words);
});

test('treats an empty sidecar as none', async () => {
  const directory = await tempDir();
  await write(directory, { 'a.img': 'data', 'a.img.json': '' });

  const { images } = await loadCatalog(directory);

  expect(images).toMatchObject([{ image: { name: 'a', size: 4 } }]);
});

test('leaves out a file with an oversized sidecar', async () => {
  const directory = await tempDir();
  await write(directory, { 'a.img': '', 'a.img.json': ' '.repeat(1024 * 1024 + 1) });

  expect(await load(directory)).toEqual({
    names: [],
    warnings: [`${join(directory, 'a.img.json')}: too large to be metadata`],
  });
});

test('serves the first of two files with one id, and names both', async () => {
  const directory = await tempDir();
  await write(directory, { 'a.img': '', 'a.img.json': '{"id":"1"}', 'b.img': '', 'b.img.json': '{"id":"1"}' });

  const { names, warnings } = await load(directory);

  expect(names).toEqual(['a']);
  expect(warnings).toEqual([`${join(directory, 'b.img')} and ${join(directory, 'a.img')} have the same id, 1`]);
});

test('says which directory is missing', async () => {
  const directory = join(await tempDir(), 'none');

  const error = await failureOf(directory);

  expect(error).toMatchObject({ code: 'io.missing', message: `${directory}: there is no such directory` });
});

test('stops reading when told to', async () => {
  const directory = await tempDir();
  await write(directory, { 'a.img': 'data' });

  await expect(loadCatalog(directory, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
});

test('refuses a directory whose index is not that of a mirror, instead of offering what it finds', async () => {
  const directory = await tempDir();
  await write(directory, { 'a.img': 'data', 'index.json': '[]' });
  await expect(loadCatalog(directory)).rejects.toMatchObject({ code: 'metadata.invalid' });
});
