// Requests: well-formed, malformed, pipelined, too large and broken off.
import { noise, pick, random } from './random.mjs';

/** Ids of images, for requests to name. @type {string[]} */
let ids = [];

/** @param {readonly string[]} found ids that the server has listed */
export function rememberIds(found) {
  ids = [...new Set([...found, ...ids])].slice(0, 100);
}

/** The query part that begins a list behind a known image, if there is one. */
export const anyMarker = () => (ids.length === 0 ? '' : `&marker=${pick(ids)}`);

const apis = ['/v1/images', '/v1/images/detail', '/v2/images'];
const queries = [
  () => '',
  () => `?limit=${random(2000)}`,
  () => `?sort=${['name', ...Array.from({ length: random(4000) }, () => 'id')].join(',')}`,
  () => `?${Array.from({ length: random(400) }, (_, i) => `p${i}=1`).join('&')}`,
  () => `?sort_key=size&sort_dir=asc&marker=${pick(ids)}&limit=1000`,
  () => `?name=in:${'"a",'.repeat(random(500))}`,
  () => `?${noise(random(200)).toString('hex').replace(/(..)/g, '%$1')}`,
  () => `?changes-since=${'9'.repeat(random(5000))}`,
];
const paths = [
  () => pick(apis) + pick(queries)(),
  () => `/v1/images/${pick(ids)}`,
  () => `/v2/images/${pick(ids)}/file`,
  () => `/v2/images/${pick(ids)}`,
  () => `/v2/images/${pick(ids)}/members`,
  () => `/${noise(random(60)).toString('base64url')}`,
  () =>
    pick(['/', '/healthcheck', '/versions', '/v2/schemas/image', '/v2/info/stores', '//', '*', '/v1/', '/%ff', '/%']),
  () => `http://other:1/v2/images/${pick(ids)}`,
];
const headers = [
  () => '',
  () => `Range: bytes=${random(4_000_000)}-${random(2) ? random(4_000_000) : ''}\r\n`,
  () => `Range: ${pick(['bytes=0-1,2-3', 'bytes=-', 'bytes=9-1', 'lines=1-2', `bytes=${'9'.repeat(400)}-`])}\r\n`,
  () =>
    `Accept: ${pick(['application/json', '*/*;q=x', 'a/b,'.repeat(random(2000)), 'application/vnd.openstack.images-v1.1'])}\r\n`,
  () => 'Host: second\r\n',
  () => `X-Openstack-Request-Id: ${'x'.repeat(random(100))}\r\n`,
  () => `X-A: ${'a'.repeat(random(20_000))}\r\n`,
  () => 'a:\r\n'.repeat(random(3500)),
  () =>
    pick([
      'Expect: 100-continue\r\n',
      'Expect: x\r\n',
      'Upgrade: h2c\r\nConnection: upgrade\r\n',
      'Connection: close\r\n',
    ]),
];
const methods = [
  'GET',
  'GET',
  'GET',
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
];
const ask = () => `${pick(methods)} ${pick(paths)()} HTTP/1.${random(8) ? 1 : 0}\r\nHost: a\r\n${pick(headers)()}\r\n`;
const get = (/** @type {string} */ path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

/**
 * What a connection sends, and how many requests a server might see in it.
 * @type {readonly (() => [string | Buffer, number])[]}
 */
const talks = [
  () => [ask(), 1],
  () => [ask(), 1],
  () => {
    const count = 1 + random(60);
    return [Array.from({ length: count }, ask).join(''), count];
  },
  () => {
    const count = 1 + random(1300);
    return [get(`/v2/images/${pick(ids)}/file`).repeat(count), count];
  },
  () => {
    const count = 1 + random(300);
    return [get(pick(['/', '/v2/images?limit=1000', '/v1/images/detail?limit=1000', '/x'])).repeat(count), count];
  },
  () => [noise(1 + random(2000)), 1],
  () => [ask().slice(0, random(200)), 1],
  () => [
    `POST /v1/images HTTP/1.1\r\nHost: a\r\nContent-Length: ${random(9) * 1e9}\r\n\r\n${'x'.repeat(random(1e5))}`,
    1,
  ],
  () => ['PUT /v2/images/1/file HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n', 1],
  () => [
    'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    1,
  ],
];

/** A text for a connection to send, and how many requests a server might see in it. */
export const anyTalk = () => pick(talks)();
