// Settings as they are found: what they mean, and what they must not be blamed or asked for.
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonServer, versionList } from '../../../support/servers/json-server.ts';
import { answer, fixture, rawServer, type RawServer } from '../../../support/servers/raw-server.ts';
import { runCli } from '../../../support/run-cli.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const id = '11111111-1111-4111-8111-111111111111';
const image = { id, name: 'cirros', status: 'active', visibility: 'shared', size: 4, disk_format: 'raw' };
const login = { OS_USERNAME: 'u', OS_PASSWORD: 's3cret-password', OS_PROJECT_NAME: 'p' };

async function startGlance(): Promise<RawServer> {
  return await jsonServer(({ pathname }) => {
    if (pathname === '/') return versionList('v2.9');
    if (pathname === '/v2/images') return { body: { images: [image] } };
    if (pathname === `/v2/images/${id}`) return { body: image };
    return pathname.endsWith('/file') ? { body: 'data', headers: ['Content-Type: application/octet-stream'] } : null;
  });
}

/** An address of this machine that nobody answers at. */
async function deadAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => {
    server.close(closed);
  });
  return `http://127.0.0.1:${String(port)}`;
}

/** A Keystone with this Glance in its catalog, or one that redirects. */
async function startKeystone(glance: URL, location?: (path: string) => string): Promise<RawServer> {
  return await jsonServer(({ pathname }) => {
    if (location !== undefined)
      return { status: '308 Permanent Redirect', headers: [`Location: ${location(pathname)}`] };
    const catalog = [{ type: 'image', endpoints: [{ interface: 'public', url: glance.href }] }];
    return {
      status: '201 Created',
      headers: ['X-Subject-Token: t'],
      body: { token: { expires_at: '2999-01-01T00:00:00Z', catalog } },
    };
  });
}

describe('a login', () => {
  it.each([
    ['a scheme in capitals', (url: string) => ({ OS_AUTH_URL: url.replace('http', 'HTTP'), ...login })],
    [
      'an application credential without a type',
      (url: string) => ({
        OS_AUTH_URL: url,
        OS_APPLICATION_CREDENTIAL_ID: 'a',
        OS_APPLICATION_CREDENTIAL_SECRET: 's3cret-secret',
      }),
    ],
  ])('is understood with %s', async (_what, configure) => {
    const keystone = await startKeystone((await startGlance()).url);
    const env = configure(`${keystone.url.href}v3`);
    const homedir = await tempDir();
    const { code, stdout, stderr } = await runCli(['list', '-f', 'value', '-c', 'name'], { env, homedir });
    expect([code, stdout, stderr]).toEqual([0, 'cirros\n', '']);
  });

  it('with a password type and an application credential is told which of the two it needs', async () => {
    const env = {
      OS_AUTH_URL: 'http://127.0.0.1:1/v3',
      OS_AUTH_TYPE: 'password',
      OS_APPLICATION_CREDENTIAL_ID: 'a',
      OS_APPLICATION_CREDENTIAL_SECRET: 's3cret-secret',
    };
    const { code, stderr } = await runCli(['list'], { env });
    expect([code, stderr]).toEqual([4, expect.stringContaining('OS_AUTH_TYPE=v3applicationcredential')]);
  });

  it.each(['/v3', '', '/identity/v3', '/identity'])(
    'that is redirected to another server, at %s, says where to, what to set, and sends nothing there',
    async (path) => {
      const other = await startKeystone(new URL('http://127.0.0.1:1'));
      const keystone = await startKeystone(other.url, (asked) => new URL(asked, other.url).href);
      const env = { ...login, OS_AUTH_URL: new URL(path, keystone.url).href };
      const result = await runCli(['list', '-f', 'json'], { env });
      expect(result.code).toBe(7);
      const goal = new URL(path === '' ? '/' : path.replace(/identity$/, 'identity/'), other.url).href;
      expect(result.error()).toMatchObject({
        code: 'http.redirect.refused',
        message: expect.stringContaining(other.url.host) as string,
        hint: `if that is your Keystone, set auth_url (now from OS_AUTH_URL) to ${goal}; no password was sent there`,
      });
      expect(other.requests).toEqual([]);
    },
  );

  it('that is redirected within the server is not sent again', async () => {
    const keystone = await startKeystone(new URL('http://127.0.0.1:1'), (path) => `/other${path}`);
    const env = { ...login, OS_AUTH_URL: new URL('/v3', keystone.url).href };
    const result = await runCli(['list', '-f', 'json'], { env });
    expect(result.error()).toMatchObject({
      code: 'http.redirect.refused',
      hint: expect.stringContaining(`to ${keystone.url.href}other/v3;`) as string,
    });
    expect(keystone.requests).toHaveLength(1);
  });
});

