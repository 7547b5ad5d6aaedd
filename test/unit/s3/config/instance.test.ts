import { describe, expect, it, test } from 'vitest';
import { jsonKeys, type KeyQuestion, keyServer, type KeyReply, type KeyServer, keysOf } from './key-server.ts';
import { type Environment, everythingIn, makePlace, signal } from './place.ts';

const start = Date.UTC(2026, 0, 1);
const minute = 60_000;
const roles = '/latest/meta-data/iam/security-credentials/';

/** The metadata service of an instance with a role. */
function answers(question: KeyQuestion, keys: () => unknown): KeyReply {
  const { method, target, headers } = question;
  if (method === 'PUT' && target === '/latest/api/token') return { body: 'session-of-imds' };
  if (headers['x-aws-ec2-metadata-token'] !== 'session-of-imds') return { status: 401, body: '' };
  if (target === roles) return { body: 'my-role\n' };
  return target === `${roles}my-role` ? { body: keys() } : { status: 404, body: '' };
}

function environmentOf(server: KeyServer): Environment {
  return { AWS_EC2_METADATA_DISABLED: '', AWS_EC2_METADATA_SERVICE_ENDPOINT: server.url.href.slice(0, -1) };
}

describe('keys of an instance', () => {
  it('are requested with a token, when they are first needed, and no secret is shown', async () => {
    const server = await keyServer((question) => answers(question, () => jsonKeys('one', start + 360 * minute)));
    const place = await makePlace();
    const { access } = await place.open({ ...environmentOf(server), http_proxy: 'http://proxy.invalid:3128' });
    expect(server.questions).toHaveLength(0);
    expect(await access.keys(null, signal)).toEqual(keysOf('one'));
    expect(server.asked()).toEqual(['PUT /latest/api/token', `GET ${roles}`, `GET ${roles}my-role`]);
    expect(server.questions[0]?.headers).toMatchObject({ 'x-aws-ec2-metadata-token-ttl-seconds': '21600' });
    expect(place.wire.join('\n')).not.toMatch(/session-of-imds|secret-access-key|session-token/);
    expect(place.secrets.hide('one-secret-access-key one-session-token')).toBe('*** ***');
  });

  it('are requested at the address in the profile', async () => {
    const server = await keyServer((question) => answers(question, () => jsonKeys('one', start + 360 * minute)));
    const { keys } = await makePlace({
      '.aws/config': `[default]\nec2_metadata_service_endpoint = ${server.url.href}\n`,
    });
    expect(await keys({ AWS_EC2_METADATA_DISABLED: 'false' })).toEqual(keysOf('one'));
  });

  test.each<[string, (question: KeyQuestion) => KeyReply, RegExp]>([
    [
      'is of OpenStack, which has no tokens',
      () => ({ status: 404, body: '' }),
      /; the instance's metadata service: 127\.0\.0\.1:\d+ answered 404 Not Found$/,
    ],
    [
      'knows no role',
      (question) => (question.target === roles ? { body: '' } : answers(question, () => ({}))),
      /: it names no role$/,
    ],
    [
      'names a role that leads elsewhere',
      (question) => (question.target === roles ? { body: '../../user-data' } : answers(question, () => ({}))),
      /: it names no role$/,
    ],
    [
      'has no keys for the role',
      (question) => answers(question, () => ({ Code: 'AssumeRoleUnauthorizedAccess', Message: 'x' })),
      /: it has no keys for the role \(AssumeRoleUnauthorizedAccess\)$/,
    ],
    ['answers no token', () => ({ body: '<html> <p>' }), /: it returned no token$/],
    ['answers without end', () => ({ body: 'x'.repeat(65 * 1024) }), /sent more than 65536 bytes/],
    [
      'sends elsewhere',
      () => ({ status: 307, headers: { location: 'http://192.0.2.1/' }, body: '' }),
      /redirects to another server/,
    ],
    [
      'answers no JSON',
      (question) => answers(question, () => '{"SecretAccessKey":"one-secret-access-key"'),
      /: the answer is not a JSON object$/,
    ],
  ])('are config.missing if the service %s', async (_what, respond, message) => {
    const server = await keyServer(respond);
    const { keys } = await makePlace();
    const error: unknown = await keys(environmentOf(server)).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'config.missing', message: expect.stringMatching(message) as string });
    expect(everythingIn(error)).not.toMatch(/secret-access-key|session-of-imds/);
  });

  it('are config.missing if nobody answers within a second', async () => {
    const server = await keyServer(() => ({ body: '' }));
    const { open, clock } = await makePlace();
    const { access } = await open(environmentOf(server));
    const got = access.keys(null, signal).catch((caught: unknown) => caught);
    await clock.waitForTimer(1000);
    clock.advance(1000);
    expect(await got).toMatchObject({
      code: 'config.missing',
      message: expect.stringMatching(/no answer within 1 s$/) as string,
      facts: {
        hint: expect.stringMatching(
          /, or AWS_PROFILE; in a container on EC2, set the metadata's hop limit to 2$/,
        ) as string,
      },
    });
  });

  it('are temporarily unavailable if the service has trouble', async () => {
    const server = await keyServer(() => ({ status: 503, body: '' }));
    const { keys } = await makePlace();
    await expect(keys(environmentOf(server))).rejects.toMatchObject({
      code: 'place.unavailable',
      message: expect.stringMatching(/answered 503 /) as string,
    });
  });

  test.each<[string, Environment, RegExp]>([
    [
      'an invalid address',
      { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'metadata' },
      /^AWS_EC2_METADATA_SERVICE_ENDPOINT is not an http or https URL/,
    ],
    [
      'an invalid mode',
      { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'ipv5' },
      /^AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6$/,
    ],
    [
      'an invalid time',
      { AWS_METADATA_SERVICE_TIMEOUT: 'soon' },
      /^AWS_METADATA_SERVICE_TIMEOUT is not a number from 1 to 60$/,
    ],
    [
      'too many tries',
      { AWS_METADATA_SERVICE_NUM_ATTEMPTS: '11' },
      /^AWS_METADATA_SERVICE_NUM_ATTEMPTS is not a number from 1 to 10$/,
    ],
  ])('are not requested with %s: config.invalid', async (_what, env, message) => {
    const { open } = await makePlace();
    await expect(open({ AWS_EC2_METADATA_DISABLED: '', ...env })).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('keys that expire', () => {
  /** A service that numbers its keys, which are valid for some minutes from the moment they are requested. */
  async function numbered(minutes: number, isDown: () => boolean = () => false) {
    let count = 0;
    const place = await makePlace();
    const server = await keyServer((question) =>
      isDown()
        ? { status: 404, body: '' }
        : answers(question, () => jsonKeys(String(++count), place.clock.wallTime() + minutes * minute)),
    );
    const { access } = await place.open(environmentOf(server));
    const idAfter = async (waited: number): Promise<string> => {
      place.clock.advance(waited * minute);
      return (await access.keys(null, signal)).accessKeyId;
    };
    return { access, idAfter, server, clock: place.clock };
  }

  it('are kept until ten minutes before that', async () => {
    const { idAfter } = await numbered(60);
    expect([await idAfter(0), await idAfter(49), await idAfter(1), await idAfter(49)]).toEqual([
      'ASIA1',
      'ASIA1',
      'ASIA2',
      'ASIA2',
    ]);
  });

  it('are kept for half of a short lifetime, and for a minute if they have already expired', async () => {
    const short = await numbered(10);
    expect([await short.idAfter(0), await short.idAfter(4), await short.idAfter(1)]).toEqual([
      'ASIA1',
      'ASIA1',
      'ASIA2',
    ]);
    const over = await numbered(-5);
    expect([await over.idAfter(0), await over.idAfter(0.5), await over.idAfter(0.5)]).toEqual([
      'ASIA1',
      'ASIA1',
      'ASIA2',
    ]);
  });

  it('are requested once for many concurrent users', async () => {
    const { access, server } = await numbered(60);
    const got = await Promise.all(Array.from({ length: 8 }, () => access.keys(null, signal)));
    expect(new Set(got.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(['ASIA1']));
    expect(server.questions).toHaveLength(3);
  });

  it('are renewed at once if the store refuses them, and once for all refusals', async () => {
    const { access } = await numbered(60);
    const first = await access.keys(null, signal);
    expect((await access.keys(first, signal)).accessKeyId).toBe('ASIA2');
    expect((await access.keys(first, signal)).accessKeyId).toBe('ASIA2');
  });

  it('are used until they expire if no others are available, which is checked every minute; then it is an error', async () => {
    let isDown = false;
    const { idAfter, server } = await numbered(60, () => isDown);
    await idAfter(0);
    isDown = true;
    expect(await idAfter(51)).toBe('ASIA1');
    const before = server.questions.length;
    expect(await idAfter(0.5)).toBe('ASIA1');
    expect(server.questions).toHaveLength(before);
    expect(await idAfter(1)).toBe('ASIA1');
    expect(server.questions).toHaveLength(before + 1);
    await expect(idAfter(10)).rejects.toMatchObject({
      code: 'place.denied',
      message: expect.stringMatching(/^the instance's metadata service: /) as string,
    });
    isDown = false;
    expect(await idAfter(0)).toBe('ASIA2');
  });

  it('are fetched by the others if the one that asked is aborted', async () => {
    const { access } = await numbered(60);
    const gone = new AbortController();
    const first = access.keys(null, gone.signal);
    const second = access.keys(null, signal);
    gone.abort(new Error('broken off'));
    await expect(first).rejects.toThrow('broken off');
    expect((await second).accessKeyId).toMatch(/^ASIA/);
  });
});
