// Servers that do not reveal their versions, or not as they should: from the command line.
import { describe, expect, it } from 'vitest';
import { type JsonAnswer, jsonServer, versionList } from '../../../support/servers/json-server.ts';
import type { RawServer } from '../../../support/servers/raw-server.ts';
import { runCli } from '../../../support/run-cli.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const image = { id: '11111111-1111-4111-8111-111111111111', name: 'cirros', status: 'active', size: 4 };

/** A v2 that gives this answer at all other paths. */
async function behind(other: JsonAnswer | null): Promise<RawServer> {
  return await jsonServer(({ pathname }) => (pathname === '/v2/images' ? { body: { images: [image] } } : other));
}

describe('a Glance that does not reveal its versions', () => {
  it.each([
    { status: '401 Unauthorized' },
    { status: '403 Forbidden', body: '<html>gateway</html>', headers: ['Content-Type: text/html'] },
    null,
    { status: '500 Internal Server Error' },
    { body: '<html>', headers: ['Content-Type: text/html'] },
    { body: { versions: [] } },
    { body: { versions: [null, { id: 2 }, { id: 'current' }] } },
  ])('is asked for images over v2: %j', async (other) => {
    const { url } = await behind(other);
    const { code, stdout } = await runCli(['--endpoint', url.href, 'list', '-f', 'value', '-c', 'name']);
    expect([code, stdout]).toEqual([0, 'cirros\n']);
  });

  it.each(['--image-api-version', '--os-image-api-version'])('is not asked at all with %s 2', async (option) => {
    const { url, requests } = await behind({ status: '403 Forbidden' });
    const { code } = await runCli(['--endpoint', url.href, option, '2', 'list']);
    expect(code).toBe(0);
    expect(requests.map(({ target }) => new URL(target, url).pathname)).toEqual(['/v2/images']);
  });

  it.each([
    ['1', 'images/detail'],
    ['2', 'v2/images'],
  ])('is reported with its address if nothing is there, with --image-api-version %s', async (version, path) => {
    const { url } = await jsonServer(() => null);
    const result = await runCli(['--endpoint', url.href, '--image-api-version', version, 'list', '-f', 'json']);
    expect(result.code).toBe(7);
    expect(result.error()).toMatchObject({ code: 'http.status', http_status: 404 });
    expect(result.error()).toHaveProperty('hint', expect.stringContaining(`${url.href}${path}`));
    expect(result.error()).toHaveProperty('hint', expect.stringContaining('--image-api-version'));
  });

  it('is explained if nothing is found there', async () => {
    const { url } = await jsonServer(() => ({ status: '403 Forbidden' }));
    const result = await runCli(['--endpoint', url.href, 'list', '-f', 'json']);
    expect(result.code).toBe(4);
    expect(result.error()).toMatchObject({
      code: 'auth.forbidden',
      hint:
        `this login may not do that: see its project and role with glance-cli --endpoint ${url.href} doctor; ` +
        `there is no list of versions at ${url.href} (it answered 403), and no images at ${url.href}v2/images: ` +
        'it was taken for an API v1 without version; give the endpoint with its version, such as http://HOST:9292/v2',
    });
    const gone = await jsonServer(() => null);
    for (const argv of [['list'], ['show', '1']]) {
      const { stderr } = await runCli(['--endpoint', gone.url.href, ...argv]);
      expect(stderr).toContain(`no list of versions at ${gone.url.href} (it answered 404)`);
    }
  });

  it.each([
    ['with a list', versionList('v2.9'), []],
    ['with nothing', { status: '300 Multiple Choices', body: '{}' }, ['--image-api-version', '2']],
    ['with a list, where v1 is wanted', versionList('v2.9'), ['--image-api-version', '1']],
  ])('is explained if it answers 300 to everything %s', async (_what, answer, options) => {
    const { url } = await jsonServer(() => answer);
    for (const argv of [['list'], ['show', image.id], ['members', image.id]]) {
      const result = await runCli(['--endpoint', url.href, '--error-format', 'json', ...options, ...argv]);
      expect(result.code).toBe(7);
      expect(result.error()).toMatchObject({
        code: 'api.version',
        http_status: 300,
        message: expect.stringMatching(/^http:\S+\/v[12]\/images\S*: Images API v[12] is not offered there/) as string,
        hint: expect.stringContaining('--image-api-version') as string,
      });
    }
  });
});

describe('an endpoint of the catalog that ends in the id of the project', () => {
  it.each(['/v2/p1', '/v2/AUTH_p1/', '/p1'])('is used without it: %s', async (path) => {
    const server = await behind(versionList('v2.9'));
    const keystone = await jsonServer(() => ({
      status: '201 Created',
      headers: ['X-Subject-Token: t'],
      body: {
        token: {
          expires_at: '2999-01-01T00:00:00Z',
          project: { id: 'p1' },
          catalog: [{ type: 'image', endpoints: [{ interface: 'public', url: new URL(path, server.url).href }] }],
        },
      },
    }));
    const auth = { OS_AUTH_URL: `${keystone.url.href}v3`, OS_USERNAME: 'u', OS_PASSWORD: 'pw', OS_PROJECT_NAME: 'n' };
    const env = { ...auth, OS_USER_DOMAIN_NAME: 'd', OS_PROJECT_DOMAIN_NAME: 'd' };
    const { code, stdout } = await runCli(['list', '-f', 'value', '-c', 'name'], { env, homedir: await tempDir() });
    expect([code, stdout]).toEqual([0, 'cirros\n']);
  });
});
