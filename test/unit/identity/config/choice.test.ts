import { describe, expect, it, test } from 'vitest';
import { listCloudNames } from '../../../../src/identity/config/load-cloud.ts';
import { authOf, cloudsPath, makePlace } from './place.ts';

const two = { [cloudsPath]: 'clouds: {a: {auth: {auth_url: http://a, password: p}}, b: {auth: {auth_url: http://b}}}' };
const only = { [cloudsPath]: 'clouds: {a: {auth: {auth_url: http://a, password: p}}}' };
const openrc = { OS_AUTH_URL: 'http://x', OS_USERNAME: 'u', OS_PASSWORD: 'p' };

describe('the cloud', () => {
  test.each([
    ['of the flag, before OS_CLOUD', two, { cloud: 'b' }, { OS_CLOUD: 'a', ...openrc }, 'b'],
    ['of OS_CLOUD, before other variables', two, {}, { OS_CLOUD: 'a', ...openrc }, 'a'],
    ['of OS_CLOUD, if the flag is empty', two, { cloud: '' }, { OS_CLOUD: 'a' }, 'a'],
    ['made of variables, before the only one in the file', only, {}, openrc, 'envvars'],
    ['named by OS_CLOUD_NAME', only, {}, { ...openrc, OS_CLOUD_NAME: 'mine' }, 'mine'],
    ['made of variables, by the name they have', only, { cloud: 'envvars' }, openrc, 'envvars'],
    ['made of variables, if OS_CLOUD is empty', only, {}, { ...openrc, OS_CLOUD: '' }, 'envvars'],
    ['that is the only one in the file', only, {}, {}, 'a'],
    [
      'that is the only one in the file, with variables that select',
      only,
      {},
      { OS_REGION_NAME: 'R', OS_CLOUD_NAME: 'x' },
      'a',
    ],
    [
      'that is the only one in the file, with unrelated variables',
      only,
      {},
      { OS_TEST_PATH: 'x', OS_STDOUT_CAPTURE: '1', OS_LOG_X: '1' },
      'a',
    ],
    [
      'that is the only one in the file, with variables that contain no login',
      only,
      {},
      { OS_CACERT: '/c', OS_IDENTITY_API_VERSION: '3' },
      'a',
    ],
    ['that is the only one in the file, with a token that it may lack', only, {}, { OS_TOKEN: 't' }, 'a'],
    ['that is the only one in the file, with empty variables', only, {}, { OS_USERNAME: '', OS_AUTH_URL: '' }, 'a'],
    ['that is the only one in the file, with flags that add to it', only, { project_name: 'p' }, {}, 'a'],
    ['made of flags that say where to go', only, { auth_url: 'http://f' }, {}, 'envvars'],
    ['made of flags, if there are several', two, { image_endpoint_override: 'http://f' }, {}, 'envvars'],
    ['made of flags, if there is no file', {}, { username: 'u' }, {}, 'envvars'],
  ])('is the one %s', async (_what, files, flags, env, name) => {
    const { load } = await makePlace(files);
    expect((await load({ env, flags })).name).toBe(name);
  });

  it('made of flags with an address takes no password from a file', async () => {
    const { load } = await makePlace(only);
    expect(authOf(await load({ flags: { auth_url: 'http://f' } }))).toEqual({ auth_url: 'http://f' });
  });

  it('must be named if there are several', async () => {
    const { find, home } = await makePlace(two);
    await expect(find()).rejects.toMatchObject({
      code: 'config.missing',
      message: `${home}/${cloudsPath} has several clouds: a, b`,
    });
  });

  test.each(['c', 'A', 'constructor', '__proto__', 'envvars'])('%s must exist', async (cloud) => {
    const { find, home } = await makePlace(two);
    await expect(find({ flags: { cloud } })).rejects.toMatchObject({
      code: 'cloud.not_found',
      message: `there is no cloud "${cloud}": ${home}/${cloudsPath} has a, b`,
    });
  });

  it('that is named without a file, or with a broken one, is not found, and the reason is given', async () => {
    const nothing = await makePlace();
    await expect(nothing.find({ env: { OS_CLOUD: 'c' } })).rejects.toMatchObject({
      code: 'cloud.not_found',
      message: expect.stringContaining('none of these files is there: '),
    });
    const broken = await makePlace({ [cloudsPath]: 'clouds: [' });
    await expect(broken.find({ env: { OS_CLOUD: 'c' } })).rejects.toMatchObject({
      message: expect.stringContaining('is ignored'),
    });
  });

  it('in the file must not have the name of the one from variables', async () => {
    const { find } = await makePlace({ [cloudsPath]: 'clouds: {envvars: {}, mine: {}}' });
    await expect(find({ env: openrc })).rejects.toMatchObject({ code: 'config.invalid' });
    await expect(find({ env: { ...openrc, OS_CLOUD_NAME: 'mine' } })).rejects.toMatchObject({ code: 'config.invalid' });
  });

  test.each([
    {},
    { OS_REGION_NAME: 'R' },
    { OS_CLOUD_NAME: 'x' },
    { OS_CLIENT_SECURE_FILE: '/none/s.yaml' },
    { OS_LOG_X: '1' },
    { OS_TOKEN: 't' },
  ])('does not exist if only %j is set', async (env) => {
    const { find } = await makePlace();
    expect(await find({ env })).toBeNull();
  });

  it('may have a name that every object has', async () => {
    const { load, sources } = await makePlace({
      [cloudsPath]: 'clouds: {__proto__: {auth: {auth_url: http://p}}, toString: {}, "ü ñ": {}}',
    });
    expect(authOf(await load({ flags: { cloud: '__proto__' } }))).toEqual({ auth_url: 'http://p' });
    expect((await load({ flags: { cloud: 'toString' } })).auth.size).toBe(0);
    expect(await listCloudNames(sources)).toEqual(['__proto__', 'toString', 'ü ñ']);
  });

  it('may be empty', async () => {
    const { load } = await makePlace({ [cloudsPath]: 'clouds:\n  c:\n' });
    expect(await load()).toMatchObject({ name: 'c', authType: 'password', interfaces: ['public'], verify: true });
  });
});
