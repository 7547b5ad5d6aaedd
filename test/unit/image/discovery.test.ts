import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { HttpClient } from '../../../src/http/client.ts';
import { fixedCredentials } from '../../../src/http/secrets/credentials.ts';
import { Dispatchers } from '../../../src/http/connect/dispatchers.ts';
import { type ApiChoice, discoverApi } from '../../../src/image/discovery.ts';
import { answer, rawServer } from '../../support/servers/raw-server.ts';

const signal = new AbortController().signal;
const list = (...ids: string[]): string =>
  answer(
    '300 Multiple Choices',
    JSON.stringify({
      versions: ids.map((id) => ({
        id,
        status: 'CURRENT',
        links: [{ rel: 'self', href: 'http://wrong.example/v2/' }],
      })),
    }),
  );

type Replies = string | Readonly<Record<string, string | readonly string[]>>;

/** @param replies for everything, or by path, or one after the other; a request for anything else fails the test */
async function discover(replies: Replies, path: string, wanted: ApiChoice = 'auto', isBase = false) {
  const counts = new Map<string, number>();
  const server = await rawServer(({ target }, socket) => {
    const reply = typeof replies === 'string' ? replies : (replies[target] ?? answer('418 Teapot', target));
    const count = counts.get(target) ?? 0;
    counts.set(target, count + 1);
    socket.write(typeof reply === 'string' ? reply : (reply[count] ?? ''));
  });
  const dispatchers = new Dispatchers({ tls: { verify: true }, env: {}, connectTimeoutMs: 5000 });
  onTestFinished(() => dispatchers.close());
  const timeouts = { headersMs: 5000, dataHeadersMs: 5000, stallMs: 5000 };
  const client = new HttpClient({ dispatchers, clock: systemClock, userAgent: 't', timeouts, retry: { retries: 0 } });
  const credentials = fixedCredentials('t');
  const api = await discoverApi(client, new URL(path, server.url), { wanted, isBase, credentials }, signal);
  return {
    version: api.version,
    path: api.base.pathname,
    host: api.base.host === server.url.host,
    asked: server.requests.map(({ target }) => target),
  };
}

describe('discoverApi', () => {
  it.each([
    ['/v1', 1, '/v1'],
    ['/v1.1/', 1, '/v1.1'],
    ['/image/v2/', 2, '/image/v2'],
  ] as const)('%s is enough to decide', async (path, version, base) => {
    expect(await discover('', path)).toEqual({ version, path: base, host: true, asked: [] });
  });

  it.each([
    ['/', ['v2.6', 'v1.1'], 'auto', 2, '/v2', '/'],
    ['/image', ['v2.6'], 'auto', 2, '/image/v2', '/image/'],
    ['/', ['v1.0', 'v2.0', 'v2.18', 'v2.9', 'v1.1'], 'auto', 2, '/v2', '/'],
    // The order of Glance 33: with a cache, and without one.
    ['/', ['v2.18', 'v2.17', 'v2.16', 'v2.13', 'v2.7', 'v2.0'], 'auto', 2, '/v2', '/'],
    ['/', ['v2.15', 'v2.9', 'v2.17', 'v2.7', 'v2.0'], 'auto', 2, '/v2', '/'],
    ['/', ['v20.1', 'v1.1'], 'auto', 1, '/v1', '/'],
    ['/', ['v1.1', 'v1.0'], 'auto', 1, '/v1', '/'],
  ] as const)(
    '%s with %j, wanted %s, is v%i: host and prefix stay those of the request',
    async (path, ids, wanted, version, base, asked) => {
      expect(await discover(list(...ids), path, wanted)).toEqual({ version, path: base, host: true, asked: [asked] });
    },
  );

  it.each([
    ['404', answer('404 Not Found', '')],
    ['401', answer('401 Unauthorized', '')],
    ['a page', answer('200 OK', '<html>')],
    ['other JSON', answer('200 OK', '{}')],
  ])('an endpoint that answers %s is an API v1 without a version in its paths', async (_what, reply) => {
    expect(await discover(reply, '/')).toMatchObject({ version: 1, path: '/' });
  });

  it('uses the requested version without asking for a list', async () => {
    expect(await discover('', '/image/', 2)).toEqual({ version: 2, path: '/image/v2', host: true, asked: [] });
  });

  it.each([
    ['images', answer('200 OK', '{"images":[]}'), '/image/v1'],
    ['401', answer('401 Unauthorized', ''), '/image/v1'],
    ['a choice of versions', list('v2.6'), '/image/v1'],
    ['404', answer('404 Not Found', ''), '/image'],
    ['a page', answer('200 OK', '<html>'), '/image'],
  ])('looks where the paths of a requested v1 begin: %s at /v1/images', async (_what, reply, path) => {
    const asked = ['/image/v1/images?limit=1'];
    expect(await discover(reply, '/image', 1)).toEqual({ version: 1, path, host: true, asked });
  });

  const page = answer('200 OK', '{"images":[]}');
  it.each([
    ['401', answer('401 Unauthorized', '{}')],
    ['403', answer('403 Forbidden', '<html>', 'Content-Type: text/html')],
    ['404', answer('404 Not Found', '')],
    ['500', answer('500 Internal Server Error', 'oops')],
    ['503', answer('503 Service Unavailable', '{}')],
    ['a page', answer('200 OK', '<html>', 'Content-Type: text/html')],
    ['300 without a list', answer('300 Multiple Choices', '{}')],
    ['a redirect to another server', answer('302 Found', '', 'Location: https://login.example/')],
  ])('finds v2 even if the root answers %s', async (_what, reply) => {
    const replies = { '/glance/': reply, '/glance/v2/images?limit=1': page };
    expect(await discover(replies, '/glance')).toEqual({
      version: 2,
      path: '/glance/v2',
      host: true,
      asked: Object.keys(replies),
    });
  });

  it.each(['401 Unauthorized', '403 Forbidden'])('recognises a v2 by a mere %s from /v2/images', async (status) => {
    const replies = { '/': answer('404 Not Found', ''), '/v2/images?limit=1': answer(status, '') };
    expect(await discover(replies, '/')).toMatchObject({ version: 2 });
  });

  it('asks a failing root again if there is no v2', async () => {
    const fault = answer('503 Service Unavailable', '');
    const replies = { '/': [fault, list('v1.1')], '/v2/images?limit=1': answer('404 Not Found', '') };
    expect(await discover(replies, '/')).toMatchObject({
      version: 1,
      path: '/v1',
      asked: ['/', '/v2/images?limit=1', '/'],
    });
  });

  it('does not ask the base of an image URI', async () => {
    expect(await discover('', '/glance', 'auto', true)).toEqual({ version: 1, path: '/glance', host: true, asked: [] });
  });

  it.each([
    ['/v1', 2, ''],
    ['/', 'auto', list('v3.0')],
  ] as const)('%s with v%s wanted and not offered is an error', async (path, wanted, reply) => {
    await expect(discover(reply, path, wanted)).rejects.toMatchObject({ code: 'api.version' });
  });

  it('does not mistake a failure for an old API', async () => {
    await expect(discover(answer('503 Service Unavailable', ''), '/')).rejects.toMatchObject({ code: 'http.503' });
  });
});
