import { describe, expect, it, test } from 'vitest';
import { type KeyReply, keyServer, type KeyServer, keysOf } from './key-server.ts';
import { answer, fixture, rawServer } from '../../../support/servers/raw-server.ts';
import { type Environment, everythingIn, makePlace } from './place.ts';

const token = 'eyJhbGciOi.the-web-identity-token.sig';
const role = 'arn:aws:iam::123456789012:role/reader';

/** An answer like those of STS. */
function issued(name: string): KeyReply {
  const { accessKeyId, secretAccessKey, sessionToken } = keysOf(name);
  return {
    headers: { 'content-type': 'text/xml' },
    body:
      '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>' +
      `<Provider>p</Provider><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>` +
      `<SessionToken>${sessionToken}</SessionToken><Expiration>2026-01-01T06:00:00Z</Expiration></Credentials>` +
      '</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>',
  };
}

function refused(status: number, code: string, message: string): KeyReply {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return { status, headers: { 'content-type': 'text/xml' }, body };
}

function environmentOf(server: Pick<KeyServer, 'url'>, more: Environment = {}): Environment {
  return {
    AWS_ENDPOINT_URL_STS: server.url.href,
    AWS_WEB_IDENTITY_TOKEN_FILE: '~/token',
    AWS_ROLE_ARN: role,
    ...more,
  };
}

const advice =
  'is the token from AWS_WEB_IDENTITY_TOKEN_FILE meant for the role from AWS_ROLE_ARN, and has it not expired?';

