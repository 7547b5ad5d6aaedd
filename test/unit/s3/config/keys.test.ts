import { chmod, mkdir } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { type Environment, everythingIn, makePlace } from './place.ts';

const credentials = '.aws/credentials';
const config = '.aws/config';

function pair(name: string, extra = ''): string {
  return `aws_access_key_id = AKIA${name}\naws_secret_access_key = ${name}-secret\n${extra}`;
}

function lasting(name: string, sessionToken: string | null = null): object {
  return { accessKeyId: `AKIA${name}`, secretAccessKey: `${name}-secret`, sessionToken };
}

const ofEnvironment: Environment = { AWS_ACCESS_KEY_ID: 'AKIAenv', AWS_SECRET_ACCESS_KEY: 'env-secret' };
const profiles = {
  [credentials]: `[default]\n${pair('cred')}[other]\n${pair('other', 'aws_session_token = other-token\n')}[both]\n${pair('both')}`,
  [config]: `[default]\n${pair('conf')}[profile both]\nregion = r\n[profile conf]\n${pair('c2')}[profile "a b"]\n${pair('quoted')}`,
};

describe('keys', () => {
  it('are those of the user, where HOME is that of a snap', async () => {
    const [{ keys }, { home }] = [
      await makePlace(),
      await makePlace({ ...profiles, mine: `[default]\n${pair('mine')}` }),
    ];
    expect(await keys({ SNAP_REAL_HOME: home })).toEqual(lasting('cred'));
    const named = { SNAP_REAL_HOME: home, AWS_SHARED_CREDENTIALS_FILE: '~/mine' };
    expect(await keys(named)).toEqual(lasting('mine'));
  });

  test.each<[string, Environment, object]>([
    ['variables, before any profile', { ...ofEnvironment, AWS_PROFILE: 'other' }, lasting('env')],
    ['variables with a session token', { ...ofEnvironment, AWS_SESSION_TOKEN: 'tok' }, lasting('env', 'tok')],
    [
      'variables with a session token in the old variable',
      { ...ofEnvironment, AWS_SECURITY_TOKEN: 'tok' },
      lasting('env', 'tok'),
    ],
    ['the default profile, from credentials rather than config', {}, lasting('cred')],
    ['the default profile if variables are empty', { AWS_ACCESS_KEY_ID: '', AWS_PROFILE: '' }, lasting('cred')],
    ['the profile of AWS_PROFILE, with its token', { AWS_PROFILE: 'other' }, lasting('other', 'other-token')],
    ['the default profile if variables only have the secret', { AWS_SECRET_ACCESS_KEY: 'x' }, lasting('cred')],
    ['the profile of AWS_DEFAULT_PROFILE', { AWS_DEFAULT_PROFILE: 'other' }, lasting('other', 'other-token')],
    ['a profile that both files have', { AWS_PROFILE: 'both' }, lasting('both')],
    ['a profile that only config has', { AWS_PROFILE: 'conf' }, lasting('c2')],
    ['a profile whose name is in quotes', { AWS_PROFILE: 'a b' }, lasting('quoted')],
  ])('are those of %s', async (_what, env, expected) => {
    const { keys } = await makePlace(profiles);
    expect(await keys(env)).toEqual(expected);
  });

  it('are those of the files in variables, relative to the working or the home directory', async () => {
    const { keys } = await makePlace({ 'work/c': `[default]\n${pair('named')}`, 'd/x': `[profile p]\n${pair('p')}` });
    expect(await keys({ AWS_SHARED_CREDENTIALS_FILE: 'c' })).toEqual(lasting('named'));
    expect(await keys({ AWS_CONFIG_FILE: '~/d/x', AWS_PROFILE: 'p' })).toEqual(lasting('p'));
  });

  it('that are permanent stay the same after the store refused them: its refusal stands', async () => {
    const { open } = await makePlace();
    const { access } = await open(ofEnvironment);
    const { signal } = new AbortController();
    const first = await access.keys(null, signal);
    expect(await access.keys(first, signal)).toEqual(first);
  });

  test.each<[string, Environment, string, RegExp]>([
    ['an id alone', { AWS_ACCESS_KEY_ID: 'AKIA' }, '', /^AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not$/],
    [
      'an id alone in a profile',
      {},
      '[default]\naws_access_key_id = A',
      /^aws_access_key_id is set in profile default, and aws_secret_access_key is not$/,
    ],
    [
      'a secret with a blank in it',
      { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's3cret key' },
      '',
      /^AWS_SECRET_ACCESS_KEY holds blanks/,
    ],
    [
      'a secret that spans two lines',
      {},
      '[default]\naws_access_key_id = A\naws_secret_access_key = s3cret\n  more',
      /^aws_secret_access_key in profile default holds blanks, line breaks/,
    ],
    [
      'a missing profile',
      { AWS_PROFILE: 'nobody' },
      `[here]\n${pair('here')}`,
      /^AWS_PROFILE: there is no profile "nobody"; .*config is not there$/,
    ],
    [
      'missing services',
      {},
      '[default]\nservices = mine',
      /^services of profile default: there is no \[services mine\]$/,
    ],
    ['a file that cannot be parsed', {}, '[default]\ns3cret-key', /\.aws\/credentials: line 2 is neither/],
  ])('are refused as config.invalid for %s', async (_what, env, text, message) => {
    const { keys } = await makePlace(text === '' ? {} : { [credentials]: text });
    const error: unknown = await keys(env).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'config.invalid', message: expect.stringMatching(message) as string });
    expect(everythingIn(error)).not.toMatch(/s3cret|here-secret/);
  });

  it('lists the existing profiles if one is missing', async () => {
    const { keys } = await makePlace(profiles);
    await expect(keys({ AWS_PROFILE: 'x' })).rejects.toMatchObject({
      facts: { hint: 'profiles are default, both, conf, a b, other' },
    });
  });

  test.each([
    [
      'a role of other keys',
      'role_arn = arn:aws:iam::1:role/r\nsource_profile = x',
      /^profile p assumes a role with the keys of another profile \(role_arn\), which only AWS's own tools can do$/,
    ],
    ['a role of an instance', 'role_arn = arn:aws:iam::1:role/r\ncredential_source = Environment', /role_arn/],
    ['SSO', 'sso_session = s\nsso_account_id = 1\nsso_role_name = r', /SSO \(sso_account_id, sso_role_name\)/],
    ['a login', 'login_session = s', /"aws login" \(login_session\)/],
    ['a program', 'credential_process = /bin/keys s3cret-key', /from a program \(credential_process\)/],
  ])('of a profile with %s are usage.unsupported, with what to do', async (_what, settings, message) => {
    const { keys } = await makePlace({ [config]: `[profile p]\n${settings}\n` });
    const error: unknown = await keys({ AWS_PROFILE: 'p' }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'usage.unsupported',
      message: expect.stringMatching(message) as string,
      facts: { hint: 'aws configure export-credentials --profile p --format env prints keys: set them as variables' },
    });
    expect(everythingIn(error)).not.toContain('s3cret');
  });

  it('in credentials take precedence over a program, as in the command line tool, and those in config do not', async () => {
    const both = '[default]\ncredential_process = /bin/keys\n';
    const first = await makePlace({ [config]: both, [credentials]: `[default]\n${pair('cred')}` });
    expect(await first.keys()).toEqual(lasting('cred'));
    const second = await makePlace({ [config]: both + pair('conf') });
    await expect(second.keys()).rejects.toMatchObject({ code: 'usage.unsupported' });
  });

  it('in config are never combined with a token in credentials', async () => {
    const { keys } = await makePlace({
      [config]: `[default]\n${pair('conf')}`,
      [credentials]: '[default]\naws_session_token = of-other-keys\n',
    });
    expect(await keys()).toEqual(lasting('conf'));
  });

  it('that are nowhere are config.missing, with the places searched', async () => {
    const { keys, home } = await makePlace({ [config]: '[default]\nregion = x' });
    await expect(keys()).rejects.toMatchObject({
      code: 'config.missing',
      message:
        `there are no keys for the bucket: AWS_ACCESS_KEY_ID is not set; ${home}/.aws/config has no keys in profile default; ` +
        `${home}/.aws/credentials is not there; no container has a credentials service; AWS_EC2_METADATA_DISABLED is set`,
      facts: { hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE' },
    });
  });

  it('are hidden from then on, whatever their source', async () => {
    const { keys, secrets } = await makePlace(profiles);
    await keys({ ...ofEnvironment, AWS_SECRET_ACCESS_KEY: 'env-secret-key' });
    await keys({ AWS_PROFILE: 'other' });
    expect(secrets.hide('env-secret-key other-secret other-token')).toBe('*** *** ***');
  });
});

