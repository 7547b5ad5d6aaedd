import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/identity/config/clouds-yaml.ts';
import type { Cloud } from '../../../../src/identity/config/cloud.ts';
import { searchPaths } from '../../../../src/identity/config/places.ts';
import { type CloudSources, listCloudNames, loadCloud } from '../../../../src/identity/config/load-cloud.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { nameFlag } from './place.ts';
import { anyCharacter } from '../../../support/any-text.ts';

type Load = (overrides?: {
  readonly env?: Record<string, string>;
  readonly flags?: Record<string, string>;
  readonly mergeAll?: boolean;
  readonly profile?: unknown;
}) => Promise<Cloud | null>;

/** Writes files below a home directory and gives a function that loads from there. */
async function place(
  files: Readonly<Record<string, string>>,
): Promise<{ load: Load; home: string; sources: CloudSources }> {
  const home = await tempDir();
  for (const [name, content] of Object.entries(files)) {
    const path = join(home, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { mode: 0o600 });
  }
  const sources: CloudSources = {
    env: {},
    flags: new Map(),
    nameOf: nameFlag,
    cwd: join(home, 'work'),
    platform: 'linux',
    homedir: home,
    uid: process.getuid?.() ?? null,
    mergeAll: false,
    fetchJson: () => Promise.reject(new Error('nothing is fetched here')),
  };
  const load: Load = ({ env = {}, flags = {}, mergeAll = false, profile } = {}) =>
    loadCloud({
      ...sources,
      env,
      flags: new Map(Object.entries(flags)),
      mergeAll,
      ...(profile === undefined ? {} : { fetchJson: () => Promise.resolve(profile) }),
    });
  return { load, home, sources };
}

const clouds = '.config/openstack/clouds.yaml';
const secure = '.config/openstack/secure.yaml';
const authOf = (cloud: Cloud | null): Record<string, string> => Object.fromEntries(cloud?.auth ?? []);

describe('the files that are read', () => {
  it('are looked for in the order of OpenStack', () => {
    const paths = searchPaths(
      {
        env: { OS_CLIENT_CONFIG_FILE: '~/my.yaml', XDG_CONFIG_HOME: '/x' },
        cwd: '/w',
        platform: 'linux',
        homedir: '/h',
      },
      'clouds',
      'OS_CLIENT_CONFIG_FILE',
    );
    expect(paths.filter((path) => !/\.(yml|json)$/.test(path))).toEqual([
      '/h/my.yaml',
      '/w/clouds.yaml',
      '/x/openstack/clouds.yaml',
      '/h/.config/openstack/clouds.yaml',
      '/etc/xdg/openstack/clouds.yaml',
      '/etc/openstack/clouds.yaml',
    ]);
  });

  it('the first valid one wins; broken ones are skipped with a warning', async () => {
    const { load } = await place({
      'work/clouds.yaml': 'clouds: {a: {auth: [',
      'work/clouds.yml': 'clouds: {b: {auth: {auth_url: http://b}}}',
      [clouds]: 'clouds: {c: {auth: {auth_url: http://c}}}',
    });
    const cloud = await load();
    expect(cloud?.name).toBe('b');
    expect(cloud?.warnings).toEqual([expect.stringMatching(/work\/clouds\.yaml is ignored/)]);
  });

  it('secure.yaml overrides clouds.yaml, and a profile has lower precedence', async () => {
    const { load } = await place({
      [clouds]: 'clouds: {c: {profile: v, region_name: R, auth: {username: u, password: weak}}}',
      [secure]: 'clouds: {c: {auth: {password: strong}}}',
      '.config/openstack/clouds-public.yaml': 'public-clouds: {v: {region_name: X, auth: {auth_url: http://v}}}',
    });
    const cloud = await load({ env: { OS_CLOUD: 'c' } });
    expect(authOf(cloud)).toMatchObject({ username: 'u', password: 'strong', auth_url: 'http://v' });
    expect(cloud?.regionName).toBe('R');
    expect(cloud?.sources.get('auth.password')).toMatch(/secure\.yaml$/);
  });

  it('a profile that is a URL is fetched from its well-known place', async () => {
    const { load } = await place({ [clouds]: 'clouds: {c: {profile: "https://vendor.example", auth: {username: u}}}' });
    const cloud = await load({
      profile: { name: 'vendor', profile: { auth: { auth_url: 'https://k.example/v3' }, regions: ['R1'] } },
    });
    expect(authOf(cloud)['auth_url']).toBe('https://k.example/v3');
    expect(cloud?.regionName).toBe('R1');
  });

  it('with a password that everybody can read cause a warning', async () => {
    const { load, home } = await place({ [clouds]: 'clouds: {c: {auth: {password: p}}}' });
    await chmod(join(home, clouds), 0o644);
    expect((await load())?.warnings).toEqual([expect.stringMatching(/chmod 600/)]);
  });
});

