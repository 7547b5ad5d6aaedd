// A cloud from configuration to image: login, catalog, kept tokens. Keystone answers from a script, Glance is the real server.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CliOptions, CliResult } from '../../../support/run-cli.ts';
import { runCli } from '../../../support/run-cli.ts';
import { type Glance, glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { answer, rawServer, type RawServer } from '../../../support/servers/raw-server.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const password = 's3cret-password';

interface World {
  readonly keystone: RawServer;
  readonly server: Glance;
  readonly home: string;
  readonly cli: (argv: readonly string[], options?: CliOptions) => Promise<CliResult>;
}

/** A Keystone whose tokens are `s3cret-token-N`, a Glance that takes the ones given, a home with a clouds.yaml. */
async function world(
  accepted: readonly string[] = ['s3cret-token-0'],
  regions: readonly string[] = ['One'],
): Promise<World> {
  const home = await tempDir();
  const server = await glance(
    [makeEntry('data', { id: '1', name: 'one' })],
    [
      {
        on: { path: /images/, where: ({ headers }) => !accepted.includes(headers['x-auth-token'] ?? '') },
        do: { type: 'status', status: 401 },
      },
    ],
  );
  let logins = 0;
  const keystone = await rawServer((_request, socket) => {
    const endpoints = regions.map((region) => ({ interface: 'public', region_id: region, url: server.url.href }));
    const body = JSON.stringify({
      token: { expires_at: '2999-01-01T00:00:00Z', catalog: [{ type: 'image', endpoints }] },
    });
    socket.write(answer('201 Created', body, `X-Subject-Token: s3cret-token-${String(logins++)}`));
  });
  await mkdir(join(home, '.config/openstack'), { recursive: true });
  const auth_url = new URL('/v3', keystone.url).href;
  const auth = {
    auth_url,
    username: 'u',
    password,
    project_name: 'p',
    user_domain_name: 'D',
    project_domain_name: 'D',
  };
  await writeFile(join(home, '.config/openstack/clouds.yaml'), JSON.stringify({ clouds: { demo: { auth } } }), {
    mode: 0o600,
  });
  const cli: World['cli'] = (argv, options = {}) => runCli(argv, { homedir: home, cwd: home, ...options });
  return { keystone, server, home, cli };
}

describe('a cloud of clouds.yaml', () => {
  it('is logged in to, its catalog gives the endpoint, and the image is downloaded', async () => {
    const { cli, keystone, server } = await world();
    const { code, stdout, stderr } = await cli(['--os-cloud', 'demo', 'download', '1', '--progress', 'none']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'data' });
    expect(stderr).not.toContain('s3cret');
    expect(keystone.requests.map(({ method, target }) => `${method} ${target}`)).toEqual(['POST /v3/auth/tokens']);
    expect(server.asked()).toEqual(['GET /', 'HEAD /v1/images/1', 'GET /v1/images/1']);
  });

  it('costs one request the second time, as token and endpoint are kept', async () => {
    const { cli, keystone, server, home } = await world();
    await cli(['show', '1'], { env: { OS_CLOUD: 'demo' } });
    const before = server.requests.length;
    expect((await cli(['show', '1'], { env: { OS_CLOUD: 'demo' } })).code).toBe(0);
    expect(server.asked().slice(before)).toEqual(['HEAD /v1/images/1']);
    expect(keystone.requests).toHaveLength(1);
    const directory = join(home, '.cache/glance-cli/tokens');
    const [name = ''] = await readdir(directory);
    expect(await readFile(join(directory, name), 'utf8')).not.toContain(password);
  });

  it('does not let a kept API outvote --image-api-version', async () => {
    const { cli } = await world();
    await cli(['show', '1', '--os-cloud', 'demo']);
    const { code, error } = await cli(['show', '1', '--os-cloud', 'demo', '--image-api-version', '2', '-f', 'json']);
    expect([code, error()['code']]).toEqual([7, 'api.version']);
    expect((await cli(['show', '1', '--os-cloud', 'demo', '--image-api-version', '1'])).code).toBe(0);
  });

  it('keeps nothing with --no-token-cache, and logout removes what is kept', async () => {
    const { cli, keystone, home } = await world(['s3cret-token-0', 's3cret-token-1', 's3cret-token-2']);
    await cli(['show', '1', '--no-token-cache', '--os-cloud', 'demo']);
    await expect(readdir(join(home, '.cache'))).rejects.toThrow('ENOENT');
    await cli(['show', '1', '--os-cloud', 'demo']);
    expect((await cli(['logout'])).stderr).toBe('removed the tokens of 1 login\n');
    await cli(['show', '1', '--os-cloud', 'demo']);
    expect(keystone.requests).toHaveLength(3);
    await cli(['logout']);
    expect((await cli(['logout'])).stderr).toBe('there were no cached tokens\n');
  });

  it('logs in again once if the kept token is refused, and gives up at the second refusal', async () => {
    const { cli, keystone } = await world(['s3cret-token-1']);
    expect((await cli(['show', '1', '--os-cloud', 'demo'])).code).toBe(0);
    expect(keystone.requests).toHaveLength(2);
    const hopeless = await world([]);
    const { code, error } = await hopeless.cli(['show', '1', '--os-cloud', 'demo', '-f', 'json']);
    expect(code).toBe(4);
    expect(error()).toMatchObject({ code: 'auth.required', http_status: 401 });
    expect(hopeless.keystone.requests).toHaveLength(2);
  });

  it('with several regions needs one, from an option or the environment', async () => {
    const { cli } = await world(['s3cret-token-0', 's3cret-token-1', 's3cret-token-2'], ['One', 'Two']);
    const { code, error } = await cli(['list', '--os-cloud', 'demo', '-f', 'json']);
    expect(code).toBe(3);
    expect(error()).toMatchObject({ code: 'cloud.region', message: expect.stringContaining('One, Two') });
    expect((await cli(['list', '--os-cloud', 'demo', '--os-region-name', 'Two'])).code).toBe(0);
    expect((await cli(['list', '--os-cloud', 'demo'], { env: { OS_REGION_NAME: 'One' } })).code).toBe(0);
    const none = await cli(['list', '--os-cloud', 'demo', '--os_region_name', 'Three', '-f', 'json']);
    expect([none.code, none.error()['code']]).toEqual([3, 'cloud.no_service']);
  });

  it('that does not exist is reported, with those that do', async () => {
    const { cli } = await world();
    const { code, stderr } = await cli(['list', '--os-cloud', 'nosuch']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/nosuch.*\bdemo\b[\s\S]*\[cloud\.not_found\]|\[cloud\.not_found\][\s\S]*\bdemo\b/);
  });

  it('sends its token to no other origin', async () => {
    const { cli } = await world();
    const other = await glance([makeEntry('other', { id: '9' })]);
    const { code } = await cli(['show', new URL('/v1/images/9', other.url).href, '--os-cloud', 'demo']);
    expect(code).toBe(0);
    expect(other.requests.map(({ headers }) => headers['x-auth-token'])).toEqual([undefined]);
  });

  it('is shown by doctor with the source of each setting, and no secret', async () => {
    const { cli } = await world();
    const { code, stdout, stderr } = await cli(['doctor', '--os-cloud', 'demo', '--debug', '-f', 'json']);
    expect(code).toBe(0);
    const findings = JSON.parse(stdout) as { check: string; status: string; detail: string }[];
    expect(findings.find(({ check }) => check === 'setting auth.username')?.detail).toMatch(/^u \(.*clouds\.yaml.*\)$/);
    expect(findings.find(({ check }) => check === 'setting auth.password')?.detail).toMatch(/^\*\*\* /);
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['endpoint', 'tls', 'versions', 'clock', 'list', 'range']),
    );
    expect(stdout + stderr).not.toContain('s3cret');
  });
});

