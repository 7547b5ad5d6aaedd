// Failures that are reported with what one needs to act on them: where an address came from, what a certificate says, who
// answered.
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { scriptedKeystone, tokenBody } from '../../../support/servers/keystone.ts';
import { rawServer, type Respond } from '../../../support/servers/raw-server.ts';
import { runCli } from '../../../support/run-cli.ts';
import { startStore, storeImage } from '../../../support/servers/store.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const silent: Respond = (_request, socket) => socket.end();

describe('an address that nobody answers at', () => {
  it.each([
    ['--endpoint', (url: string) => ({ argv: ['--endpoint', url] })],
    ['OS_IMAGE_URL', (url: string) => ({ argv: [], env: { OS_IMAGE_URL: url } })],
  ])('is shown with its source: %s', async (source, configure) => {
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

it('a Keystone that does not answer is shown with the setting and its file', async () => {
  const homedir = await tempDir();
  const auth = '{ auth_url: "http://127.0.0.1:1/v3", username: u, password: p, project_name: p }';
  await mkdir(join(homedir, '.config/openstack'), { recursive: true });
  await writeFile(join(homedir, '.config/openstack/clouds.yaml'), `clouds: { c: { auth: ${auth} } }`);
  const result = await runCli(['--os-cloud', 'c', '--retries', '0', 'show', '1', '-f', 'json'], { homedir });
  expect(result.code).toBe(5);
  const hint = expect.stringMatching(/^the address comes from auth_url \(.*clouds\.yaml.*\): is it right/);
  expect(result.error()).toMatchObject({ code: 'net.refused', hint });
});

describe('a certificate that cannot be accepted', () => {
  it.each([
    ['expired', 'tls.expired', /its certificate has expired: valid from \d{4}-\S+Z to \d{4}-\S+Z$/],
    ['other-name', 'tls.name', /its certificate is for another name: it is for \S+/],
  ] as const)('is shown in as much detail as one needs: %s', async (certificate, code, message) => {
    const { url } = await rawServer(silent, certificate);
    const ca = fileURLToPath(new URL('../../../fixtures/tls/ca.pem', import.meta.url));
    const result = await runCli(['--endpoint', url.href, '--os-cacert', ca, 'show', '1', '-f', 'json']);
    expect(result.code).toBe(10);
    expect(JSON.parse(result.stderr)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('is shown with its unknown issuer', async () => {
    const { url } = await rawServer(silent, 'server');
    const result = await runCli(['--endpoint', url.href, 'show', '1', '-f', 'json']);
    expect(result.code).toBe(10);
    const message = expect.stringMatching(/: for \S.*, issued by \S/);
    expect(JSON.parse(result.stderr)).toMatchObject({ code: 'tls.untrusted', message });
  });
});

describe('what a login without a project may not do', () => {
  it.each([
    [
      'OS_SYSTEM_SCOPE',
      'all',
      /^Glance requires .* for the system \(system_scope from OS_SYSTEM_SCOPE\): set OS_PROJECT_NAME/,
    ],
    [
      'OS_DOMAIN_NAME',
      'd',
      /^Glance requires .* for a domain \(domain_name from OS_DOMAIN_NAME\): set OS_PROJECT_NAME/,
    ],
    ['OS_PROJECT_NAME', 'p', /^this login may not do that/],
  ])('is explained with what it needs: %s', async (variable, value, hint) => {
    const server = await glance([], [{ on: { path: /images/ }, do: { type: 'status', status: 403 } }]);
    const keystone = await scriptedKeystone(() => ({
      status: 201,
      headers: { 'x-subject-token': 's3cret-token' },
      body: tokenBody(server.url.href),
    }));
    const env = { OS_AUTH_URL: keystone.url, OS_USERNAME: 'u', OS_PASSWORD: 'p', [variable]: value };
    const result = await runCli(['list', '-f', 'json'], { env, homedir: await tempDir() });
    expect(result.code).toBe(4);
    expect(result.error()).toMatchObject({ code: 'auth.forbidden', hint: expect.stringMatching(hint) as string });
    const examined = await runCli(['doctor', '--error-format', 'json'], { env, homedir: await tempDir() });
    expect(examined.stdout).toMatch(/^login +warning +password, for no project, good until /m);
    expect(examined.error()['hint']).toMatch(hint);
    expect(examined.error()['hint']).not.toContain('doctor');
  });

  it('is what Keystone says if the login itself is refused', async () => {
    const keystone = await scriptedKeystone(() => ({ status: 403 }));
    const env = { OS_AUTH_URL: keystone.url, OS_USERNAME: 'u', OS_PASSWORD: 'p', OS_SYSTEM_SCOPE: 'all' };
    const result = await runCli(['list', '-f', 'json'], { env, homedir: await tempDir() });
    expect(result.error()).toMatchObject({
      code: 'auth.forbidden',
      hint: expect.not.stringContaining('Glance') as string,
    });
  });
});

describe('a token that is refused', () => {
  it.each([
    ['OS_TOKEN', { env: { OS_TOKEN: 'secret' } }, []],
    ['--token-file token', {}, ['--token-file', 'token']],
  ])('is reported with its source, but not shown: %s', async (source, options, argv) => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'token'), 'secret\n');
    const server = await glance([], [{ do: { type: 'status', status: 401 } }]);
    const result = await runCli(['--endpoint', server.url.href, ...argv, 'show', '1', '-f', 'json'], {
      cwd,
      ...options,
    });
    expect(result.code).toBe(4);
    const hint = `the token from ${source} was refused: it may have expired, or belong to another cloud`;
    expect(result.error()).toMatchObject({ code: 'auth.required', http_status: 401, hint });
    expect(result.stderr).not.toContain('secret');
  });
});

describe('doctor', () => {
  it('lists a failed connection and exits with its code, without suggesting doctor', async () => {
    const { url } = await rawServer(silent);
    const result = await runCli([
      '--endpoint',
      url.href,
      '--retries',
      '0',
      'doctor',
      '-f',
      'json',
      '--error-format',
      'json',
    ]);
    expect(JSON.parse(result.stdout)).toMatchObject([
      { check: 'setting endpoint', status: 'ok' },
      { check: 'connection', status: 'failed' },
      { check: 'next', status: 'failed' },
    ]);
    expect(result.code).toBe(5);
    expect(result.stderr).not.toContain('doctor');
  });

  it('exits with the code of the first failed check', async () => {
    const server = await glance(
      [makeEntry('x', { id: '1' })],
      [{ on: { path: /detail/ }, do: { type: 'status', status: 403 } }],
    );
    const result = await server.cli(['doctor', '-f', 'json', '--error-format', 'json']);
    const findings = JSON.parse(result.stdout) as { check: string; status: string }[];
    expect(findings.find(({ check }) => check === 'list')).toMatchObject({ status: 'failed' });
    expect(findings.every((finding) => Object.keys(finding).join() === 'check,status,detail')).toBe(true);
    expect([result.code, result.error()]).toMatchObject([4, { code: 'auth.forbidden' }]);
  });
});

describe('a word that may be a typo', () => {
  it.each([
    [['list', '--status', 'actve'], 0, 'no images match "actve": did you mean "active"?'],
    [['list', '--disk-format', 'qcow3'], 0, 'no images match "qcow3": did you mean "qcow2"?'],
    [['list', '--status', 'weird'], 0, 'no images match\n'],
    [['show', 'x@md4:00'], 3, 'was a pin meant, NAME@ALG:HEX? not a digest: "md4:00"'],
    [['show', 'x@md5:00'], 3, 'was a pin meant, NAME@ALG:HEX? not a md5 digest: "00"; md5 has 32 hex digits'],
    [['list', '-c', 'os_distro'], 2, 'a property of that name is properties.os_distro; there are id'],
    [['help', 'exit-code'], 2, 'did you mean "exit-codes"?'],
    [['help', 'lst'], 2, 'did you mean "list"?'],
    [['list', '-f', 'xml'], 2, 'Allowed choices are table, json, ndjson, yaml, csv, value.'],
  ])('%j', async (argv, exit, said) => {
    const server = await glance([makeEntry('x', { id: '1' })], []);
    const result = await server.cli([...argv, '--error-format', 'human']);
    expect([result.code, result.stderr]).toEqual([exit, expect.stringContaining(said)]);
  });

  it.each([
    [['ubunto'], 'no images match: did you mean "ubuntu"?\n'],
    [['ubuntu', '25'], 'no images match: see glance-cli list ubuntu\n'],
    [['centos'], 'no images match\n'],
    [['centos', '-q'], ''],
    [['ubunto', '-f', 'json'], ''],
  ])('among existing names: %j', async (words, said) => {
    const server = await glance([makeEntry('x', { id: '1', name: 'ubuntu-24.04' })], []);
    const result = await server.cli(['list', ...words]);
    expect([result.code, result.stderr]).toEqual([0, said]);
  });

  it('in a pin is a name if an image has it', async () => {
    const server = await glance([makeEntry('x', { id: '1', name: 'x@md4:00' })], []);
    const result = await server.cli(['show', 'x@md4:00', '-f', 'value', '-c', 'id']);
    expect([result.code, result.stdout]).toEqual([0, '1\n']);
  });
});

it('on a terminal errors wrap between words, and anything to copy stays in one piece', async () => {
  const server = await glance([], []);
  const argv = ['--endpoint', server.url.href, 'show', 'x@md5:00'];
  const { stderr } = await runCli(argv, { stderrColumns: 40 });
  const lines = stderr.trimEnd().split('\n');
  expect(lines.every((line) => line.replaceAll(/\u001b\[\d+m/g, '').length <= 40)).toBe(true);
  expect(lines.length).toBeGreaterThan(2);
  const piped = await runCli(argv);
  expect(piped.stderr.split('\n')).toHaveLength(3);
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
])('an unknown kind of hash is reported: %j', async (record, exit, said) => {
  const data = Buffer.from('data');
  const store = await startStore({
    data,
    ranges: 'works',
    record: { ...record, os_hash_algo: 'sm3', os_hash_value: 'aa' },
  });
  const cwd = await tempDir();
  const result = await runCli(['--endpoint', store.url, 'download', storeImage, '-o', 'f'], { cwd });
  expect(result.code).toBe(exit);
  expect(result.stderr).toContain(`its hash algorithm is not known here (sm3); ${said}`);
});
