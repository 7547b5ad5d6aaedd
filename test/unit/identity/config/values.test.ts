import fc from 'fast-check';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { authOf, cloudsPath, makePlace, placeOf } from './place.ts';
import { anyCharacter } from '../../../support/any-text.ts';

describe('settings', () => {
  test.each([
    ['interface: publicURL', { interfaces: ['public'] }],
    ['interface: [internal, public, internalURL]', { interfaces: ['internal', 'public'] }],
    ['interface: "internal, admin"', { interfaces: ['internal', 'admin'] }],
    ['endpoint_type: adminURL', { interfaces: ['admin'] }],
    ['interface: admin, endpoint_type: internal', { interfaces: ['admin'] }],
    ['interface: public, image_interface: internal', { interfaces: ['internal'] }],
    ['region_name: R, image_region_name: I', { regionName: 'I' }],
    ['region_name: ""', { regionName: null }],
    ['image_endpoint: http://old', { imageEndpointOverride: 'http://old' }],
    ['image-endpoint-override: http://new, image_endpoint: http://old', { imageEndpointOverride: 'http://new' }],
    ['image_api_version: 2', { imageApiVersion: '2' }],
    ['image_api_version: 2.10', { imageApiVersion: '2.10' }],
    ['image_api_version: v1', { imageApiVersion: '1' }],
    ['image_api_version: auto', { imageApiVersion: null }],
    ['image_service_type: img, image_service_name: glance', { imageServiceType: 'img', imageServiceName: 'glance' }],
    ['api_timeout: 30', { apiTimeoutMs: 30_000 }],
    ['api_timeout: 0.5', { apiTimeoutMs: 500 }],
    ['api_timeout: 0', { apiTimeoutMs: null }],
    ['force_ipv4: true', { forceIpv4: true }],
    ['force-ipv4: no', { forceIpv4: false }],
    ['broken-ipv6: true', { forceIpv4: true }],
    ['image_status_code_retries: 0', { statusRetries: 0 }],
    ['status_code_retries: 3', { statusRetries: 3 }],
    ['status_code_retries: 3, image_status_code_retries: 7', { statusRetries: 7 }],
    ['region_name: R', { forceIpv4: false, statusRetries: null }],
    ['cache: {auth: false}', { cacheAuth: false }],
    ['cache: {auth: true, expiration: {}}', { cacheAuth: true }],
    ['cache: {}', { cacheAuth: true }],
    ['verify: false', { verify: false }],
    ['verify: No', { verify: false }],
    ['verify: true, insecure: true', { verify: false }],
    ['verify: false, insecure: false', { verify: false }],
    ['insecure: 0', { verify: true }],
    ['verify: false, cacert: /ca.pem', { verify: false, cacert: null }],
    ['auth_type: V3Password', { authType: 'v3password' }],
    ['auth_plugin: v3token', { authType: 'v3token' }],
    ['auth_type: token_endpoint', { authType: 'admin_token' }],
    ['auth: {token: t}', { authType: 'token' }],
    ['auth: {token: t, username: u}', { authType: 'password' }],
    ['auth: {}', { authType: 'password' }],
    ['auth_type: v3multifactor, auth_methods: [v3password, v3totp]', { authMethods: ['v3password', 'v3totp'] }],
    ['auth_type: v3multifactor, auth_methods: "v3password, v3totp"', { authMethods: ['v3password', 'v3totp'] }],
    ['auth_type: v3multifactor, auth: {auth_methods: [v3totp]}', { authMethods: ['v3totp'] }],
    ['auth_type: password, auth_methods: [v3totp]', { authMethods: [] }],
  ])('%s', async (written, expected) => {
    expect(await (await placeOf(written)).load()).toMatchObject(expected);
  });

  test.each([
    'interface: private',
    'image_api_version: 3',
    'image_api_version: two',
    'api_timeout: soon',
    'api_timeout: -1',
    'verify: maybe',
    'force_ipv4: 4',
    'image_status_code_retries: many',
    'image_status_code_retries: -1',
    'image_status_code_retries: 1.5',
    'status_code_retries: 1001',
    'insecure: /ca.pem',
    'cacert: [a]',
    'auth_type: {a: b}',
    'auth: text',
    'auth: [text]',
    'auth: {username: [a]}',
    'auth: {password: {a: b}}',
    'interface: [[public]]',
  ])('cannot be %s', async (written) => {
    const { find, home } = await placeOf(written);
    await expect(find()).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining(join(home, cloudsPath)),
    });
  });

  it('for all clouds of a file may say whether tokens are kept', async () => {
    const { load } = await makePlace({
      [cloudsPath]: 'cache: {auth: false}\nclouds: {c: {}, d: {cache: {auth: true}}}',
    });
    expect((await load({ flags: { cloud: 'c' } })).cacheAuth).toBe(false);
    expect((await load({ flags: { cloud: 'd' } })).cacheAuth).toBe(true);
  });

  it('that are files become absolute: from home, or from the working directory', async () => {
    const { load, home } = await placeOf('cacert: ~/ca.pem, cert: c.pem, key: /k.pem');
    expect(await load()).toMatchObject({ cacert: `${home}/ca.pem`, cert: `${home}/work/c.pem`, key: '/k.pem' });
  });

  it('fill templates everywhere except in secrets', async () => {
    const { load } = await placeOf(
      'region_name: R1, image_endpoint_override: "http://{region_name}.g/{nothing}", auth: {auth_url: "http://{region_name}.k", username: "{project_name}{password}", project_name: "p-{region_name}", password: "{region_name}"}',
    );
    const cloud = await load();
    expect(cloud.imageEndpointOverride).toBe('http://R1.g/{nothing}');
    expect(authOf(cloud)).toMatchObject({
      auth_url: 'http://R1.k',
      // Filled-in text is not expanded again, and secrets are never expanded.
      username: 'p-{region_name}{password}',
      project_name: 'p-R1',
      password: '{region_name}',
    });
  });

  it('fill templates with an image region', async () => {
    const { load } = await placeOf('regions: [A, B], auth: {auth_url: "http://{region_name}"}');
    expect((await load({ env: { OS_REGION_NAME: 'B' } })).auth.get('auth_url')).toBe('http://B');
  });
});

