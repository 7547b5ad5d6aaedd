import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { ask, type Question, type Reply } from '../../support/s3/ask.ts';
import { type S3Double, startS3 } from '../../support/s3/double.ts';
import { signHeaders } from '../../support/s3/signature.ts';

const md5 = (data: Uint8Array | string): string => createHash('md5').update(data).digest('hex');

function textOf({ body }: Reply, element: string): string | undefined {
  return new RegExp(`<${element}>([^<]*)</${element}>`).exec(body.toString())?.[1];
}

async function beginUpload(double: S3Double, key = 'one.raw'): Promise<string> {
  return textOf(await ask(double, { method: 'POST', path: `/images/${key}?uploads=` }), 'UploadId') ?? '';
}

function putPart(
  double: S3Double,
  id: string,
  number: number,
  body: string,
  more: Partial<Question> = {},
): Promise<Reply> {
  const path = `/images/one.raw?partNumber=${String(number)}&uploadId=${id}`;
  return ask(double, { method: 'PUT', path, body, md5: true, ...more });
}

function complete(double: S3Double, id: string, etags: readonly string[]): Promise<Reply> {
  const parts = etags.map(
    (etag, index) => `<Part><PartNumber>${String(index + 1)}</PartNumber><ETag>"${etag}"</ETag></Part>`,
  );
  const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
  return ask(double, { method: 'POST', path: `/images/one.raw?uploadId=${id}`, body });
}

test('signs like the example in the documentation of Amazon S3', () => {
  const head = {
    method: 'GET',
    path: '/test.txt',
    headers: { host: 'examplebucket.s3.amazonaws.com', range: 'bytes=0-9' },
  };
  const credentials = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
  const sha256 = createHash('sha256').digest('hex');

  const signed = signHeaders(head, credentials, { region: 'us-east-1', at: Date.UTC(2013, 4, 24), sha256 });

  expect(signed['authorization']).toMatch(
    /Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41$/,
  );
});

test('stores and returns objects, and remembers requests', async () => {
  const double = await startS3();

  await ask(double, { method: 'PUT', path: '/images/a%20b', body: 'data', md5: true });
  const { body } = await ask(double, { path: '/images/a%20b', headers: { range: 'bytes=1-2' } });

  expect(body.toString()).toBe('at');
  expect(double.dump()).toEqual(new Map([['a b', Buffer.from('data')]]));
  expect(double.requests.map(({ operation, key, bytes, status }) => [operation, key, bytes, status])).toEqual([
    ['PutObject', 'a b', 4, 200],
    ['GetObject', 'a b', 0, 206],
  ]);
});

test('makes an object of parts, and gives the same answer again', async () => {
  const double = await startS3({ minPartBytes: 4 });
  const id = await beginUpload(double);
  await putPart(double, id, 1, 'first');
  await putPart(double, id, 2, '2');
  expect(double.openUploads()).toEqual([{ key: 'one.raw', id, parts: [1, 2] }]);

  const first = await complete(double, id, [md5('first'), md5('2')]);
  const again = await complete(double, id, [md5('first'), md5('2')]);

  const etag = `${md5(Buffer.from(md5('first') + md5('2'), 'hex'))}-2`;
  expect([first.status, textOf(first, 'ETag')]).toEqual([200, `&quot;${etag}&quot;`]);
  expect([again.status, textOf(again, 'ETag')]).toEqual([200, `&quot;${etag}&quot;`]);
  expect(double.dump()).toEqual(new Map([['one.raw', Buffer.from('first2')]]));
  expect(double.openUploads()).toEqual([]);
});

test.for([
  [
    'another secret',
    { credentials: { accessKeyId: 'DOUBLEACCESSKEY00000', secretAccessKey: 'x' } },
    403,
    'SignatureDoesNotMatch',
  ],
  ['another key', { credentials: { accessKeyId: 'NOBODY', secretAccessKey: 'x' } }, 403, 'InvalidAccessKeyId'],
  ['a clock that is behind', { at: Date.now() - 16 * 60_000 }, 403, 'RequestTimeTooSkewed'],
  ['another region', { region: 'eu-central-1' }, 400, 'AuthorizationHeaderMalformed'],
  ['another body', { sha256: '0'.repeat(64) }, 400, 'XAmzContentSHA256Mismatch'],
  ['no signature', null, 403, 'AccessDenied'],
] as const)('refuses %s', async ([, sign, status, code]) => {
  const double = await startS3();

  const reply = await ask(double, { method: 'PUT', path: '/images/key', body: 'data', sign });

  expect([reply.status, textOf(reply, 'Code')]).toEqual([status, code]);
  expect(double.dump().size).toBe(0);
});

