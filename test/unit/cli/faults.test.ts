// What goes wrong between a server and a file: each with its code, exit status and message, and the target untouched.
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../../src/errors.ts';
import { exitCodeOf, exitCodes } from '../../../src/cli/console/exit-codes.ts';
import { Interrupted } from '../../../src/cli/runtime.ts';
import type { FaultAction, FaultMatch } from '../../support/faults.ts';
import { glance } from '../../support/glance.ts';
import { makeBytes, makeEntry } from '../../support/images.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import type { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

const data = makeBytes(200_000);
const catalog = [makeEntry(data, { id: '1', name: 'one' })];
const onData: FaultMatch = { method: 'GET', path: /\/images\/1$/ };
const onHead: FaultMatch = { method: 'HEAD' };

interface Case {
  readonly fault: string;
  readonly on?: FaultMatch;
  readonly do: FaultAction | readonly FaultAction[];
  readonly code: string;
  readonly exit: number;
  readonly message?: RegExp;
}

const html = '<html><head><title>x</title></head><body><h1>403 Forbidden</h1>No <b>access</b> for you</body></html>';

const cases: readonly Case[] = [
  {
    fault: 'a body cut short',
    do: { type: 'cut', afterBytes: 100_000 },
    code: 'http.truncated',
    exit: 5,
    message: /closed/,
  },
  { fault: 'a body without its first byte', do: { type: 'cut', afterBytes: 0 }, code: 'http.truncated', exit: 5 },
  { fault: 'a body without its last byte', do: { type: 'cut', afterBytes: 199_999 }, code: 'http.truncated', exit: 5 },
  { fault: 'a reset before the headers', do: { type: 'reset', afterBytes: null }, code: 'net.reset', exit: 5 },
  {
    fault: 'a flipped bit in the middle',
    do: { type: 'flip', offset: 100_000 },
    code: 'integrity.digest',
    exit: 6,
    message: /md5 of the 200000 bytes received/,
  },
  {
    fault: 'a flipped bit at the end',
    do: { type: 'flip', offset: 199_999, bit: 7 },
    code: 'integrity.digest',
    exit: 6,
  },
  {
    fault: 'a smaller Content-Length',
    do: { type: 'contentLength', announce: 199_000 },
    code: 'integrity.size',
    exit: 6,
    message: /announces 199000 bytes; the image has 200000/,
  },
  {
    fault: 'a larger Content-Length',
    do: { type: 'contentLength', announce: 200_001 },
    code: 'integrity.size',
    exit: 6,
  },
  {
    fault: 'more bytes than the image has, in chunks',
    do: [
      { type: 'extra', bytes: 1 },
      { type: 'contentLength', announce: 'chunked' },
    ],
    code: 'integrity.excess',
    exit: 6,
    message: /more than the 200000 bytes/,
  },
  {
    fault: 'a chunked body that ends early',
    do: [
      { type: 'contentLength', announce: 'chunked' },
      { type: 'cut', afterBytes: 5000 },
    ],
    code: 'http.truncated',
    exit: 5,
  },
  {
    fault: 'a body that ends by closing, too early',
    do: [
      { type: 'contentLength', announce: 'none' },
      { type: 'cut', afterBytes: 5000 },
    ],
    code: 'http.truncated',
    exit: 5,
    message: /after 5000 of 200000 bytes/,
  },
  {
    fault: 'an ETag that is another MD5',
    do: { type: 'headers', set: [['Etag', '0'.repeat(32)]] },
    code: 'integrity.contradiction',
    exit: 6,
    message: /its ETag says 0{32}/,
  },
  {
    fault: 'an x-image-meta-checksum that is another MD5',
    do: { type: 'headers', set: [['X-Image-Meta-Checksum', '0'.repeat(32)]] },
    code: 'integrity.contradiction',
    exit: 6,
  },
  {
    fault: 'two ETags, one of them another MD5',
    do: { type: 'headers', add: [['Etag', '0'.repeat(32)]] },
    code: 'integrity.contradiction',
    exit: 6,
  },
  {
    fault: 'an HTML page with 200',
    do: { type: 'html' },
    code: 'http.not_image',
    exit: 7,
    message: /text\/html instead of image data: "Please sign in"$/,
  },
  {
    fault: 'image data in gzip',
    do: { type: 'headers', add: [['Content-Encoding', 'gzip']] },
    code: 'http.encoding',
    exit: 7,
  },
  {
    fault: 'a 206 that nobody asked for',
    do: { type: 'status', status: 206, body: 'x' },
    code: 'http.protocol',
    exit: 7,
  },
  { fault: '401', do: { type: 'status', status: 401 }, code: 'auth.required', exit: 4 },
  {
    fault: '403 in HTML',
    do: { type: 'status', status: 403, headers: [['Content-Type', 'text/html']], body: html },
    code: 'auth.forbidden',
    exit: 4,
    message: /answered 403 Forbidden: No access for you$/,
  },
  {
    fault: '403 in JSON',
    do: {
      type: 'status',
      status: 403,
      headers: [['Content-Type', 'application/json']],
      body: '{"message":"Go away<br />\\n","code":"403 Forbidden"}',
    },
    code: 'auth.forbidden',
    exit: 4,
    message: /: Go away$/,
  },
  {
    fault: '404 though the metadata is there',
    do: { type: 'status', status: 404 },
    code: 'image.no_data',
    exit: 3,
    message: /lost its data/,
  },
  { fault: '204', do: { type: 'status', status: 204 }, code: 'image.no_data', exit: 3, message: /lost its data/ },
  { fault: '410', do: { type: 'status', status: 410 }, code: 'http.status', exit: 7 },
  { fault: '500', do: { type: 'status', status: 500 }, code: 'http.500', exit: 5 },
  { fault: '503 for ever', do: { type: 'status', status: 503 }, code: 'http.503', exit: 5 },
  {
    fault: '429 with a day to wait',
    do: { type: 'status', status: 429, headers: [['Retry-After', '86400']] },
    code: 'http.429',
    exit: 5,
  },
  {
    fault: 'a redirect loop',
    do: { type: 'redirect', status: 302, location: ({ path }) => path },
    code: 'http.redirect.loop',
    exit: 7,
  },
  {
    fault: 'a redirect out of http',
    do: { type: 'redirect', status: 302, location: 'file:///etc/passwd' },
    code: 'http.redirect.invalid',
    exit: 7,
  },
  {
    fault: 'a redirect of metadata to another server',
    on: onHead,
    do: { type: 'redirect', status: 302, location: 'http://127.0.0.1:1/' },
    code: 'http.redirect.refused',
    exit: 7,
  },
  {
    fault: 'a header with a line feed in it',
    do: { type: 'headers', add: [['X-Image-Meta-Property-A', 'one\ntwo']] },
    code: 'http.bad_header',
    exit: 7,
  },
  {
    fault: 'over 1 MiB of headers',
    do: { type: 'headers', add: Array.from({ length: 1100 }, (): [string, string] => ['X-P', 'v'.repeat(1000)]) },
    code: 'http.headers_too_large',
    exit: 7,
  },
  {
    fault: 'metadata with a size that is none',
    on: onHead,
    do: { type: 'headers', set: [['X-Image-Meta-Size', '-5']] },
    code: 'metadata.invalid',
    exit: 7,
  },
  {
    fault: 'metadata of another image',
    on: onHead,
    do: { type: 'headers', set: [['X-Image-Meta-Id', '2']] },
    code: 'metadata.invalid',
    exit: 7,
  },
  { fault: 'a login page instead of metadata', on: onHead, do: { type: 'html' }, code: 'metadata.invalid', exit: 7 },
];

