// How a refusal is treated: as final, as a reason to retry, or as a correction.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/clock.ts';
import type { WireEvent } from '../../../src/http/request.ts';
import type { S3Keys } from '../../../src/s3/access.ts';
import { createS3Client, hastyClock, keysOf } from '../../support/s3/client.ts';
import { startS3 } from '../../support/s3/double.ts';

const { signal } = new AbortController();
const data = Buffer.from('data');
const md5 = createHash('md5').update(data).digest('hex');
const objects = { k: 'value' };

/** The regions that the requests were signed for. */
function regionsOf(
  requests: readonly { readonly headers: Readonly<Record<string, string>> }[],
): (string | undefined)[] {
  return requests.map(({ headers }) => headers['authorization']?.split('/')[2]);
}

async function* once(): AsyncGenerator<Uint8Array> {
  yield data;
}

describe('a region', () => {
  it('that the store names is used from then on', async () => {
    const double = await startS3({ objects });
    const client = createS3Client(double, { region: 'eu-west-9' });
    expect(await client.getText('k', 10, signal)).toBe('value');
    expect(await client.getText('k', 10, signal)).toBe('value');
    expect(regionsOf(double.requests)).toEqual(['eu-west-9', 'us-east-1', 'us-east-1']);
  });

  it('is also named in answers to HEAD', async () => {
    const double = await startS3({ objects });
    expect(await createS3Client(double, { region: 'eu-west-9' }).head('k', signal)).toMatchObject({ size: 5 });
  });

  it('that a redirect names is used, and the redirect is not followed', async () => {
    const faults = [{ on: { times: 1 }, do: { type: 'regionRedirect', region: 'us-east-1' } }] as const;
    const double = await startS3({ objects, flavour: 'rgw', faults });
    const client = createS3Client(double, { region: 'eu-west-9' });
    expect(await client.getText('k', 10, signal)).toBe('value');
    expect(regionsOf(double.requests)).toEqual(['eu-west-9', 'us-east-1']);
  });

  it('that leads in circles is followed once, with advice to set the endpoint', async () => {
    const faults = [{ do: { type: 'regionRedirect', region: 'eu-west-2' } }] as const;
    const double = await startS3({ objects, faults });
    await expect(createS3Client(double).getText('k', 10, signal)).rejects.toMatchObject({
      code: 'place.unsupported',
      facts: { httpStatus: 301, hint: 'give s3.eu-west-2.amazonaws.com as the endpoint' },
    });
    expect(double.requests).toHaveLength(2);
  });

  it('that is malformed is ignored', async () => {
    const headers = [['x-amz-bucket-region', 'evil.example/#']] as const;
    const double = await startS3({ objects, faults: [{ do: { type: 'status', status: 301, headers } }] });
    await expect(createS3Client(double).getText('k', 10, signal)).rejects.toMatchObject({ code: 'place.unsupported' });
    expect(double.requests).toHaveLength(1);
  });

  it('that is wrong for a stream, which cannot be repeated, is right for the next', async () => {
    const double = await startS3({ minPartBytes: 4 });
    const client = createS3Client(double, { region: 'eu-west-9' });
    const id = await createS3Client(double).createUpload('k', signal);
    const part = { length: data.length, chunks: once() };
    await expect(client.putPart('k', id, 1, part, { md5: null }, signal)).rejects.toMatchObject({
      code: 'place.unavailable',
      facts: expect.not.objectContaining({ attempts: expect.anything() as number }) as object,
    });
    expect(await client.putPart('k', id, 1, { ...part, chunks: once() }, { md5: null }, signal)).toEqual({ etag: md5 });
  });
});

describe('a clock', () => {
  const hour = 3_600_000;
  const slow: Clock = { ...hastyClock, wallTime: () => Date.now() - hour };

  it.each(['getText', 'head'] as const)("that is wrong is corrected by the store's, for %s", async (operation) => {
    const double = await startS3({ objects });
    const client = createS3Client(double, { clock: slow });
    await (operation === 'head' ? client.head('k', signal) : client.getText('k', 10, signal));
    await client.head('k', signal);
    expect(double.requests.map(({ status }) => status)).toEqual([403, 200, 200]);
  });

  it('about which the store contradicts itself is not adjusted for ever', async () => {
    const headers = [['Date', new Date().toUTCString()]] as const;
    const double = await startS3({
      objects,
      faults: [{ do: { type: 'error', code: 'RequestTimeTooSkewed', headers } }],
    });
    await expect(createS3Client(double).getText('k', 10, signal)).rejects.toMatchObject({
      code: 'place.denied',
      facts: { hint: 'the clock of this machine is wrong' },
    });
    expect(double.requests).toHaveLength(2);
  });
});

