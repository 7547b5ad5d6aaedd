// The operations, against a store in this process.
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { S3Error, UploadGoneError } from '../../../src/s3/refusals.ts';
import { createS3Client } from '../../support/s3/client.ts';
import { startS3 } from '../../support/s3/double.ts';

const { signal } = new AbortController();
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
const minPartBytes = 4;

async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

const oddKeys = ['a b', 'a+b', '100%', 'a%20b', 'ü~ö/日本', "(x)!*'", 'a&b=c?d#e', '<x>"&amp;', 'x//y', 'new\nline'];

describe.each(['aws', 'rgw', 'swift'] as const)('a store like %s', (flavour) => {
  it('stores objects under every kind of key', async () => {
    const double = await startS3({ flavour });
    const client = createS3Client(double);
    for (const key of oddKeys) {
      const bytes = Buffer.from(key);
      expect(await client.put(key, bytes, { md5: md5(bytes) }, signal)).toEqual({ etag: md5(bytes) });
    }
    expect([...double.dump().keys()].toSorted()).toEqual(oddKeys.toSorted());
    for (const key of oddKeys) {
      expect(await client.getText(key, 100, signal)).toBe(key);
      expect(await client.head(key, signal)).toEqual({ size: Buffer.byteLength(key), etag: md5(Buffer.from(key)) });
    }
    const listed = await collect(client.listObjects('', signal));
    expect(listed.map(({ key }) => key).toSorted()).toEqual(oddKeys.toSorted());
    expect(listed.every(({ key, etag }) => etag === md5(Buffer.from(key)))).toBe(true);
    for (const key of oddKeys) await client.remove(key, signal);
    expect(double.dump().size).toBe(0);
  });

  it('lists page by page', async () => {
    const names = ['p/1', 'p/2', 'p/3', 'p/4', 'p/5'];
    const objects = Object.fromEntries([...names, 'q/1'].map((key) => [key, key]));
    const double = await startS3({ flavour, objects, pageEntries: 2, minPartBytes });
    const client = createS3Client(double);
    expect((await collect(client.listObjects('p/', signal))).map(({ key }) => key)).toEqual(names);
    expect(double.count('ListObjectsV2')).toBe(3);
    const ids = new Map<string, string>();
    for (const key of names) ids.set(key, await client.createUpload(key, signal));
    const uploads = await collect(client.listUploads('p/', signal));
    expect(uploads.map(({ key, uploadId }) => [key, uploadId])).toEqual([...ids]);
    const id = ids.get('p/1') ?? '';
    for (const number of [1, 2, 3]) await client.putPart('p/1', id, number, Buffer.from('data'), { md5: null }, signal);
    const parts = await client.listParts('p/1', id, signal);
    expect(parts?.map(({ number, size }) => [number, size])).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
    ]);
  });

  it('makes an object of parts, of bytes and of a stream, and gives the same answer again', async () => {
    const double = await startS3({ flavour, minPartBytes });
    const client = createS3Client(double);
    const id = await client.createUpload('ü x', signal);
    const first = Buffer.alloc(200_000, 'a');
    const second = Buffer.alloc(300_000, 'b');
    const chunks = (async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < second.length; at += 70_000) yield second.subarray(at, at + 70_000);
    })();
    const parts = [
      { number: 1, ...(await client.putPart('ü x', id, 1, first, { md5: md5(first) }, signal)) },
      { number: 2, ...(await client.putPart('ü x', id, 2, { length: second.length, chunks }, { md5: null }, signal)) },
    ];
    expect(parts.map(({ etag }) => etag)).toEqual([md5(first), md5(second)]);
    const { etag } = await client.completeUpload('ü x', id, parts, signal);
    const whole = `${md5(Buffer.from(md5(first) + md5(second), 'hex'))}-2`;
    expect([whole, null]).toContain(etag);
    expect([whole, null]).toContain((await client.completeUpload('ü x', id, parts, signal)).etag);
    expect(await client.head('ü x', signal)).toEqual({ size: 500_000, etag: whole });
    expect(
      double
        .dump()
        .get('ü x')
        ?.equals(Buffer.concat([first, second])),
    ).toBe(true);
  });

  it('distinguishes a missing object from a missing bucket', async () => {
    const double = await startS3({ flavour });
    const client = createS3Client(double);
    expect(await client.get('x', null, signal)).toBeNull();
    expect(await client.getText('x', 10, signal)).toBeNull();
    expect(await client.head('x', signal)).toBeNull();
    expect(await client.listParts('x', 'nonsense', signal)).toBeNull();
    await client.remove('x', signal);
    await client.abortUpload('x', 'nonsense', signal);
    const none = createS3Client(double, { bucket: 'none' });
    const missing = { code: 'place.missing', s3Code: 'NoSuchBucket', facts: { httpStatus: 404 } };
    await expect(collect(none.listObjects('', signal))).rejects.toMatchObject(missing);
    await expect(none.getText('x', 10, signal)).rejects.toMatchObject(missing);
    await expect(none.put('x', Buffer.from('x'), { md5: md5(Buffer.from('x')) }, signal)).rejects.toMatchObject(
      missing,
    );
    await expect(none.createUpload('x', signal)).rejects.toMatchObject(missing);
  });

  it('believes nothing about an object from an error about an upload', async () => {
    const faults = [{ on: { key: 'x' }, do: { type: 'error', code: 'NoSuchUpload' } as const }];
    const client = createS3Client(await startS3({ flavour, faults }));
    const all = [
      () => client.get('x', null, signal),
      () => client.getText('x', 10, signal),
      () => client.remove('x', signal),
    ];
    for (const ask of all) await expect(ask()).rejects.toMatchObject({ code: 'place.missing', s3Code: 'NoSuchUpload' });
    expect(await client.listParts('x', 'id', signal)).toBeNull();
  });

  it('refuses data with another MD5, each time', async () => {
    const double = await startS3({ flavour });
    const client = createS3Client(double);
    await expect(
      client.put('x', Buffer.from('data'), { md5: md5(Buffer.from('other')) }, signal),
    ).rejects.toMatchObject({
      code: 'integrity.digest',
      algorithm: 'md5',
      expected: md5(Buffer.from('other')),
      bytes: 4,
      facts: { attempts: 3 },
    });
    expect(double.count('PutObject')).toBe(3);
    expect(double.dump().size).toBe(0);
  });

  it.each([
    ['small, and signed with its SHA-256', 1000],
    ['larger, so that only its MD5 is checked', 1_100_000],
  ])('accepts data that was damaged on the way once it arrives intact: %s', async (_what, length) => {
    const faults = [{ on: { times: 1 }, do: { type: 'flipRequest', offset: 2 } }] as const;
    const double = await startS3({ flavour, faults });
    const bytes = Buffer.alloc(length, 'x');
    await createS3Client(double).put('x', bytes, { md5: md5(bytes) }, signal);
    expect(double.count('PutObject')).toBe(2);
    expect(double.dump().get('x')?.equals(bytes)).toBe(true);
  });
});

