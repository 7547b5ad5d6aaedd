import { expect, test } from 'vitest';
import { v1Versions } from '../../../src/server/versions.ts';
import { makeEntry } from '../../support/images.ts';
import { ask } from './ask.ts';

const catalog = [makeEntry('data', { id: '1' })];

test('lists the versions with links to the host that was asked', () => {
  const { status, text, headers } = ask([], 'GET /', {}, { versions: v1Versions });

  expect(status).toBe(300);
  expect(headers).not.toHaveProperty('X-Openstack-Request-Id');
  expect(text).toBe(
    '{"versions": [' +
      '{"status": "DEPRECATED", "id": "v1.1", "links": [{"href": "http://glance:9292/v1/", "rel": "self"}]}, ' +
      '{"status": "DEPRECATED", "id": "v1.0", "links": [{"href": "http://glance:9292/v1/", "rel": "self"}]}]}',
  );
});

test('lists and serves both APIs, including every version of v2 up to the recorded one', () => {
  const { versions } = JSON.parse(ask([], 'GET /').text) as { versions: { id: string; status: string }[] };

  expect(versions.map(({ id }) => id)).toEqual([
    ...Array.from({ length: 17 }, (_, index) => `v2.${String(16 - index)}`),
    'v1.1',
    'v1.0',
  ]);
  expect(versions.filter(({ status }) => status === 'CURRENT')).toMatchObject([{ id: 'v2.16' }]);
  const paths = ['/v1/images', '/v1.1/images', '/v2/images', '/v2.0/images', '/v2.16/images'];
  expect(paths.map((path) => ask([], `GET ${path}`).status)).toEqual([200, 200, 200, 200, 200]);
  expect(ask([], 'GET /v2.17/images').status).toBe(300);
  expect(ask([], 'GET /v2/images', {}, { versions: v1Versions }).status).toBe(300);
  expect(ask(catalog, 'GET /images/1', { accept: 'application/vnd.openstack.images-v2.1' }).status).toBe(200);
});

test('says that it is up, to everybody', () => {
  expect(ask([], 'GET /healthcheck', {}, { token: 's3cret' })).toMatchObject({ status: 200, text: 'OK' });
});

test('links to its own address if the requested host is malformed', () => {
  const { headers } = ask([], 'GET /v1', { host: 'a b"<' }, { defaultHost: '127.0.0.1:1' });

  expect(headers['Location']).toBe('http://127.0.0.1:1/v1/');
});

test.for([
  ['GET /v9/images', 300],
  ['GET /images', 300],
  ['HEAD /', 300],
  ['GET /versions', 200],
  ['GET /versions/', 200],
  ['GET //v1/images', 200],
  ['GET /v1.1/images', 200],
  ['GET http://proxy:1/v1/images', 200],
  ['POST /v1/', 200],
  ['GET /v1/shared-images/p', 200],
  ['GET /v1/shared-images/p/members', 404],
  ['GET /v1/images/1/nothing', 404],
  ['GET /v1/images/%ff', 404],
  ['GET /v1/images/..%2f1', 404],
  ['POST /v1/images', 403],
  ['PUT /v1/images/1', 403],
  ['PUT /v1/images/1/members', 403],
  ['DELETE /v1/images/1/members/p', 403],
  ['PATCH /v1/images/1', 405],
  ['POST /v1/images/1/members/p', 405],
  ['OPTIONS /anything', 200],
] as const)('answers %s with %i', ([line, status]) => {
  expect(ask(catalog, line).status).toBe(status);
});

test.for([
  ['HEAD /v1/images/detail', 'GET'],
  ['PUT /v1/images/detail', 'GET, HEAD'],
  ['HEAD /v1/images/1/members', 'GET, PUT'],
  ['HEAD /v1/images/1/members/p', 'GET, PUT, DELETE'],
  ['GET /v1/images/1/members/p', undefined],
] as const)('reports the methods allowed after %s: %s', ([line, allow]) => {
  const { status, headers } = ask(catalog, line);

  expect(status).toBe(405);
  expect(headers['Allow']).toBe(allow);
});

