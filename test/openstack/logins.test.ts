// Logins that involve a person or an OAuth 2.0 server, with a real Keystone, which is its own provider here.
import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CliOptions, type CliResult, runCli } from '../support/run-cli.ts';
import { tempDir } from '../support/temp-dir.ts';
import { runningStack, sampleId, stack } from './support/stack.ts';

const secrets = /ada-secret|demo-appcred-secret|gAAAAA/;
/** Twenty bytes, in base 32 as Keystone keeps it. */
const totpSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const totpKey = '12345678901234567890';

/** Asks Keystone, as its administrator. */
async function ask(method: string, path: string, body?: object): Promise<Record<string, { readonly id: string }>> {
  const { keystone, tokens } = runningStack();
  const answer = await fetch(`${keystone}${path}`, {
    method,
    headers: { 'x-auth-token': tokens.admin, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  // What an earlier run created will do.
  if (!answer.ok && answer.status !== 409) throw new Error(`${method} ${path}: ${await answer.text()}`);
  const text = await answer.text();
  return text === '' ? {} : (JSON.parse(text) as Record<string, { readonly id: string }>);
}

async function idOf(kind: string, name: string): Promise<string> {
  const found = (await ask('GET', `/${kind}?name=${name}`)) as unknown as Record<string, readonly { id: string }[]>;
  const [first] = found[kind] ?? [];
  if (first === undefined) throw new Error(`there is no ${name} among ${kind}`);
  return first.id;
}

/** Runs the command in this process, with its own home, against the stack. */
async function show(env: Record<string, string>, options: CliOptions = {}): Promise<CliResult> {
  const common = { OS_AUTH_URL: runningStack().keystone, OS_REGION_NAME: 'RegionOne', OS_INTERFACE: 'public' };
  const homedir = await tempDir();
  const result = await runCli(['show', sampleId(1), '-f', 'json', '--debug'], {
    homedir,
    cwd: homedir,
    env: { ...common, ...env },
    ...options,
  });
  expect(result.stdout + result.stderr).not.toMatch(secrets);
  return result;
}

/** The current passcode. @see RFC 6238 */
function totp(): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac('sha1', totpKey).update(counter).digest();
  const code = digest.readUInt32BE((digest.at(-1) ?? 0) % 16) % 2 ** 31;
  return String(code % 1_000_000).padStart(6, '0');
}

describe.skipIf(stack === null)('client credentials', () => {
  async function credentials(): Promise<Record<string, string>> {
    const { state, keystone } = runningStack();
    const { readFile } = await import('node:fs/promises');
    const openrc = await readFile(`${state}/openrc/demo-appcred`, 'utf8');
    return {
      OS_AUTH_TYPE: 'v3oauth2clientcredential',
      OS_OAUTH2_ENDPOINT: `${keystone}/OS-OAUTH2/token`,
      OS_OAUTH2_CLIENT_ID: /CREDENTIAL_ID=(\w+)/.exec(openrc)?.[1] ?? '',
      OS_OAUTH2_CLIENT_SECRET: 'demo-appcred-secret',
    };
  }

  test('are accepted, with an access token beside the token', async () => {
    const { code, stderr } = await show(await credentials());
    expect(code).toBe(0);
    expect(stderr).toMatch(/^> authorization: \[redacted\]$/m);
  });

  test('are refused when wrong', async () => {
    const result = await show({ ...(await credentials()), OS_OAUTH2_CLIENT_SECRET: 'ada-secret' });
    expect([result.code, result.error()['code']]).toEqual([4, 'auth.failed']);
  });
});

describe.skipIf(stack === null)('a passcode', () => {
  const env = {
    OS_AUTH_TYPE: 'v3multifactor',
    OS_AUTH_METHODS: 'v3password,v3totp',
    OS_USERNAME: 'ada',
    OS_PASSWORD: 'ada-secret',
    OS_PROJECT_NAME: 'demo',
  };

  beforeAll(async () => {
    const { projects } = runningStack();
    const options = { multi_factor_auth_enabled: true, multi_factor_auth_rules: [['password', 'totp']] };
    await ask('POST', '/users', { user: { name: 'ada', domain_id: 'default', password: 'ada-secret', options } });
    const user = await idOf('users', 'ada');
    await ask('PUT', `/projects/${projects.demo}/users/${user}/roles/${await idOf('roles', 'member')}`);
    await ask('POST', '/credentials', { credential: { type: 'totp', blob: totpSecret, user_id: user } });
  });

  test.each(['v3multifactor', 'password'])('is asked for and sent, where %s is configured', async (type) => {
    const { code, stderr } = await show({ ...env, OS_AUTH_TYPE: type }, { typed: `${totp()}\n`, stderrColumns: 100 });
    expect([code, stderr.includes('Passcode (TOTP) of ada')]).toEqual([0, true]);
  });

  test('is refused when wrong', async () => {
    const result = await show(env, { typed: '000000\n', stderrColumns: 100 });
    expect([result.code, result.error()['code']]).toEqual([4, 'auth.failed']);
  });
});

describe.skipIf(stack === null)('a login by browser', () => {
  const env = {
    OS_AUTH_TYPE: 'v3websso',
    OS_IDENTITY_PROVIDER: 'provider',
    OS_PROTOCOL: 'mapped',
    OS_PROJECT_NAME: 'demo',
  };

  beforeAll(async () => {
    const { projects } = runningStack();
    await ask('POST', '/groups', { group: { name: 'federated', domain_id: 'default' } });
    const group = await idOf('groups', 'federated');
    await ask('PUT', `/projects/${projects.demo}/groups/${group}/roles/${await idOf('roles', 'member')}`);
    const provider = { identity_provider: { enabled: true, remote_ids: ['https://provider.example'] } };
    await ask('PUT', '/OS-FEDERATION/identity_providers/provider', provider);
    const rule = { local: [{ user: { name: '{0}' } }, { group: { id: group } }], remote: [{ type: 'HTTP_X_USER' }] };
    await ask('PUT', '/OS-FEDERATION/mappings/mapping', { mapping: { rules: [rule] } });
    const protocol = { protocol: { mapping_id: 'mapping' } };
    await ask('PUT', '/OS-FEDERATION/identity_providers/provider/protocols/mapped', protocol);
  });

  /** Acts as a browser: the provider identifies the user, and the form is posted from Keystone's origin. */
  async function browse(page: URL): Promise<number> {
    const answer = await fetch(page, { headers: { 'x-remote-id': 'https://provider.example', 'x-user': 'grace' } });
    const form = await answer.text();
    const [, action = '', token = ''] = /action="([^"]+)".* value="([^"]+)"/.exec(form) ?? [];
    const { status } = await fetch(action, {
      method: 'POST',
      headers: { origin: page.origin, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token }).toString(),
    });
    return status;
  }

  test('ends in the project, using what Keystone posts', async () => {
    const statuses: Promise<number>[] = [];
    const { code, stderr } = await show(env, {
      stderrColumns: 200,
      openBrowser: (page) => statuses.push(browse(page)) > 0,
    });
    expect([code, await Promise.all(statuses)]).toEqual([0, [200]]);
    expect(stderr).toContain('logged in to envvars as grace\n');
  });

  test('is refused for a project without a role in it', async () => {
    const result = await show(
      { ...env, OS_PROJECT_NAME: 'other' },
      { stderrColumns: 200, openBrowser: (page) => browse(page) instanceof Promise },
    );
    expect([result.code, result.error()['code']]).toEqual([4, 'auth.failed']);
  });

  test('is refused by Keystone if the address is not trusted', async () => {
    const { keystone } = runningStack();
    const path = '/auth/OS-FEDERATION/identity_providers/provider/protocols/mapped/websso';
    const { status } = await fetch(`${keystone}${path}?origin=http://localhost:9991/auth/websso/`, {
      headers: { 'x-remote-id': 'https://provider.example', 'x-user': 'grace' },
    });
    expect(status).toBe(401);
  });
});
