import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseV2Image } from '../../../../src/image/v2/records.ts';
import { imageKeys } from '../../../../src/image/image.ts';
import { splitList, splitOperator } from '../../../../src/server/v2/operators.ts';
import { makeEntry } from '../../../support/images.ts';
import { type Asked, ask, idsOf } from '../ask.ts';

const sha512 = createHash('sha512').update('0123456789').digest('hex');
const entry = makeEntry('0123456789', { id: '1', os_hash_algo: 'sha512', os_hash_value: sha512 });
const file = 'GET /v2/images/1/file';

function linkOf({ text }: Asked, name: 'first' | 'next'): string | undefined {
  return (JSON.parse(text) as Record<string, string>)[name];
}

test('sends data with the digest as a strong ETag, and ranges of it', () => {
  const whole = ask([entry], file);
  const part = ask([entry], file, { range: 'bytes=2-5', 'if-range': `"${sha512}"` });

  expect(whole.headers).toMatchObject({
    Etag: `"${sha512}"`,
    'Accept-Ranges': 'bytes',
    'Content-Length': '10',
    'Content-Md5': entry.image.checksum,
  });
  expect(part).toMatchObject({ status: 206, headers: { 'Content-Range': 'bytes 2-5/10', 'Content-Length': '4' } });
  expect(part.answer.body).toMatchObject({ start: 2, end: 6 });
});

test.for(['"another"', `W/"${sha512}"`, 'Fri, 01 Jan 2038 00:00:00 GMT'])(
  'sends everything if the requested range is %s',
  (ifRange) => {
    expect(ask([entry], file, { range: 'bytes=2-5', 'if-range': ifRange }).status).toBe(200);
  },
);

test.for(['bytes=10-', 'bytes=-0', 'bytes=5-2', 'lines=1-2', 'bytes=-'])(
  'answers %s with 416 and the size',
  (range) => {
    const { status, headers } = ask([entry], file, { range });

    expect(status).toBe(416);
    expect(headers['Content-Range']).toBe('bytes */10');
  },
);

test('uses the digest kept with the record as ETag, or else the MD5', () => {
  const bare = makeEntry('0123456789', { id: '1' });

  expect(ask([{ ...bare, digest: sha512 }], file).headers['Etag']).toBe(`"${sha512}"`);
  expect(ask([bare], file).headers['Etag']).toBe(`"${bare.image.checksum ?? ''}"`);
  expect(ask([makeEntry('0', { id: '1', checksum: null })], file).headers).not.toHaveProperty('Etag');
});

test.for([
  ['POST /v2/images', 'add_image'],
  ['PATCH /v2/images/1', 'modify_image'],
  ['DELETE /v2/images/1', 'delete_image'],
  ['PUT /v2/images/1/file', 'upload_image'],
  ['PUT /v2/images/1/stage', 'upload_image'],
  ['POST /v2/images/1/import', 'upload_image'],
  ['POST /v2/images/1/members', 'add_member'],
  ['PUT /v2/images/1/tags/x', 'modify_image'],
  ['POST /v2/images/1/actions/deactivate', 'deactivate'],
] as const)('refuses %s', ([line, action]) => {
  const { status, text } = ask([entry], line, { accept: 'application/json' });

  expect(status).toBe(403);
  expect(text).toContain(`You are not authorized to complete ${action} action.`);
});

test.for([
  ['HEAD /v2/images/1/file', 'GET, PUT'],
  ['DELETE /v2/schemas/image', 'GET'],
  ['GET /v2/images/1/tags/x', 'PUT, DELETE'],
] as const)('has no %s, only %s', ([line, allow]) => {
  expect(ask([entry], line)).toMatchObject({ status: 405, headers: { Allow: allow } });
});

test('needs the right token, and says where Keystone would be', () => {
  const answers = [undefined, 'wrong', 's3cret'].map((token) =>
    ask([entry], 'GET /v2/images', token === undefined ? {} : { 'x-auth-token': token }, { token: 's3cret' }),
  );

  expect(answers.map(({ status }) => status)).toEqual([401, 401, 200]);
  expect(answers[0]?.headers['Www-Authenticate']).toBe('Keystone uri="http://glance:9292"');
  expect(answers[0]?.headers).not.toHaveProperty('X-Openstack-Request-Id');
});

test('gives a record that reads back as the same image', () => {
  const image = {
    ...entry.image,
    os_hidden: false,
    created_at: '2026-01-02T03:04:05.678901Z',
    updated_at: '2026-01-02T03:04:06Z',
    stores: ['fast', 'slow'],
    tags: ['ü', 'b'],
    properties: JSON.parse('{"__proto__":"a","name with spaces":"\\u001b[31m","none":null}') as Record<string, string>,
  };
  const { text } = ask([{ ...entry, image }], 'GET /v2/images/1');

  const { properties, ...read } = parseV2Image(JSON.parse(text));
  expect(read).toEqual({ ...image, properties: undefined });
  expect(Object.entries(properties)).toEqual(Object.entries(image.properties));
  expect(Object.keys({ ...read, properties }).toSorted()).toEqual([...imageKeys].toSorted());
});

test('masks credentials in locations', () => {
  const image = {
    ...entry.image,
    direct_url: 'swift://user:s3cret@host/c',
    locations: [{ url: 'swift://user:s3cret@host/c', metadata: { key: 's3cret' } }],
  };

  const { text } = ask([{ ...entry, image }], 'GET /v2/images/1');

  expect(text).toContain('"direct_url": "swift://');
  expect(text).not.toContain('s3cret');
});

