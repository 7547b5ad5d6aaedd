import { describe, expect, it, test } from 'vitest';
import { authOf, cloudsPath, makePlace, placeOf, vendorsPath } from './place.ts';

const who = 'auth: {auth_url: http://file, username: file, project_name: file, password: file}';

describe('beside a named cloud', () => {
  test.each([
    ['OS_REGION_NAME', 'R', { regionName: 'R' }],
    ['OS_INTERFACE', 'internal', { interfaces: ['internal'] }],
    ['OS_ENDPOINT_TYPE', 'adminURL', { interfaces: ['admin'] }],
    ['OS_CACERT', '/ca.pem', { cacert: '/ca.pem' }],
    ['OS_CERT', '/c.pem', { cert: '/c.pem' }],
    ['OS_KEY', '/k.pem', { key: '/k.pem' }],
    ['OS_INSECURE', 'true', { verify: false }],
    ['OS_VERIFY', 'false', { verify: false }],
    ['OS_IMAGE_ENDPOINT_OVERRIDE', 'http://g', { imageEndpointOverride: 'http://g' }],
    ['OS_IMAGE_URL', 'http://g', { imageEndpointOverride: 'http://g' }],
    ['OS_IMAGE_API_VERSION', '1', { imageApiVersion: '1' }],
    ['OS_FORCE_IPV4', 'true', { forceIpv4: true }],
  ])('%s overrides the file', async (variable, value, expected) => {
    const { load } = await placeOf(`region_name: FILE, interface: public, ${who}`);
    const cloud = await load({ env: { OS_CLOUD: 'c', [variable]: value } });
    expect(cloud).toMatchObject({ ...expected, warnings: [] });
    expect([...cloud.sources.values()]).toContain(variable);
  });

  test.each([
    ['OS_PASSWORD', 'password'],
    ['OS_PASSCODE', 'passcode'],
    ['OS_TOKEN', 'token'],
    ['OS_AUTH_TOKEN', 'token'],
  ])('%s counts if nothing else is set', async (variable, name) => {
    const env = { OS_CLOUD: 'c', [variable]: 'env' };
    const without = await placeOf('auth: {username: u}');
    expect(await without.load({ env })).toMatchObject({ warnings: [] });
    expect(authOf(await without.load({ env }))[name]).toBe('env');
    const having = await placeOf(`auth: {username: u}, regions: [{name: R, values: {auth: {${name}: region}}}]`);
    const cloud = await having.load({ env });
    expect(authOf(cloud)[name]).toBe('region');
    expect(cloud.warnings).toEqual([expect.stringMatching(`: ${variable}$`)]);
  });

  it('others are ignored, and one warning names them', async () => {
    const { load } = await placeOf(who);
    const env = {
      OS_USERNAME: 'e',
      OS_TENANT_NAME: 'e',
      OS_AUTH_URL: 'http://e',
      OS_DEFAULT_DOMAIN: 'e',
      OS_PASSWORD: 'e',
    };
    const cloud = await load({
      env: { OS_CLOUD: 'c', ...env, OS_VOLUME_API_VERSION: '3', OS_IDENTITY_API_VERSION: '3' },
    });
    expect(authOf(cloud)).toEqual({
      auth_url: 'http://file',
      username: 'file',
      project_name: 'file',
      password: 'file',
      user_domain_id: 'default',
      project_domain_id: 'default',
    });
    expect(cloud.warnings).toHaveLength(1);
    const named = (cloud.warnings[0] ?? '').split(': ').at(-1)?.split(', ') ?? [];
    expect(named.toSorted()).toEqual(Object.keys(env).toSorted());
    expect(cloud.warnings[0]).not.toContain('http://e');
  });

  it('all count with mergeAll, without a warning', async () => {
    const { load } = await placeOf(who);
    const env = { OS_CLOUD: 'c', OS_USERNAME: 'env', OS_TENANT_NAME: 'env', OS_PASSWORD: 'env' };
    const cloud = await load({ env, mergeAll: true, flags: { project_name: 'flag' } });
    expect(authOf(cloud)).toMatchObject({
      auth_url: 'http://file',
      username: 'env',
      project_name: 'flag',
      password: 'env',
    });
    expect(cloud.warnings).toEqual([]);
  });
});

