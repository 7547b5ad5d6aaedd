import { expect, test } from 'vitest';
import { makeEntry } from '../../../support/images.ts';
import { ask, idsOf } from '../ask.ts';

const style = { style: 'document' } as const;
const entry = makeEntry('data', {
  id: '1',
  name: 'Ubuntu 10.04 Plain 5GB',
  disk_format: 'vhd',
  container_format: 'ovf',
  direct_url: 'swift://account/container/image.tar.gz.0',
  created_at: '2010-02-03T09:34:01Z',
  updated_at: '2010-02-03T09:34:01.500Z',
  min_ram: 256,
  min_disk: 5,
  properties: { distro: 'Ubuntu 10.04 LTS' },
});

test.for(['GET', 'HEAD'])('answers %s with the headers of the specification', (method) => {
  const { status, answer } = ask([entry], `${method} /images/1`, {}, { ...style, ranges: false });

  expect(status).toBe(200);
  expect(answer.headers).toEqual([
    ['Content-Length', '4'],
    ['Content-Type', 'application/octet-stream'],
    ['x-image-meta-name', 'Ubuntu 10.04 Plain 5GB'],
    ['x-image-meta-disk-format', 'vhd'],
    ['x-image-meta-container-format', 'ovf'],
    ['x-image-meta-size', '4'],
    ['x-image-meta-checksum', entry.image.checksum],
    ['x-image-meta-location', 'swift://account/container/image.tar.gz.0'],
    ['x-image-meta-created_at', '2010-02-03 09:34:01'],
    ['x-image-meta-updated_at', '2010-02-03 09:34:01'],
    ['x-image-meta-deleted_at', ''],
    ['x-image-meta-status', 'active'],
    ['x-image-meta-is-public', 'true'],
    ['x-image-meta-min-ram', '256'],
    ['x-image-meta-min-disk', '5'],
    ['x-image-meta-owner', 'null'],
    ['x-image-meta-property-distro', 'Ubuntu 10.04 LTS'],
    ['ETag', entry.image.checksum],
  ]);
});

test('sends the data with GET and not with HEAD', () => {
  expect(ask([entry], 'GET /images/1', {}, style).answer.body).toMatchObject({ start: 0, end: 4 });
  expect(ask([entry], 'HEAD /images/1', {}, style).answer.body).toBeNull();
});

test('answers ranges only for GET', () => {
  const headers = { range: 'bytes=1-2' };

  expect(ask([entry], 'GET /images/1', headers, style).status).toBe(206);
  expect(ask([entry], 'HEAD /images/1', headers, style)).toMatchObject({
    status: 200,
    headers: { 'Content-Length': '4' },
  });
});

test('lists the same at both paths, filtered and sorted like a real server', () => {
  const other = makeEntry('', { id: '2', name: 'other' });

  const list = ask([entry, other], 'GET /images?sort_key=id&sort_dir=asc', {}, style);
  const detail = ask([entry, other], 'GET /images/detail?sort_key=id&sort_dir=asc', {}, style);

  expect(idsOf(list)).toEqual(['1', '2']);
  expect(list.text).toBe(detail.text);
  expect(JSON.parse(list.text)).toMatchObject({
    images: [{ created_at: '2010-02-03 09:34:01', deleted_at: '', is_public: true, owner: null, size: 4 }, {}],
  });
  expect(idsOf(ask([entry, other], 'GET /images?name=other', {}, style))).toEqual(['2']);
});

test('pages by ids that are not UUIDs', () => {
  const entries = ['1', '2', '3'].map((id) => makeEntry('', { id }));

  const page = ask(entries, 'GET /images?sort_key=id&sort_dir=asc&limit=1&marker=1', {}, style);

  expect(idsOf(page)).toEqual(['2']);
  expect(ask(entries, 'GET /images?marker=x', {}, style).text).toContain('Invalid marker format');
});

test.for([
  ['GET /', 404],
  ['GET /versions', 404],
  ['GET /v1/images', 404],
  ['GET /images/2', 404],
  ['HEAD /images/2', 404],
  ['GET /images/1/members', 404],
  ['HEAD /images', 405],
  ['PUT /images/1', 403],
] as const)('answers %s with %i', ([line, status]) => {
  expect(ask([entry], line, {}, style).status).toBe(status);
});

test.for([
  ['available', 200],
  ['active', 200],
  ['queued', 404],
] as const)('answers a request for the data of an image that is %s with %i', ([state, status]) => {
  expect(ask([makeEntry('data', { id: '1', status: state })], 'GET /images/1', {}, style).status).toBe(status);
});
