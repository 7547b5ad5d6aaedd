import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  completeUploadRequest,
  contentSha256,
  getRequest,
  listObjectsRequest,
  listPartsRequest,
  listUploadsRequest,
  putPartRequest,
  putRequest,
} from '../../../src/s3/requests.ts';
import { signHeaders } from '../../../src/s3/signature.ts';

describe('a request', () => {
  it('asks for a page of a list, starting where the previous one ended', () => {
    expect(listObjectsRequest('p/', null).query).toEqual([
      ['list-type', '2'],
      ['max-keys', '1000'],
      ['encoding-type', 'url'],
      ['prefix', 'p/'],
    ]);
    expect(listObjectsRequest('', 'tok').query.at(-1)).toEqual(['continuation-token', 'tok']);
    expect(listUploadsRequest('p/', { key: 'k', uploadId: 'u' }).query.slice(-3)).toEqual([
      ['prefix', 'p/'],
      ['key-marker', 'k'],
      ['upload-id-marker', 'u'],
    ]);
    expect(listPartsRequest('k', 'u', '1000').query.at(-1)).toEqual(['part-number-marker', '1000']);
  });

  it('asks for a range of bytes', () => {
    expect(getRequest('k', { first: 0, last: 9 }, true)).toMatchObject({
      method: 'GET',
      key: 'k',
      range: { first: 0, last: 9 },
    });
  });
});

describe('what is sent', () => {
  const md5 = createHash('md5').update('data').digest('hex');

  it('comes with its MD5, as S3 writes it', () => {
    const bytes = Buffer.from('data');
    const header = [['content-md5', 'jXd/OF09/siBXSD3SWAm3A==']];
    expect(putRequest('k', bytes, md5, 'application/json')).toMatchObject({
      headers: header,
      body: bytes,
      contentType: 'application/json',
    });
    expect(putPartRequest('k', 'u', 3, bytes, md5)).toMatchObject({
      headers: header,
      query: [
        ['partNumber', '3'],
        ['uploadId', 'u'],
      ],
    });
    expect(putPartRequest('k', 'u', 3, bytes, null).headers).toEqual([]);
  });

  it('names the parts that make an object', () => {
    const { body } = completeUploadRequest('k', 'u', [
      { number: 1, etag: 'abc' },
      { number: 2, etag: 'a<&>' },
    ]);
    expect(body).toEqual(
      Buffer.from(
        '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"abc"</ETag></Part><Part><PartNumber>2</PartNumber><ETag>"a&lt;&amp;&gt;"</ETag></Part></CompleteMultipartUpload>',
      ),
    );
  });

  it('is signed with its SHA-256 if it is small, and without if it is large or unknown', () => {
    expect(contentSha256(null)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(contentSha256(Buffer.from('data'))).toBe(createHash('sha256').update('data').digest('hex'));
    expect(contentSha256(Buffer.alloc(1024 * 1024 + 1))).toBe('UNSIGNED-PAYLOAD');
    expect(contentSha256({ length: 1, chunks: (async function* () {})() })).toBe('UNSIGNED-PAYLOAD');
  });
});

describe('the signature', () => {
  const keys = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    sessionToken: null,
  };
  const unsigned = {
    method: 'GET',
    region: 'us-east-1',
    headers: [],
    contentSha256: contentSha256(null),
    timeMs: Date.UTC(2013, 4, 24, 0, 0, 0, 789),
  };

  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
  it.each([
    ['?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['?max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])("is the one of AWS's own examples, of %s", async (query, signature) => {
    const headers = await signHeaders(
      { ...unsigned, url: new URL(`https://examplebucket.s3.amazonaws.com/${query}`) },
      keys,
    );
    expect(headers.get('x-amz-date')).toBe('20130524T000000Z');
    expect(headers.get('authorization')).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
    );
  });

  it('covers the MD5 and the session token', async () => {
    const url = new URL('https://h/k');
    const headers = await signHeaders(
      { ...unsigned, url, headers: [['content-md5', 'x==']] },
      { ...keys, sessionToken: 'tok' },
    );
    expect(headers.get('x-amz-security-token')).toBe('tok');
    expect(headers.get('authorization')).toContain(
      'SignedHeaders=content-md5;host;x-amz-content-sha256;x-amz-date;x-amz-security-token,',
    );
  });
});