test('checks temporary credentials and their expiry', async () => {
  const credentials = { accessKeyId: 'TEMPORARY', secretAccessKey: 'x', sessionToken: 'token' };
  const double = await startS3({ credentials });
  const list = { path: '/images?list-type=2' };

  const right = await ask(double, list);
  const without = await ask(double, {
    ...list,
    sign: { credentials: { accessKeyId: 'TEMPORARY', secretAccessKey: 'x' } },
  });
  double.become({ credentials: { ...credentials, isExpired: true } });
  const expired = await ask(double, list);

  expect(right.status).toBe(200);
  expect([without.status, textOf(without, 'Code')]).toEqual([400, 'InvalidToken']);
  expect([expired.status, textOf(expired, 'Code')]).toEqual([400, 'ExpiredToken']);
});

test('reveals the region of a bucket elsewhere, and answers clients that sign for it', async () => {
  const double = await startS3({ buckets: { images: 'eu-west-1' } });

  const redirected = await ask(double, { method: 'HEAD', path: '/images/key' });
  const list = await ask(double, { path: '/images?list-type=2', sign: { region: 'eu-west-1' } });

  expect(redirected.status).toBe(301);
  expect(redirected.headers).toContainEqual(['x-amz-bucket-region', 'eu-west-1']);
  expect(list.status).toBe(200);
});

test('takes a bucket from the host name', async () => {
  const double = await startS3({ objects: { 'a/b': 'data' } });

  const { body } = await ask(double, { path: '/a/b', headers: { host: 'images.s3.amazonaws.com' } });

  expect(body.toString()).toBe('data');
});

test('lists page by page in the order of keys', async () => {
  const keys = ['a', 'b/1', 'b/2', 'b/3', 'c'];
  const double = await startS3({ pageEntries: 2, objects: Object.fromEntries(keys.map((key) => [key, key])) });
  const seen: string[] = [];
  let token: string | undefined;
  do {
    const next = token === undefined ? '' : `continuation-token=${encodeURIComponent(token)}&`;
    const page = await ask(double, { path: `/images?${next}list-type=2&prefix=b%2F` });
    seen.push(...[...page.body.toString().matchAll(/<Key>([^<]*)/g)].map(([, key = '']) => key));
    token = textOf(page, 'NextContinuationToken');
  } while (token !== undefined);

  expect(seen).toEqual(['b/1', 'b/2', 'b/3']);
  expect(double.count('ListObjectsV2')).toBe(2);
});

test('fails as often as a fault says, without doing anything', async () => {
  const double = await startS3({
    faults: [{ on: { operation: 'PutObject', times: 2 }, do: { type: 'error', code: 'SlowDown' } }],
  });
  const put = { method: 'PUT', path: '/images/key', body: 'data' };

  const replies = [await ask(double, put), await ask(double, put)];
  const sizes = double.dump().size;
  replies.push(await ask(double, put));

  expect(replies.map(({ status }) => status)).toEqual([503, 503, 200]);
  expect(sizes).toBe(0);
});

test('loses the answer to a completed request', async () => {
  const double = await startS3({
    faults: [{ on: { operation: 'CompleteMultipartUpload', times: 1 }, do: { type: 'cut', afterBytes: null } }],
  });
  const id = await beginUpload(double);
  await putPart(double, id, 1, 'all');

  await expect(complete(double, id, [md5('all')])).rejects.toThrow('socket hang up');

  expect(double.dump()).toEqual(new Map([['one.raw', Buffer.from('all')]]));
  expect(double.requests.at(-1)?.status).toBe(null);
});

