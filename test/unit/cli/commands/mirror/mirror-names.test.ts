// Ids and formats that collide with a mirror's own names, or with each other: only that image fails, however often it is tried.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dataPath, isReservedId, isSafeId } from '../../../../../src/mirror/index-file.ts';
import { Places } from '../../../../../src/mirror/plan.ts';
import type { CatalogImage } from '../../../../../src/server/images/catalog.ts';
import { v2Versions } from '../../../../../src/server/versions.ts';
import { glance } from '../../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../../support/images.ts';
import { loadCatalog } from '../../../../support/load-catalog.ts';
import { type CliResult, runCli } from '../../../../support/run-cli.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const data = makeBytes(5000);
const entry = (id: string, more: object = {}) => makeEntry(data, { id, name: id, disk_format: 'raw', ...more });

async function mirror(catalog: readonly CatalogImage[], cwd: string, ...more: readonly string[]): Promise<CliResult> {
  const server = await glance(catalog);
  return await server.cli(['mirror', 'm', '-f', 'json', '--progress', 'none', '--sort', 'id', ...more], { cwd });
}

const outcomes = ({ stdout }: CliResult): unknown =>
  (JSON.parse(stdout) as { image: string; action: string; reason: string | null }[]).map((row) => [
    row.image,
    row.action,
    row.reason?.slice(row.reason.indexOf('[')) ?? null,
  ]);

describe('an id that a mirror uses as a name itself', () => {
  const ids = [
    'SHA512SUMS',
    'SHA256SUMS',
    'MD5SUMS',
    'sha512sums',
    'audit',
    'index.json',
    '.index.json.tmp',
    '.',
    '..',
  ];

  it.each(ids)('fails alone, the first time and later: %s', async (id) => {
    const cwd = await tempDir();
    const catalog = [entry(id), entry('good')];
    const failed = [id, 'failed', '[io.name]'];
    for (const other of [[['good', 'new', null]], [], []]) {
      const result = await mirror(catalog, cwd);
      expect([result.code, result.error()['code']]).toEqual([9, 'partial']);
      expect(outcomes(result)).toEqual(expect.arrayContaining([failed, ...other]));
    }
    expect((await readdir(join(cwd, 'm'))).toSorted()).toEqual(['MD5SUMS', 'SHA512SUMS', 'good', 'index.json']);
    expect((await runCli(['verify', 'm'], { cwd })).code).toBe(0);
  });

  it('covers every name that it may need', () => {
    for (const id of ids) expect([id, isSafeId(id) && !isReservedId(id)]).toEqual([id, false]);
    for (const id of ['image', 'auditor', 'sums', 'SHA512SUMS2', '1']) expect(isReservedId(id)).toBe(false);
  });
});

describe('data that would take the name of another file of its image', () => {
  it.each([
    ['image', 'json', 'image/image.img'],
    ['IMAGE', 'json', 'IMAGE/IMAGE.img'],
    ['Digests', 'json', 'Digests/Digests.img'],
    ['failure', 'json', 'failure/failure.img'],
    ['contents', 'json', 'contents/contents.img'],
    ['index', 'json', 'index/index.json'],
    ['image', 'raw', 'image/image.raw'],
    ['image', null, 'image/image.img'],
    ['1', 'image.json', '1/1.img'],
  ])('gets another one: %s as %s', (id, diskFormat, path) => {
    expect(dataPath({ id, disk_format: diskFormat })).toBe(path);
  });

  it('is stored beside its record, verified, served and found again', async () => {
    const cwd = await tempDir();
    const catalog = [entry('image', { disk_format: 'json' }), entry('good')];
    expect((await mirror(catalog, cwd)).code).toBe(0);
    expect(await readFile(join(cwd, 'm/image/image.img'))).toEqual(data);
    expect(JSON.parse(await readFile(join(cwd, 'm/image/image.json'), 'utf8'))).toMatchObject({ id: 'image' });
    expect((await runCli(['verify', 'm'], { cwd })).code).toBe(0);
    expect((await loadCatalog(join(cwd, 'm'))).images.map(({ image }) => image.id)).toEqual(['good', 'image']);
    const again = await mirror(catalog, cwd);
    expect([again.code, again.stdout]).toEqual([0, '[]\n']);
  });
});

describe('of ids that differ only by case', () => {
  it('the first one keeps the directory and the others fail, whatever order they are listed in', async () => {
    const cwd = await tempDir();
    const catalog = [entry('ABC'), entry('aBc'), entry('abc'), entry('good')];
    const first = await mirror(catalog, cwd);
    expect(first.code).toBe(9);
    expect(outcomes(first)).toEqual([
      ['ABC', 'new', null],
      ['aBc', 'failed', '[io.name]'],
      ['abc', 'failed', '[io.name]'],
      ['good', 'new', null],
    ]);
    const second = await mirror(catalog, cwd, '--sort', 'id:desc');
    expect(second.code).toBe(9);
    expect(outcomes(second)).toEqual([
      ['abc', 'failed', '[io.name]'],
      ['aBc', 'failed', '[io.name]'],
    ]);
    expect(JSON.parse(second.stdout)).toMatchObject([
      { reason: 'its id differs from that of image ABC only by case, and so would their directories [io.name]' },
      {},
    ]);
    expect((await readdir(join(cwd, 'm'))).toSorted()).toEqual(['ABC', 'MD5SUMS', 'SHA512SUMS', 'good', 'index.json']);
    // One that failed for another reason claims nothing.
    const other = await tempDir();
    const queued = await mirror([entry('ABC', { status: 'queued' }), entry('abc')], other);
    expect(outcomes(queued)).toEqual([
      ['ABC', 'failed', '[image.no_data]'],
      ['abc', 'new', null],
    ]);
  });

  it('one keeps the place, chosen by code units if the index has both', () => {
    const places = new Places(new Set(['ABC', 'abc']));
    expect(['ABC', 'abc', 'Abc', 'd'].map((id) => places.claim(id))).toEqual(['ABC', 'ABC', 'ABC', 'd']);
  });
});

it('an image that appears twice in a changing list counts once', async () => {
  const cwd = await tempDir();
  const result = await mirror([entry('1'), entry('1'), entry('2')], cwd);
  expect(result.code).toBe(0);
  expect(outcomes(result)).toEqual([
    ['1', 'new', null],
    ['2', 'new', null],
  ]);
});

it('refuses a directory in place of the index or a list of checksums before fetching anything', async () => {
  const cwd = await tempDir();
  await mkdir(join(cwd, 'm/SHA512SUMS'), { recursive: true });
  const result = await mirror([entry('1')], cwd);
  expect([result.code, result.error()['code']]).toEqual([8, 'io.not_regular']);
  expect(result.error()['message']).toBe(`${join(cwd, 'm/SHA512SUMS')}: it is a directory`);
  expect(await readdir(join(cwd, 'm'))).toEqual(['SHA512SUMS']);
});

it('an image whose record is too large fails alone', async () => {
  const cwd = await tempDir();
  const large = entry('1', { properties: { notes: 'x'.repeat(1024 * 1024) } });
  const server = await glance([large, entry('2')], [], { versions: v2Versions });
  const result = await server.cli(['mirror', 'm', '-f', 'json', '--progress', 'none', '--sort', 'id'], { cwd });
  expect(result.code).toBe(9);
  expect(outcomes(result)).toEqual([
    ['1', 'failed', '[metadata.invalid]'],
    ['2', 'new', null],
  ]);
});
