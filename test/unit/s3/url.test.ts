import { describe, expect, it } from 'vitest';
import { formatS3Url, isRegion, isS3Url, mostPartsOf, objectUrl, parseS3Url } from '../../../src/s3/url.ts';

describe('an address in a bucket', () => {
  it.each([
    ['s3://images', { bucket: 'images', prefix: '' }],
    ['s3://images/', { bucket: 'images', prefix: '' }],
    ['S3://images/prod', { bucket: 'images', prefix: 'prod/' }],
    ['s3://images//prod///all/', { bucket: 'images', prefix: 'prod/all/' }],
    ['s3://images/100%?a b#c', { bucket: 'images', prefix: '100%?a b#c/' }],
    ['s3://a.b-c_D/x', { bucket: 'a.b-c_D', prefix: 'x/' }],
  ])('%s is taken as written', (text, place) => {
    expect(isS3Url(text)).toBe(true);
    expect(parseS3Url(text)).toEqual(place);
    expect(parseS3Url(formatS3Url(place))).toEqual(place);
  });

  it.each([
    's3://',
    's3:///x',
    's3://ab',
    's3://a..b',
    's3://-ab',
    's3://a b c',
    `s3://${'a'.repeat(256)}`,
    '/tmp/images',
  ])('%s is refused, with the right form as a hint', (text) => {
    expect(() => parseS3Url(text)).toThrow(
      expect.objectContaining({ code: 'usage.argument', facts: { hint: 'write s3://BUCKET or s3://BUCKET/PREFIX' } }),
    );
  });

  it.each(['s3://images/a/../b', 's3://images/.', 's3://images/\ud800'])(
    '%s is refused: no request can carry it',
    (text) => {
      expect(() => parseS3Url(text)).toThrow(expect.objectContaining({ code: 'usage.argument' }));
    },
  );

  it.each(['/tmp', 's3:images', 'sx://images', 'https://s3', ''])('%s is not one', (text) => {
    expect(isS3Url(text)).toBe(false);
  });
});

it.each([
  [null, 10_000],
  ['https://s3.eu-west-1.amazonaws.com', 10_000],
  ['https://amazonaws.com.example.org', 1000],
  ['http://127.0.0.1:7480', 1000],
])('an upload to %j has no more parts than %d', (endpoint, most) => {
  expect(mostPartsOf({ endpoint: endpoint === null ? null : new URL(endpoint) })).toBe(most);
});

describe('the address of an object', () => {
  const store = { endpoint: new URL('https://rgw.example:8443'), region: 'us-east-1' };
  const amazon = { endpoint: null, region: 'eu-west-1' };

  it.each([
    [store, 'images', 'a/b.img', 'https://rgw.example:8443/images/a/b.img'],
    [store, 'images', '', 'https://rgw.example:8443/images/'],
    [{ ...store, endpoint: new URL('http://h/s3/?x#y') }, 'images', 'k', 'http://h/s3/images/k'],
    [amazon, 'images', 'a/b', 'https://images.s3.eu-west-1.amazonaws.com/a/b'],
    [amazon, 'images', '', 'https://images.s3.eu-west-1.amazonaws.com/'],
    [amazon, 'my.images', 'k', 'https://s3.eu-west-1.amazonaws.com/my.images/k'],
    [{ ...amazon, region: 'cn-north-1' }, 'images', 'k', 'https://images.s3.cn-north-1.amazonaws.com.cn/k'],
    [{ ...amazon, region: 'eusc-de-east-1' }, 'images', 'k', 'https://images.s3.eusc-de-east-1.amazonaws.eu/k'],
    [
      store,
      'images',
      "ü /+%&?#~!*'()//x",
      'https://rgw.example:8443/images/%C3%BC%20/%2B%25%26%3F%23~%21%2A%27%28%29//x',
    ],
  ])('%#: has the bucket where the store looks for it, and every character of the key', (access, bucket, key, href) => {
    expect(objectUrl(access, bucket, key).href).toBe(href);
  });

  it('writes a query that cannot be read in two ways', () => {
    const query = [
      ['uploads', ''],
      ['prefix', 'a b+c/ü&='],
    ] as const;
    expect(objectUrl(store, 'images', '', query).search).toBe('?uploads=&prefix=a%20b%2Bc%2F%C3%BC%26%3D');
  });

  it.each(['a/../b', '..', './x', '\udfff'])('refuses the key %j, which no address can carry', (key) => {
    expect(() => objectUrl(store, 'images', key)).toThrow(expect.objectContaining({ code: 'io.name' }));
  });

  it.each(['evil.example/', 'a.b', '', '-a', 'a'.repeat(64)])('lets the region %j choose no other host', (region) => {
    expect(isRegion(region)).toBe(false);
    expect(() => objectUrl({ endpoint: null, region }, 'images', 'k')).toThrow(
      expect.objectContaining({ code: 'config.invalid' }),
    );
  });
});
