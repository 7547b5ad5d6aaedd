import { readdir, readFile, stat, symlink, writeFile, chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { HttpClient } from '../../../src/http/client.ts';
import type { WireEvent } from '../../../src/http/request.ts';
import { Dispatchers } from '../../../src/http/connect/dispatchers.ts';
import { createAuthenticator } from '../../../src/identity/authenticator.ts';
import type { Cloud } from '../../../src/identity/config/cloud.ts';
import { login } from '../../../src/identity/keystone.ts';
import { TokenCache } from '../../../src/identity/token-cache.ts';
import { makeCloud } from '../../support/cloud.ts';
import { answer, rawServer, type RawServer } from '../../support/servers/raw-server.ts';
import { tempDir } from '../../support/temp-dir.ts';

const signal = new AbortController().signal;

function createClient(wire: WireEvent[] = [], told: string[] = []): HttpClient {
  const dispatchers = new Dispatchers({ tls: { verify: true }, env: {}, connectTimeoutMs: 5000 });
  onTestFinished(() => dispatchers.close());
  return new HttpClient({
    dispatchers,
    clock: { ...systemClock, random: () => 0, startTimer: (_ms, onTime) => systemClock.startTimer(0, onTime) },
    userAgent: 'test',
    timeouts: { headersMs: 0, dataHeadersMs: 0, stallMs: 0 },
    retry: { retries: 0 },
    onWire: (event) => wire.push(event),
    onTell: (message) => told.push(message),
  });
}

const catalog = [{ type: 'image', endpoints: [{ interface: 'public', region_id: 'One', url: 'http://glance/' }] }];
const tokenBody = (expires = '2999-01-01T00:00:00.000000Z'): string =>
  JSON.stringify({ token: { expires_at: expires, catalog, project: { id: 'p1' } } });
const issued = (token: string, expires?: string): string =>
  answer('201 Created', tokenBody(expires), `X-Subject-Token: ${token}`);
const passwordOf = (server: RawServer, extra: Record<string, string> = {}): Cloud =>
  makeCloud({
    auth_url: new URL('/v3', server.url).href,
    username: 'u',
    password: 's3cret-password',
    project_id: 'p1',
    ...extra,
  });

describe('login', () => {
  it('reports that Keystone cannot be reached, and which setting names it', async () => {
    const cloud = makeCloud({ auth_url: 'http://127.0.0.1:1/v3', username: 'u', password: 'p', project_id: 'p1' });
    await expect(login(createClient(), cloud, signal)).rejects.toMatchObject({
      code: 'net.refused',
      message: 'Keystone at 127.0.0.1:1: connection refused',
      facts: {
        hint: expect.stringMatching(/^is auth_url \(OS_AUTH_URL\) of cloud .* right\? glance-cli doctor/) as string,
      },
    });
  });

  it.each([
    ['a page', answer('404 Not Found', '<!doctype html><title>404</title>', 'Content-Type: text/html'), 'json.invalid'],
    ['a Glance', answer('300 Multiple Choices', '{"versions": []}'), 'http.status'],
  ])('says that an address where %s answers does not look like Keystone', async (_what, text, code) => {
    const server = await rawServer((_request, socket) => socket.end(text));
    await expect(login(createClient(), passwordOf(server), signal)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v3\/auth\/tokens does not answer like Keystone: /),
      facts: { hint: expect.stringMatching(/^is auth_url \(OS_AUTH_URL\) of cloud demo right\?/) as string },
    });
  });

  it('sends one request to a /v3 URL, and reads token, expiry, project and catalog', async () => {
    const wire: WireEvent[] = [];
    const server = await rawServer((_request, socket) => socket.write(issued('tok-1')));
    const result = await login(createClient(wire), passwordOf(server), signal);
    expect(result).toMatchObject({
      token: 'tok-1',
      expiresAtMs: Date.parse('2999-01-01'),
      projectId: 'p1',
      catalog: [{ url: 'http://glance/' }],
    });
    expect(server.requests.map(({ method, target }) => `${method} ${target}`)).toEqual(['POST /v3/auth/tokens']);
    const shown = wire.flatMap(({ lines }) => lines).join('\n');
    expect(shown).not.toMatch(/s3cret|tok-1/);
  });

  it('asks an unversioned URL for its versions, and keeps the host and port', async () => {
    const versions = JSON.stringify({
      versions: { values: [{ id: 'v3.14', links: [{ href: 'http://wrong.example/identity/v3/' }] }] },
    });
    const server = await rawServer((request, socket) =>
      socket.write(
        request.method === 'GET'
          ? answer('300 Multiple Choices', versions, 'Location: http://wrong.example/')
          : issued('t'),
      ),
    );
    await login(createClient(), passwordOf(server, { auth_url: new URL('/identity', server.url).href }), signal);
    expect(server.requests.map(({ target }) => target)).toEqual(['/identity/', '/identity/v3/auth/tokens']);
  });

  it('appends /v3 if no versions are available', async () => {
    const server = await rawServer((request, socket) =>
      socket.write(request.method === 'GET' ? answer('404 Not Found', '') : issued('t')),
    );
    await login(createClient(), passwordOf(server, { auth_url: server.url.href }), signal);
    expect(server.requests.at(-1)?.target).toBe('/v3/auth/tokens');
  });

  it.each([
    ['401 Unauthorized', 'auth.failed'],
    ['404 Not Found', 'auth.failed'],
    ['403 Forbidden', 'auth.forbidden'],
  ])('reports a refusal with %s as %s, with what Keystone says', async (status, code) => {
    const server = await rawServer((_request, socket) =>
      socket.write(answer(status, '{"error":{"message":"go away","code":401}}', 'Content-Type: application/json')),
    );
    await expect(login(createClient(), passwordOf(server), signal)).rejects.toMatchObject({
      code,
      message: expect.stringContaining('go away'),
    });
  });

  it('fails if the answer has no token', async () => {
    const server = await rawServer((_request, socket) => socket.write(answer('201 Created', '{}')));
    await expect(login(createClient(), passwordOf(server), signal)).rejects.toMatchObject({ code: 'json.invalid' });
  });

  it('continues with a receipt if Keystone needs a passcode too', async () => {
    const wants = JSON.stringify({ receipt: { methods: ['password'] }, required_auth_methods: [['password', 'totp']] });
    const server = await rawServer((_request, socket, index) =>
      socket.write(index === 0 ? answer('401 Unauthorized', wants, 'Openstack-Auth-Receipt: rec-1') : issued('t')),
    );
    const result = await login(createClient(), passwordOf(server, { passcode: '123456' }), signal);
    expect(result.token).toBe('t');
    expect(server.requests[1]?.headers.get('openstack-auth-receipt')).toBe('rec-1');
  });

  it('names what else Keystone needs if it is not configured', async () => {
    const wants = JSON.stringify({ receipt: { methods: ['password'] }, required_auth_methods: [['password', 'totp']] });
    const server = await rawServer((_request, socket) =>
      socket.write(answer('401 Unauthorized', wants, 'Openstack-Auth-Receipt: rec-1')),
    );
    await expect(login(createClient(), passwordOf(server), signal)).rejects.toMatchObject({
      code: 'auth.missing',
      message: expect.stringContaining('password and totp'),
    });
  });

  it('through a provider exchanges its access token for one of Keystone', async () => {
    const server = await rawServer((request, socket) => {
      if (request.target === '/discovery')
        socket.write(answer('200 OK', JSON.stringify({ token_endpoint: new URL('/token', server.url).href })));
      else if (request.target === '/token') socket.write(answer('200 OK', '{"access_token":"acc"}'));
      else if (request.target.includes('OS-FEDERATION'))
        socket.write(answer('201 Created', '{}', 'X-Subject-Token: unscoped'));
      else socket.write(issued('scoped'));
    });
    const cloud = passwordOf(server, {
      identity_provider: 'idp',
      protocol: 'openid',
      client_id: 'c',
      client_secret: 's',
      discovery_endpoint: new URL('/discovery', server.url).href,
    });
    const result = await login(createClient(), { ...cloud, authType: 'v3oidcclientcredentials' }, signal);
    expect(result.token).toBe('scoped');
    expect(server.requests.map(({ target, headers }) => [target, headers.get('authorization')])).toEqual([
      ['/discovery', undefined],
      ['/token', `Basic ${Buffer.from('c:s').toString('base64')}`],
      ['/v3/OS-FEDERATION/identity_providers/idp/protocols/openid/auth', 'Bearer acc'],
      ['/v3/auth/tokens', undefined],
    ]);
  });

  it('by device code tells the user what to do, and waits', async () => {
    const told: string[] = [];
    let polls = 0;
    const server = await rawServer((request, socket) => {
      const url = (path: string): string => new URL(path, server.url).href;
      if (request.target === '/discovery') {
        socket.write(
          answer(
            '200 OK',
            JSON.stringify({ token_endpoint: url('/token'), device_authorization_endpoint: url('/device') }),
          ),
        );
      } else if (request.target === '/device') {
        socket.write(
          answer('200 OK', '{"device_code":"d","user_code":"ABCD","verification_uri":"https://login.example"}'),
        );
      } else if (request.target === '/token') {
        polls++;
        socket.write(
          polls < 3
            ? answer('400 Bad Request', '{"error":"authorization_pending"}')
            : answer('200 OK', '{"access_token":"acc"}'),
        );
      } else if (request.target.includes('OS-FEDERATION'))
        socket.write(answer('201 Created', '{}', 'X-Subject-Token: unscoped'));
      else socket.write(issued('scoped'));
    });
    const cloud = passwordOf(server, {
      identity_provider: 'idp',
      protocol: 'openid',
      client_id: 'c',
      discovery_endpoint: new URL('/discovery', server.url).href,
    });
    const result = await login(createClient([], told), { ...cloud, authType: 'v3oidcdeviceauthz' }, signal);
    expect([result.token, polls]).toEqual(['scoped', 3]);
    expect(told).toEqual(['to log in, open https://login.example and enter the code ABCD']);
  });
});

