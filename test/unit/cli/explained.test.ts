// Failures that are told with what one needs to act: where an address came from, what a certificate says, who answered.
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { rawServer, type Respond } from '../../support/raw-server.ts';
import { runCli } from '../../support/run-cli.ts';
import { startStore, storeImage } from '../../support/store.ts';
import { tempDir } from '../../support/temp-dir.ts';

const silent: Respond = (_request, socket) => socket.end();

describe('an address that nobody answers at', () => {
  it.each([
    ['--endpoint', (url: string) => ({ argv: ['--endpoint', url] })],
    ['OS_IMAGE_URL', (url: string) => ({ argv: [], env: { OS_IMAGE_URL: url } })],
  ])('is told with where it came from: %s', async (source, configure) => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
    await new Promise((resolve) => {
      server.close(resolve);
    });
    const { argv, env } = { env: {}, ...configure(`http://127.0.0.1:${String(port)}`) };
    const { code, stderr } = await runCli([...argv, '--retries', '0', 'show', '1', '-f', 'json'], { env });
    expect(code).toBe(5);
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'net.refused',
      hint: `the address comes from ${source}: is it right, and the service running?`,
    });
  });
});

describe('a certificate that cannot be taken', () => {
  it.each([
    ['expired', 'tls.expired', /its certificate has expired: valid from \d{4}-\S+Z to \d{4}-\S+Z$/],
    ['other-name', 'tls.name', /its certificate is for another name: it is for \S+/],
  ] as const)('is shown as far as one needs it: %s', async (certificate, code, message) => {
    const { url } = await rawServer(silent, certificate);
    const ca = fileURLToPath(new URL('../../fixtures/tls/ca.pem', import.meta.url));
    const result = await runCli(['--endpoint', url.href, '--os-cacert', ca, 'show', '1', '-f', 'json']);
    expect(result.code).toBe(10);
    expect(JSON.parse(result.stderr)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('is shown with its issuer where that is not known', async () => {
    const { url } = await rawServer(silent, 'server');
    const result = await runCli(['--endpoint', url.href, 'show', '1', '-f', 'json']);
    expect(result.code).toBe(10);
    const message = expect.stringMatching(/: for \S.*, issued by \S/);
    expect(JSON.parse(result.stderr)).toMatchObject({ code: 'tls.untrusted', message });
  });
});

it('what is not HTTP is named', async () => {
  const { url } = await rawServer((_request, socket) => socket.end('SSH-2.0-OpenSSH_9.2p1 \u001b[2JDebian\r\n'));
  const result = await runCli(['--endpoint', url.href, '--retries', '0', 'show', '1', '-f', 'json']);
  expect(result.code).toBe(7);
  const message = expect.stringContaining('SSH-2.0-OpenSSH_9.2p1');
  expect(JSON.parse(result.stderr)).toMatchObject({ code: 'http.protocol', message });
});

it.each([
  [{ checksum: 'a'.repeat(32) }, 6, 'only its MD5 is compared'],
  [{ checksum: null }, 0, 'nothing is compared'],
])('a hash of an unknown kind is told: %j', async (record, exit, said) => {
  const data = Buffer.from('data');
  const store = await startStore({
    data,
    ranges: 'works',
    record: { ...record, os_hash_algo: 'sm3', os_hash_value: 'aa' },
  });
  const cwd = await tempDir();
  const result = await runCli(['--endpoint', store.url, 'download', storeImage, '-o', 'f'], { cwd });
  expect(result.code).toBe(exit);
  expect(result.stderr).toContain(`its hash is of a kind that is not known here (sm3); ${said}`);
});