describe('a full URI', () => {
  const twoClouds =
    'clouds:\n  one: {auth_type: none, image_endpoint_override: "http://127.0.0.1:1"}\n' +
    '  two: {auth_type: none, image_endpoint_override: "http://127.0.0.1:2"}\n';
  it.each([
    ['several clouds and none is chosen', twoClouds],
    ['one cloud that nobody answers at', 'clouds: {one: {auth: {auth_url: "DEAD", username: u, password: pppp}}}'],
    ['one cloud that lacks something', 'clouds: {one: {auth: {auth_url: "DEAD"}}}'],
    ['a broken file', 'clouds: ['],
  ])('works where clouds.yaml has %s', async (_what, content) => {
    const { url } = await startGlance();
    const homedir = await tempDir();
    await mkdir(join(homedir, '.config/openstack'), { recursive: true });
    const filled = content.replaceAll('DEAD', await deadAddress());
    await writeFile(join(homedir, '.config/openstack/clouds.yaml'), filled, { mode: 0o600 });
    await writeFile(join(homedir, 'file'), 'data');
    const uri = `${url.href}v2/images/${id}`;
    for (const argv of [
      ['show', uri],
      ['download', uri],
      ['inspect', uri],
      ['verify', 'file', uri],
    ]) {
      const { code, stderr } = await runCli([...argv, '--retries', '0'], { homedir, cwd: homedir });
      // A Glance without digests proves nothing to verify.
      expect([argv[0], argv[0] === 'verify' && code === 6 ? 0 : code, stderr]).toEqual([
        argv[0],
        0,
        expect.any(String),
      ]);
    }
  });

  it('still needs the chosen cloud to be usable', async () => {
    const { url } = await startGlance();
    const env = { OS_CLOUD: 'nothing' };
    expect(await runCli(['show', `${url.href}v2/images/${id}`], { env })).toMatchObject({ code: 3 });
  });

  it('is named as the cause, and not a setting with another address', async () => {
    const { url } = await startGlance();
    const argv = ['show', `${await deadAddress()}/v2/images/${id}`, '--retries', '0', '-f', 'json'];
    const result = await runCli(argv, { env: { OS_IMAGE_ENDPOINT_OVERRIDE: url.href } });
    expect(result.code).toBe(5);
    expect(result.error()).toMatchObject({
      code: 'net.refused',
      hint: "the address comes from the image's URI: is it right, and the service running?",
    });
  });
});