describe('kept tokens', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const uid = process.getuid?.() ?? null;
  const cacheIn = (directory: string, at = now): TokenCache => new TokenCache({ directory, uid, now: () => at });
  const result = {
    token: 'tok-1',
    expiresAtMs: now + 3_600_000,
    catalog: [{ serviceType: 'image', serviceName: null, interface: 'public', region: 'One', url: 'http://g/' }],
    projectId: 'p',
    userName: 'ada',
    bearer: 'bearer-1',
  };
  const apis = new Map([['http://g/', { version: 2 as const, base: 'http://g/v2' }]]);
  const cloud = makeCloud({ auth_url: 'http://k/v3', username: 'u', password: 's3cret-password', project_id: 'p' });

  it('are found again, readable only by the owner, without the password', async () => {
    const directory = join(await tempDir(), 'deep', 'tokens');
    await cacheIn(directory).keep(cloud, result, apis);
    expect(await cacheIn(directory).find(cloud)).toEqual({ ...result, apis });
    const [name = ''] = await readdir(directory);
    expect((await stat(directory)).mode.toString(8)).toBe('40700');
    expect((await stat(join(directory, name))).mode.toString(8)).toBe('100600');
    expect(await readFile(join(directory, name), 'utf8')).not.toContain('s3cret');
  });

  it('are not used for another user, scope or auth_url, nor in their last minute', async () => {
    const directory = await tempDir();
    await chmod(directory, 0o700);
    await cacheIn(directory).keep(cloud, result, apis);
    for (const change of [{ username: 'v' }, { project_id: 'q' }, { auth_url: 'http://k2/v3' }]) {
      expect(await cacheIn(directory).find(makeCloud({ ...Object.fromEntries(cloud.auth), ...change }))).toBeNull();
    }
    expect(await cacheIn(directory, now + 3_541_000).find(cloud)).toBeNull();
    expect(await cacheIn(directory, now + 3_539_000).find(cloud)).not.toBeNull();
  });

  it('of several scopes are kept side by side, and removed one by one or all', async () => {
    const directory = join(await tempDir(), 'tokens');
    const other = makeCloud({ ...Object.fromEntries(cloud.auth), project_id: 'q' });
    const cache = cacheIn(directory);
    await cache.keep(cloud, result, apis);
    await cache.keep(other, { ...result, token: 'tok-2' }, apis);
    await cache.drop(cloud);
    expect([await cache.find(cloud), (await cache.find(other))?.token]).toEqual([null, 'tok-2']);
    expect(await cache.clear()).toBe(1);
    expect(await readdir(directory)).toEqual([]);
  });

  it('are not read from a file that others can read, that is a link, or that is not JSON', async () => {
    const directory = join(await tempDir(), 'tokens');
    const cache = cacheIn(directory);
    await cache.keep(cloud, result, apis);
    const [name = ''] = await readdir(directory);
    const path = join(directory, name);
    await chmod(path, 0o640);
    expect(await cache.find(cloud)).toBeNull();
    await chmod(path, 0o600);
    const content = await readFile(path);
    await writeFile(path, content.subarray(0, 20));
    expect(await cache.find(cloud)).toBeNull();
    await writeFile(join(directory, 'real'), content, { mode: 0o600 });
    await cache.clear();
    await symlink('real', path);
    expect(await cache.find(cloud)).toBeNull();
  });

  it('are not written into a directory that others can enter', async () => {
    const directory = join(await tempDir(), 'tokens');
    await mkdir(directory, { mode: 0o755 });
    await cacheIn(directory).keep(cloud, result, apis);
    expect(await readdir(directory)).toEqual([]);
  });

  it.each([0o777, 0o1777, 0o770, 0o755, 0o701])('are not read from a directory of mode %o', async (mode) => {
    const directory = join(await tempDir(), 'tokens');
    await cacheIn(directory).keep(cloud, result, apis);
    await chmod(directory, mode);
    expect(await cacheIn(directory).find(cloud)).toBeNull();
    await cacheIn(directory).keep(makeCloud({ ...Object.fromEntries(cloud.auth), project_id: 'q' }), result, apis);
    expect(await readdir(directory)).toHaveLength(1);
    await chmod(directory, 0o700);
    expect(await cacheIn(directory).find(cloud)).not.toBeNull();
  });

  it.each([
    [0o777, 0],
    [0o720, 0],
    [0o702, 0],
    [0o755, 2],
    [0o700, 2],
  ])(
    'are used below a directory of the program with mode %o only if nobody else can change it',
    async (mode, count) => {
      const own = join(await tempDir(), 'glance-cli');
      await mkdir(own);
      const directory = join(own, 'tokens');
      await chmod(own, mode);
      await cacheIn(directory).keep(cloud, result, apis);
      const other = makeCloud({ ...Object.fromEntries(cloud.auth), project_id: 'q' });
      await cacheIn(directory).keep(other, result, apis);
      expect(await readdir(directory)).toHaveLength(count);
      await chmod(own, 0o700);
      await cacheIn(directory).keep(cloud, result, apis);
      await chmod(own, mode);
      expect((await cacheIn(directory).find(cloud)) === null).toBe(count === 0);
    },
  );

  it('are kept even behind a link of our own', async () => {
    const base = await tempDir();
    await mkdir(join(base, 'real'), { mode: 0o700 });
    await symlink('real', join(base, 'glance-cli'));
    const directory = join(base, 'glance-cli', 'tokens');
    await cacheIn(directory).keep(cloud, result, apis);
    expect(await cacheIn(directory).find(cloud)).not.toBeNull();
  });

  it('save the login, and are renewed once when refused', async () => {
    const directory = join(await tempDir(), 'tokens');
    const server = await rawServer((_request, socket, index) => socket.write(issued(`tok-${String(index)}`)));
    const real = passwordOf(server);
    const make = (): ReturnType<typeof createAuthenticator> =>
      createAuthenticator(createClient(), real, {
        cache: new TokenCache({ directory, uid, now: () => now }),
        signal,
      });
    expect((await make().current()).token).toBe('tok-0');
    const second = make();
    expect((await second.current()).token).toBe('tok-0');
    expect(server.requests).toHaveLength(1);
    expect((await second.renew())?.token).toBe('tok-1');
    expect(await second.renew()).toBeNull();
    expect((await make().current()).token).toBe('tok-1');
    expect(server.requests).toHaveLength(2);
  });
});