test('shows what a stranger would see if no token identifies the client', () => {
  const catalog = [
    makeEntry('', { id: 'open' }),
    makeEntry('', { id: 'theirs', visibility: 'private', owner: 'p' }),
    makeEntry('', { id: 'all', visibility: 'community', owner: 'p' }),
  ];
  const anonymous = { view: 'anonymous' } as const;

  expect(idsOf(ask(catalog, 'GET /v2/images', {}, anonymous))).toEqual(['open']);
  expect(idsOf(ask(catalog, 'GET /v2/images?visibility=community', {}, anonymous))).toEqual(['all']);
  expect(ask(catalog, 'GET /v2/images/theirs', {}, anonymous).status).toBe(404);
  expect(ask(catalog, 'GET /v2/images?marker=theirs', {}, anonymous).status).toBe(403);
  expect(idsOf(ask(catalog, 'GET /v2/images?sort=id:asc'))).toEqual(['all', 'open', 'theirs']);
});

test('lists the stores that images name, and who an image is shared with', () => {
  const member = { member_id: 'q', can_share: false, status: 'pending' };
  const shared = makeEntry('', { id: 'a', visibility: 'shared', owner: 'p', stores: ['slow', 'fast'] }, [member]);

  expect(ask([shared], 'GET /v2/info/stores').text).toBe(
    '{"stores": [{"id": "fast", "default": "true"}, {"id": "slow"}]}',
  );
  expect(ask([entry], 'GET /v2/info/stores').status).toBe(404);
  expect(JSON.parse(ask([shared], 'GET /v2/images/a/members').text)).toMatchObject({
    members: [{ member_id: 'q', image_id: 'a', status: 'pending' }],
  });
  expect(ask([shared], 'GET /v2/images/a/members/r').status).toBe(404);
});

const lists = [
  makeEntry('a', { id: 'a', name: 'x', tags: ['t', 'u'], min_disk: 2, created_at: '2026-01-01T00:00:00Z' }),
  makeEntry('bb', { id: 'b', name: 'y', tags: ['t'], status: 'queued', created_at: '2026-01-02T00:00:00.5Z' }),
  makeEntry('ccc', { id: 'c', name: '2026-01-01T00:00:00Z', disk_format: 'iso', owner: 'p', os_hidden: true }),
  makeEntry('dddd', { id: 'd', name: 'a,b', protected: true, properties: { os_distro: 'debian', size_min: '9' } }),
];

test.for([
  ['tag=t&tag=u', 'a'],
  ['name=in:x,y', 'ab'],
  ['name=in:"a,b",x', 'ad'],
  ['name=2026-01-01T00:00:00Z&os_hidden=true', 'c'],
  ['os_hidden=true', 'c'],
  ['owner=p', ''],
  ['size_min=2&size_max=3', 'b'],
  ['min_disk=2', 'a'],
  ['created_at=gt:2026-01-01T00:00:00Z&created_at=lt:2026-01-02T00:00:00Z', 'a'],
  ['created_at=lte:2026-01-02T00:00:00Z&sort=id:asc', 'a'],
  ['created_at=gte:2026-01-02&name=y', 'b'],
  ['os_distro=debian&protected=true', 'd'],
  ['size=gt:1', ''],
  ['constructor=x', ''],
] as const)('finds by %s: “%s”', ([query, ids]) => {
  expect(
    idsOf(ask(lists, `GET /v2/images?${query}`))
      .toSorted()
      .join(''),
  ).toBe(ids);
});

test.for([
  ['limit=x&sort=name:up', 'Invalid sort direction: up'],
  ['name=in:"a"b', 'There is no comma after closing quotation mark.'],
  ['sort=name:asc:x', 'Invalid sort direction: asc:x'],
] as const)('refuses %s: %s', ([query, message]) => {
  const { status, text } = ask(lists, `GET /v2/images?${query}`);

  expect(status).toBe(400);
  expect(text).toContain(message);
});

test('interprets the query of a list as intended', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }).map((text) => text.replaceAll('"', '') || 'x')), (values) => {
      expect(splitList(values.map((value) => `"${value}"`).join())).toEqual({ values });
    }),
  );
  expect(splitOperator('eq:in:a')).toEqual({ operator: 'eq', operand: 'in:a' });
});

test('follows every next to the end, with each image exactly once, whatever is requested', () => {
  const record = fc.record({
    name: fc.option(fc.constantFrom('a', 'b', 'Ü')),
    size: fc.option(fc.nat(3)),
    tags: fc.subarray(['t', 'u']),
  });
  const query = fc.constantFrom(
    'sort=name:asc,size:desc',
    'sort=size',
    'sort_key=name&sort_key=size&sort_dir=asc&sort_dir=desc',
    'sort_key=size&sort_key=name&sort_dir=asc',
    'tag=t&tag=u&sort_dir=asc',
    'name=in:a,"b"',
  );
  fc.assert(
    fc.property(fc.array(record, { maxLength: 10 }), query, fc.integer({ min: 1, max: 4 }), (records, asked, limit) => {
      const catalog = records.map((overrides, index) => makeEntry('', { id: `i${String(index)}`, ...overrides }));
      const whole = idsOf(ask(catalog, `GET /v2/images?${asked}&limit=1000`));
      const seen: string[] = [];
      let link: string | undefined = `/v2/images?${asked}&limit=${String(limit)}`;
      while (link !== undefined) {
        const page: Asked = ask(catalog, `GET ${link}`);
        seen.push(...idsOf(page));
        link = linkOf(page, 'next');
      }
      expect(seen).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});
