import { chmod, mkdir, symlink } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { listCloudNames } from '../../../../src/identity/config/load-cloud.ts';
import { authOf, cloudsPath, makePlace, securePath, vendorsPath } from './place.ts';

const one = (name: string): string => `clouds: {${name}: {auth: {auth_url: http://${name}}}}`;
const withPassword = 'clouds: {c: {auth: {auth_url: http://c, password: p}}}';

describe('clouds.yaml', () => {
  it('is the first that exists, and others do not count', async () => {
    const { load } = await makePlace({
      'work/clouds.yml': one('a'),
      [cloudsPath]: one('b'),
      'site/openstack/clouds.json': '{"clouds": {"d": {}}}',
    });
    expect((await load()).name).toBe('a');
  });

  it('may be JSON, in a site directory', async () => {
    const { load } = await makePlace({ 'site/openstack/clouds.json': '{"clouds": {"d": {"auth": {"username": 7}}}}' });
    expect(await load()).toMatchObject({
      name: 'd',
      auth: new Map([
        ['username', '7'],
        ['user_domain_id', 'default'],
      ]),
    });
  });

  it('is skipped with a warning if it is broken, and the next is used', async () => {
    const { load, home } = await makePlace({ 'work/clouds.yaml': 'clouds: {a: [', [cloudsPath]: one('b') });
    const cloud = await load();
    expect(cloud.name).toBe('b');
    expect(cloud.warnings).toEqual([expect.stringMatching(`^${join(home, 'work/clouds.yaml')} is ignored: `)]);
  });

  test.each([
    ['too large', `# ${'x'.repeat(1024 * 1024)}\n${one('a')}`, /larger than 1 MiB/],
    ['not UTF-8', Uint8Array.of(0x61, 0x3a, 0x20, 0xff), /not UTF-8/],
    ['an alias bomb', `a: &a {w: *a}\n${one('a')}`, /deeply|repeat/],
  ])('is skipped if it is %s', async (_what, content, message) => {
    const { load } = await makePlace({ 'work/clouds.yaml': content, [cloudsPath]: one('b') });
    expect((await load()).warnings).toEqual([expect.stringMatching(message)]);
  });

  it('is skipped if it is a directory, or a pipe without a writer', async () => {
    const { load, home } = await makePlace({ [cloudsPath]: one('b') });
    await mkdir(join(home, 'work/clouds.yaml'), { recursive: true });
    execFileSync('mkfifo', [join(home, 'work/clouds.yml')]);
    const cloud = await load();
    expect(cloud.name).toBe('b');
    expect(cloud.warnings).toEqual([expect.stringContaining('not a file'), expect.stringContaining('not a file')]);
  });

  it('is skipped if it is a link to itself', async () => {
    const { load, home } = await makePlace({ 'work/x': '', [cloudsPath]: one('b') });
    await symlink('clouds.yaml', join(home, 'work/clouds.yaml'));
    expect((await load()).warnings).toEqual([expect.stringContaining('ELOOP')]);
  });

  it('is an error, not "nothing is configured", if the only one is broken', async () => {
    const { find } = await makePlace({ [cloudsPath]: 'clouds: [' });
    await expect(find()).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining(cloudsPath),
    });
  });

  it('named by OS_CLIENT_CONFIG_FILE comes first, with a warning if it is missing', async () => {
    const { load, home } = await makePlace({ 'my.yaml': one('m'), 'work/clouds.yaml': one('a') });
    expect((await load({ env: { OS_CLIENT_CONFIG_FILE: '../my.yaml' } })).name).toBe('m');
    const cloud = await load({ env: { OS_CLIENT_CONFIG_FILE: join(home, 'none.yaml') } });
    expect(cloud.name).toBe('a');
    expect(cloud.warnings).toEqual([expect.stringMatching(/^OS_CLIENT_CONFIG_FILE: .*none\.yaml .* no such file$/)]);
  });
});

describe('secure.yaml', () => {
  it('is merged over clouds.yaml at all levels, from a place of its own', async () => {
    const { load, home } = await makePlace({
      'work/clouds.yaml': 'clouds: {c: {region_name: R, auth: {auth_url: http://c, username: u, password: weak}}}',
      [securePath]: 'clouds: {c: {auth: {password: strong}}}',
    });
    const cloud = await load();
    expect(authOf(cloud)).toMatchObject({ auth_url: 'http://c', username: 'u', password: 'strong' });
    expect(cloud.sources.get('auth.password')).toBe(join(home, securePath));
    expect(cloud.sources.get('auth.username')).toBe(join(home, 'work/clouds.yaml'));
  });

  it('may be named by OS_CLIENT_SECURE_FILE, and may have clouds of its own', async () => {
    const { load, sources } = await makePlace({ [cloudsPath]: one('a'), 'my.yaml': one('s') });
    const env = { OS_CLIENT_SECURE_FILE: '../my.yaml' };
    expect(authOf(await load({ env, flags: { cloud: 's' } }))).toMatchObject({ auth_url: 'http://s' });
    expect(await listCloudNames({ ...sources, env })).toEqual(['a', 's']);
  });
});

