// Selections with the library only, without a command.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AmbiguousImageError, GlanceClient, GlanceError, PartialError } from '../../../../src/index.ts';
import { glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const names = ['a-1', 'a-2', 'b-1', 'twin', 'twin', 'a-*'];
const catalog = names.map((name, index) =>
  makeEntry(name, { id: String(index + 1), name, created_at: `2026-01-0${String(index + 1)}T00:00:00Z` }),
);

async function open(count = catalog.length) {
  const server = await glance(catalog.slice(0, count));
  const client = await GlanceClient.connect({ endpoint: server.url, retries: 0 });
  onTestFinished(() => client.close());
  return { server, client };
}

const errorOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => null,
    (error: unknown) => error,
  );

describe('a selection of a program', () => {
  it('reports what was requested, what matched and why, with each image once', async () => {
    const { client } = await open(5);
    const { images, choices } = await client.select({ images: ['b-1', '[ab]-1', '2'] });
    expect(images.map(({ name }) => name)).toEqual(['b-1', 'a-1', 'a-2']);
    expect(choices.map(({ meant, why, matched }) => [meant, why, matched])).toEqual([
      ['b-1', 'named', 1],
      ['[ab]-1', 'pattern', 2],
      ['2', 'named', 1],
    ]);
    expect(choices[1]?.images.map(({ name }) => name)).toEqual(['a-1', 'b-1']);
    const newest = await client.select({ query: { name: 'twin' } }, { latest: true });
    expect(newest.images.map(({ id }) => id)).toEqual(['5']);
    expect(newest.choices).toMatchObject([{ meant: null, why: 'filters', matched: 2 }]);
  });

  it('prefers an image with exactly the name of a pattern, always so if patterns are off', async () => {
    const { client } = await open();
    expect((await client.select({ images: ['a-*'] })).images.map(({ id }) => id)).toEqual(['6']);
    const plain = await open(5);
    const error = await errorOf(plain.client.select({ images: ['a-*'] }, { patterns: false }));
    expect(error).toMatchObject({ code: 'image.not_found' });
    expect(plain.server.asked().filter((each) => each.startsWith('GET')).length).toBeGreaterThan(0);
  });

  it('is complete, or an error that names what is missing', async () => {
    const { client } = await open(5);
    expect(await errorOf(client.select({ images: ['nobody-*'] }))).toMatchObject({ code: 'image.not_found' });
    expect(await errorOf(client.select({ query: { name: 'x' } }))).toMatchObject({ code: 'image.not_found' });
    expect(await errorOf(client.select({ query: { name: 'x' } }, { latest: true }))).toBeInstanceOf(GlanceError);
    expect(await errorOf(client.select({ images: ['twin'] }))).toBeInstanceOf(AmbiguousImageError);
    const several = await errorOf(client.select({ images: ['a-1', 'nobody', 'twin'] }));
    expect(several).toBeInstanceOf(PartialError);
    expect(several).toMatchObject({
      failures: [
        { image: 'nobody', code: 'image.not_found' },
        { image: 'twin', code: 'image.ambiguous' },
      ],
    });
    for (const request of [{}, { images: ['a-1'], query: {} }]) {
      expect(await errorOf(client.select(request))).toMatchObject({ code: 'usage.argument' });
    }
    expect(await errorOf(client.select({ images: ['a-1'] }, { jobs: 0 }))).toMatchObject({ code: 'usage.option' });
  });

  it('asks the given function which of several is meant', async () => {
    const { client } = await open();
    const asked: string[] = [];
    const choose = (name: string, candidates: readonly { readonly id: string }[]): Promise<string | null> => {
      asked.push(name);
      return Promise.resolve(candidates.at(-1)?.id ?? null);
    };
    expect((await client.select({ images: ['twin'] }, { choose })).images.map(({ id }) => id)).toEqual(['5']);
    expect(asked).toEqual(['twin']);
  });

  it('is accepted by downloads and audits', async () => {
    const { client } = await open(5);
    const selection = await client.select({ images: ['a-?'] });
    const directory = join(await tempDir(), 'images');
    const { records, failures } = await client.downloadSeveral(selection, directory);
    expect([records.map(({ outcome }) => outcome), failures]).toEqual([['downloaded', 'downloaded'], []]);
    expect((await readdir(directory)).toSorted()).toEqual(['a-1.raw', 'a-2.raw']);
    const reports = [];
    for await (const { name } of client.audit(selection)) reports.push(name);
    expect(reports).toEqual(['a-1', 'a-2']);
  });

  it('holds ten thousand images, and no more', async () => {
    const many = Array.from({ length: 10_001 }, (_, index) =>
      makeEntry('', { id: String(index + 1), name: `n-${String(index)}`, size: null }),
    );
    const server = await glance(many);
    const client = await GlanceClient.connect({ endpoint: server.url, retries: 0 });
    onTestFinished(() => client.close());
    expect((await client.select({ images: ['n-?*[0-8]'] })).images).toHaveLength(8992);
    for (const request of [{ images: ['n-*'] }, { query: {} }, { images: ['n-[0-4]*', 'n-[5-9]*'] }]) {
      expect(await errorOf(client.select(request))).toMatchObject({
        code: 'usage.unsupported',
        message: 'over 10000 images match, too many for one call',
      });
    }
    expect((await client.select({ images: ['n-*'] }, { latest: true })).choices).toMatchObject([{ matched: 10_001 }]);
  });
});
