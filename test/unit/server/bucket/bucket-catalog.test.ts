// What is offered of a mirror in a bucket, what the store is asked for it, and what becomes of it.
import { createHash } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BucketFiles } from '../../../../src/mirror/places/bucket/bucket-files.ts';
import type { MirrorEntry } from '../../../../src/mirror/entry-store.ts';
import { BucketCatalog } from '../../../../src/server/bucket/bucket-catalog.ts';
import { readData } from '../../../support/images.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { createS3Client } from '../../../support/s3/client.ts';
import { type S3Double, type S3Fault, startS3 } from '../../../support/s3/double.ts';
import { deleteObject, putImage, putIndex, putObject } from '../../../support/s3/mirror.ts';

const hex = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

interface Opened {
  readonly store: S3Double;
  readonly catalog: BucketCatalog;
  readonly clock: ManualClock;
  readonly warnings: string[];
  /** Lets time pass, and looks at what is there now. @returns what the store was asked meanwhile */
  readonly lookAgain: (ms?: number) => Promise<string[]>;
  readonly names: () => string[];
}

async function open(store: S3Double, maxWeight?: number): Promise<Opened> {
  const clock = new ManualClock();
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const { signal } = new AbortController();
  const options = { clock, warn, signal, ...(maxWeight !== undefined && { maxWeight }) };
  const catalog = await BucketCatalog.open(new BucketFiles(createS3Client(store), 'm/'), 's3://images/m', options);
  onTestFinished(() => catalog.close());
  const lookAgain = async (ms = 5000): Promise<string[]> => {
    const before = store.requests.length;
    clock.advance(ms);
    await catalog.refresh();
    return store.requests.slice(before).map(({ operation, key }) => `${operation} ${key}`.trim());
  };
  return {
    store,
    catalog,
    clock,
    warnings,
    lookAgain,
    names: () => catalog.images.map(({ image }) => String(image.name)).toSorted(),
  };
}

async function startMirror(more: (store: S3Double) => readonly MirrorEntry[] = () => []): Promise<S3Double> {
  const store = await startS3();
  putIndex(store, 'm/', [putImage(store, 'm/', 'data', { id: '1' }), ...more(store)]);
  return store;
}

test('offers what the index lists as its records say, so that a mirror of it is the same, and data as it is', async () => {
  const { catalog } = await open(await startMirror());

  expect(catalog.images).toMatchObject([
    {
      image: {
        id: '1',
        name: 'image 1',
        size: 4,
        checksum: null,
        os_hash_algo: null,
        os_hash_value: null,
      },
      digest: hex('sha512', 'data'),
      members: [],
    },
  ]);
  const data = catalog.find('1')?.data;
  expect(data && (await readData(data)).toString()).toBe('data');
});

test('keeps the digests in the record', async () => {
  const [os_hash_algo, os_hash_value] = ['sha256', hex('sha256', 'more')];
  const more = (store: S3Double): MirrorEntry[] => [
    putImage(store, 'm/', 'more', { id: '2', os_hash_algo, os_hash_value }),
  ];
  const { catalog } = await open(await startMirror(more));

  expect(catalog.find('2')?.image).toMatchObject({ checksum: null, os_hash_algo, os_hash_value });
});

test('requests only the index after five seconds, changed records, and no data', async () => {
  const { store, catalog, lookAgain, names } = await open(await startMirror());
  const before = catalog.images;

  expect(await lookAgain(4999)).toEqual([]);
  expect(await lookAgain(1)).toEqual(['HeadObject m/index.json']);
  expect(catalog.images).toBe(before);
  const one = putImage(store, 'm/', 'data', { id: '1' });
  putIndex(store, 'm/', [one, putImage(store, 'm/', 'more', { id: '2' })]);

  expect(await lookAgain()).toEqual([
    'HeadObject m/index.json',
    'ListObjectsV2',
    'GetObject m/index.json',
    'GetObject m/2/image.json',
  ]);
  expect(names()).toEqual(['image 1', 'image 2']);
  putIndex(store, 'm/', [putImage(store, 'm/', 'data', { id: '1', name: 'renamed' })]);
  await lookAgain();
  expect(names()).toEqual(['renamed']);
});