describe('a profile', () => {
  it('of clouds-public.yaml has lower precedence than the cloud', async () => {
    const { load, home } = await makePlace({
      [cloudsPath]: 'clouds: {c: {profile: v, region_name: R, auth: {username: u}}}',
      [vendorsPath]: 'public-clouds: {v: {region_name: X, interface: admin, auth: {auth_url: http://v, username: v}}}',
    });
    const cloud = await load();
    expect(cloud).toMatchObject({ regionName: 'R', interfaces: ['admin'] });
    expect(authOf(cloud)).toMatchObject({ auth_url: 'http://v', username: 'u' });
    expect(cloud.sources.get('auth.auth_url')).toBe(join(home, vendorsPath));
  });

  it('may be named with `cloud`, as it used to be', async () => {
    const { load } = await makePlace({
      [cloudsPath]: 'clouds: {c: {cloud: v}}',
      [vendorsPath]: 'public-clouds: {v: {auth: {auth_url: http://v}}}',
    });
    expect(authOf(await load())).toEqual({ auth_url: 'http://v' });
  });

  it('may be that of a known vendor', async () => {
    const { load } = await makePlace({ [cloudsPath]: 'clouds: {c: {profile: otc, auth: {username: u}}}' });
    const cloud = await load({ env: { OS_REGION_NAME: 'eu-nl' } });
    expect(cloud.auth.get('auth_url')).toBe('https://iam.eu-nl.otc.t-systems.com/v3');
    expect((await load()).regionName).toBe('eu-de');
  });

  it('that is a URL is fetched from its well-known place', async () => {
    const { load } = await makePlace({ [cloudsPath]: 'clouds: {c: {profile: "https://v.example/x?y"}}' });
    const asked: string[] = [];
    const fetchJson = (url: URL): Promise<unknown> => {
      asked.push(url.href);
      return Promise.resolve({ name: 'v', profile: { auth: { auth_url: 'https://k.example' }, regions: ['R1'] } });
    };
    const cloud = await load({ fetchJson });
    expect(asked).toEqual(['https://v.example/.well-known/openstack/api']);
    expect(cloud).toMatchObject({ regionName: 'R1', auth: new Map([['auth_url', 'https://k.example']]) });
  });

  it('that is a URL does not decide whom to trust, who the user is, or which files are read', async () => {
    const { load } = await makePlace({ [cloudsPath]: 'clouds: {c: {profile: "https://v.example"}}' });
    const settings = { verify: false, insecure: true, cacert: '/ca', cert: '/c', key: '/etc/shadow', username: 'x' };
    const profile = { ...settings, regions: [{ name: 'R', values: { ...settings, interface: 'internal' } }] };
    expect(await load({ fetchJson: () => Promise.resolve({ profile }) })).toMatchObject({
      verify: true,
      cacert: null,
      cert: null,
      key: null,
      interfaces: ['internal'],
      auth: new Map(),
    });
  });

  test.each([null, [], 'x', {}, { profile: [] }, { profile: 1 }])(
    'that is a URL and answers %j is an error',
    async (answer) => {
      const { find } = await makePlace({ [cloudsPath]: 'clouds: {c: {profile: "https://v.example"}}' });
      await expect(find({ fetchJson: () => Promise.resolve(answer) })).rejects.toMatchObject({
        code: 'config.invalid',
      });
    },
  );

  it('that is unknown causes a warning', async () => {
    const { load } = await makePlace({ [cloudsPath]: 'clouds: {c: {profile: constructor}}' });
    expect((await load()).warnings).toEqual([expect.stringContaining('"constructor" is unknown')]);
  });
});

describe.skipIf(process.platform === 'win32')('permissions', () => {
  it('with a password that others can read cause one warning, with advice', async () => {
    const { load, home } = await makePlace({ [cloudsPath]: withPassword, [securePath]: withPassword });
    expect((await load()).warnings).toEqual([]);
    await chmod(join(home, cloudsPath), 0o644);
    await chmod(join(home, securePath), 0o640);
    expect((await load()).warnings).toEqual([
      expect.stringMatching(`chmod 600 ${join(home, cloudsPath)} ${join(home, securePath)}$`),
    ]);
  });

  it('without a password may be readable', async () => {
    const { load, home } = await makePlace({ [cloudsPath]: one('c') });
    await chmod(join(home, cloudsPath), 0o644);
    expect((await load()).warnings).toEqual([]);
  });

  it("let a group read another user's file", async () => {
    const { home, find, sources } = await makePlace({ [cloudsPath]: withPassword });
    await chmod(join(home, cloudsPath), 0o640);
    const { loadCloud } = await import('../../../../src/identity/config/load-cloud.ts');
    const cloud = await loadCloud({ ...sources, uid: (sources.uid ?? 0) + 1 });
    expect(cloud?.warnings).toEqual([]);
    expect((await find())?.warnings).toHaveLength(1);
  });

  it('are shown with a path quoted for the shell', async () => {
    const { load, home } = await makePlace({ "it's/clouds.yaml": withPassword });
    await chmod(join(home, "it's/clouds.yaml"), 0o604);
    const { warnings } = await load({ env: { OS_CLIENT_CONFIG_FILE: join(home, "it's/clouds.yaml") } });
    expect(warnings.join()).toContain(`chmod 600 '${home}/it'\\''s/clouds.yaml'`);
  });
});