describe.each(cases)('after $fault', ({ on = onData, do: action, code, exit, message }) => {
  it(`download ends with ${code}, exit ${String(exit)}, and the old file untouched`, async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'target'), 'old');
    const server = await glance(catalog, [{ on, do: action }]);
    const result = await server.cli(['download', '1', '-o', 'target', '--force', '-f', 'json', '--retries', '0'], {
      cwd,
    });
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: exit, stdout: '' });
    expect(result.error()).toMatchObject({ code, exit, retryable: exit === 5 });
    if (message !== undefined) expect(result.error()['message']).toMatch(message);
    expect(await readFile(join(cwd, 'target'), 'utf8')).toBe('old');
    // Nothing is left but what a later run can resume from, and the error reports that.
    const left = (await readdir(cwd)).filter((name) => name !== 'target');
    expect(left).toHaveLength(result.error()['partial'] === null ? 0 : 2);
    expect(left.every((name) => /^\.target\.[0-9a-f]{12}\.part(?:\.json)?$/.test(name))).toBe(true);
  });
});

describe('a fault that passes', () => {
  it.each<[string, FaultAction]>([
    ['a break in the middle', { type: 'cut', afterBytes: 60_000 }],
    ['a reset', { type: 'reset', afterBytes: 50_000 }],
    ['503 with Retry-After', { type: 'status', status: 503, headers: [['Retry-After', '0']] }],
  ])('%s is overcome, to a file and to a pipe', async (_fault, action) => {
    const cwd = await tempDir();
    const faults = [{ on: { ...onData, times: 2 }, do: action }];
    const file = await (await glance(catalog, faults)).cli(['download', '1', '-o', 'f', '-f', 'json'], { cwd });
    expect([file.code, JSON.parse(file.stdout)]).toMatchObject([0, { retries: 2, verified_by: 'md5' }]);
    expect(await readFile(join(cwd, 'f'))).toEqual(data);
    const pipe = await (await glance(catalog, faults)).cli(['download', '1']);
    expect(pipe.code).toBe(0);
    expect(pipe.stdoutBytes).toEqual(data);
  });

  it('is retried for metadata too', async () => {
    const server = await glance(catalog, [{ on: { ...onHead, times: 2 }, do: { type: 'status', status: 502 } }]);
    expect((await server.cli(['show', '1'])).code).toBe(0);
    expect(server.asked().filter((request) => request.startsWith('HEAD'))).toHaveLength(3);
  });

  it.each([
    [[], /503.*; trying again in 17 s\n/],
    [['-q'], /^$/],
  ])('waits as long as the server asks, and says so unless %j is given', async (options, told) => {
    const clock = new ManualClock();
    const server = await glance(catalog, [
      { on: { ...onHead, times: 1 }, do: { type: 'status', status: 503, headers: [['Retry-After', '17']] } },
    ]);
    const result = server.cli(['show', '1', ...options], { clock });
    await clock.waitForTimer(17_000);
    clock.advance(17_000);
    const { code, stderr } = await result;
    expect([code, stderr]).toEqual([0, expect.stringMatching(told)]);
  });
});

