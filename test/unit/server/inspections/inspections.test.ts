import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeQcow2 } from '../../../../examples/demo/images/qcow2.ts';
import { GlanceError } from '../../../../src/errors.ts';
import type { ImageBytes } from '../../../../src/server/answers/image-bytes.ts';
import { memoryBytes } from '../../../../src/server/answers/image-bytes.ts';
import { type Catalog, type CatalogImage, makeCatalog } from '../../../../src/server/images/catalog.ts';
import { ServedInspections } from '../../../../src/server/inspections/inspections.ts';
import { ReportStore, reportStoreName } from '../../../../src/server/inspections/report-store.ts';
import { makeImage } from '../../../support/images.ts';
import { loadCatalog } from '../../../support/load-catalog.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const good = writeQcow2({ size: 2 ** 23, pieces: [] });
const bad = writeQcow2({ size: 2 ** 23, pieces: [] }, { backingFile: '/etc/passwd', backingFormat: 'raw' });

/** Data that counts how often it is read. */
function counted(bytes: Uint8Array, version = '1'): ImageBytes & { readonly reads: () => number } {
  let reads = 0;
  const data = memoryBytes(bytes);
  return {
    ...data,
    version,
    reads: () => reads,
    open: (from, to) => (reads++, data.open(from, to)),
  };
}

function entryOf(id: string, data: ImageBytes | null): CatalogImage {
  return { image: makeImage({ id, name: id, disk_format: 'qcow2', size: data?.size ?? null }), data, members: [] };
}

async function lookInto(catalog: Catalog, store: ReportStore | null, contents = true): Promise<ServedInspections> {
  const inspections = new ServedInspections({ catalog, clock: new ManualClock(), contents, store });
  inspections.follow();
  await inspections.settled();
  return inspections;
}

it('inspects each image once, however often it is asked', async () => {
  const data = counted(bad);
  const entry = entryOf('1', data);
  const inspections = await lookInto(makeCatalog([entry]), null);
  const before = data.reads();
  inspections.follow();
  await inspections.settled();
  expect(data.reads()).toBe(before);
  expect(inspections.summary(entry)).toMatchObject({ safe: false, hazards: [{ code: 'backing_file' }] });
  expect(inspections.find(entry).report).toMatchObject({ path: null, virtual_size: 2n ** 23n });
});

it('keeps its findings for the next start, and inspects again what has changed', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'a.qcow2'), good);
  const warn = (message: string): void => expect.unreachable(message);
  const first = await lookInto(await loadCatalog(directory), await ReportStore.open(directory, warn));
  await first.close();
  const text = await readFile(join(directory, reportStoreName), 'utf8');
  expect(text).toMatch(/^[0-9a-f]{64} \{"id":.*\}\n$/);

  // Kept findings are reported without reading anything.
  await writeFile(join(directory, reportStoreName), text.replace('"safe":true', '"safe":false'));
  const catalog = await loadCatalog(directory);
  const second = await lookInto(catalog, await ReportStore.open(directory, warn));
  expect(catalog.images.map((entry) => second.summary(entry)?.safe)).toEqual([false]);

  await utimes(join(directory, 'a.qcow2'), 1, 1);
  const changed = await loadCatalog(directory);
  const third = await lookInto(changed, await ReportStore.open(directory, warn));
  expect(changed.images.map((entry) => third.summary(entry)?.safe)).toEqual([true]);
  expect((await readFile(join(directory, reportStoreName), 'utf8')).split('\n')).toHaveLength(2);
});

it('keeps no more than it reads again', async () => {
  const directory = await tempDir();
  const warn = (message: string): void => expect.unreachable(message);
  const store = await ReportStore.open(directory, warn);
  const [first, second] = ['1'.repeat(64), '2'.repeat(64)] as const;
  const text = 'x'.repeat(40 * 1024 * 1024);
  store.keep(first, text);
  store.keep(second, text);
  await store.save();
  const again = await ReportStore.open(directory, warn);
  expect([again.find(first)?.length, again.find(second)]).toEqual([text.length, undefined]);
});

it.each(['', 'nothing of ours\n', '\0'.repeat(100), 'SAME {"id":"1","hazards":7}\n', 'SAME null\n'])(
  'is not harmed by a file that is not its own: %j',
  async (text) => {
    const directory = await tempDir();
    await writeFile(join(directory, 'a.qcow2'), good);
    const catalog = await loadCatalog(directory);
    await lookInto(catalog, await ReportStore.open(directory, () => undefined));
    const kept = await readFile(join(directory, reportStoreName), 'utf8');
    await writeFile(join(directory, reportStoreName), text.replace('SAME', kept.slice(0, 64)));
    const inspections = await lookInto(catalog, await ReportStore.open(directory, () => undefined));
    expect(catalog.images.map((entry) => inspections.summary(entry)?.safe)).toEqual([true]);
  },
);

it('says so if nothing can be read, and tries again after a minute', async () => {
  let isDown = true;
  const open: ImageBytes['open'] = (from, to) => {
    if (isDown) throw new GlanceError('place.unavailable', 'the store is away');
    return memoryBytes(good).open(from, to);
  };
  const entries = [entryOf('1', { size: good.length, version: '1', open }), entryOf('2', null)];
  const [entry, without] = entries as [CatalogImage, CatalogImage];
  const clock = new ManualClock();
  const inspections = new ServedInspections({ catalog: makeCatalog(entries), clock, contents: false, store: null });
  const look = async (): Promise<unknown> => {
    inspections.follow();
    await inspections.settled();
    return inspections.summary(entry);
  };
  expect(await look()).toMatchObject({ safe: null, error: { message: 'the store is away' } });
  expect(inspections.find(entry).report).toMatchObject({ error: { code: 'place.unavailable' }, contents: null });
  expect(inspections.find(without)).toEqual({ report: null, whyNot: 'There is no data to inspect.' });
  isDown = false;
  expect(await look()).toMatchObject({ safe: null });
  clock.advance(60_000);
  expect(await look()).toMatchObject({ safe: true, error: null });
});

it('is discarded once the data has changed', async () => {
  const inspections = await lookInto(makeCatalog([entryOf('1', counted(bad))]), null);
  expect(inspections.summary(entryOf('1', counted(good, '2')))).toBeNull();
});

it('stops at once, even in the middle of an image', async () => {
  const stuck: ImageBytes = {
    size: good.length,
    open: async function* (_start, _end, signal) {
      yield await new Promise<Uint8Array>((_resolve, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('gone'))),
      );
    },
  };
  const entry = entryOf('1', stuck);
  const inspections = new ServedInspections({
    catalog: makeCatalog([entry]),
    clock: new ManualClock(),
    contents: true,
    store: null,
  });
  inspections.follow();
  await inspections.close();
  expect(inspections.summary(entry)).toBeNull();
  inspections.follow();
});
