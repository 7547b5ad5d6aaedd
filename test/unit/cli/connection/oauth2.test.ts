// Logins by OAuth 2.0 client credentials: what Keystone is asked, and what Glance gets.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { GlanceClient } from '../../../../src/index.ts';
import { type Glance, glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import {
  type KeystoneAnswer,
  type ScriptedKeystone,
  scriptedKeystone,
  tokenBody,
} from '../../../support/servers/keystone.ts';
import { type CliResult, runCli } from '../../../support/run-cli.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const secret = 's3cret:client/+%41 secret';
const refusal: KeystoneAnswer = {
  status: 401,
  body: { error: 'invalid_client', error_description: 'Client authentication failed.' },
};
const pem = (name: string): string => fileURLToPath(new URL(`../../../fixtures/tls/${name}`, import.meta.url));

interface World {
  readonly keystone: ScriptedKeystone;
  readonly server: Glance;
  readonly home: string;
  readonly env: Record<string, string>;
  readonly cli: (argv: readonly string[], env?: Record<string, string>) => Promise<CliResult>;
}

/** A Glance that takes the tokens `s3cret-token-N` from `first` on, each with its own access token, and a Keystone that gives them. */
async function world(isByCertificate: boolean, first = 0): Promise<World> {
  const server = await glance(
    [makeEntry('data', { id: '1', name: 'one' })],
    [
      {
        on: {
          path: /images/,
          where: ({ headers }) => {
            const [, number = '-1'] = /-(\d+)$/.exec(headers['x-auth-token'] ?? '') ?? [];
            const access = isByCertificate ? headers['x-auth-token'] : `s3cret-access-${number}`;
            return Number(number) < first || headers['authorization'] !== `Bearer ${access ?? ''}`;
          },
        },
        do: { type: 'status', status: 401 },
      },
    ],
  );
  let logins = 0;
  let accesses = 0;
  const body = tokenBody(server.url.href, { user: { name: 'ada' }, project: { id: 'p1' } });
  const keystone = await scriptedKeystone(({ method, path, headers, client, body: sent }) => {
    if (path === '/v3/OS-OAUTH2/token') {
      const isKnown = isByCertificate
        ? client === 'server' && sent === 'grant_type=client_credentials&client_id=app'
        : headers.authorization === `Basic ${Buffer.from(`app:${secret}`).toString('base64')}` &&
          sent === 'grant_type=client_credentials';
      if (!isKnown) return refusal;
      const token = isByCertificate ? `s3cret-token-${String(logins++)}` : `s3cret-access-${String(accesses++)}`;
      return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: 3600 } };
    }
    if (path !== '/v3/auth/tokens') return null;
    if (method === 'GET') return { status: 200, body };
    return { status: 201, headers: { 'x-subject-token': `s3cret-token-${String(logins++)}` }, body };
  }, isByCertificate);
  const home = await tempDir();
  const env = {
    OS_AUTH_TYPE: isByCertificate ? 'v3oauth2mtlsclientcredential' : 'v3oauth2clientcredential',
    OS_AUTH_URL: keystone.url,
    OS_OAUTH2_ENDPOINT: `${keystone.url}/OS-OAUTH2/token`,
    OS_OAUTH2_CLIENT_ID: 'app',
    ...(isByCertificate
      ? { OS_CACERT: pem('ca.pem'), OS_CERT: pem('server.pem'), OS_KEY: pem('server.key') }
      : { OS_OAUTH2_CLIENT_SECRET: secret }),
  };
  const cli: World['cli'] = (argv, more = {}) =>
    runCli([...argv, '--debug'], { homedir: home, cwd: home, env: { ...env, ...more } });
  return { keystone, server, home, env, cli };
}

function credentialsOf({ server }: World): readonly unknown[] {
  return server.requests
    .filter(({ path }) => path.includes('images'))
    .map(({ headers }) => [headers['x-auth-token'], headers['authorization']]);
}

const byCertificate = ['s3cret-token-0', 'Bearer s3cret-token-0'];

