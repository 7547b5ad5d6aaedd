import { describe, expect, it, test } from 'vitest';
import { jsonKeys, keyServer, type KeyReply, keysOf } from './key-server.ts';
import { type Environment, everythingIn, makePlace, type Place } from './place.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const later = Date.UTC(2026, 0, 1, 6);
const full = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';
const tokenVariable = 'AWS_CONTAINER_AUTHORIZATION_TOKEN';

async function failure(place: Place, env: Environment): Promise<unknown> {
  return await place.keys(env).then(
    () => null,
    (error: unknown) => error,
  );
}

describe('keys of a container', () => {
  it('come from the address of the full URI, with the token, and no secret is shown', async () => {
    const server = await keyServer(() => ({ body: jsonKeys('one', later) }));
    const place = await makePlace();
    const url = new URL('/v2/credentials/a-secret-path', server.url).href;
    expect(await place.keys({ [full]: url, [tokenVariable]: 'Basic dG9rZW46c2VjcmV0LXRva2Vu' })).toEqual(keysOf('one'));
    expect(server.asked()).toEqual(['GET /v2/credentials/a-secret-path']);
    expect(server.questions[0]?.headers.authorization).toBe('Basic dG9rZW46c2VjcmV0LXRva2Vu');
    expect(place.wire.join('\n')).not.toMatch(/a-secret-path|dG9rZW46|secret-access-key|session-token/);
    expect(place.secrets.hide('one-secret-access-key one-session-token')).toBe('*** ***');
  });

  it('are fetched without a proxy, whatever variables say', async () => {
    const server = await keyServer(() => ({ body: jsonKeys('one', later) }));
    const { keys } = await makePlace();
    const env = {
      [full]: server.url.href,
      http_proxy: 'http://proxy.invalid:3128',
      all_proxy: 'http://proxy.invalid:3128',
    };
    expect(await keys(env)).toEqual(keysOf('one'));
  });

  it('are fetched with the token in a file, which is read again each time', async () => {
    const server = await keyServer(() => ({ body: jsonKeys('one', Date.UTC(2026, 0, 1, 0, 10)) }));
    const { open, home, clock } = await makePlace({ token: 'first\n' });
    const env = { [full]: server.url.href, [`${tokenVariable}_FILE`]: '~/token', [tokenVariable]: 'other' };
    const { access } = await open(env);
    const { signal } = new AbortController();
    await access.keys(null, signal);
    await writeFile(join(home, 'token'), 'second');
    clock.advance(6 * 60_000);
    await access.keys(null, signal);
    expect(server.questions.map(({ headers }) => headers.authorization)).toEqual(['first', 'second']);
  });

  test.each<[string, Environment, RegExp]>([
    [
      'another host over plain http',
      { [full]: 'http://192.0.2.1/keys' },
      /^AWS_CONTAINER_CREDENTIALS_FULL_URI names 192\.0\.2\.1, which is not asked for keys over plain http$/,
    ],
    [
      'a name over plain http',
      { [full]: 'http://127.0.0.1.example/keys' },
      /names 127\.0\.0\.1\.example, which is not asked/,
    ],
    ['no URL', { [full]: 'keys' }, /^AWS_CONTAINER_CREDENTIALS_FULL_URI is not an http or https URL$/],
    ['another scheme', { [full]: 'file:///keys' }, /is not an http or https URL$/],
    [
      'no path',
      { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '.example/keys' },
      /^AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path/,
    ],
    [
      'a token that is no header',
      { [full]: 'http://localhost/', [tokenVariable]: 's3cret\nx: y' },
      /^AWS_CONTAINER_AUTHORIZATION_TOKEN holds characters that no header can carry$/,
    ],
    [
      'a missing token file',
      { [full]: 'http://localhost/', [`${tokenVariable}_FILE`]: '/nowhere' },
      /^AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: \/nowhere cannot be read: there is no such file$/,
    ],
  ])('are not requested with %s: config.invalid', async (_what, env, message) => {
    const error = await failure(await makePlace(), env);
    expect(error).toMatchObject({ code: 'config.invalid', message: expect.stringMatching(message) as string });
    expect(everythingIn(error)).not.toContain('s3cret');
  });

  test.each([
    'http://169.254.170.2/',
    'http://169.254.170.23/',
    'http://[fd00:ec2::23]/',
    'http://[::1]:9/',
    'https://keys.example/',
  ])('may be requested at %s', async (url) => {
    const { open } = await makePlace();
    expect((await open({ [full]: url })).access.region).toBe('us-east-1');
  });

  test.each<[string, KeyReply, string, RegExp]>([
    [
      'refuses',
      { status: 403, headers: { 'content-type': 'text/plain' }, body: 'no role' },
      'place.denied',
      /: 127\.0\.0\.1:\d+ answered 403 Forbidden: no role$/,
    ],
    ['does not know the path', { status: 404, body: '' }, 'place.denied', /answered 404 Not Found$/],
    [
      'answers no JSON',
      { body: '{"SecretAccessKey": "one-secret-access-key"' },
      'json.invalid',
      /: the answer is not a JSON object$/,
    ],
    ['answers a list', { body: '7' }, 'json.invalid', /: the answer is not a JSON object$/],
    [
      'answers without a secret',
      { body: { ...jsonKeys('one', later), SecretAccessKey: 7 } },
      'json.invalid',
      /: the answer has no SecretAccessKey that can be used$/,
    ],
    [
      'answers a token that no header carries',
      { body: { ...jsonKeys('one', later), Token: 'one-session-token\n' } },
      'json.invalid',
      /: the answer has no Token that can be used$/,
    ],
    [
      'answers an invalid time',
      { body: { ...jsonKeys('one', later), Expiration: 'soon' } },
      'json.invalid',
      /: the answer has an Expiration that is not a time$/,
    ],
    ['answers without end', { body: 'x'.repeat(65 * 1024) }, 'json.invalid', /sent more than 65536 bytes/],
    [
      'sends elsewhere',
      { status: 302, headers: { location: 'http://192.0.2.1/' }, body: '' },
      'http.redirect.refused',
      /redirects to another server/,
    ],
  ])('are unavailable if the service %s', async (_what, reply, code, message) => {
    const server = await keyServer(() => reply);
    const place = await makePlace();
    const error = await failure(place, { [full]: new URL('/secret-path', server.url).href });
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      facts: { hint: 'is AWS_CONTAINER_CREDENTIALS_FULL_URI right, and does the container have a role?' },
    });
    expect((error as Error).message).toMatch(/^the container's credentials service: /);
    expect(everythingIn(error)).not.toMatch(/secret-access-key|session-token|secret-path/);
    expect(server.questions).toHaveLength(1);
  });

  it('are requested again if the service is busy, three times in all', async () => {
    const server = await keyServer((_question, index) =>
      index < 2 ? { status: 503, body: '' } : { body: jsonKeys('one', later) },
    );
    const { keys, clock } = await makePlace();
    const got = keys({ [full]: server.url.href });
    for (const delayMs of [500, 1000]) {
      await clock.waitForTimer(delayMs);
      clock.advance(delayMs);
    }
    expect(await got).toEqual(keysOf('one'));
    expect(server.questions).toHaveLength(3);
  });
});