describe('the cloud', () => {
  const two = { [clouds]: 'clouds: {a: {auth: {auth_url: http://a}}, b: {auth: {auth_url: http://b}}}' };

  it('is the one of the flag, then of OS_CLOUD, then made of variables, then the only one', async () => {
    const { load, sources } = await place(two);
    expect((await load({ flags: { cloud: 'b' }, env: { OS_CLOUD: 'a' } }))?.name).toBe('b');
    expect((await load({ env: { OS_CLOUD: 'a' } }))?.name).toBe('a');
    expect((await load({ env: { OS_AUTH_URL: 'http://x', OS_USERNAME: 'u' } }))?.name).toBe('envvars');
    expect(await listCloudNames(sources)).toEqual(['a', 'b']);
  });

  it('must be chosen among several, and must exist', async () => {
    const { load } = await place(two);
    await expect(load()).rejects.toMatchObject({ code: 'config.missing', message: expect.stringContaining('a, b') });
    await expect(load({ flags: { cloud: 'c' } })).rejects.toMatchObject({
      code: 'cloud.not_found',
      message: expect.stringContaining('a, b'),
    });
    await expect((await place({})).load({ env: { OS_CLOUD: 'c' } })).rejects.toMatchObject({ code: 'cloud.not_found' });
  });

  it('is none if nothing is configured, or if variables only select', async () => {
    const { load } = await place({});
    expect(await load()).toBeNull();
    const missing = join(await tempDir(), 'missing');
    expect(await load({ env: { OS_REGION_NAME: 'R', OS_CLIENT_CONFIG_FILE: missing } })).toBeNull();
  });

  it('may have a name that every object has', async () => {
    const { load } = await place({ [clouds]: 'clouds: {__proto__: {auth: {auth_url: http://p}}, toString: {}}' });
    expect(authOf(await load({ flags: { cloud: '__proto__' } }))['auth_url']).toBe('http://p');
    await expect(load({ flags: { cloud: 'constructor' } })).rejects.toMatchObject({ code: 'cloud.not_found' });
  });
});

describe('precedence', () => {
  const file = {
    [clouds]: 'clouds: {c: {region_name: FILE, auth: {auth_url: http://file, username: file, project_name: file}}}',
  };
  const env = { OS_CLOUD: 'c', OS_USERNAME: 'env', OS_PROJECT_NAME: 'env', OS_REGION_NAME: 'ENV', OS_PASSWORD: 'pw' };

  it('of a named cloud: the file, except for region and missing secrets; one warning names the ignored variables', async () => {
    const cloud = await (await place(file)).load({ env });
    expect(authOf(cloud)).toMatchObject({ username: 'file', project_name: 'file', password: 'pw' });
    expect(cloud?.regionName).toBe('ENV');
    expect(cloud?.warnings).toEqual([expect.stringMatching(/OS_USERNAME, OS_PROJECT_NAME$/)]);
  });

  it('with everything merged: variables win over the file, flags over all', async () => {
    const cloud = await (await place(file)).load({ env, mergeAll: true, flags: { project_name: 'flag', cloud: 'c' } });
    expect(authOf(cloud)).toMatchObject({ username: 'env', project_name: 'flag' });
    expect(cloud?.sources.get('auth.project_name')).toBe('--os-project-name');
  });
});