describe('a server that falls silent', () => {
  it.each([
    ['before the headers', null, 'net.timeout.headers', 300_000],
    ['in the middle of the data', 50_000, 'net.stall', 60_000],
  ])('%s is given up on after its time, and the target is untouched', async (_where, afterBytes, code, ms) => {
    const cwd = await tempDir();
    const clock = new ManualClock();
    const server = await glance(catalog, [{ on: onData, do: { type: 'stall', afterBytes } }]);
    const result = server.cli(['download', '1', '-o', 'f', '-f', 'json', '--retries', '0'], { cwd, clock });
    await server.stalled;
    await clock.waitForTimer(ms);
    // Bytes in transit may reset the silence; nothing comes after them.
    while (server.connections() > 0) {
      clock.advance(ms);
      await new Promise((turn) => setImmediate(turn));
    }
    const { error, code: exit } = await result;
    expect(exit).toBe(5);
    expect(error()).toMatchObject({
      code,
      retryable: true,
      partial: (afterBytes ?? 0) > 0 ? { bytes: afterBytes } : null,
    });
    expect(await readdir(cwd)).toHaveLength((afterBytes ?? 0) > 0 ? 2 : 0);
  });
});

describe('what is not a fault', () => {
  it.each<[string, FaultAction | readonly FaultAction[]]>([
    ['a body in chunks', { type: 'contentLength', announce: 'chunked' }],
    ['a body that ends by closing', { type: 'contentLength', announce: 'none' }],
    ['an ETag of a proxy', { type: 'headers', set: [['Etag', 'W/"5f-abc"']] }],
    ['an ETag in quotes', { type: 'headers', set: [['Etag', `"${catalog[0]?.image.checksum?.toUpperCase() ?? ''}"`]] }],
    ['no ETag', { type: 'headers', remove: ['Etag'] }],
    ['no content type', { type: 'headers', remove: ['Content-Type'] }],
    ['bytes after the announced end', { type: 'extra', bytes: 10 }],
    [
      '32 kB of headers',
      {
        type: 'headers',
        add: Array.from({ length: 110 }, (_, index): [string, string] => [
          `X-Image-Meta-Property-P${String(index)}`,
          'v'.repeat(300),
        ]),
      },
    ],
  ])('%s: the download is complete', async (_what, action) => {
    const cwd = await tempDir();
    const server = await glance(catalog, [{ on: onData, do: action }]);
    const { code } = await server.cli(['download', '1', '-o', 'f'], { cwd });
    expect(code).toBe(0);
    expect(await readFile(join(cwd, 'f'))).toEqual(data);
  });

  it('image data on another server is fetched there, without the token', async () => {
    const cwd = await tempDir();
    const store = await glance(catalog);
    const location = new URL('/v1/images/1', store.url).href;
    const server = await glance(catalog, [{ on: onData, do: { type: 'redirect', status: 302, location } }]);
    const { code } = await server.cli(['download', '1', '-o', 'f'], { cwd, env: { OS_TOKEN: 's3cret' } });
    expect(code).toBe(0);
    expect(await readFile(join(cwd, 'f'))).toEqual(data);
    expect(store.requests.map(({ headers }) => headers['x-auth-token'])).toEqual([undefined]);
  });
});