describe('keys that have expired', () => {
  const old: S3Keys = {
    accessKeyId: 'OLDACCESSKEY00000000',
    secretAccessKey: 'old-secret-0000000000',
    sessionToken: 'old-token-0000',
  };
  const expired = { ...old, sessionToken: 'old-token-0000', isExpired: true };

  it.each(['getText', 'head', 'put'] as const)('are replaced once, for %s', async (operation) => {
    const fresh = { ...old, sessionToken: 'new-token-0000' };
    const double = await startS3({ objects, credentials: expired });
    const refusals: (S3Keys | null)[] = [];
    let current = old;
    const keys = (refused: S3Keys | null): Promise<S3Keys> => {
      refusals.push(refused);
      if (refused !== null) {
        current = fresh;
        double.become({ credentials: fresh });
      }
      return Promise.resolve(current);
    };
    const client = createS3Client(double, { keys });
    if (operation === 'put') await client.put('k', data, { md5 }, signal);
    else if (operation === 'head') expect(await client.head('k', signal)).toMatchObject({ size: 5 });
    else expect(await client.getText('k', 10, signal)).toBe('value');
    expect(refusals).toEqual([null, old, null]);
    expect(double.requests.map(({ headers }) => headers['x-amz-security-token'])).toEqual([
      'old-token-0000',
      'new-token-0000',
    ]);
  });

  it('are finally refused if there are no others', async () => {
    const double = await startS3({ objects, credentials: expired });
    await expect(
      createS3Client(double, { keys: () => Promise.resolve(old) }).getText('k', 10, signal),
    ).rejects.toMatchObject({
      code: 'place.denied',
      s3Code: 'ExpiredToken',
      facts: { hint: 'the keys have expired: get new ones' },
    });
    expect(double.requests).toHaveLength(1);
  });
});

describe('what may pass', () => {
  it.each(['SlowDown', 'ServiceUnavailable', 'InternalError', 'RequestTimeout'] as const)(
    'is retried: %s',
    async (code) => {
      const faults = [{ on: { times: 2 }, do: { type: 'error', code } }] as const;
      const double = await startS3({ objects, faults });
      expect(await createS3Client(double).getText('k', 10, signal)).toBe('value');
      expect(double.requests).toHaveLength(3);
    },
  );

  it.each([
    [{ type: 'error', code: 'SlowDown' }, 'SlowDown'],
    [{ type: 'status', status: 502, body: '<html><body><h1>Bad Gateway</h1>upstream</body></html>' }, null],
    [{ type: 'status', status: 429 }, null],
  ] as const)("and does not is the store's trouble: %j", async (action, s3Code) => {
    const double = await startS3({ objects, faults: [{ do: action }] });
    await expect(createS3Client(double).getText('k', 10, signal)).rejects.toMatchObject({
      code: 'place.unavailable',
      s3Code,
      facts: { attempts: 3 },
    });
  });

  it.each([
    [{ type: 'cut', afterBytes: null }, 'net.reset'],
    [{ type: 'reset', afterBytes: null }, 'net.reset'],
    [{ type: 'cut', afterBytes: 2 }, 'http.truncated'],
  ] as const)("on the way to it counts as the store's trouble, too: %j", async (action, cause) => {
    const double = await startS3({ objects, faults: [{ do: action }] });
    await expect(createS3Client(double).getText('k', 10, signal)).rejects.toMatchObject({
      code: 'place.unavailable',
      facts: { attempts: 3 },
      cause: { code: cause },
    });
  });

  it('is signed anew for each attempt', async () => {
    const faults = [{ on: { times: 1 }, do: { type: 'error', code: 'SlowDown' } }] as const;
    const double = await startS3({ objects, faults });
    let time = Date.now();
    const clock: Clock = { ...hastyClock, wallTime: () => (time += 1000) };
    await createS3Client(double, { clock }).getText('k', 10, signal);
    const signed = double.requests.map(({ headers }) => headers['authorization']);
    expect(new Set(signed).size).toBe(2);
  });

  it('is not retried with a stream, but reported as worth another attempt', async () => {
    const faults = [{ on: { operation: 'UploadPart' }, do: { type: 'error', code: 'SlowDown' } }] as const;
    const double = await startS3({ faults });
    const client = createS3Client(double);
    const id = await client.createUpload('k', signal);
    const part = { length: data.length, chunks: once() };
    await expect(client.putPart('k', id, 1, part, { md5: null }, signal)).rejects.toMatchObject({
      code: 'place.unavailable',
      facts: expect.not.objectContaining({ attempts: expect.anything() as number }) as object,
    });
    expect(double.count('UploadPart')).toBe(1);
  });
});