describe('keys by web identity', () => {
  it('come unsigned from STS for the token, and no secret is shown', async () => {
    const server = await keyServer(() => issued('one'));
    const place = await makePlace({
      token: `${token}\n`,
      '.aws/credentials': '[default]\naws_access_key_id = A\naws_secret_access_key = B\n',
    });
    expect(await place.keys(environmentOf(server, { AWS_ROLE_SESSION_NAME: 'me' }))).toEqual(keysOf('one'));
    const [question] = server.questions;
    expect(question).toMatchObject({ method: 'POST', target: '/' });
    expect(question?.headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(question?.body))).toEqual({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: role,
      RoleSessionName: 'me',
      WebIdentityToken: token,
    });
    expect(place.wire.join('\n')).not.toMatch(/web-identity-token|secret-access-key|session-token/);
    expect(place.secrets.hide(`${token} one-secret-access-key one-session-token`)).toBe('*** *** ***');
  });

  it('are as the profile says, at the endpoint of its services', async () => {
    const server = await keyServer(() => issued('one'));
    const { keys } = await makePlace({
      token,
      '.aws/config':
        `[profile p]\nweb_identity_token_file = ~/token\nrole_arn = ${role}\nrole_session_name = s\nservices = x\n` +
        `[services x]\nsts =\n  endpoint_url = ${server.url.href}sts\n`,
    });
    expect(await keys({ AWS_PROFILE: 'p' })).toEqual(keysOf('one'));
    expect(server.asked()).toEqual(['POST /sts']);
    expect(new URLSearchParams(server.questions[0]?.body).get('RoleSessionName')).toBe('s');
  });

  it('belong to a session with a generated name if none is given', async () => {
    const server = await keyServer(() => issued('one'));
    const { keys } = await makePlace({ token });
    await keys(environmentOf(server));
    expect(new URLSearchParams(server.questions[0]?.body).get('RoleSessionName')).toBe('glance-cli-1767225600000');
  });

  it('come over TLS that AWS_CA_BUNDLE vouches for, and not without', async () => {
    const reply = issued('one');
    const server = await rawServer((_request, socket) => {
      socket.end(answer('200 OK', String(reply.body), 'Content-Type: text/xml'));
    }, 'server');
    const { keys } = await makePlace({ token, 'ca.pem': fixture('tls/ca.pem') });
    const env = { ...environmentOf({ url: server.url }), AWS_CA_BUNDLE: '~/ca.pem' };
    expect(await keys(env)).toEqual(keysOf('one'));
    await expect(keys({ ...env, AWS_CA_BUNDLE: '' })).rejects.toMatchObject({
      code: 'tls.untrusted',
      message: expect.stringMatching(/^STS: /) as string,
      facts: { hint: 'if you trust this server, name its authority with AWS_CA_BUNDLE' },
    });
  });

  it('are unavailable if nobody listens, with suitable advice', async () => {
    const { keys } = await makePlace({ token });
    const port = (await rawServer(() => undefined)).url.port;
    const env = environmentOf({ url: new URL(`http://127.0.0.2:${port}/`) });
    await expect(keys(env)).rejects.toMatchObject({
      code: 'place.unavailable',
      facts: { hint: expect.stringMatching(/^is the endpoint right/) as string },
    });
  });

  test.each([
    ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
    ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
    ['us-isob-east-1', 'sts.us-isob-east-1.sc2s.sgov.gov'],
  ])('are requested from STS in region %s', async (region, host) => {
    // An unreachable proxy: no test may leave this machine.
    const { keys, wire } = await makePlace({ token });
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: '~/token', AWS_ROLE_ARN: role, AWS_REGION: region };
    const server = await keyServer(() => ({ body: '' }));
    await expect(keys({ ...env, https_proxy: server.url.href })).rejects.toMatchObject({
      code: expect.stringMatching(/^proxy\./) as string,
    });
    expect(wire).toContain(`POST https://${host}/`);
  });

  test.each<[string, string | null, Environment, RegExp]>([
    [
      'no role',
      token,
      { AWS_ROLE_ARN: '' },
      /^AWS_WEB_IDENTITY_TOKEN_FILE names a token, but no role to use it for is given$/,
    ],
    ['no file', null, {}, /^AWS_WEB_IDENTITY_TOKEN_FILE: ~\/token cannot be read: there is no such file$/],
    ['an empty file', '\n', {}, /^AWS_WEB_IDENTITY_TOKEN_FILE: ~\/token is empty$/],
    ['a file with several lines', 's3cret\ntoken', {}, /^AWS_WEB_IDENTITY_TOKEN_FILE: ~\/token does not hold a token/],
    ['a file that is too large', 'x'.repeat(65 * 1024), {}, /it is larger than 64 KiB$/],
  ])('are config.missing if there is %s', async (_what, content, more, message) => {
    const server = await keyServer(() => issued('one'));
    const { keys } = await makePlace(content === null ? {} : { token: content });
    const error: unknown = await keys(environmentOf(server, more)).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'config.invalid', message: expect.stringMatching(message) as string });
    expect(everythingIn(error)).not.toContain('s3cret');
    expect(server.questions).toHaveLength(0);
  });

  test.each<[string, KeyReply, string, RegExp]>([
    [
      'refuses the token',
      refused(400, 'InvalidIdentityToken', `${token} is not known`),
      'place.denied',
      /^STS: 127\.0\.0\.1:\d+ answered 400, InvalidIdentityToken: \*\*\* is not known$/,
    ],
    [
      'refuses the role',
      refused(403, 'AccessDenied', 'Not authorized'),
      'place.denied',
      /answered 403, AccessDenied: Not authorized$/,
    ],
    ['refuses without a word', { status: 401, body: '' }, 'place.denied', /answered 401$/],
    [
      'cannot reach the provider',
      refused(400, 'IDPCommunicationError', 'x'),
      'place.unavailable',
      /answered 400, IDPCommunicationError: x$/,
    ],
    ['has trouble', { status: 500, body: '' }, 'place.unavailable', /answered 500 Internal Server Error$/],
    [
      'answers a page',
      { body: '<html><SecretAccessKey>one-secret-access-key' },
      'json.invalid',
      /^STS: the answer has no AccessKeyId that can be used$/,
    ],
    ['answers without end', { body: '<AccessKeyId>'.repeat(6000) }, 'json.invalid', /sent more than 65536 bytes/],
    [
      'sends elsewhere',
      { status: 307, headers: { location: '/elsewhere' }, body: '' },
      'http.redirect.refused',
      /the request is not repeated there$/,
    ],
  ])('are unavailable if STS %s', async (_what, reply, code, message) => {
    const server = await keyServer(() => reply);
    const { keys } = await makePlace({ token });
    const error: unknown = await keys(environmentOf(server)).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      facts: { hint: code === 'place.unavailable' ? undefined : advice },
    });
    expect(everythingIn(error)).not.toMatch(/web-identity-token|secret-access-key/);
    expect(server.questions).toHaveLength(1);
  });
});
