import { createHash, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { UploadGoneError } from '../../src/s3/refusals.ts';
import type { S3Client } from '../../src/s3/s3-client.ts';
import { makeBucket, openClient, runningStore, stores } from './support/stores.ts';

const { signal } = new AbortController();
const partBytes = 5 * 1024 * 1024;

const md5 = (data: Uint8Array | string): string => createHash('md5').update(data).digest('hex');

async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

async function put(client: S3Client, key: string, text: string): Promise<void> {
  await client.put(key, Buffer.from(text), { md5: md5(text) }, signal);
}

async function getAll(client: S3Client, key: string): Promise<Buffer | null> {
  const object = await client.get(key, null, signal);
  return object === null ? null : await buffer(object.body);
}

/** The ETag of an object of parts. */
function etagOfParts(parts: readonly Uint8Array[]): string {
  const md5s = parts.map((part) => createHash('md5').update(part).digest());
  return `${md5(Buffer.concat(md5s))}-${String(parts.length)}`;
}

describe.each(['rgw', 'swift'] as const)('on a real %s', (name) => {
  describe.skipIf(stores[name] === undefined)('the client', () => {
    const bucket = `client-${randomUUID()}`;

    beforeAll(async () => {
      await makeBucket(name, bucket);
    });

    test('stores, lists, returns and deletes objects under any key', async () => {
      const client = openClient(name, bucket);
      const keys = ['keys/a b', 'keys/a+b', 'keys/a%20b', 'keys/a&b<c>"d"', 'keys/ü/日本', "keys/(x)!*'"].toSorted();
      for (const key of keys) await put(client, key, key);

      const listed = await collect(client.listObjects('keys/', signal));
      expect(listed.map(({ key, size, etag }) => ({ key, size, etag }))).toEqual(
        keys.map((key) => ({ key, size: Buffer.byteLength(key), etag: md5(key) })),
      );
      expect(listed.every(({ lastModified }) => Math.abs((lastModified ?? 0) - Date.now()) < 3_600_000)).toBe(true);
      for (const key of keys) expect(await client.getText(key, 100, signal)).toBe(key);

      for (const key of keys) await client.remove(key, signal);
      expect(await collect(client.listObjects('keys/', signal))).toEqual([]);
    });

    test('returns ranges, sizes and ETags', async () => {
      const client = openClient(name, bucket);
      await put(client, 'one', 'some data');

      const range = await client.get('one', { first: 5, last: 8 }, signal);

      expect(range).toMatchObject({ size: 9, etag: md5('some data') });
      expect(range === null ? null : (await buffer(range.body)).toString()).toBe('data');
      expect(await client.head('one', signal)).toEqual({ size: 9, etag: md5('some data') });
      await expect(client.get('one', { first: 9, last: 10 }, signal)).rejects.toMatchObject({ code: 'http.range' });
    });

    test('returns null for what does not exist', async () => {
      const client = openClient(name, bucket);

      expect(await client.get('missing', null, signal)).toBe(null);
      expect(await client.getText('missing', 10, signal)).toBe(null);
      expect(await client.head('missing', signal)).toBe(null);
      expect(await client.listParts('missing', 'nonsense', signal)).toBe(null);
      await client.remove('missing', signal);
    });

    test('refuses data whose MD5 differs', async () => {
      const client = openClient(name, bucket);

      const sent = client.put('bad', Buffer.from('data'), { md5: md5('other') }, signal);

      await expect(sent).rejects.toMatchObject({ code: 'integrity.digest' });
      expect(await client.head('bad', signal)).toBe(null);
    });

    test('makes an object of parts, which is unreadable until complete', async () => {
      const client = openClient(name, bucket);
      const [first, second] = [Buffer.alloc(partBytes, 'a'), Buffer.from('the end')];
      const id = await client.createUpload('multi/one', signal);
      const one = await client.putPart('multi/one', id, 1, first, { md5: md5(first) }, signal);
      const chunks = (async function* () {
        yield* [second.subarray(0, 3), second.subarray(3)];
      })();
      const two = await client.putPart('multi/one', id, 2, { length: second.length, chunks }, { md5: null }, signal);
      expect([one.etag, two.etag]).toEqual([md5(first), md5(second)]);
      expect(await client.head('multi/one', signal)).toBe(null);
      expect(await client.listParts('multi/one', id, signal)).toEqual([
        { number: 1, size: partBytes, etag: one.etag },
        { number: 2, size: second.length, etag: two.etag },
      ]);

      const parts = [
        { number: 1, etag: one.etag },
        { number: 2, etag: two.etag },
      ];
      await client.completeUpload('multi/one', id, parts, signal);
      const again = await client.completeUpload('multi/one', id, parts, signal);

      const etag = etagOfParts([first, second]);
      expect([null, etag]).toContain(again.etag);
      expect(await client.head('multi/one', signal)).toEqual({ size: partBytes + second.length, etag });
      expect((await getAll(client, 'multi/one'))?.equals(Buffer.concat([first, second]))).toBe(true);
      expect(await collect(client.listUploads('multi/', signal))).toEqual([]);
    });

    test('lists and aborts uploads, and reports when the upload of a part is gone', async () => {
      const client = openClient(name, bucket);
      const ids = [await client.createUpload('open/one', signal), await client.createUpload('open/two', signal)];

      const listed = await collect(client.listUploads('open/', signal));
      for (const [index, key] of ['open/one', 'open/two'].entries()) {
        await client.abortUpload(key, ids[index] ?? '', signal);
        await client.abortUpload(key, ids[index] ?? '', signal);
      }

      expect(listed.map(({ key, uploadId }) => [key, uploadId])).toEqual([
        ['open/one', ids[0]],
        ['open/two', ids[1]],
      ]);
      expect(await collect(client.listUploads('open/', signal))).toEqual([]);
      const late = client.putPart('open/one', ids[0] ?? '', 1, Buffer.from('x'), { md5: md5('x') }, signal);
      await expect(late).rejects.toBeInstanceOf(UploadGoneError);
    });

    test('refuses an upload with another part than named', async () => {
      const client = openClient(name, bucket);
      const id = await client.createUpload('multi/other', signal);
      await client.putPart('multi/other', id, 1, Buffer.from('data'), { md5: md5('data') }, signal);

      const completed = client.completeUpload('multi/other', id, [{ number: 1, etag: md5('other') }], signal);

      await expect(completed).rejects.toMatchObject({ s3Code: 'InvalidPart' });
      expect(await client.head('multi/other', signal)).toBe(null);
      await client.abortUpload('multi/other', id, signal);
    });

    test('distinguishes a missing bucket from wrong keys, and shows no secret', async () => {
      const { AWS_SECRET_ACCESS_KEY: secret = '' } = runningStore(name);
      const missing = openClient(name, 'no-such-bucket').listObjects('', signal);
      await expect(collect(missing)).rejects.toMatchObject({ code: 'place.missing' });

      const denied = openClient(name, bucket, { secretAccessKey: `not ${secret}` }).listObjects('', signal);
      const error: unknown = await collect(denied).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'place.denied', s3Code: 'SignatureDoesNotMatch' });
      expect(String(error)).not.toContain(secret);
    });
  });
});

// A Swift takes half a minute for as many objects; how it pages is recorded.
test.runIf(stores.rgw !== undefined)('on a real rgw lists more than a page holds', async () => {
  const bucket = `client-${randomUUID()}`;
  await makeBucket('rgw', bucket);
  const client = openClient('rgw', bucket);
  const keys = Array.from({ length: 1001 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
  for (let at = 0; at < keys.length; at += 8) {
    await Promise.all(keys.slice(at, at + 8).map((key) => put(client, key, '')));
  }

  const pages: number[] = [];
  for await (const page of client.listObjects('many/', signal)) pages.push(page.length);

  expect(pages).toEqual([1000, 1]);
});

test.runIf(stores.redis !== undefined)('a Redis is up for what needs one', () => {
  expect(runningStore('redis')['REDIS_URL']).toMatch(/^redis:\/\/127\.0\.0\.1:\d+\/0$/);
});