describe('what is permanent', () => {
  it.each([
    ['AccessDenied', 'place.denied', 'its owner has to allow it'],
    ['SignatureDoesNotMatch', 'place.denied', 'the secret key does not belong'],
    ['InvalidAccessKeyId', 'place.denied', 'does not know the access key'],
    ['NoSuchBucket', 'place.missing', 'buckets are never created'],
    ['NotImplemented', 'place.unsupported', undefined],
    ['InvalidArgument', 'place.unsupported', undefined],
  ] as const)('is not tried again: %s is %s', async (code, ours, hint) => {
    const double = await startS3({ faults: [{ do: { type: 'error', code } }] });
    await expect(createS3Client(double).createUpload('k', signal)).rejects.toMatchObject({
      code: ours,
      s3Code: code,
      facts: { hint: hint === undefined ? undefined : (expect.stringContaining(hint) as string) },
    });
    expect(double.requests).toHaveLength(1);
  });

  it.each([
    [{ type: 'html' }],
    [{ type: 'status', status: 200, body: '<ListBucketResult><Contents></Contents></ListBucketResult>' }],
    [{ type: 'status', status: 200, body: '<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult/>' }],
  ] as const)('includes what does not speak S3: %j', async (action) => {
    const double = await startS3({ faults: [{ do: action }] });
    const pages = createS3Client(double).listObjects('', signal);
    await expect(pages[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'place.unsupported' });
  });

  it.each([300, 400, 405])('includes an answer of %i that is not from a store: check the endpoint', async (status) => {
    const double = await startS3({ faults: [{ do: { type: 'status', status, body: '{"versions": []}' } }] });
    await expect(createS3Client(double).getText('k', 10, signal)).rejects.toMatchObject({
      code: 'place.unsupported',
      facts: { hint: 'check that this is the endpoint of the S3 API' },
    });
  });

  it('includes a missing bucket, by name', async () => {
    const double = await startS3({ faults: [{ do: { type: 'error', code: 'NoSuchBucket' } }] });
    await expect(createS3Client(double).createUpload('k', signal)).rejects.toMatchObject({
      code: 'place.missing',
      message: expect.stringMatching(
        /^127\.0\.0\.1:\d+ answered 404 Not Found for the bucket "images": NoSuchBucket/,
      ) as string,
    });
  });

  it('includes an untrusted certificate: the store has certificate authorities of its own', async () => {
    const double = await startS3({ objects, certificate: 'server' });
    await expect(createS3Client(double).getText('k', 10, signal)).rejects.toMatchObject({
      code: 'tls.untrusted',
      facts: { hint: 'if you trust this server, name its authority with AWS_CA_BUNDLE' },
    });
  });

  it('includes a page of something other than a store that says not found', async () => {
    const double = await startS3({ faults: [{ do: { type: 'status', status: 404, body: '<html>Not here</html>' } }] });
    const failure = createS3Client(double).getText('k', 10, signal);
    await expect(failure).rejects.toMatchObject({ code: 'place.missing', s3Code: null });
  });

  it('includes a list that makes no progress', async () => {
    const body =
      '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>';
    const double = await startS3({ faults: [{ do: { type: 'status', status: 200, body } }] });
    const read = async (): Promise<void> => {
      for await (const page of createS3Client(double).listObjects('', signal)) expect(page).toEqual([]);
    };
    await expect(read()).rejects.toMatchObject({ code: 'page.loop' });
    expect(double.requests).toHaveLength(2);
  });
});

describe('secrets', () => {
  it('never appear in messages, even if the store repeats them', async () => {
    const credentials = {
      accessKeyId: 'AKIDOFTHEDOUBLE00000',
      secretAccessKey: 's3cret/of+the=double',
      sessionToken: 't0ken/of+the=double',
    };
    const double = await startS3({ credentials });
    const wire: WireEvent[] = [];
    const client = createS3Client(double, { wire });
    await client.put('k', data, { md5 }, signal);
    const [, signature = ''] =
      /Signature=([0-9a-f]{64})$/.exec(double.requests[0]?.headers['authorization'] ?? '') ?? [];
    expect(signature).not.toBe('');
    const { secretAccessKey, sessionToken } = keysOf(double);
    const body = `<Error><Code>AccessDenied</Code><Message>${secretAccessKey} ${String(sessionToken)} ${signature}</Message></Error>`;
    const headers = [['x-amz-request-id', signature]] as const;
    double.become({ faults: [{ do: { type: 'status', status: 403, body, headers } }] });
    const failure: unknown = await client.put('k', data, { md5 }, signal).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: expect.stringContaining('AccessDenied: *** *** ***') as string });
    const said = JSON.stringify([wire, failure, (failure as Error).stack]);
    for (const secret of [secretAccessKey, sessionToken, signature]) expect(said).not.toContain(secret);
    expect(wire[0]?.lines).toEqual(
      expect.arrayContaining(['x-amz-security-token: [redacted]', 'authorization: [redacted]']) as string[],
    );
  });
});

it('is given up at once when the signal says so', async () => {
  const double = await startS3({ faults: [{ do: { type: 'stall', afterBytes: null } }] });
  const stop = new AbortController();
  const asked = createS3Client(double).getText('k', 10, stop.signal);
  await double.waitForStalls(1);
  stop.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
});