describe('the shared files', () => {
  test.each([
    ['is too large', `#${'x'.repeat(1024 * 1024)}`, /credentials is ignored: it is larger than 1 MiB$/],
    ['is a directory', null, /credentials is ignored: it is a directory, not a file$/],
  ])('are skipped with a warning if one %s', async (_what, content, warning) => {
    const { open, home } = await makePlace(content === null ? {} : { [credentials]: content });
    if (content === null) await mkdir(join(home, credentials), { recursive: true });
    expect((await open(ofEnvironment)).warnings).toEqual([expect.stringMatching(warning)]);
  });

  it('that are not UTF-8 are config.invalid', async () => {
    const { open } = await makePlace({ [config]: Uint8Array.of(0x5b, 0xff) });
    await expect(open(ofEnvironment)).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringMatching(/\.aws\/config: it is not UTF-8$/) as string,
    });
  });

  it('are not waited for if one is a pipe without a writer', async () => {
    const { open, home } = await makePlace({ [config]: '' });
    execFileSync('mkfifo', [join(home, credentials)]);
    expect((await open(ofEnvironment)).warnings).toEqual([expect.stringMatching(/ignored: it is not a file$/)]);
  });

  it('that a variable names cause a warning if they are missing', async () => {
    const { open, home } = await makePlace();
    const { warnings } = await open({ ...ofEnvironment, AWS_CONFIG_FILE: '/nowhere/at/all' });
    expect(warnings).toEqual(['AWS_CONFIG_FILE: /nowhere/at/all is not there']);
    expect((await open({ ...ofEnvironment, AWS_SHARED_CREDENTIALS_FILE: '~/x' })).warnings).toEqual([
      `AWS_SHARED_CREDENTIALS_FILE: ${home}/x is not there`,
    ]);
  });

  it('with secret keys that others can read cause a warning, and are used', async () => {
    const { open, home } = await makePlace(profiles);
    await chmod(join(home, credentials), 0o644);
    const { warnings, access } = await open();
    expect(warnings).toEqual([
      `${home}/.aws/credentials holds secret keys, and others can read it: chmod 600 ${home}/.aws/credentials`,
    ]);
    expect(await access.keys(null, new AbortController().signal)).toEqual(lasting('cred'));
  });
});
