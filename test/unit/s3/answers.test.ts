import { describe, expect, it } from 'vitest';
import {
  parseCompleted,
  parseObjectPage,
  parsePartPage,
  parseRefusal,
  parseUploadId,
  parseUploadPage,
  plainEtag,
} from '../../../src/s3/answers.ts';

const list = (inner: string): string =>
  `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ListBucketResult>`;
const object = (inner: string): string => list(`<Contents>${inner}</Contents>`);

describe('a list of objects', () => {
  it('has key, size, ETag without quotes, and time', () => {
    const page = parseObjectPage(
      object(
        '<Key>a &amp; b</Key><LastModified>2026-11-26T10:20:30.456Z</LastModified><ETag>&quot;abc-2&quot;</ETag><Size>5497558138880</Size><Owner><ID>x</ID></Owner>',
      ),
    );
    const lastModified = Date.UTC(2026, 10, 26, 10, 20, 30, 456);
    expect(page).toEqual({ items: [{ key: 'a & b', size: 5497558138880, etag: 'abc-2', lastModified }], next: null });
  });

  it.each([
    ['a%20b%2Bc%25', 'a b+c%'],
    ['a+b%2bc', 'a b+c'],
    ['%C3%BC/%E6%97%A5', 'ü/日'],
    ['ü%20', 'ü '],
    ['%zz%', '%zz%'],
    ['%ff', '\ufffd'],
    ['%0A%00', '\n\0'],
  ])('decodes the key %s if it says that keys are encoded', (written, key) => {
    const item = `<Contents><Key>${written}</Key><Size>1</Size></Contents>`;
    expect(parseObjectPage(list(`<EncodingType>url</EncodingType>${item}`))?.items[0]?.key).toBe(key);
    expect(parseObjectPage(list(`${item}<EncodingType>url</EncodingType>`))?.items[0]?.key).toBe(key);
    expect(parseObjectPage(list(item))?.items[0]?.key).toBe(written);
  });

  it('continues if it says so', () => {
    const more = '<IsTruncated>true</IsTruncated>';
    expect(parseObjectPage(list(`${more}<NextContinuationToken>t+/=</NextContinuationToken>`))).toEqual({
      items: [],
      next: 't+/=',
    });
    expect(parseObjectPage(list('<NextContinuationToken>t</NextContinuationToken>'))?.next).toBeNull();
    expect(parseObjectPage(list(more))).toBeNull();
    expect(parseObjectPage(list(`${more}<NextContinuationToken/>`))).toBeNull();
  });

  it('may lack ETag and time, or have an invalid time', () => {
    const [item] = parseObjectPage(object('<Key>k</Key><Size>0</Size><ETag></ETag>'))?.items ?? [];
    expect(item).toEqual({ key: 'k', size: 0, etag: null, lastModified: null });
    const odd = parseObjectPage(object('<Key>k</Key><Size>0</Size><LastModified>2026-99-99T99:99:99Z</LastModified>'));
    expect(odd?.items[0]?.lastModified).toBeNull();
  });

  it.each([
    object('<Key>k</Key>'),
    object('<Size>1</Size>'),
    object('<Key>k</Key><Size>-1</Size>'),
    object('<Key>k</Key><Size>1e3</Size>'),
    object('<Key>k</Key><Size>99999999999999999999</Size>'),
    '<Error><Code>NoSuchBucket</Code></Error>',
    '<html><body>Sign in</body></html>',
    '',
  ])('is invalid as %s', (text) => {
    expect(parseObjectPage(text)).toBeNull();
  });

  it('is read in linear time, whatever it contains', () => {
    for (const piece of [
      '<Contents>',
      '<Contents/>',
      '<Contents><Key>k</Key><Size>1</Size></Contents>',
      '&',
      '<Key/>',
      ' ',
    ]) {
      const text = list(piece.repeat(1_000_000 / piece.length));
      expect(() => parseObjectPage(text)).not.toThrow();
    }
  });
});