it('warns once about a proxy that sees the token because Glance uses plain http', async () => {
  const server = await glance(catalog);
  // A server answers as a proxy does when it gets a request for an absolute URL.
  const env = {
    OS_TOKEN: 's3cret',
    http_proxy: server.url.href,
    OS_IMAGE_ENDPOINT_OVERRIDE: 'http://glance.example/v1',
  };
  const { stderr } = await server.cli(['list', '-f', 'json', '--error-format', 'human'], { env });
  const warnings = stderr.split('\n').filter((line) => line.startsWith('warning:'));
  expect(warnings).toEqual([
    `warning: the proxy ${server.url.host} can see the token: requests to glance.example go over plain http`,
  ]);
});

describe('headers that a property has forged or broken', () => {
  it.each<[string, FaultAction]>([
    ['a second owner', { type: 'headers', add: [['X-Image-Meta-Owner', 'mallory']] }],
    ['a line feed', { type: 'headers', add: [['X-Image-Meta-Property-A', 'one\ntwo']] }],
    ['a space in a name', { type: 'headers', add: [['X-Image-Meta-Property-With space', 'v']] }],
  ])('%s: the record is taken from the list, with a warning', async (_what, action) => {
    const server = await glance([makeEntry('x', { id: '1', owner: 'adm' })], [{ on: onHead, do: action }]);
    const { code, stdout, stderr } = await server.cli(['show', '1', '-f', 'value', '-c', 'owner']);
    expect([code, stdout]).toEqual([0, 'adm\n']);
    expect(stderr).toMatch(/^warning: .*taken from the list of images instead\n$/);
  });

  it('are an error if the list does not have the image either', async () => {
    const server = await glance(catalog, [
      { on: onHead, do: { type: 'headers', add: [['X-A', 'one\ntwo']] } },
      { on: { path: /detail/ }, do: { type: 'status', status: 404 } },
    ]);
    const { code, error } = await server.cli(['show', '1', '-f', 'json']);
    expect(code).toBe(7);
    expect(error()).toMatchObject({ code: 'http.bad_header' });
  });
});

