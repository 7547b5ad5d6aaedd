import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { HttpClient } from '../../../src/http/client.ts';
import { Connections } from '../../../src/http/dispatcher.ts';
import { type ApiChoice, discoverApi } from '../../../src/image/discovery.ts';
import { answer, rawServer } from '../../support/raw-server.ts';

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

async function discover(reply: string, path: string, wanted: ApiChoice = 'auto', isBase = false) {
  const server = await rawServer((_request, socket) => socket.write(reply));
  const connections = new Connections({ tls: { verify: true }, env: {}, connectTimeoutMs: 5000 });
  onTestFinished(() => connections.close());
  const timeouts = { headersMs: 5000, dataHeadersMs: 5000, stallMs: 5000 };
  const client = new HttpClient({ connections, clock: systemClock, userAgent: 't', timeouts, retry: { retries: 0 } });
  const api = await discoverApi(client, new URL(path, server.url), { wanted, isBase }, signal);
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
  ] as const)('%s decides by itself', async (path, version, base) => {
    expect(await discover('', path)).toEqual({ version, path: base, host: true, asked: [] });
  });

  it.each([
    ['/', ['v2.6', 'v1.1'], 'auto', 2, '/v2', '/'],
    ['/image', ['v2.6'], 'auto', 2, '/image/v2', '/image/'],
    ['/image/', ['v2.6', 'v1.0'], 1, 1, '/image/v1', '/image/'],
    ['/', ['v1.1', 'v1.0'], 'auto', 1, '/v1', '/'],
  ] as const)(
    '%s with %j, wanted %s, is v%i: host and prefix stay those that were asked',
    async (path, ids, wanted, version, base, asked) => {
      expect(await discover(list(...ids), path, wanted)).toEqual({ version, path: base, host: true, asked: [asked] });
    },
  );

  it.each([
    ['404', answer('404 Not Found', '')],
    ['401', answer('401 Unauthorized', '')],
    ['a page', answer('200 OK', '<html>')],
    ['other JSON', answer('200 OK', '{}')],
  ])('an endpoint that answers %s is an API v1 without version in its paths', async (_what, reply) => {
    expect(await discover(reply, '/')).toMatchObject({ version: 1, path: '/' });
  });

  it('the base of an image URI is not asked', async () => {
    expect(await discover('', '/glance', 'auto', true)).toEqual({ version: 1, path: '/glance', host: true, asked: [] });
  });

  it.each([
    ['/v1', 2, ''],
    ['/', 1, list('v2.6')],
    ['/', 2, list('v1.1')],
    ['/', 2, answer('404 Not Found', '')],
    ['/', 'auto', list('v3.0')],
  ] as const)('%s with v%s wanted and not offered is an error', async (path, wanted, reply) => {
    await expect(discover(reply, path, wanted)).rejects.toMatchObject({ code: 'api.version' });
  });

  it('trouble is trouble, not an old API', async () => {
    await expect(discover(answer('503 Service Unavailable', ''), '/')).rejects.toMatchObject({ code: 'http.503' });
  });
});
