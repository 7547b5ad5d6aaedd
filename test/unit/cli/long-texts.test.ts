// Whatever a server sends, a message repeats only a bounded part of it.
import { describe, expect, test } from 'vitest';
import { answer, rawServer } from '../../support/servers/raw-server.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

const long = 'x'.repeat(12_000);
const token = 'a-token-of-some-length';
const json = 'Content-Type: application/json';
const record = { status: 'active', visibility: 'public', disk_format: 'raw', container_format: 'bare', size: 9 };
const [id, other] = ['1', '2'].map((digit) => `${digit.repeat(8)}-1111-4111-8111-111111111111`) as [string, string];
const image = (each: string): string => answer('200 OK', JSON.stringify({ id: each, name: each, ...record }), json);
const field = (value: string): string => `X-Image-Meta-Owner: ${value}`;

/** The last answer that the command gets, and its exit code. */
const kinds: readonly (readonly [what: string, argv: readonly string[], bytes: string, code: number, path: string])[] =
  [
    ['a Location elsewhere', ['list'], answer('302 Found', '', `Location: http://127.0.0.2/${long}`), 7, '/v2'],
    ['a Location that is not http', ['list'], answer('302 Found', '', `Location: ftp://h/${long}`), 7, '/v2'],
    ['a Location that leads round', ['list'], answer('302 Found', '', `Location: /v2/images?${long}`), 7, '/v2'],
    ['a request id', ['list'], answer('418 No', '', `X-Openstack-Request-Id: ${long}`), 7, '/v2'],
    ['a status line', ['list'], `HTTP/1.1 ${long}\r\n\r\n`, 7, '/v2'],
    [
      'a Content-Encoding',
      ['download', id, '-o', 'f'],
      answer('200 OK', 'data', `Content-Encoding: ${long}`),
      7,
      '/v2',
    ],
    ['a Content-Type', ['download', id, '-o', 'f'], answer('200 OK', 'data', `Content-Type: text/${long}`), 7, '/v2'],
    [
      'a Content-Type of one of several',
      ['download', id, other, '-o', 'd/'],
      answer('200 OK', 'data', `Content-Type: text/${long}`),
      9,
      '/v2',
    ],
    ['two values of a field', ['show', id], answer('200 OK', '', field(long), field(`${long}y`)), 7, '/v1'],
  ];

const outputs = [
  ['for people', []],
  ['for people, with what goes over the wire', ['--debug']],
  ['as JSON', ['--error-format', 'json']],
  ['as events', ['--progress', 'json']],
] as const;

describe.each(kinds)('%s without end', (_what, argv, bytes, code, path) => {
  test.each(outputs)('is cut %s', async (_how, options) => {
    const { url } = await rawServer(({ target }, socket) => {
      const isRecord = target.startsWith('/v2/images/') && !target.endsWith('/file');
      socket.write(isRecord ? image(target.slice(-id.length)) : bytes);
    });
    const cwd = await tempDir();
    const env = { OS_IMAGE_ENDPOINT_OVERRIDE: new URL(path, url).href, OS_TOKEN: token };
    const { code: ended, stderr } = await runCli([...argv.concat(options), '--retries', '0'], { cwd, env });
    expect([ended, stderr]).toEqual([code, expect.stringContaining('xxx')]);
    // A JSON line has both the message and the URL.
    expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThan(8000);
    expect(stderr).not.toContain('x'.repeat(1600));
  });
});
