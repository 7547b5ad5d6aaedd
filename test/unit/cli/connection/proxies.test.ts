import { expect, it } from 'vitest';
import { glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { rawServer } from '../../../support/servers/raw-server.ts';
import { runCli } from '../../../support/run-cli.ts';

const calm = (text: string): boolean => !/^\s+at |this is a bug/m.test(text);

it.each([
  ['HTTP_PROXY', 'socks5://user:s3cret@127.0.0.1:1', 'socks5 proxy'],
  ['http_proxy', 'http://user:s3c/ret@127.0.0.1:1', '%2F'],
  ['all_proxy', 'http://127.0.0.1:s3cret', 'is not the URL'],
])('%s=%s is reported with its name and exit 2, and not shown', async (variable, value, told) => {
  const { code, stderr } = await runCli(['--endpoint', 'http://glance.test/v1', 'list'], {
    env: { [variable]: value },
  });
  expect(code).toBe(2);
  expect(stderr).toContain(`error: ${variable} `);
  expect(stderr).toContain(told);
  expect([calm(stderr), /s3c/.test(stderr)]).toEqual([true, false]);
});

it('takes a lone % in a password literally', async () => {
  const logins: (string | undefined)[] = [];
  const proxy = await rawServer(({ headers }, socket) => {
    logins.push(headers.get('proxy-authorization'));
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
  });
  const env = { http_proxy: `http://u:100%@${proxy.url.host}` };
  const { code, stderr } = await runCli(['--endpoint', 'http://glance.test/v1', 'list'], { env });
  expect([code, calm(stderr)]).toEqual([4, true]);
  expect(logins[0]).toBe(`Basic ${Buffer.from('u:100%').toString('base64')}`);
});

it('sends no token to a proxy for a network that no_proxy exempts', async () => {
  const proxy = await rawServer((_request, socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  const server = await glance([makeEntry('1', { name: 'cirros' })]);
  const env = { http_proxy: proxy.url.href, no_proxy: 'localhost,127.0.0.0/8', OS_TOKEN: 's3cret' };
  const { code, stdout } = await server.cli(['list', '-f', 'value', '-c', 'name'], { env });
  expect([code, stdout, proxy.requests]).toEqual([0, 'cirros\n', []]);
});

it.each(['/\\[', '//[', 'http://[', ':', ''])('a redirect to %s exits with 7, even with --debug', async (location) => {
  const server = await glance([makeEntry('1', { id: '1' })], [{ do: { type: 'redirect', status: 302, location } }]);
  for (const argv of [
    ['show', '1'],
    ['--debug', 'show', '1'],
  ]) {
    const { code, stderr } = await server.cli(argv);
    expect([code, calm(stderr)]).toEqual([7, true]);
  }
});