describe('where nothing says which Glance is meant', () => {
  it('says where it looked, and lists the ways to name one, a line each', async () => {
    const homedir = await tempDir();
    const { code, stdout, stderr } = await runCli(['list'], {
      homedir,
      cwd: '/work',
      env: { XDG_CONFIG_DIRS: '/a:/b' },
    });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.split('\n')).toEqual([
      'error: no cloud and no endpoint is configured: OS_CLOUD, OS_AUTH_URL, OS_IMAGE_ENDPOINT_OVERRIDE and OS_IMAGE_URL are not ' +
        `set, and none of these files has a cloud: /work/clouds.yaml, ${homedir}/.config/openstack/clouds.yaml, ` +
        '/a/openstack/clouds.yaml, /b/openstack/clouds.yaml, /etc/openstack/clouds.yaml (or .yml, .json) [config.missing]',
      '  hint: say which in one of these ways:',
      '    --os-cloud NAME               a cloud of ~/.config/openstack/clouds.yaml',
      '    source openrc.sh              variables, in a file that the dashboard offers',
      '    --endpoint https://HOST:9292  without a login, or with a token in OS_TOKEN',
      '    glance-cli help connection    has an example of each',
      '',
    ]);
  });

  it('mentions settings that are not enough, a missing file and an unreadable one', async () => {
    const paths = Array.from({ length: 500 }, (_, index) => `/etc/${'x'.repeat(200)}/${String(index)}`);
    const many = Object.fromEntries(paths.map((path, index) => [`OS_NOTHING_${String(index)}`, path]));
    const env = {
      OS_TOKEN: 's3cret-token',
      OS_CLIENT_CONFIG_FILE: '/gone.yaml',
      XDG_CONFIG_DIRS: paths.join(':'),
      ...many,
    };
    const result = await runCli(['list', '-f', 'json'], { env, homedir: await tempDir() });
    const { message, hint } = result.error() as { message: string; hint: string };
    expect(message).toMatch(
      /none of these files has a cloud: \/gone\.yaml \(OS_CLIENT_CONFIG_FILE\), .* and \d+ more \(or/,
    );
    expect(message).toContain(
      '; the variables that are set do not say where Glance is: OS_TOKEN, OS_CLIENT_CONFIG_FILE, OS_NOTHING_0',
    );
    expect(message.length).toBeLessThan(2000);
    expect(hint.split('\n')).toHaveLength(5);
    expect(result.stderr).not.toContain('s3cret');
  });

  it('says where a named cloud was looked for', async () => {
    const homedir = await tempDir();
    const { code, stderr } = await runCli(['--os-cloud', 'demo', 'list'], { homedir, cwd: '/work' });
    expect([code, stderr]).toEqual([3, expect.stringContaining(`/work/clouds.yaml, ${homedir}/.config/openstack/`)]);
    expect(stderr).toContain('hint: describe the cloud in one of them (glance-cli help connection has an example)');
  });

  it.each([
    [
      {},
      'no username and no password',
      'set OS_USERNAME and OS_PASSWORD, or username and password under auth of a cloud',
    ],
    [{ OS_USERNAME: 'u' }, 'no password', 'set OS_PASSWORD, or password under auth of a cloud in clouds.yaml'],
    [{ OS_USER_ID: 'u' }, 'no password', 'set OS_PASSWORD'],
  ])('lists everything that half a login lacks: %j', async (env, lacks, hint) => {
    const half = { OS_AUTH_URL: 'http://127.0.0.1:1/v3', ...env };
    const { code, stderr } = await runCli(['list'], { env: half, homedir: await tempDir() });
    const first = `error: the OS_ variables and options have ${lacks}, which the authentication type password needs`;
    expect([code, stderr]).toEqual([4, `${first} [auth.missing]\n  hint: ${hint}${stderr.split(hint)[1] ?? ''}`]);
  });

  it('names the file that has half a login', async () => {
    const homedir = await tempDir();
    const file = join(homedir, '.config/openstack/clouds.yaml');
    await mkdir(join(homedir, '.config/openstack'), { recursive: true });
    await writeFile(file, 'clouds: {c: {auth: {auth_url: "http://127.0.0.1:1/v3", username: u}}}', { mode: 0o600 });
    const { stderr } = await runCli(['list'], { homedir });
    expect(stderr).toContain(`cloud c of ${file} has no password, which`);
    expect(stderr).toContain('set OS_PASSWORD, or password under auth there or in a secure.yaml beside it\n');
  });
});

describe('a clouds.yaml that is broken', () => {
  it('is reported, with its line, if one of its clouds is asked for', async () => {
    const homedir = await tempDir();
    await mkdir(join(homedir, '.config/openstack'), { recursive: true });
    await writeFile(join(homedir, '.config/openstack/clouds.yaml'), 'clouds:\n  one: [\n', { mode: 0o600 });
    for (const argv of [['--os-cloud', 'one', 'list'], ['list']]) {
      const { code, stderr } = await runCli(argv, { homedir });
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/clouds\.yaml is ignored: it is not valid YAML.*line 3/),
      ]);
      expect(stderr).not.toContain('no clouds.yaml was found');
    }
  });
});