describe('auth', () => {
  test.each([
    ['auth: {tenant_id: i, tenant-name: n}', { project_id: 'i', project_name: 'n' }],
    ['tenant_name: n', { project_name: 'n' }],
    ['auth: {tenant_name: old, project_name: new}', { project_name: 'new' }],
    ['username: outside, auth: {username: inside}', { username: 'inside' }],
    ['auth_url: http://outside, password: outside', { auth_url: 'http://outside', password: 'outside' }],
    ['auth-token: t', { token: 't' }],
    ['auth: {auth-token: old, token: new}', { token: 'new' }],
    ['auth_type: token_endpoint, auth: {url: http://g, token: t}', { endpoint: 'http://g', token: 't' }],
    ['auth: {project_id: 1e5, user_id: 007, trust_id: true}', { project_id: '1e5', user_id: '007', trust_id: 'true' }],
  ])('%s', async (written, expected) => {
    expect(authOf(await (await placeOf(written)).load())).toMatchObject(expected);
  });

  it('leaves out what is empty or meaningless', async () => {
    const { load } = await placeOf('auth: {username: "", password: null, project_id: , nonsense: x, __proto__: y}');
    expect((await load()).auth.size).toBe(0);
  });

  it('gives any password back exactly', async () => {
    const { load, home } = await placeOf('');
    await mkdir(dirname(join(home, cloudsPath)), { recursive: true });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: anyCharacter, minLength: 1 }), async (password) => {
        await writeFile(join(home, cloudsPath), JSON.stringify({ clouds: { c: { auth: { password } } } }));
        expect((await load()).auth.get('password')).toBe(password);
      }),
      { numRuns: 50 },
    );
  });

  it('uses a password from the environment as it is', async () => {
    const password = ' p@ss wörd: #1 "q" \'a\' {region_name} $HOME \\ %41 ';
    const { load } = await makePlace();
    expect((await load({ env: { OS_AUTH_URL: 'http://a', OS_PASSWORD: password } })).auth.get('password')).toBe(
      password,
    );
  });
});

const u = 'username: u';
const p = 'project_name: p';

describe('domains', () => {
  test.each([
    ['both by default, beside names', `${u}, ${p}`, { user_domain_id: 'default', project_domain_id: 'default' }],
    ['none, beside ids', 'user_id: u, project_id: p', {}],
    ['none of the project, without one', u, { user_domain_id: 'default' }],
    [
      'those that are there',
      `${u}, ${p}, user_domain_name: U`,
      { user_domain_name: 'U', project_domain_id: 'default' },
    ],
    ['both by domain_id beside a project', `${u}, ${p}, domain_id: d`, { user_domain_id: 'd', project_domain_id: 'd' }],
    [
      'both by domain_name beside a project',
      `${u}, ${p}, domain_name: D`,
      { user_domain_name: 'D', project_domain_name: 'D' },
    ],
    [
      'only the missing one by domain_id',
      `${u}, ${p}, domain_id: d, user_domain_name: U`,
      { user_domain_name: 'U', project_domain_id: 'd' },
    ],
    [
      'the scope itself by domain_id without a project',
      `${u}, domain_id: d`,
      { domain_id: 'd', user_domain_id: 'default' },
    ],
  ])('are %s', async (_what, auth, expected) => {
    const cloud = await (await placeOf(`auth: {${auth}}`)).load();
    expect(Object.fromEntries([...cloud.auth].filter(([name]) => name.includes('domain')))).toEqual(expected);
    expect([...cloud.auth.keys()].every((name) => cloud.sources.has(`auth.${name}`))).toBe(true);
  });

  test.each([
    ['v3token', `token: t, ${p}`, { project_domain_id: 'default' }],
    ['v3applicationcredential', `application_credential_name: a, ${u}, ${p}`, { user_domain_id: 'default' }],
    ['v3oidcpassword', `${u}, ${p}`, { project_domain_id: 'default' }],
    ['none', `${u}, ${p}`, {}],
    ['http_basic', u, {}],
    ['v3totp', `${u}, ${p}`, { user_domain_id: 'default', project_domain_id: 'default' }],
  ])('are filled in for %s as needed', async (type, auth, expected) => {
    const cloud = await (await placeOf(`auth_type: ${type}, auth: {${auth}}`)).load();
    expect(Object.fromEntries([...cloud.auth].filter(([name]) => name.includes('domain')))).toEqual(expected);
  });

  it('that are missing default to OS_DEFAULT_DOMAIN', async () => {
    const { load } = await makePlace();
    const cloud = await load({ env: { OS_AUTH_URL: 'http://a', OS_USERNAME: 'u', OS_DEFAULT_DOMAIN: 'd1' } });
    expect([cloud.auth.get('user_domain_id'), cloud.sources.get('auth.user_domain_id')]).toEqual([
      'd1',
      'OS_DEFAULT_DOMAIN',
    ]);
  });
});
