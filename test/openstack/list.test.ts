// Lists: complete, each image once, in order, and only matches. Compared with Glance's own list.
import { describe, expect, test } from 'vitest';
import { glanceCli, parseError, printedJson } from './support/cli.ts';
import { expectedImage, listAll, printedImage, type WireImage } from './support/glance.ts';
import { runningStack, sampleId, stack } from './support/stack.ts';

type Listed = Readonly<Record<string, unknown>> & { readonly id: string };

async function list(...options: readonly string[]): Promise<readonly Listed[]> {
  return (await printedJson(['list', ...options])) as readonly Listed[];
}

function idsOf(images: readonly { readonly id: string }[]): readonly string[] {
  return images.map(({ id }) => id);
}

function sortedIds(images: readonly { readonly id: string }[]): readonly string[] {
  return idsOf(images).toSorted();
}

/** Negative, 0 or positive, as the database sorts: numbers as numbers, text by its bytes. Null is not compared. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return 0;
}

const sortKeys = ['name', 'status', 'container_format', 'disk_format', 'size', 'id', 'created_at', 'updated_at'];

const sorts = sortKeys.flatMap((key) => [
  [key, 'asc'],
  [key, 'desc'],
]);

describe.skipIf(!stack?.bulk)('long lists', () => {
  test('have each of the 1,100 bulk images once', async () => {
    const expected = Array.from({ length: 1100 }, (_, index) => `bulk-${String(index + 1).padStart(6, '0')}`);
    expect((await list('--tag', 'bulk')).map(({ name }) => name)).toEqual(expected);
  });

  test('have every field of every image as Glance has it', async () => {
    const printed = await list('--sort', 'id');
    expect(printed.map(printedImage)).toEqual((await listAll()).map(expectedImage));
  });

  test.each(sorts)('are complete and in order by %s, %s', async (key, direction) => {
    const images = await list('--sort', `${key}:${direction}`);
    expect(sortedIds(images)).toEqual(idsOf(await listAll()));
    const values = images.map((image) => image[key]).filter((value) => value !== null);
    const sign = direction === 'asc' ? 1 : -1;
    expect(values).toEqual(values.toSorted((a, b) => sign * compare(a, b)));
  });

  test.each(['name:asc', 'size:desc', 'created_at:asc,id:desc', 'disk_format:desc,size:asc'])(
    'are complete in pages of 100 by %s',
    async (sort) => {
      const images = await list('--sort', sort, '--page-size', '100');
      expect(sortedIds(images)).toEqual(idsOf(await listAll()));
    },
  );

  test('stop at a limit beyond the first page', async () => {
    const images = await list('--sort', 'id', '--limit', '1050');
    expect(idsOf(images)).toEqual(idsOf(await listAll()).slice(0, 1050));
  });

  test('stop at a limit within a page', async () => {
    const images = await list('--sort', 'id', '--limit', '250', '--page-size', '100');
    expect(idsOf(images)).toEqual(idsOf(await listAll()).slice(0, 250));
  });

  test('begin after a marker', async () => {
    const all = idsOf(await listAll());
    expect(idsOf(await list('--sort', 'id', '--marker', all[499] ?? ''))).toEqual(all.slice(500));
  });

  test('follow every page when filtered by several tags', async () => {
    const images = await list('--tag', 'bulk-3', '--tag', 'bulk', '--page-size', '7', '--sort', 'id');
    expect(idsOf(images)).toEqual(idsOf(await listAll('&tag=bulk&tag=bulk-3')));
    expect(images).toHaveLength(110);
  });

  test('print one object a line as ndjson', async () => {
    const { stdout } = await glanceCli(['-f', 'ndjson', 'list', '--sort', 'id', '--page-size', '500']);
    const images = stdout.trimEnd().split('\n');
    expect(idsOf(images.map((line) => JSON.parse(line) as Listed))).toEqual(idsOf(await listAll()));
  });

  test('find one of them by a custom property', async () => {
    expect(idsOf(await list('--property', 'bulk_index=777'))).toEqual(['b01c0000-0000-4000-8000-000000000777']);
  });
});

/** Options, and a condition on each image in Glance's own list that they select. */
const filters: readonly (readonly [options: string, matches: (image: WireImage) => boolean])[] = [
  ['--name twin', ({ name }) => name === 'twin'],
  ['--status queued', ({ status }) => status === 'queued'],
  ['--status deactivated', ({ status }) => status === 'deactivated'],
  ['--visibility public', ({ visibility }) => visibility === 'public'],
  ['--private', ({ visibility }) => visibility === 'private'],
  ['--disk-format vmdk', ({ disk_format }) => disk_format === 'vmdk'],
  ['--container-format docker', ({ container_format }) => container_format === 'docker'],
  ['--size-min 1M --size-max 2M', ({ size }) => Number(size) >= 2 ** 20 && Number(size) <= 2 ** 21],
  ['--size-max 0', ({ size }) => size === 0],
  ['--created-since 2026-02-01T01:00:00Z', ({ created_at }) => String(created_at) >= '2026-02-01T01:00:00Z'],
  ['--updated-since 2026-02-01T01:30:30Z', ({ updated_at }) => String(updated_at) >= '2026-02-01T01:30:30Z'],
  ['--protected', (image) => image['protected'] === true],
  ['--tag seed --tag linux', ({ tags }) => ['seed', 'linux'].every((tag) => (tags as string[]).includes(tag))],
  ['--property os_distro=debian', ({ os_distro }) => os_distro === 'debian'],
  [
    '--property os_distro=debian --property hw_disk_bus=virtio',
    ({ os_distro, hw_disk_bus }) => os_distro === 'debian' && hw_disk_bus === 'virtio',
  ],
];