describe('layers', () => {
  it('rank what the file says for all clouds below what it says for one', async () => {
    const { load, home } = await makePlace({
      [cloudsPath]: 'client: {force_ipv4: true}\nclouds: {a: {}, b: {force_ipv4: false}}',
    });
    const [a, b] = [await load({ flags: { cloud: 'a' } }), await load({ flags: { cloud: 'b' } })];
    expect([a.forceIpv4, a.sources.get('force_ipv4'), b.forceIpv4]).toEqual([true, `${home}/${cloudsPath}`, false]);
  });

  it('override one another: flag, variable, region, secure.yaml, clouds.yaml, profile, default', async () => {
    const files = {
      [vendorsPath]: 'public-clouds: {v: {image_service_type: profile, image_service_name: profile}}',
      [cloudsPath]:
        'clouds: {c: {profile: v, image_service_type: clouds, api_timeout: 1, cert: /clouds, key: /clouds, cacert: /clouds, interface: admin, regions: [{name: R, values: {cert: /region, key: /region, cacert: /region}}]}}',
      '.config/openstack/secure.yaml': 'clouds: {c: {api_timeout: 2, cert: /secure, key: /secure, cacert: /secure}}',
    };
    const { load, home } = await makePlace(files);
    const cloud = await load({ env: { OS_CLOUD: 'c', OS_KEY: '/env', OS_CACERT: '/env' }, flags: { cacert: '/flag' } });
    expect(cloud).toMatchObject({
      cacert: '/flag',
      key: '/env',
      cert: '/region',
      apiTimeoutMs: 2000,
      imageServiceType: 'clouds',
      imageServiceName: 'profile',
      authType: 'password',
    });
    expect(Object.fromEntries(cloud.sources)).toMatchObject({
      cacert: '--os-cacert',
      key: 'OS_KEY',
      cert: `${home}/${cloudsPath}`,
      api_timeout: `${home}/.config/openstack/secure.yaml`,
      image_service_name: `${home}/${vendorsPath}`,
      auth_type: 'default',
    });
  });

  test.each([
    ['project_name', { project_name: 'flag' }, 'project_id: f', { project_name: 'flag' }],
    ['project_id', { project_id: 'flag' }, 'system_scope: all', { project_id: 'flag' }],
    ['system_scope', { system_scope: 'all' }, 'project_name: f', { system_scope: 'all' }],
    ['username', { username: 'flag' }, 'user_id: f', { username: 'flag', user_domain_id: 'default' }],
    ['user_domain_name', { user_domain_name: 'flag' }, 'user_domain_id: f', { user_domain_name: 'flag' }],
  ])(
    '%s as a flag overrides the file, even if the file says the same in another form',
    async (_what, flags, auth, expected) => {
      const { load } = await placeOf(`auth_type: token, auth: {${auth}}`);
      const { user_domain_id: _, ...rest } = { user_domain_id: '', ...expected };
      expect(authOf(await load({ flags: { cloud: 'c', ...flags } }))).toMatchObject(rest);
      expect(Object.keys(authOf(await load({ flags: { cloud: 'c', ...flags } })))).not.toContain(auth.split(':')[0]);
    },
  );

  it('keep both forms if one layer has both', async () => {
    const { load } = await placeOf('auth: {project_id: i, project_name: n}');
    expect(authOf(await load())).toMatchObject({ project_id: 'i', project_name: 'n' });
  });

  it('of variables prefer the newer of two spellings, in any order', async () => {
    const { load } = await makePlace();
    const base = { OS_AUTH_URL: 'http://a' };
    for (const env of [
      { ...base, OS_PROJECT_NAME: 'new', OS_TENANT_NAME: 'old' },
      { ...base, OS_TENANT_NAME: 'old', OS_PROJECT_NAME: 'new' },
    ]) {
      const cloud = await load({ env });
      expect([cloud.auth.get('project_name'), cloud.sources.get('auth.project_name')]).toEqual([
        'new',
        'OS_PROJECT_NAME',
      ]);
    }
  });

  it('of a flag: --insecure is shown by that name', async () => {
    const { load } = await placeOf('verify: true');
    const cloud = await load({ flags: { insecure: 'true' } });
    expect([cloud.verify, cloud.sources.get('insecure')]).toEqual([false, '--insecure']);
  });
});

describe('regions', () => {
  const settings = `regions: [A, {name: B, values: {auth-url: http://b, interface: internal}}, {name: C}], ${who}`;

  test.each([
    ['the first where none is asked for', {}, {}, 'A', 'http://file'],
    ['the one of the variable, with its values', { OS_REGION_NAME: 'B' }, {}, 'B', 'http://b'],
    ['the one of the flag', { OS_REGION_NAME: 'B' }, { region_name: 'C' }, 'C', 'http://file'],
  ])('give %s', async (_what, env, flags, regionName, authUrl) => {
    const cloud = await (await placeOf(settings)).load({ env, flags });
    expect([cloud.regionName, cloud.auth.get('auth_url')]).toEqual([regionName, authUrl]);
  });

  test.each(['b', 'D', 'constructor'])('do not have %s', async (region) => {
    const { find } = await placeOf(settings);
    await expect(find({ flags: { region_name: region } })).rejects.toMatchObject({
      code: 'cloud.region',
      message: `--os-region-name: cloud "c" has no region "${region}"; it has A, B, C`,
    });
  });

  it('may be a list or commas under region_name, as they used to be', async () => {
    for (const written of ['[A, B]', '"A, B"']) {
      const { load, find } = await placeOf(`region_name: ${written}`);
      expect((await load()).regionName).toBe('A');
      await expect(find({ env: { OS_REGION_NAME: 'X' } })).rejects.toMatchObject({ code: 'cloud.region' });
    }
  });

  it('of a single region_name do not bind: the catalog decides', async () => {
    const { load } = await placeOf('region_name: A');
    expect((await load({ env: { OS_REGION_NAME: 'X' } })).regionName).toBe('X');
  });

  it("of a vendor do not bind the file's own region_name", async () => {
    const { load, find } = await placeOf('profile: ovh, region_name: NEW1');
    expect((await load()).regionName).toBe('NEW1');
    expect((await load({ env: { OS_REGION_NAME: 'GRA7' } })).regionName).toBe('GRA7');
    await expect(find({ env: { OS_REGION_NAME: 'X' } })).rejects.toMatchObject({
      message: expect.stringMatching(/GRA7.*NEW1$/),
    });
  });

  test.each(['regions: [[A]]', 'regions: [{values: {}}]', 'regions: [{name: A, values: x}]', 'regions: {a: b}'])(
    'cannot be written as %s',
    async (written) => {
      await expect((await placeOf(written)).find()).rejects.toMatchObject({ code: 'config.invalid' });
    },
  );
});