describe('a digest that comes with the data only', () => {
  const bare = [makeEntry(data, { id: '1', checksum: null })];
  it.each([
    ['right', catalog[0]?.image.checksum ?? '', 0],
    ['wrong', '0'.repeat(32), 6],
  ])('counts if the record has none: a %s one', async (_what, md5, exit) => {
    const cwd = await tempDir();
    const server = await glance(bare, [{ on: onData, do: { type: 'headers', set: [['Etag', md5]] } }]);
    const result = await server.cli(['download', '1', '-o', 'f', '--require-checksum', '-f', 'json'], { cwd });
    expect(result.code).toBe(exit);
    expect(await readdir(cwd)).toEqual(exit === 0 ? ['f'] : []);
  });
});

describe('the list', () => {
  it.each<[string, FaultAction, string]>([
    ['that is no JSON', { type: 'html' }, 'json.invalid'],
    ['without images', { type: 'status', status: 200, body: '{"things":[]}' }, 'json.invalid'],
    [
      'nested without end',
      { type: 'status', status: 200, body: `{"images":[{"id":"1","size":${'['.repeat(5000)}${']'.repeat(5000)}}]}` },
      'json.invalid',
    ],
    ['with something else in it', { type: 'status', status: 200, body: '{"images":[1]}' }, 'json.invalid'],
  ])('%s is refused', async (_what, action, code) => {
    const server = await glance(catalog, [{ on: { path: /detail/ }, do: action }]);
    const result = await server.cli(['list', '-f', 'json']);
    expect(result.code).toBe(7);
    expect(result.error()).toMatchObject({ code, exit: 7 });
  });

  it('with a size that JSON cannot hold is partial: that image is left out', async () => {
    const body = '{"images":[{"id":"1","size":12345678901234567890}]}';
    const server = await glance(catalog, [{ on: { path: /detail/ }, do: { type: 'status', status: 200, body } }]);
    const result = await server.cli(['list', '-f', 'json']);
    expect([result.code, result.stdout]).toEqual([9, '[]\n']);
    const failures = [{ image: '1', code: 'metadata.invalid', message: expect.stringContaining('size') as string }];
    expect(result.error()).toMatchObject({ code: 'partial', exit: 9, failures });
  });

  it('that is always the same full page ends with an error', async () => {
    const images = Array.from({ length: 30 }, (_, index) => ({ id: String(index) }));
    const server = await glance(
      [],
      [{ on: { path: /detail/ }, do: { type: 'status', status: 200, body: JSON.stringify({ images }) } }],
    );
    const { code, error } = await server.cli(['list', '--page-size', '30', '-f', 'ndjson']);
    expect(code).toBe(7);
    expect(error()).toMatchObject({ code: 'page.loop' });
  });
});

it('a list that breaks off is printed so far, and exits with 9', async () => {
  const page = (ids: readonly string[]): string =>
    JSON.stringify({ images: ids.map((id) => ({ id, name: `image ${id}` })) });
  const server = await glance(
    [],
    [
      { on: { path: /detail/, times: 1 }, do: { type: 'status', status: 200, body: page(['1', '2', '3', '4']) } },
      { on: { path: /marker=/ }, do: { type: 'status', status: 400 } },
    ],
  );
  const { code, stdout, error } = await server.cli(['list', '-f', 'value', '-c', 'id', '--error-format', 'json']);
  expect([code, stdout]).toEqual([9, '1\n2\n3\n4\n']);
  expect(error()).toMatchObject({
    code: 'partial',
    message: expect.stringContaining('the rest of the list is missing'),
  });
});