describe('an object', () => {
  const data = Buffer.from('0123456789');

  it('is read completely or in part', async () => {
    const client = createS3Client(await startS3({ objects: { k: data } }));
    const whole = await client.get('k', null, signal);
    expect(whole).toMatchObject({ size: 10, etag: md5(data) });
    expect(whole === null ? null : await buffer(whole.body)).toEqual(data);
    const part = await client.get('k', { first: 2, last: 4 }, signal);
    expect(part).toMatchObject({ size: 10, etag: md5(data) });
    expect(part === null ? null : String(await buffer(part.body))).toBe('234');
  });

  it('has no bytes past its end', async () => {
    const client = createS3Client(await startS3({ objects: { k: data } }));
    await expect(client.get('k', { first: 10, last: 12 }, signal)).rejects.toMatchObject({ code: 'http.range' });
  });

  it.each([
    [{ type: 'headers', remove: ['content-range'] }],
    [{ type: 'headers', set: [['Content-Range', 'bytes 3-4/10']] }],
    [{ type: 'headers', set: [['Content-Range', 'bytes 2-5/10']] }],
    [{ type: 'status', status: 200, body: '0123456789' }],
  ] as const)('is not accepted if another range than requested is sent: %j', async (action) => {
    const client = createS3Client(await startS3({ objects: { k: data }, faults: [{ do: action }] }));
    await expect(client.get('k', { first: 2, last: 4 }, signal)).rejects.toMatchObject({ code: 'http.range' });
  });

  it('returns a range, fewer bytes at its end, and never more than requested', async () => {
    const client = createS3Client(await startS3({ objects: { k: data } }));
    const etag = md5(data);
    expect(await client.getRange('k', { offset: 2, length: 3 }, signal)).toEqual({
      bytes: new Uint8Array([50, 51, 52]),
      etag,
    });
    expect(await client.getRange('k', { offset: 8, length: 9 }, signal)).toEqual({
      bytes: new Uint8Array([56, 57]),
      etag,
    });
    expect(await client.getRange('none', { offset: 0, length: 1 }, signal)).toBeNull();
    await expect(client.getRange('k', { offset: 10, length: 1 }, signal)).rejects.toMatchObject({ code: 'http.range' });
  });

  it('that breaks off while a range of it is read is read again', async () => {
    const faults = [{ on: { times: 1 }, do: { type: 'cut', afterBytes: 1 } }] as const;
    const double = await startS3({ objects: { k: data }, faults });
    const found = await createS3Client(double).getRange('k', { offset: 2, length: 3 }, signal);
    expect([found?.bytes, double.count('GetObject')]).toEqual([new Uint8Array([50, 51, 52]), 2]);
  });

  it('is not read as text if it is too long', async () => {
    const client = createS3Client(await startS3({ objects: { k: data } }));
    expect(await client.getText('k', 10, signal)).toBe('0123456789');
    await expect(client.getText('k', 9, signal)).rejects.toMatchObject({ code: 'place.unsupported' });
  });

  it('that breaks off while it is read as text is read again', async () => {
    const faults = [{ on: { times: 1 }, do: { type: 'cut', afterBytes: 3 } }] as const;
    const double = await startS3({ objects: { k: data }, faults });
    expect(await createS3Client(double).getText('k', 10, signal)).toBe('0123456789');
  });
});