describe('client credentials', () => {
  it('are an application credential to Keystone, and give Glance a token and an access token', async () => {
    const made = await world(false);
    const results = [await made.cli(['show', '1']), await made.cli(['show', '1'])];
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(made.keystone.asked()).toEqual(['POST /v3/auth/tokens', 'POST /v3/OS-OAUTH2/token']);
    expect(JSON.parse(made.keystone.requests[0]?.body ?? '')).toEqual({
      auth: { identity: { methods: ['application_credential'], application_credential: { id: 'app', secret } } },
    });
    // The second run sends what the first has kept.
    const both = ['s3cret-token-0', 'Bearer s3cret-access-0'];
    expect(credentialsOf(made)).toEqual([both, both]);
    for (const { stdout, stderr } of results) expect(stdout + stderr).not.toContain('s3cret');
    const directory = join(made.home, '.cache/glance-cli/tokens');
    const kept = await Promise.all((await readdir(directory)).map((name) => readFile(join(directory, name), 'utf8')));
    expect(kept).toHaveLength(1);
    expect(kept.join('')).not.toContain('client');
  });

  it('are described by doctor', async () => {
    const { cli } = await world(false);
    const { stdout, stderr } = await cli(['doctor', '-f', 'json']);
    const findings = JSON.parse(stdout) as { check: string; status: string; detail: string }[];
    const detail =
      /^v3oauth2clientcredential as ada, for project p1, good until 20\d\d-\S+Z, with an OAuth 2\.0 access token$/;
    expect(findings.find(({ check }) => check === 'login')).toMatchObject({
      status: 'ok',
      detail: expect.stringMatching(detail) as string,
    });
    expect(findings.find(({ check }) => check === 'setting auth.oauth2_client_secret')?.detail).toMatch(/^\*\*\* /);
    expect(stdout + stderr).not.toContain('s3cret');
  });

  it('renew both tokens when one is refused', async () => {
    const made = await world(false, 1);
    expect((await made.cli(['show', '1'])).code).toBe(0);
    expect(credentialsOf(made).at(-1)).toEqual(['s3cret-token-1', 'Bearer s3cret-access-1']);
  });

  it('that are refused are reported with what the server says, and what to check', async () => {
    const { cli } = await world(false);
    const result = await cli(['show', '1', '-f', 'json'], { OS_OAUTH2_CLIENT_SECRET: 's3cret-wrong' });
    expect(result.code).toBe(4);
    expect(result.error()).toMatchObject({
      code: 'auth.failed',
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ refused the login: Client authentication failed\.$/) as string,
      hint: 'check oauth2_client_id and oauth2_client_secret',
    });
    expect(result.stderr).not.toContain('s3cret');
  });

  it.each(['OS_OAUTH2_ENDPOINT', 'OS_OAUTH2_CLIENT_ID', 'OS_OAUTH2_CLIENT_SECRET'])(
    'name the variable that is missing: %s',
    async (variable) => {
      const { cli } = await world(false);
      const result = await cli(['show', '1', '-f', 'json'], { [variable]: '' });
      expect(result.error()).toMatchObject({ code: 'auth.missing', hint: expect.stringContaining(variable) as string });
    },
  );

  it('name their endpoint if nobody answers there, and not Keystone', async () => {
    const { cli } = await world(false);
    const result = await cli(['show', '1', '-f', 'json', '--retries', '0'], {
      OS_OAUTH2_ENDPOINT: 'http://127.0.0.1:1/t',
    });
    expect(result.error()).toMatchObject({
      code: 'net.refused',
      message: '127.0.0.1:1: connection refused',
      hint: 'the address comes from oauth2_endpoint (OS_OAUTH2_ENDPOINT): is it right, and the service running?',
    });
  });

  it('never send the access token to another origin', async () => {
    const { cli } = await world(false);
    const other = await glance([makeEntry('other', { id: '9' })]);
    expect((await cli(['show', new URL('/v1/images/9', other.url).href])).code).toBe(0);
    expect(other.requests.flatMap(({ headers }) => Object.keys(headers))).not.toContain('authorization');
  });
});

describe('a client certificate', () => {
  it('is presented to the OAuth 2.0 endpoint, whose token Keystone checks', async () => {
    const made = await world(true);
    const { code, stdout, stderr } = await made.cli(['show', '1']);
    expect({ code, shown: (stdout + stderr).includes('s3cret') }).toEqual({ code: 0, shown: false });
    expect(made.keystone.asked()).toEqual(['POST /v3/OS-OAUTH2/token', 'GET /v3/auth/tokens']);
    expect(made.keystone.requests[1]?.headers).toMatchObject({
      'x-auth-token': 's3cret-token-0',
      'x-subject-token': 's3cret-token-0',
    });
    expect(credentialsOf(made)).toEqual([byCertificate]);
  });

  it('is presented by the library too', async () => {
    const made = await world(true);
    const client = await GlanceClient.connect({ env: made.env });
    expect((await client.find('1')).name).toBe('one');
    await client.close();
    expect(credentialsOf(made)).toEqual([byCertificate]);
  });

  it.each([
    [{ OS_CERT: '', OS_KEY: '' }, 4, 'auth.failed', /^no client certificate is configured: set OS_CERT and OS_KEY/],
    [{ OS_OAUTH2_CLIENT_ID: 'other' }, 4, 'auth.failed', /^check oauth2_client_id, .* and the client certificate/],
    [{ OS_OAUTH2_ENDPOINT: 'http://127.0.0.1:1/token' }, 2, 'config.invalid', /^write it as https:/],
  ])('that cannot be shown, or is not known, is reported: %j', async (more, code, name, hint) => {
    const { cli } = await world(true);
    const result = await cli(['show', '1', '-f', 'json'], more);
    expect(result.code).toBe(code);
    expect(result.error()).toMatchObject({ code: name, hint: expect.stringMatching(hint) as string });
  });
});