describe('the disk', () => {
  it('is checked for the directory before image data is requested', async () => {
    const cwd = await tempDir();
    const server = await glance(catalog);
    const { code, error } = await server.cli(['download', '1', '-o', 'no/such/f', '-f', 'json'], { cwd });
    expect(code).toBe(8);
    expect(error()).toMatchObject({ code: 'io.missing' });
    expect(server.asked()).not.toContain('GET /v1/images/1');
  });

  it.each([
    ['-O where there is no directory', 'file', ['-O']],
    ['a file in place of a directory', '', ['-o', 'file/']],
    ['a directory to be made within a file', '', ['-o', 'file/such/']],
  ])('is found not to be writable before anything is requested: %s', async (_what, place, argv) => {
    const directory = await tempDir();
    await writeFile(join(directory, 'file'), '');
    const cwd = join(directory, place);
    const server = await glance(catalog);
    const { code, error } = await server.cli(['download', '1', ...argv, '-f', 'json'], { cwd });
    expect([code, error()]).toMatchObject([8, { code: 'io.missing' }]);
    expect(server.asked()).toEqual([]);
  });

  it('is reported when full', async () => {
    const server = await glance(catalog);
    const { code, error } = await server.cli(['download', '1', '-o', '/dev/full', '-f', 'json']);
    expect(code).toBe(8);
    expect(error()).toMatchObject({ code: 'io.nospace', image: '1' });
  });

  it('refuses a directory or a dangling link as the target', async () => {
    const cwd = await tempDir();
    await mkdir(join(cwd, 'one.raw'));
    await symlink('nowhere', join(cwd, 'link'));
    const server = await glance(catalog);
    for (const argv of [['-O'], ['-o', 'link']]) {
      const { code, error } = await server.cli(['download', '1', ...argv, '-f', 'json'], { cwd });
      expect(code).toBe(8);
      expect(error()).toMatchObject({ code: 'io.not_regular' });
    }
  });
});

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends a download with %i, nothing left behind', async (name, exit) => {
    const cwd = await tempDir();
    const controller = new AbortController();
    const server = await glance(catalog, [{ on: onData, do: { type: 'stall', afterBytes: 1000 } }]);
    const result = server.cli(['download', '1', '-o', 'f'], { cwd, signal: controller.signal });
    await server.stalled;
    controller.abort(new Interrupted(name));
    const { code, stderr } = await result;
    expect(code).toBe(exit);
    expect(stderr).toContain(`stopped by ${name}`);
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe('error reports', () => {
  it('include the request id and the number of tries', async () => {
    const fault = { type: 'status', status: 503, headers: [['X-Openstack-Request-Id', 'req-42']] } as const;
    const server = await glance(catalog, [{ on: onHead, do: fault }]);
    const { stderr } = await server.cli(['show', '1', '--retries', '2']);
    expect(stderr).toMatch(/\[http\.503\]\n {2}tried 3 times\n {2}request id: req-42\n$/);
    const json = await server.cli(['show', '1', '--retries', '2', '-f', 'json']);
    expect(json.error()).toEqual({
      code: 'http.503',
      exit: 5,
      message: `${server.url.host} answered 503 Service Unavailable`,
      hint: null,
      retryable: true,
      attempts: 3,
      image: null,
      url: new URL('/v1/images/1', server.url).href,
      http_status: 503,
      request_id: 'req-42',
      partial: null,
    });
  });

  it('show what a server says without letting it control the terminal', async () => {
    const fault = { type: 'status', status: 400, body: 'a\u001b[2Jb\u202ec' } as const;
    const server = await glance(catalog, [{ on: { path: /detail/ }, do: fault }]);
    const { stderr } = await server.cli(['list']);
    expect(stderr).toContain('a\\x1b[2Jb\\u202ec');
  });

  it('call a bug a bug, with its stack', async () => {
    const stdout = null as unknown as NonNullable<Parameters<typeof runCli>[1]>['stdout'];
    const server = await glance(catalog);
    const broken = new Proxy({} as NonNullable<typeof stdout>, {
      get: (_target, key) => (key === 'on' ? () => undefined : undefined),
    });
    const { code, stderr } = await server.cli(['list'], { stdout: broken });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: this is a bug in glance-cli, please report it\nTypeError: [\s\S]* at /);
  });
});

it('every error code has an exit code of the table', () => {
  const known = new Set(exitCodes.map(({ exit }) => exit));
  for (const code of errorCodes) expect([code, known.has(exitCodeOf(code))]).toEqual([code, true]);
});