describe('without Keystone', () => {
  const client = (): HttpClient => createClient();
  it.each([
    ['admin_token', { endpoint: 'http://g/', token: 't' }, { token: 't', headers: [] }],
    ['token_endpoint', { endpoint: 'http://g/', token: 't' }, { token: 't', headers: [] }],
    ['none', { endpoint: 'http://g/' }, { token: null, headers: [] }],
    [
      'http_basic',
      { endpoint: 'http://g/', username: 'u', password: 'p' },
      { token: null, headers: [['authorization', 'Basic dTpw']] },
    ],
  ])('%s needs no login', async (authType, auth, credentials) => {
    const authenticator = createAuthenticator(client(), makeCloud(auth, { authType }), { cache: null, signal });
    expect(await authenticator.current()).toEqual(credentials);
    expect((await authenticator.imageEndpoint()).href).toBe('http://g/');
    expect(await authenticator.renew()).toBeNull();
  });

  it('an endpoint must be configured, and must be a URL', async () => {
    const make = (auth: Record<string, string>): ReturnType<typeof createAuthenticator> =>
      createAuthenticator(client(), makeCloud(auth, { authType: 'none' }), { cache: null, signal });
    await expect(make({}).imageEndpoint()).rejects.toMatchObject({ code: 'auth.missing' });
    await expect(make({ endpoint: 'glance' }).imageEndpoint()).rejects.toMatchObject({ code: 'config.invalid' });
  });
});