describe('an openrc file', () => {
  it('is enough to define a cloud', async () => {
    const { cli, keystone } = await world();
    const env = {
      OS_AUTH_URL: new URL('/v3', keystone.url).href,
      OS_USERNAME: 'u',
      OS_PASSWORD: password,
      OS_PROJECT_NAME: 'p',
      OS_USER_DOMAIN_NAME: 'D',
      OS_PROJECT_DOMAIN_NAME: 'D',
    };
    expect((await cli(['show', '1'], { env })).code).toBe(0);
    const flags = [
      '--os-auth-url',
      env.OS_AUTH_URL,
      '--os-username',
      'u',
      '--os-password',
      password,
      '--os-project-name',
      'p',
    ];
    const { code, stderr } = await cli([
      'show',
      '1',
      ...flags,
      '--os-user-domain-name',
      'D',
      '--os-project-domain-name',
      'D',
    ]);
    expect(code).toBe(0);
    expect(stderr).toContain('warning: --os-password on the command line');
    expect(stderr).not.toContain(password);
  });

  it('without a password is reported with the missing variable', async () => {
    const { cli, keystone } = await world();
    const env = { OS_AUTH_URL: new URL('/v3', keystone.url).href, OS_USERNAME: 'u', OS_PROJECT_NAME: 'p' };
    const { code, stderr } = await cli(['show', '1'], { env });
    expect(code).toBe(4);
    expect(stderr).toMatch(/\[auth\.missing\]\n.*OS_PASSWORD/);
  });
});

describe('no secret is shown', () => {
  const secret = 's3cret-value';
  it.each([
    ['password', { OS_USERNAME: 'u', OS_PASSWORD: secret, OS_PROJECT_NAME: 'p' }],
    ['v3totp', { OS_USERNAME: 'u', OS_PASSCODE: secret, OS_PROJECT_NAME: 'p' }],
    ['v3applicationcredential', { OS_APPLICATION_CREDENTIAL_ID: 'i', OS_APPLICATION_CREDENTIAL_SECRET: secret }],
    ['v3token', { OS_TOKEN: secret, OS_PROJECT_NAME: 'p' }],
    ['v3oidcaccesstoken', { OS_ACCESS_TOKEN: secret, OS_IDENTITY_PROVIDER: 'i', OS_PROTOCOL: 'o' }],
  ] as [string, Record<string, string>][])(
    'of %s: not in output, debug, error or on disk, whether the login works or not',
    async (type, variables) => {
      const { cli, keystone, home } = await world();
      const env = { OS_AUTH_TYPE: type, OS_AUTH_URL: new URL('/v3', keystone.url).href, ...variables };
      const refusing = await rawServer((_request, socket) =>
        socket.write(answer('401 Unauthorized', `{"error":{"message":"no"}}`)),
      );
      const failing = { ...env, OS_AUTH_URL: new URL('/v3', refusing.url).href };
      const results = [
        await cli(['show', '1', '--debug', '-f', 'json'], { env }),
        await cli(['doctor', '--debug'], { env }),
        await cli(['show', '1', '--debug', '-f', 'json'], { env: failing }),
        await cli(['show', '1', '--debug'], { env: failing }),
      ];
      expect(results[2]?.code).toBe(4);
      for (const { stdout, stderr } of results) expect(stdout + stderr).not.toContain(secret);
      const directory = join(home, '.cache/glance-cli/tokens');
      for (const name of await readdir(directory).catch(() => [])) {
        expect(await readFile(join(directory, name), 'utf8')).not.toContain(secret);
      }
    },
  );
});
