// Image data in an object: the bytes that were listed, or none.
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { BucketFiles } from '../../../../src/mirror/places/bucket/bucket-files.ts';
import { objectBytes } from '../../../../src/server/bucket/object-bytes.ts';
import type { ImageBytes } from '../../../../src/server/answers/image-bytes.ts';
import { makeBytes, readData } from '../../../support/images.ts';
import { rawServer } from '../../../support/servers/raw-server.ts';
import { createS3Client } from '../../../support/s3/client.ts';
import { type S3Double, type S3Fault, startS3 } from '../../../support/s3/double.ts';

const bytes = makeBytes(200_000);
const etag = createHash('md5').update(bytes).digest('hex');

interface Opened {
  readonly data: ImageBytes;
  readonly store: S3Double;
  readonly changes: () => number;
}

async function open(faults: readonly S3Fault[] = [], listed: object = {}): Promise<Opened> {
  const store = await startS3({ objects: { 'p/1/1.raw': bytes }, faults });
  const files = new BucketFiles(createS3Client(store), 'p/');
  let changes = 0;
  const data = objectBytes(files, { file: '1/1.raw', size: bytes.length, etag, ...listed }, () => changes++);
  return { data, store, changes: () => changes };
}

test('requests nothing before it is read, then everything, or the range', async () => {
  const { data, store } = await open();
  data.open(0, 10);
  expect(store.requests).toEqual([]);

  expect((await readData(data)).equals(bytes)).toBe(true);
  expect((await readData(data, 1000, 150_000)).equals(bytes.subarray(1000, 150_000))).toBe(true);

  expect(store.requests.map(({ operation, headers }) => [operation, headers['range']])).toEqual([
    ['GetObject', undefined],
    ['GetObject', 'bytes=1000-149999'],
  ]);
});

describe('sends no byte, and says that the bucket has to be looked at again,', () => {
  test.each([
    ['of an object with another ETag', { etag: 'f'.repeat(32) }],
    ['of an object with another size', { size: bytes.length - 1 }],
    ['of an object that is missing', { file: '2/2.raw' }],
  ])('%s', async (_, listed) => {
    const { data, changes } = await open([], listed);

    await expect(readData(data)).rejects.toMatchObject({ code: 'place.unavailable' });
    expect(changes()).toBe(1);
  });

  test('of a range of such objects', async () => {
    const { data, changes } = await open([], { etag: 'f'.repeat(32) });

    await expect(readData(data, 5, 10)).rejects.toMatchObject({ code: 'place.unavailable' });
    expect(changes()).toBe(1);
  });
});

test('does not call trouble of the store a change', async () => {
  const { data, store, changes } = await open([{ do: { type: 'error', code: 'SlowDown' } }]);

  await expect(readData(data)).rejects.toMatchObject({ code: 'place.unavailable' });
  expect([changes(), store.requests.length]).toEqual([0, 3]);
});

test('fails if the store breaks off, or answers with another range', async () => {
  const cut = await open([{ do: { type: 'reset', afterBytes: 70_000 } }]);
  await expect(readData(cut.data)).rejects.toMatchObject({ code: 'place.unavailable' });

  const other = await open([{ do: { type: 'otherRange' } }]);
  await expect(readData(other.data, 5, 10)).rejects.toMatchObject({ code: 'place.unavailable' });
});

test('passes data on in small pieces, and hangs up when reading stops', async () => {
  const large = Buffer.alloc(40_000_000);
  const store = await startS3({ objects: { '1/1.raw': large } });
  const listed = { file: '1/1.raw', size: large.length, etag: createHash('md5').update(large).digest('hex') };
  const data = objectBytes(new BucketFiles(createS3Client(store), ''), listed, () => undefined);
  const chunks = data.open(0, large.length)[Symbol.asyncIterator]();

  expect((await chunks.next()).value?.length).toBeLessThanOrEqual(1024 * 1024);
  await chunks.return?.();

  await expect.poll(() => store.connections()).toBe(0);
});

test.each([
  ['before its headers', null],
  ['in the middle', 70_000],
])('abandons what a store delays %s once nobody wants it', async (_, after) => {
  const { data, store } = await open([{ do: { type: 'stall', afterBytes: after } }]);
  const controller = new AbortController();
  const gone = new Error('the client is gone');
  const read = buffer(data.open(0, bytes.length, controller.signal)).catch((error: unknown) => error);
  await store.waitForStalls(1);

  controller.abort(gone);

  expect(await read).toBe(gone);
  await expect.poll(() => store.connections()).toBe(0);
});

test('survives a store whose answer breaks as soon as it begins', async () => {
  const server = await rawServer((_, socket) => {
    socket.end(`HTTP/1.1 200 OK\r\nETag: "${etag}"\r\nTransfer-Encoding: chunked\r\n\r\nthis is no chunk\r\n`);
  });
  const store = await startS3();
  const files = new BucketFiles(createS3Client(store, { endpoint: server.url, retries: 0 }), '');
  const data = objectBytes(files, { file: '1/1.raw', size: 5, etag }, () => undefined);

  await expect(readData(data)).rejects.toMatchObject({ code: 'place.unavailable' });
});