type Damage = readonly [what: string, damage: (store: S3Double) => void, words: string];

const damages: readonly Damage[] = [
  ['its data is gone', (store) => deleteObject(store, 'm/2/2.raw'), '2/2.raw: there is no such object'],
  ['its record is gone', (store) => deleteObject(store, 'm/2/image.json'), '2/2.raw: its record is not there'],
  ['its data has another length', (store) => putObject(store, 'm/2/2.raw', 'longer'), '2/2.raw: it has 6 bytes, but'],
  [
    'its record is a different one',
    (store) => putObject(store, 'm/2/image.json', '{}'),
    'it is not the record that the index',
  ],
  [
    'its record is endless',
    (store) => putObject(store, 'm/2/image.json', Buffer.alloc(2_000_000, 32)),
    'sent more than 1048576 bytes',
  ],
  [
    'it may not be read',
    (store) => {
      const on = { key: 'm/2/image.json' };
      store.become({ faults: [{ on, do: { type: 'error', code: 'AccessDenied' } }] });
    },
    'answered 403',
  ],
  [
    'the store cannot give its record',
    (store) => {
      const on = { key: 'm/2/image.json' };
      store.become({ faults: [{ on, do: { type: 'error', code: 'InternalError' } }] });
    },
    'answered 500',
  ],
];

test.each(damages)('leaves an image out if %s, says so once, and serves the rest', async (_, damage, words) => {
  const store = await startMirror((each) => [putImage(each, 'm/', 'more', { id: '2' })]);
  damage(store);

  const { names, warnings, lookAgain } = await open(store);
  await lookAgain(60_000);

  expect(names()).toEqual(['image 1']);
  expect(warnings).toEqual([expect.stringContaining(words)]);
  expect(warnings[0]).toMatch(/^s3:\/\/images\/m: left out: /);
});

test('leaves out a record with the id or size of another image', async () => {
  const foreign = (store: S3Double): MirrorEntry[] =>
    [{ id: '3' }, { size: 5 }].map((about, index) => {
      const id = `a${String(index)}`;
      const entry = putImage(store, 'm/', 'more', { ...about, id });
      const text = JSON.stringify({ id, ...about });
      putObject(store, `m/${id}/image.json`, text);
      return { ...entry, record: createHash('sha256').update(text).digest('hex') };
    });
  const { names, warnings } = await open(await startMirror(foreign));

  expect(names()).toEqual(['image 1']);
  expect(warnings.toSorted((left, right) => (left < right ? -1 : 1))).toEqual([
    expect.stringContaining('it is the record of another image'),
    expect.stringContaining('"size" is 5, but the object has 4 bytes'),
  ]);
});

test('retries a minute later what was left out, though the index is unchanged', async () => {
  const store = await startMirror((each) => [putImage(each, 'm/', 'more', { id: '2' })]);
  deleteObject(store, 'm/2/2.raw');
  const { names, lookAgain } = await open(store);
  putObject(store, 'm/2/2.raw', 'more');

  expect(await lookAgain()).toEqual(['HeadObject m/index.json']);
  expect(names()).toEqual(['image 1']);
  await lookAgain(60_000);
  expect(names()).toEqual(['image 1', 'image 2']);
});

test('gives no byte of data that was replaced, and checks the bucket again', async () => {
  const { store, catalog, lookAgain, names, warnings } = await open(await startMirror());
  putObject(store, 'm/1/1.raw', 'atad longer');

  const data = catalog.find('1')?.data;
  await expect(data && readData(data)).rejects.toMatchObject({ code: 'place.unavailable' });
  await lookAgain();

  expect(names()).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('1/1.raw: it has 11 bytes')]);
});