describe.skipIf(stack === null)('filters', () => {
  test.each(filters)('%s', async (options, matches) => {
    const expected = (await listAll()).filter(matches);
    expect(expected).not.toEqual([]);
    expect(sortedIds(await list(...options.split(' ')))).toEqual(idsOf(expected));
  });

  test('--protected false', async () => {
    const expected = (await listAll()).filter((image) => image['protected'] === false);
    expect(sortedIds(await list('--protected', 'false'))).toEqual(idsOf(expected));
  });

  test.each([
    ['--community', '&visibility=community'],
    ['--shared', '&visibility=shared'],
    ['--all', '&visibility=all'],
    ['--shared --member-status pending', '&visibility=shared&member_status=pending'],
    ['--shared --member-status all', '&visibility=shared&member_status=all'],
    ['--hidden', '&os_hidden=true'],
  ])('%s lists what Glance does', async (options, query) => {
    const expected = idsOf(await listAll(query));
    expect(expected).not.toEqual([]);
    expect(sortedIds(await list(...options.split(' ')))).toEqual(expected);
  });

  test('--owner lists what a project has made public', async () => {
    const images = await list('--owner', runningStack().projects.admin);
    expect(idsOf(images)).toEqual([sampleId(30), sampleId(38)]);
  });

  test.each([
    ['--tag', 'k=v'],
    ['--tag', 'x:y'],
    ['--tag', 'comma,tag'],
    ['--tag', 'tag with spaces'],
    ['--tag', 'ünïcode ☃'],
    ['--property', 'colon:key=a:b=c,d;e'],
    ['--property', 'key with spaces= value with spaces '],
    ['--property', 'unicode_☃=snowman'],
    ['--property', 'number=007'],
  ])('%s %s finds the image that has it', async (option, value) => {
    expect(idsOf(await list(option, value))).toEqual([sampleId(60)]);
  });

  test('an empty list is no failure', async () => {
    expect(await list('--tag', 'nothing has this tag')).toEqual([]);
  });

  test('an unknown sort key is refused', async () => {
    const result = await glanceCli(['--error-format', 'json', 'list', '--sort', 'owner']);
    expect(result.code).toBe(2);
    expect(parseError(result)).toMatchObject({ code: 'usage.unsupported' });
  });

  test('a marker that is no image is refused', async () => {
    const result = await glanceCli(['--error-format', 'json', 'list', '--marker', sampleId(99)]);
    expect(result.code).not.toBe(0);
    expect(result.stdout).toBe('');
  });
});