test('answers a completion with 200 and an error in it', async () => {
  const double = await startS3({
    faults: [{ on: { operation: 'CompleteMultipartUpload' }, do: { type: 'errorInside', code: 'InternalError' } }],
  });
  const id = await beginUpload(double);
  await putPart(double, id, 1, 'all');

  const reply = await complete(double, id, [md5('all')]);

  expect([reply.status, textOf(reply, 'Code')]).toEqual([200, 'InternalError']);
  expect(double.dump().size).toBe(0);
});

test.for(['cutRequest', 'resetRequest'] as const)('breaks a connection in the middle of a body: %s', async (type) => {
  const double = await startS3({ faults: [{ on: { operation: 'PutObject' }, do: { type, afterBytes: 2 } }] });

  await expect(ask(double, { method: 'PUT', path: '/images/key', body: 'data' })).rejects.toThrow(
    /ECONNRESET|hang up|EPIPE/,
  );

  expect(double.dump().size).toBe(0);
});

test('stalls in the middle of a body, and says so', async () => {
  const double = await startS3({ faults: [{ do: { type: 'stallRequest', afterBytes: 2 } }] });
  const controller = ask(double, { method: 'PUT', path: '/images/key', body: 'data' }).catch(() => 'ended');

  await double.waitForStalls(1);

  expect(double.requests.map(({ status }) => status)).toEqual([null]);
  expect(controller).toBeInstanceOf(Promise);
});

test('corrupts a sent body, and notices by its MD5', async () => {
  const double = await startS3({ faults: [{ do: { type: 'flipRequest', offset: 0 } }] });
  const sign = { sha256: 'UNSIGNED-PAYLOAD' };

  const checked = await ask(double, { method: 'PUT', path: '/images/key', body: 'data', md5: true, sign });
  const unchecked = await ask(double, { method: 'PUT', path: '/images/key', body: 'data', sign });

  expect([checked.status, textOf(checked, 'Code')]).toEqual([400, 'BadDigest']);
  expect(unchecked.headers).toContainEqual(['ETag', `"${md5('eata')}"`]);
});

test('loses one part, and corrupts another', async () => {
  const double = await startS3({
    minPartBytes: 1,
    faults: [
      { on: { operation: 'UploadPart', part: 1, times: 1 }, do: { type: 'lose' } },
      { on: { operation: 'UploadPart', part: 2, times: 1 }, do: { type: 'rot', offset: 0 } },
    ],
  });
  const id = await beginUpload(double);

  const lost = await putPart(double, id, 1, 'one');
  const rotten = await putPart(double, id, 2, 'data');
  const { body } = await ask(double, { path: `/images/one.raw?uploadId=${id}` });

  expect(lost.headers).toContainEqual(['ETag', `"${md5('one')}"`]);
  expect(rotten.headers).toContainEqual(['ETag', `"${md5('data')}"`]);
  expect([...body.toString().matchAll(/<ETag>&quot;(\w+)/g)].map(([, etag]) => etag)).toEqual([md5('eata')]);
});

test('gives ETags that are not MD5, always or once', async () => {
  const double = await startS3({ etags: 'opaque' });
  const put = { method: 'PUT', path: '/images/key', body: 'data' };
  const etagOf = ({ headers }: Reply): string | undefined => headers.find(([name]) => name === 'ETag')?.[1];

  const throughout = await ask(double, put);
  double.become({ etags: 'md5', faults: [{ on: { times: 1 }, do: { type: 'opaqueETag' } }] });
  const once = await ask(double, put);
  const head = await ask(double, { method: 'HEAD', path: '/images/key' });

  expect(etagOf(throughout)).not.toBe(`"${md5('data')}"`);
  expect(etagOf(once)).toBe(etagOf(throughout));
  expect(etagOf(head)).toBe(etagOf(once));
});

test('accepts data without storing it', async () => {
  const double = await startS3({ keepsData: false });
  const body = Buffer.alloc(100_000, 'x');

  await ask(double, { method: 'PUT', path: '/images/key', body, md5: true });
  const { status } = await ask(double, { path: '/images/key' });

  expect(double.bucket().objects.get('key')).toMatchObject({ size: 100_000, etag: md5(body), data: null });
  expect(status).toBe(500);
});