describe('a store that cannot be asked', () => {
  const faults: readonly S3Fault[] = [{ do: { type: 'error', code: 'SlowDown' } }];

  test.each([
    ['place.unavailable', 'SlowDown'],
    ['place.denied', 'AccessDenied'],
  ] as const)('at first is %s', async (expected, code) => {
    const store = await startMirror();
    store.become({ faults: [{ on: { method: 'GET' }, do: { type: 'error', code } }] });

    await expect(open(store)).rejects.toMatchObject({ code: expected });
  });

  test('later leaves everything as it was, is reported once, and is asked again', async () => {
    const { store, names, lookAgain, warnings } = await open(await startMirror());
    store.become({ faults });
    putIndex(store, 'm/', []);

    await lookAgain();
    await lookAgain();
    expect(names()).toEqual(['image 1']);
    expect(warnings).toEqual([expect.stringMatching(/^s3:\/\/images\/m: served as it was: .*503/)]);
    store.become({ faults: [] });
    await lookAgain();
    expect(names()).toEqual([]);
  });

  test('about the records of many is trouble of its own, not theirs', async () => {
    const store = await startMirror((each) =>
      Array.from({ length: 40 }, (_, index) => putImage(each, 'm/', 'x', { id: `i${String(index)}` })),
    );
    store.become({ faults: [{ on: { key: /image\.json$/ }, do: { type: 'error', code: 'InternalError' } }] });

    await expect(open(store)).rejects.toMatchObject({ code: 'place.unavailable' });
    expect(new Set(store.requests.map(({ key }) => key)).size).toBeLessThan(30);
  });

  test('delays no request for long if it delays a look at the bucket', async () => {
    const { store, catalog, clock, names } = await open(await startMirror());
    store.become({ faults: [{ do: { type: 'stall', afterBytes: null } }] });
    clock.advance(5000);
    const looking = catalog.refresh();
    await store.waitForStalls(1);

    clock.advance(200);
    await looking;

    expect(names()).toEqual(['image 1']);
    await catalog.close();
    expect(store.count('ListObjectsV2')).toBe(1);
  });
});

test('a missing mirror, bucket or index is an error that says so', async () => {
  const store = await startS3();
  await expect(open(store)).rejects.toMatchObject({
    code: 'place.missing',
    message: 's3://images/m: it is not a mirror, as it has no index.json',
  });
  putObject(store, 'm/index.json', 'no index');
  await expect(open(store)).rejects.toMatchObject({ code: 'metadata.invalid' });
  await expect(open(await startS3({ buckets: { other: null } }))).rejects.toMatchObject({ code: 'place.missing' });
});

test('names a hundred of the images that are left out, and counts the rest', async () => {
  const store = await startMirror((each) => {
    const entry = putImage(each, 'm/', 'x', { id: 'gone' });
    return Array.from({ length: 130 }, (_, index) => {
      const id = `i${String(index)}`;
      return { ...entry, id, file: `${id}/${id}.raw` };
    });
  });

  const { names, warnings } = await open(store);

  expect(names()).toEqual(['image 1']);
  expect(warnings.filter((message) => message.includes('there is no such object'))).toHaveLength(1 + 99);
  expect(warnings.at(-1)).toBe('s3://images/m: left out as well: 30 images');
});

test('serves as many images as memory allows for records, and requests no more', async () => {
  const tags = Array.from({ length: 1000 }, () => 'a tag');
  const ids = Array.from({ length: 60 }, (_, index) => `i${String(index).padStart(2, '0')}`);
  const store = await startMirror((each) => ids.map((id) => putImage(each, 'm/', 'x', { id, tags })));

  const { catalog, warnings } = await open(store, 1024 * 1024);

  expect(catalog.images.length).toBeGreaterThan(10);
  expect(catalog.images.length).toBeLessThan(17);
  expect(warnings[0]).toContain('.raw: the records of the bucket take more than 1 MiB of memory');
  expect(store.requests.filter(({ key }) => key.endsWith('image.json')).length).toBeLessThan(30);
});