describe('an upload', () => {
  const part = Buffer.from('data');

  it('that is gone is reported, for bytes and streams', async () => {
    const client = createS3Client(await startS3());
    const chunks = (async function* (): AsyncGenerator<Uint8Array> {
      yield part;
    })();
    await expect(client.putPart('k', 'none', 1, part, { md5: md5(part) }, signal)).rejects.toThrow(UploadGoneError);
    await expect(client.putPart('k', 'none', 1, { length: 4, chunks }, { md5: null }, signal)).rejects.toMatchObject({
      name: 'UploadGoneError',
      code: 'place.unavailable',
      message: expect.stringContaining('the upload of k is gone') as string,
    });
  });

  it('that is gone when it is to be completed leaves its outcome open', async () => {
    const client = createS3Client(await startS3());
    expect(await client.completeUpload('k', 'none', [{ number: 1, etag: md5(part) }], signal)).toEqual({ etag: null });
  });

  it('whose completion fails after status 200 is completed again', async () => {
    const faults = [
      { on: { operation: 'CompleteMultipartUpload', times: 1 }, do: { type: 'errorInside', code: 'InternalError' } },
    ] as const;
    const double = await startS3({ faults });
    const client = createS3Client(double);
    const id = await client.createUpload('k', signal);
    const { etag } = await client.putPart('k', id, 1, part, { md5: md5(part) }, signal);
    const whole = `${md5(Buffer.from(etag, 'hex'))}-1`;
    expect(await client.completeUpload('k', id, [{ number: 1, etag }], signal)).toEqual({ etag: whole });
    expect(double.count('CompleteMultipartUpload')).toBe(2);
  });

  it('whose completion always fails that way is not complete', async () => {
    const faults = [
      { on: { operation: 'CompleteMultipartUpload' }, do: { type: 'errorInside', code: 'InternalError' } },
    ] as const;
    const double = await startS3({ faults });
    const client = createS3Client(double);
    const id = await client.createUpload('k', signal);
    const { etag } = await client.putPart('k', id, 1, part, { md5: md5(part) }, signal);
    await expect(client.completeUpload('k', id, [{ number: 1, etag }], signal)).rejects.toMatchObject({
      code: 'place.unavailable',
      s3Code: 'InternalError',
      status: 200,
      facts: { attempts: 3 },
    });
    expect(double.dump().size).toBe(0);
  });

  it('whose completion got no answer is found to exist', async () => {
    const faults = [
      { on: { operation: 'CompleteMultipartUpload', times: 1 }, do: { type: 'cut', afterBytes: null } },
    ] as const;
    const double = await startS3({ faults });
    const client = createS3Client(double);
    const id = await client.createUpload('k', signal);
    const { etag } = await client.putPart('k', id, 1, part, { md5: md5(part) }, signal);
    await client.completeUpload('k', id, [{ number: 1, etag }], signal);
    expect(await client.head('k', signal)).toEqual({ size: 4, etag: `${md5(Buffer.from(etag, 'hex'))}-1` });
  });

  it('can be aborted', async () => {
    const double = await startS3();
    const client = createS3Client(double);
    const id = await client.createUpload('k', signal);
    expect(double.openUploads()).toHaveLength(1);
    await client.abortUpload('k', id, signal);
    expect(double.openUploads()).toEqual([]);
  });
});

it("a refusal has the store's code and message, and the request id", async () => {
  const double = await startS3({ faults: [{ do: { type: 'error', code: 'AccessDenied' } }] });
  const failure = createS3Client(double).getText('k', 10, signal);
  await expect(failure).rejects.toThrow(S3Error);
  await expect(failure).rejects.toMatchObject({
    code: 'place.denied',
    s3Code: 'AccessDenied',
    status: 403,
    message: expect.stringMatching(/^127\.0\.0\.1:\d+ answered 403 Forbidden: AccessDenied/) as string,
    facts: {
      requestId: expect.any(String) as string,
      hint: expect.stringContaining('its owner has to allow it') as string,
    },
  });
});
