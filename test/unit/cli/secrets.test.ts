import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GlanceClient, GlanceError } from '../../../src/index.ts';
import { rawServer } from '../../support/servers/raw-server.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-dir.ts';

/** With each kind of character that one of the encodings changes. */
const token = 'gAAAAABm+a/token"that\\nobody;may=see-in-any-form~0123456789';
const escaped = JSON.stringify(token).slice(1, -1);
const forms: readonly (readonly [name: string, text: string])[] = [
  ['as it is', token],
  ['percent-encoded', encodeURIComponent(token)],
  ['percent-encoded in small letters', encodeURIComponent(token).replace(/%../g, (escape) => escape.toLowerCase())],
  ['in base64', Buffer.from(token).toString('base64')],
  ['in base64 for URLs', Buffer.from(token).toString('base64url')],
  ['escaped for JSON', escaped],
];

/** No part of it either: texts for tables and messages are cut only after secrets were hidden in them. */
function expectHidden(...texts: readonly string[]): void {
  for (const text of texts) {
    const shown = forms.flatMap(([, form]) =>
      Array.from({ length: form.length - 9 }, (_, at) => form.slice(at, at + 10)).filter((part) => text.includes(part)),
    );
    expect(shown).toEqual([]);
  }
}

function answer(status: string, headers: readonly string[], body: string): string {
  const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${String(Buffer.byteLength(body))}`, ...headers];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const json = 'Content-Type: application/json';
const versions = answer(
  '300 Multiple Choices',
  [json],
  '{"versions": [{"id": "v2.0", "status": "CURRENT", "links": []}]}',
);

async function echoing(bytes: string): Promise<string> {
  const { url } = await rawServer(({ target }, socket) => socket.write(target === '/' ? versions : bytes));
  return new URL('/v2', url).href;
}

function image(text: string): Record<string, unknown> {
  const common = { status: 'active', visibility: 'public', disk_format: 'raw', container_format: 'bare', size: 3 };
  return { id: 'a1', name: text, tags: [text, 'x'], owner: text, note: text, [text]: 'v', ...common };
}

const outputs = [
  ['for people', []],
  ['for people, with what goes over the wire', ['--debug']],
  ['as JSON', ['--error-format', 'json']],
  ['as events', ['--progress', 'json', '--debug']],
] as const;

describe.each(forms)('a token that the server repeats %s', (_name, text) => {
  const said = `the token ${text} may not do that ${'and so on '.repeat(20)} ${text}`;
  const answers: readonly (readonly [where: string, bytes: string, code: number])[] = [
    ['an error in JSON', answer('403 Forbidden', [json], JSON.stringify({ message: said })), 4],
    ['an error in text', answer('403 Forbidden', [], `${'x'.repeat(280)} ${said}`), 4],
    ['an error page', answer('403 Forbidden', ['Content-Type: text/html'], `<html><h1>No</h1>${said}</html>`), 4],
    ['a refused login', answer('401 Unauthorized', [`WWW-Authenticate: Keystone uri="${text}"`], said), 4],
    ['a request id', answer('404 Not Found', [`X-Openstack-Request-Id: req-${text}`, `Server: ${text}`], ''), 5],
    ['a Location', answer('302 Found', [`Location: http://127.0.0.1:1/${text}?marker=${text}`], ''), 7],
    ['a Location of its own', answer('302 Found', [`Location: /${text}/?name=${text}`], ''), 7],
    ['something other than JSON', answer('200 OK', [json], `${'{'.repeat(20)}${'y'.repeat(50)}${text}`), 7],
    ['something other than HTTP', `SSH-2.0 ${text}\r\n\r\n`, 7],
    [
      'a field that makes no sense',
      answer('200 OK', [json], JSON.stringify({ images: [{ id: 'a1', size: text }] })),
      9,
    ],
  ];

  test.each(answers)('in %s is never shown', async (_where, bytes) => {
    const endpoint = await echoing(bytes);
    for (const [, options] of outputs) {
      const { code, stdout, stderr } = await runCli(['--endpoint', endpoint, '--retries', '0', 'list', ...options], {
        env: { OS_TOKEN: token },
        stderrColumns: 60,
      });
      expect(code).not.toBe(0);
      expect(code).not.toBe(1);
      expectHidden(stdout, stderr);
    }
  });

  test('in records never appears in a result', async () => {
    const endpoint = await echoing(answer('200 OK', [json], JSON.stringify({ images: [image(text)] })));
    for (const format of ['table', 'json', 'ndjson', 'yaml', 'csv', 'value']) {
      const { code, stdout, stderr } = await runCli(['--endpoint', endpoint, 'list', '-f', format], {
        env: { OS_TOKEN: token },
        stdoutColumns: 80,
      });
      expect([code, stdout.includes('***')]).toEqual([0, true]);
      expectHidden(stdout, stderr);
    }
  });
});

