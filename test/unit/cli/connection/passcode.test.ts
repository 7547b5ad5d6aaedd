// One-time passcodes: asked for on a terminal, hidden, and only if somebody can answer.
import { expect, describe, it, onTestFinished } from 'vitest';
import { Interrupted } from '../../../../src/cli/runtime.ts';
import { GlanceClient } from '../../../../src/index.ts';
import { glance } from '../../../support/glance.ts';
import { makeEntry } from '../../../support/images.ts';
import { type ScriptedKeystone, scriptedKeystone, tokenBody } from '../../../support/servers/keystone.ts';
import { type CliOptions, type CliResult, runCli } from '../../../support/run-cli.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const passcode = '87654321';

interface World {
  readonly keystone: ScriptedKeystone;
  readonly env: Record<string, string>;
  /** Runs the command at a terminal. */
  readonly cli: (options: CliOptions, ...argv: readonly string[]) => Promise<CliResult>;
}

/** A Keystone that accepts this passcode, and asks for it by a receipt if it gets a password. */
async function world(type: string): Promise<World> {
  const server = await glance([makeEntry('data', { id: '1', name: 'one' })]);
  const keystone = await scriptedKeystone(({ body, headers }) => {
    if (body.includes(passcode))
      return { status: 201, headers: { 'x-subject-token': 's3cret-token' }, body: tokenBody(server.url.href) };
    const isFirst = body.includes('password') && headers['openstack-auth-receipt'] === undefined;
    if (!isFirst) return { status: 401, body: { error: { message: 'The password or the passcode is wrong' } } };
    const rules = { receipt: { methods: ['password'] }, required_auth_methods: [['password', 'totp']] };
    return { status: 401, headers: { 'openstack-auth-receipt': 's3cret-receipt' }, body: rules };
  });
  const env = {
    OS_AUTH_TYPE: type,
    OS_AUTH_METHODS: 'v3password,v3totp',
    OS_AUTH_URL: keystone.url,
    OS_USERNAME: 'ada',
    OS_PASSWORD: 's3cret-password',
    OS_PROJECT_NAME: 'p',
  };
  const homedir = await tempDir();
  const cli: World['cli'] = (options, ...argv) =>
    runCli(['show', '1', '-f', 'json', '--debug', ...argv], { homedir, env, stderrColumns: 80, ...options });
  return { keystone, env, cli };
}

describe.each([
  ['v3totp', ['totp']],
  ['v3multifactor', ['password', 'totp']],
  ['password', ['totp']],
])('with %s a passcode', (type, methods) => {
  it('is asked for, sent, and shown nowhere', async () => {
    const { cli, keystone } = await world(type);
    const { code, stdout, stderr } = await cli({ typed: `${passcode}\n` });
    expect(code).toBe(0);
    expect(JSON.parse(keystone.requests.at(-1)?.body ?? '')).toMatchObject({ auth: { identity: { methods } } });
    expect(stderr).toContain('Passcode (TOTP) of ada for cloud envvars: \n');
    expect(stdout + stderr).not.toMatch(/87654321|s3cret/);
    // The token is kept, and nothing asked the next time.
    const asked = keystone.requests.length;
    expect((await cli({ typed: '' })).code).toBe(0);
    expect(keystone.requests).toHaveLength(asked);
  });

  it.each([
    ['without a terminal', { stdin: `${passcode}\n` }, []],
    ['with --no-input', { typed: `${passcode}\n` }, ['--no-input']],
    ['with --progress json', { typed: `${passcode}\n` }, ['--progress', 'json']],
    ['where nothing is typed', { typed: '\n' }, []],
    ['at the end of input', { typed: '' }, []],
  ] as const)('is missing %s', async (_when, options, argv) => {
    const { cli } = await world(type);
    const result = await cli(options, ...argv);
    expect([result.code, result.error()['code']]).toEqual([4, 'auth.missing']);
  });

  it('is not asked for if CI is set', async () => {
    const { cli, env } = await world(type);
    const result = await cli({ typed: `${passcode}\n`, env: { ...env, CI: '1' } });
    expect([result.code, result.stderr.includes('Passcode')]).toEqual([4, false]);
  });
});

it('is edited with the usual keys', async () => {
  const { cli, keystone } = await world('v3totp');
  const { code } = await cli({ typed: `wrong\u00158765x\u007F43\u001B21\r\nrest` });
  expect([code, keystone.requests.length]).toEqual([0, 1]);
});

it('is refused when wrong, and not asked for again', async () => {
  const { cli, keystone } = await world('v3totp');
  const result = await cli({ typed: '11112222\n33334444\n' });
  expect([result.code, result.error()['code'], keystone.requests.length]).toEqual([4, 'auth.failed', 1]);
  expect(result.error()['message']).toMatch(/ refused the login with the OS_ variables and options: /);
  expect(result.stderr).not.toContain('11112222');
});

it('is aborted by Ctrl-C, which is just a key then', async () => {
  const { cli, keystone } = await world('v3totp');
  const controller = new AbortController();
  const { code } = await cli({
    typed: '8765\u0003',
    signal: controller.signal,
    interrupt: () => controller.abort(new Interrupted('SIGINT')),
  });
  expect([code, keystone.requests.length]).toEqual([130, 0]);
});

it('is requested by a program in its own way', async () => {
  const { env } = await world('v3totp');
  const questions: string[] = [];
  const client = await GlanceClient.connect({
    env,
    onPasscode: (question) => {
      questions.push(question);
      return Promise.resolve(passcode);
    },
  });
  onTestFinished(() => client.close());
  expect((await client.find('1')).name).toBe('one');
  expect(questions).toEqual(['Passcode (TOTP) of ada for cloud envvars: ']);
});