describe('values', () => {
  it('stay the text that was written', async () => {
    const yaml =
      'clouds: {c: {auth: {auth_url: http://a, username: 007, password: 0123, project_id: 1e5, user_id: ~, trust_id: true}}}';
    expect(authOf(await (await place({ [clouds]: yaml })).load())).toMatchObject({
      username: '007',
      password: '0123',
      project_id: '1e5',
      trust_id: 'true',
    });
  });

  it('of any password come back exactly', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (password) => {
        expect(parseConfig(`p: ${JSON.stringify(password)}`).get('p')).toBe(password);
      }),
    );
  });

  it('accept old spellings, and auth settings outside auth', async () => {
    const yaml =
      'clouds: {c: {auth-url: http://a, auth: {tenant-name: t, username: u}, endpoint_type: internalURL, image_endpoint: http://g}}';
    const cloud = await (await place({ [clouds]: yaml })).load();
    expect(authOf(cloud)).toMatchObject({ auth_url: 'http://a', project_name: 't' });
    expect([cloud?.interfaces, cloud?.imageEndpointOverride]).toEqual([['internal'], 'http://g']);
  });

  it('fill templates, but never in a password', async () => {
    const yaml =
      'clouds: {c: {region_name: R1, auth: {auth_url: "https://{region_name}.example/v3", password: "{region_name}"}}}';
    expect(authOf(await (await place({ [clouds]: yaml })).load())).toMatchObject({
      auth_url: 'https://R1.example/v3',
      password: '{region_name}',
    });
  });

  it('of a region override the cloud, its auth_url too', async () => {
    const yaml =
      'clouds: {c: {regions: [{name: A, values: {auth: {auth_url: http://a}}}, B], auth: {auth_url: http://all}}}';
    const { load } = await place({ [clouds]: yaml });
    const first = await load();
    expect([first?.regionName, authOf(first)['auth_url']]).toEqual(['A', 'http://a']);
    const second = await load({ env: { OS_REGION_NAME: 'B' } });
    expect([second?.regionName, authOf(second)['auth_url']]).toEqual(['B', 'http://all']);
    await expect(load({ flags: { region_name: 'a' } })).rejects.toMatchObject({
      code: 'cloud.region',
      message: expect.stringContaining('A, B'),
    });
  });

  it('of domains are filled in from domain_*, or from the default', async () => {
    const { load } = await place({});
    const base = { OS_AUTH_URL: 'http://a', OS_USERNAME: 'u', OS_PROJECT_NAME: 'p' };
    expect(authOf(await load({ env: base }))).toMatchObject({
      user_domain_id: 'default',
      project_domain_id: 'default',
    });
    expect(authOf(await load({ env: { ...base, OS_DEFAULT_DOMAIN: 'd1' } }))).toMatchObject({ user_domain_id: 'd1' });
    expect(authOf(await load({ env: { ...base, OS_DOMAIN_NAME: 'D' } }))).toMatchObject({
      user_domain_name: 'D',
      project_domain_name: 'D',
    });
  });

  it('of TLS: insecure beats verify, verify: false beats cacert, paths are made absolute', async () => {
    const load = async (settings: string): Promise<Cloud | null> =>
      await (await place({ [clouds]: `clouds: {c: {auth: {auth_url: http://a}, ${settings}}}` })).load();
    expect(await load('verify: true, insecure: true')).toMatchObject({ verify: false });
    expect(await load('verify: false, cacert: /ca.pem')).toMatchObject({ verify: false, cacert: null });
    expect((await load('cacert: ~/ca.pem'))?.cacert).toMatch(/^\/.*\/ca\.pem$/);
    expect((await load('cert: c.pem'))?.cert).toMatch(/\/work\/c\.pem$/);
  });

  it('of the rest', async () => {
    const yaml =
      'clouds: {c: {auth_type: V3MultiFactor, interface: [internal, public], image_api_version: 2, api_timeout: 30, cache: {auth: false}, auth_methods: [v3password, v3totp]}}';
    expect(await (await place({ [clouds]: yaml })).load()).toMatchObject({
      authType: 'v3multifactor',
      interfaces: ['internal', 'public'],
      imageApiVersion: '2',
      apiTimeoutMs: 30_000,
      cacheAuth: false,
      authMethods: ['v3password', 'v3totp'],
    });
    expect(await (await place({})).load({ env: { OS_AUTH_URL: 'http://a', OS_TOKEN: 't' } })).toMatchObject({
      authType: 'token',
    });
  });
});

describe('hostile files', () => {
  it.each([
    [
      'aliases without end',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
    ],
    ['depth without end', '{a: '.repeat(200) + 'x' + '}'.repeat(200)],
    ['a list', '- a'],
    ['no YAML', '{'],
  ])('%s are refused', (_what, text) => {
    expect(() => parseConfig(text)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });

  it('any text at all is refused or read, and never causes a crash', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 200 }), (text) => {
        try {
          expect(parseConfig(text)).toBeInstanceOf(Map);
        } catch (error) {
          expect(error).toMatchObject({ code: 'config.invalid' });
        }
      }),
    );
  });
});