test('hides the token in the headers of API v1', async () => {
  const headers = ['X-Image-Meta-Id: 1', 'X-Image-Meta-Status: active', `X-Image-Meta-Property-Note: ${token}`];
  const { url } = await rawServer((_request, socket) => socket.write(answer('200 OK', headers, '')));
  const { code, stdout, stderr } = await runCli(['--endpoint', new URL('/v1', url).href, 'show', '1', '-f', 'json'], {
    env: { OS_TOKEN: token },
  });
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { properties: { note: '***' } }]);
  expectHidden(stdout, stderr);
});

test('writes no token into the files of a mirror, nor beside a download', async () => {
  const record = { ...image(token), id: 'a1', name: 'one' };
  const { url } = await rawServer(({ target }, socket) => {
    const list = JSON.stringify({ images: [record] });
    if (target.endsWith('/file')) socket.write(answer('200 OK', ['Content-Type: application/octet-stream'], 'abc'));
    else socket.write(answer('200 OK', [json], target.includes('/a1') ? JSON.stringify(record) : list));
  });
  const directory = await tempDir();
  const options = { env: { OS_TOKEN: token }, cwd: directory };
  const endpoint = new URL('/v2', url).href;
  expect(await runCli(['--endpoint', endpoint, 'mirror', 'm'], options)).toMatchObject({ code: 0 });
  expect(await runCli(['--endpoint', endpoint, 'download', 'one', '-o', 'x', '--metadata'], options)).toMatchObject({
    code: 0,
  });
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = names.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  expect(texts.filter((text) => text.includes('***'))).toHaveLength(2);
  expectHidden(...texts);
});

test('leaves image data unchanged, whatever it contains', async () => {
  const { url } = await rawServer(({ target }, socket) => {
    if (target.endsWith('/file')) socket.write(answer('200 OK', ['Content-Type: application/octet-stream'], token));
    else socket.write(answer('200 OK', [json], JSON.stringify({ images: [{ ...image('one'), size: token.length }] })));
  });
  const endpoint = new URL('/v2', url).href;
  const { code, stdout } = await runCli(['--endpoint', endpoint, 'download', 'one'], { env: { OS_TOKEN: token } });
  expect([code, stdout]).toEqual([0, token]);
});

describe('a password', () => {
  const login = (url: URL): Record<string, string> => ({
    OS_AUTH_URL: new URL('/v3', url).href,
    OS_USERNAME: 'u',
    OS_PROJECT_NAME: 'p',
  });

  test('that Keystone repeats is hidden in its errors', async () => {
    const password = 'correct horse "battery"';
    const said = JSON.stringify({ error: { message: `no user has the password ${password}`, code: 401 } });
    const { url } = await rawServer((_request, socket) => socket.write(answer('401 Unauthorized', [json], said)));
    for (const [, options] of outputs) {
      const { code, stderr } = await runCli(['list', ...options], {
        env: { ...login(url), OS_PASSWORD: password },
        stderrColumns: 40,
      });
      expect(code).toBe(4);
      expect(stderr).not.toMatch(/horse|battery/);
      expect(stderr).toContain('***');
    }
  });

  test('that is an everyday word hides no name', async () => {
    const headers = [json, `X-Subject-Token: ${token}`];
    const { url } = await rawServer(({ method }, socket) => {
      const catalog = [
        { type: 'image', name: 'glance', endpoints: [{ interface: 'public', url: new URL('/v2', url).href }] },
      ];
      if (method === 'POST') socket.write(answer('201 Created', headers, JSON.stringify({ token: { catalog } })));
      else socket.write(answer('200 OK', [json], JSON.stringify({ images: [image('cirros-everyday')] })));
    });
    const env = { ...login(url), OS_PASSWORD: 'cirros-everyday' };
    const { code, stdout } = await runCli(['list', '-f', 'value', '-c', 'name', '--no-token-cache'], { env });
    expect([code, stdout]).toEqual([0, 'cirros-everyday\n']);
  });
});

test('never appears in errors that the library throws', async () => {
  const endpoint = await echoing(
    answer('403 Forbidden', [json, `X-Openstack-Request-Id: ${token}`], `{"message": "${escaped}"}`),
  );
  const client = await GlanceClient.connect({ endpoint, token, apiVersion: 2, retries: 0 });
  const error: unknown = await client.find('a1').catch((reason: unknown) => reason);
  await client.close();
  expect(error).toBeInstanceOf(GlanceError);
  const { message, stack, facts } = error as GlanceError;
  expect(facts.requestId).toBe('***');
  expectHidden(message, stack ?? '', JSON.stringify(facts));
});