test.for([
  ['req-of-mine', /^req-of-mine$/],
  ['x'.repeat(65), /^req-[0-9a-f-]{36}$/],
  ['with space', /^req-[0-9a-f-]{36}$/],
] as const)('answers a request with the id %s with an id like %s', ([id, expected]) => {
  const { headers } = ask([], 'GET /v1/images', { 'x-openstack-request-id': id });

  expect(headers['X-Openstack-Request-Id']).toMatch(expected);
});

test.for(['glance', 'document'] as const)('needs the right token in the style %s', (style) => {
  const target = style === 'glance' ? '/v1/images' : '/images';
  const options = { style, token: 's3cret' };

  const statuses = [undefined, '', 's3cre', 's3cret ', 's3cret'].map((token) => {
    return ask([], `GET ${target}`, token === undefined ? {} : { 'x-auth-token': token }, options).status;
  });

  expect(statuses).toEqual([401, 401, 401, 401, 200]);
});

test('lists the versions to everybody', () => {
  expect(ask([], 'GET /versions', {}, { token: 's3cret' }).status).toBe(200);
});

test('writes errors for a JSON client as JSON, including 405', () => {
  const { text, headers } = ask(catalog, 'PATCH /v1/images', { accept: 'application/json' });

  expect(headers['Content-Type']).toBe('application/json');
  expect(JSON.parse(text)).toEqual({
    message: 'The method PATCH is not allowed for this resource. <br /><br />\n',
    code: '405 Method Not Allowed',
    title: 'Method Not Allowed',
  });
});

test("escapes a client's text before putting it into HTML", () => {
  const { text } = ask([], 'GET /v1/images/%3Cscript%3E%22%26%C3%A9', { accept: 'text/html' });

  expect(text).toContain('Image with identifier &lt;script&gt;&quot;&amp;&#233; not found');
});

test('says why no data is sent', () => {
  const states = ['queued', 'saving', 'killed', 'deactivated', 'deleted'].map((status) => {
    const { status: code, text } = ask([makeEntry('data', { id: '1', status })], 'GET /v1/images/1', {
      accept: 'text/plain',
    });
    return `${String(code)} ${text.trimEnd().split('\n').at(-1)?.trim() ?? ''}`;
  });

  expect(states).toEqual([
    '404 Image 1 is not active',
    '404 Image 1 is not active',
    '404 Image 1 is not active',
    '403 Image 1 is deactivated',
    '404 Image 1 is not active',
  ]);
});

test('reports lost data without saying where it was', () => {
  const { status, text } = ask([{ ...makeEntry('data', { id: '1' }), data: null }], 'GET /v1/images/1');

  expect(status).toBe(404);
  expect(text).toContain('Image 1 not found');
});

test('leaves out of headers what they cannot carry, and keeps it in lists', () => {
  const properties = {
    'with space': 'v',
    'with:colon': 'v',
    größe: 'v',
    crlf: 'one\r\nX-Image-Meta-Owner: mallory',
    bell: '\x07',
    tab: 'a\tb',
    Case: 'upper',
    case: 'lower',
    none: null,
    __proto__x: 'p',
  };
  const entry = makeEntry('data', { id: '1', name: 'a\nb', owner: 'Grüße', properties });

  const { headers } = ask([entry], 'HEAD /v1/images/1');
  const detail = JSON.parse(ask([entry], 'GET /v1/images/detail').text) as { images: unknown[] };

  expect(Object.keys(headers).filter((name) => name.includes('Property'))).toEqual([
    'X-Image-Meta-Property-Tab',
    'X-Image-Meta-Property-Case',
    'X-Image-Meta-Property-__proto__x',
  ]);
  expect(headers['X-Image-Meta-Property-Case']).toBe('lower');
  expect(headers).not.toHaveProperty('X-Image-Meta-Name');
  expect(headers['X-Image-Meta-Owner']).toBe(Buffer.from('Grüße').toString('latin1'));
  expect(detail.images).toMatchObject([{ name: 'a\nb', properties }]);
});

test('shows everything in its catalog, whoever owns it, or only what a stranger would see', () => {
  const theirs = makeEntry('data', { id: '1', visibility: 'private', owner: 'them' });

  expect(ask([theirs], 'HEAD /v1/images/1').status).toBe(200);
  expect(ask([theirs], 'HEAD /v1/images/1', {}, { view: 'anonymous' }).status).toBe(404);
  expect(ask([theirs], 'GET /v1/images', {}, { view: 'anonymous' }).text).toBe('{"images": []}');
});