describe('members', () => {
  it.each([
    ['v1', '/v1/images/1', '1'],
    ['v2', `/v2/images/${id}`, id],
  ])('of an existing image are not shown by a Glance %s that lacks them', async (api, path, query) => {
    const server = await jsonServer(({ pathname }) =>
      pathname === path ? { body: image, headers: [`X-Image-Meta-Id: ${query}`] } : null,
    );
    const result = await runCli(['--endpoint', `${server.url.href}${api}`, 'members', query, '--error-format', 'json']);
    expect(result.code).toBe(2);
    expect(result.error()).toMatchObject({
      code: 'usage.unsupported',
      message: 'this Glance does not say who its images are shared with',
    });
  });

  it('of an image that was deleted meanwhile are not found', async () => {
    let count = 0;
    const server = await jsonServer(() => (count++ === 0 ? { body: image } : null));
    const result = await runCli(['--endpoint', `${server.url.href}v2`, 'members', id, '--error-format', 'json']);
    expect(result.error()).toMatchObject({ code: 'image.not_found', exit: 3 });
  });
});

describe('certificates that settings name', () => {
  const authority = fixture('tls/ca.pem').toString('utf8');

  /** A Glance over TLS, or plain, and a home with files that settings may name. */
  async function world(certificate?: 'server'): Promise<{ list: typeof runCli; home: string }> {
    const body = JSON.stringify({ images: [image] });
    const { url } = await rawServer((_request, socket) => socket.write(answer('200 OK', body)), certificate);
    const home = await tempDir();
    await mkdir(join(home, 'certs'));
    await writeFile(join(home, 'certs/ca.pem'), authority);
    await writeFile(join(home, 'commented.pem'), `# our authority\n${authority}`);
    await writeFile(join(home, 'short.pem'), authority.slice(0, 400));
    await writeFile(join(home, 'empty.pem'), '');
    await writeFile(join(home, 'text.pem'), '<html>not here</html>');
    const argv = ['--endpoint', `${url.href}v2`, 'list', '-f', 'value', '-c', 'name'];
    return { list: (more, options) => runCli([...argv, ...more], { homedir: home, cwd: home, ...options }), home };
  }

  it.each([
    ['OS_CACERT', '~/certs/ca.pem'],
    ['REQUESTS_CA_BUNDLE', '~/certs/ca.pem'],
    ['SSL_CERT_FILE', 'commented.pem'],
  ])('are found by %s=%s', async (variable, file) => {
    const { list } = await world('server');
    expect(await list([], { env: { [variable]: file } })).toMatchObject({ code: 0, stdout: 'cirros\n', stderr: '' });
  });

  it('are found by an option whose ~ the shell did not expand', async () => {
    const { list } = await world('server');
    expect(await list(['--os-cacert=~/certs/ca.pem'])).toMatchObject({ code: 0, stderr: '' });
  });

  const bad = [
    [
      '~/certs',
      /OS_CACERT: ~\/certs cannot be read: it is a directory.*hint: name a file with all certificates in one/s,
    ],
    ['gone.pem', /OS_CACERT: gone\.pem cannot be read: there is no such file/],
    ['short.pem', /OS_CACERT: short\.pem holds no certificate that can be read/],
    ['empty.pem', /OS_CACERT: empty\.pem holds no certificate that can be read/],
    ['text.pem', /OS_CACERT: text\.pem holds no certificate that can be read.*hint: it has to be PEM/s],
  ] as const;
  it.each(bad)('and cannot be used are reported over TLS, and do no harm without it: %s', async (file, message) => {
    const env = { OS_CACERT: file };
    const overTls = await world('server');
    const result = await overTls.list([], { env });
    expect([result.code, result.stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(await (await world()).list([], { env })).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(['--os-cacert', '--os-cert', '--os-key'])(
    'and cannot be used are reported immediately for %s',
    async (option) => {
      const { list } = await world();
      for (const file of ['gone.pem', 'text.pem', 'certs']) {
        expect(await list([option, file])).toMatchObject({ code: 2, stdout: '' });
      }
    },
  );

  it.each([
    ['--insecure', ['--insecure'], {}],
    ['OS_INSECURE', [], { OS_INSECURE: '1', OS_CACERT: 'gone.pem' }],
  ] as const)('are not checked, which is reported with its source: %s', async (source, argv, env) => {
    const { list } = await world('server');
    const stderr = `warning: certificates are not checked (${source}): anybody in between can read and change everything\n`;
    expect(await list([...argv], { env })).toMatchObject({ code: 0, stderr });
  });

  it.each([
    ['verify: false', 'verify in '],
    ['insecure: true, verify: true', 'insecure in '],
    ['insecure: false, verify: false', 'verify in '],
  ])('are not checked, which is reported with the file that says so: %s', async (settings, source) => {
    const { home, list } = await world('server');
    const path = join(home, 'clouds.yaml');
    await writeFile(path, `clouds: {c: {auth_type: none, endpoint: "http://h", ${settings}}}`, { mode: 0o600 });
    const { code, stderr } = await list(['--os-cloud', 'c']);
    expect([code, stderr]).toEqual([0, expect.stringContaining(`certificates are not checked (${source}${path})`)]);
  });
});

describe('an invalid address', () => {
  const password = 'hunter2-hunter2';
  const texts = [
    'HOST:9292',
    `ftp://u:${password}@h/v3`,
    `http://u:${password}@h h/v3`,
    `${password}@${'x'.repeat(3000)}`,
  ];
  const settings: readonly (readonly [named: string, env: (text: string) => Record<string, string>])[] = [
    ['OS_AUTH_URL', (text) => ({ ...login, OS_AUTH_URL: text })],
    ['OS_IMAGE_ENDPOINT_OVERRIDE', (text) => ({ OS_IMAGE_ENDPOINT_OVERRIDE: text })],
    ['OS_ENDPOINT', (text) => ({ OS_AUTH_TYPE: 'none', OS_ENDPOINT: text })],
    [
      'OS_DISCOVERY_ENDPOINT',
      (text) => ({
        OS_AUTH_URL: 'http://127.0.0.1:1/v3',
        OS_AUTH_TYPE: 'v3oidcclientcredentials',
        OS_DISCOVERY_ENDPOINT: text,
        OS_IDENTITY_PROVIDER: 'i',
        OS_PROTOCOL: 'p',
        OS_CLIENT_ID: 'c',
        OS_CLIENT_SECRET: 's3cret-secret',
      }),
    ],
  ];

  it.each(settings)(
    'is reported with its variable and the right form, but no password: %s',
    async (named, configure) => {
      for (const text of texts) {
        const result = await runCli(['list', '-f', 'json'], { env: configure(text) });
        expect(result.code).toBe(2);
        expect(result.error()).toMatchObject({
          code: 'config.invalid',
          message: expect.stringContaining(named) as string,
          hint: expect.stringContaining('://HOST') as string,
        });
        expect(result.stderr).not.toContain(password);
        expect(result.stderr.length).toBeLessThan(1000);
      }
    },
  );

  it.each(texts)('is reported as that of the catalog: %.40s', async (text) => {
    const keystone = await jsonServer(() => ({
      status: '201 Created',
      headers: ['X-Subject-Token: t'],
      body: {
        token: {
          expires_at: '2999-01-01T00:00:00Z',
          catalog: [{ type: 'image', endpoints: [{ interface: 'public', url: text }] }],
        },
      },
    }));
    const env = { ...login, OS_AUTH_URL: `${keystone.url.href}v3` };
    const result = await runCli(['list', '-f', 'json'], { env, homedir: await tempDir() });
    expect(result.code).toBe(2);
    expect(result.error()).toMatchObject({
      message: expect.stringContaining('catalog') as string,
      hint: expect.stringContaining('--endpoint') as string,
    });
    expect(result.stderr).not.toContain(password);
  });
});