describe('a list of uploads', () => {
  const uploads = (inner: string): string => `<ListMultipartUploadsResult>${inner}</ListMultipartUploadsResult>`;

  it('has key, id and time, and where to continue', () => {
    const text = uploads(
      '<NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>2~u</NextUploadIdMarker><IsTruncated>true</IsTruncated>' +
        '<Upload><Key>k</Key><UploadId>2~u</UploadId><Initiator><ID>x</ID></Initiator><Initiated>2026-11-26T00:00:00Z</Initiated></Upload>',
    );
    expect(parseUploadPage(text)).toEqual({
      items: [{ key: 'k', uploadId: '2~u', initiated: Date.UTC(2026, 10, 26) }],
      next: { key: 'k', uploadId: '2~u' },
    });
  });

  it.each([
    '<Upload><Key>k</Key></Upload>',
    '<Upload><UploadId>u</UploadId></Upload>',
    '<IsTruncated>true</IsTruncated>',
  ])('is invalid with %s', (inner) => {
    expect(parseUploadPage(uploads(inner))).toBeNull();
  });
});

describe('a list of parts', () => {
  const parts = (inner: string): string => `<ListPartsResult>${inner}</ListPartsResult>`;

  it('has number, size and ETag, and where to continue', () => {
    const text = parts(
      '<IsTruncated>true</IsTruncated><NextPartNumberMarker>7</NextPartNumberMarker><Part><PartNumber>7</PartNumber><Size>5</Size><ETag>"e"</ETag></Part>',
    );
    expect(parsePartPage(text)).toEqual({ items: [{ number: 7, size: 5, etag: 'e' }], next: '7' });
  });

  it.each(['<Part><PartNumber>1</PartNumber><Size>5</Size></Part>', '<Part><Size>5</Size><ETag>e</ETag></Part>'])(
    'is invalid with %s',
    (inner) => {
      expect(parsePartPage(parts(inner))).toBeNull();
    },
  );
});

describe('other answers', () => {
  it('contain the id of an upload, unless it is empty', () => {
    const started = (id: string): string => `<InitiateMultipartUploadResult>${id}</InitiateMultipartUploadResult>`;
    expect(parseUploadId(started('<UploadId>a&amp;b</UploadId>'))).toBe('a&b');
    expect(parseUploadId(started('<UploadId/>'))).toBeNull();
    expect(parseUploadId(started(''))).toBeNull();
  });

  it('contain the ETag of a completed upload, which a Ceph RGW leaves empty at first', () => {
    const done = (inner: string): string => `<CompleteMultipartUploadResult>${inner}</CompleteMultipartUploadResult>`;
    expect(parseCompleted(done('<ETag>&quot;e-2&quot;</ETag>'))).toEqual({ etag: 'e-2' });
    expect(parseCompleted(done('<ETag></ETag>'))).toEqual({ etag: null });
    expect(parseCompleted('<Error><Code>InternalError</Code></Error>')).toBeNull();
  });

  it('contain a refusal with a code and details', () => {
    const text =
      '<?xml version="1.0"?><Error><Code>PermanentRedirect</Code><Message>Elsewhere &amp; far</Message><Endpoint>h.example</Endpoint><Region>eu-west-1</Region></Error>';
    expect(parseRefusal(text)).toEqual({
      code: 'PermanentRedirect',
      message: 'Elsewhere & far',
      region: 'eu-west-1',
      endpoint: 'h.example',
    });
    expect(parseRefusal('<Error><Message>x</Message></Error>')).toBeNull();
    expect(parseRefusal('<Error><Code/></Error>')).toBeNull();
    expect(parseRefusal('{"code": 404}')).toBeNull();
    expect(parseRefusal(`<Error><Code>${'x'.repeat(101)}</Code></Error>`)).toBeNull();
    expect(parseRefusal('<Error><Code>not a code</Code></Error>')).toBeNull();
  });

  it.each([
    ['"abc"', 'abc'],
    ['abc', 'abc'],
    [' "abc-1" ', 'abc-1'],
    ['""', null],
    ['', null],
    [null, null],
  ])('contain the ETag %j, plain %j', (written, etag) => {
    expect(plainEtag(written)).toBe(etag);
  });
});
