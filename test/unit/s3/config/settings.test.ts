import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { fixture } from '../../../support/servers/raw-server.ts';
import { type Environment, everythingIn, makePlace } from './place.ts';

const config = '.aws/config';
const keys: Environment = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'env-secret' };
const own = '[profile p]\nregion = eu-p-1\nendpoint_url = http://profile\n';
const services = `${own}services = mine\n[services mine]\ns3 =\n  endpoint_url = http://services/path\n`;

describe('the region', () => {
  test.each<[string, Environment, string]>([
    ['AWS_REGION', { AWS_REGION: 'a-1', AWS_DEFAULT_REGION: 'b-1', AWS_PROFILE: 'p' }, 'a-1'],
    ['AWS_DEFAULT_REGION', { AWS_DEFAULT_REGION: 'b-1', AWS_PROFILE: 'p' }, 'b-1'],
    ['the profile', { AWS_PROFILE: 'p' }, 'eu-p-1'],
    ['nobody', {}, 'us-east-1'],
  ])('is as %s says', async (_what, env, region) => {
    const { open } = await makePlace({ [config]: own });
    expect((await open({ ...keys, ...env })).access.region).toBe(region);
  });

  test.each(['a/b', 'a.example', '-a', 'x'.repeat(64)])('is config.invalid if it is %s', async (region) => {
    const { open } = await makePlace();
    await expect(open({ ...keys, AWS_REGION: region })).rejects.toMatchObject({
      code: 'config.invalid',
      message: 'AWS_REGION is not the name of a region',
    });
  });
});

describe('the endpoint', () => {
  const all = { AWS_ENDPOINT_URL_S3: 'http://s3', AWS_ENDPOINT_URL: 'http://all', AWS_PROFILE: 'p' };
  test.each<[string, string, Environment, string | null, string | null]>([
    ['--s3-endpoint', services, all, 'https://option:8443/x', 'https://option:8443/x'],
    ['AWS_ENDPOINT_URL_S3', services, all, null, 'http://s3/'],
    ['AWS_ENDPOINT_URL', services, { ...all, AWS_ENDPOINT_URL_S3: '' }, null, 'http://all/'],
    ['the services of the profile', services, { AWS_PROFILE: 'p' }, null, 'http://services/path'],
    ['the profile', own, { AWS_PROFILE: 'p' }, null, 'http://profile/'],
    [
      'AWS_ENDPOINT_URL, whatever services are missing',
      `${own}services = none\n`,
      { AWS_PROFILE: 'p', AWS_ENDPOINT_URL: 'http://all' },
      null,
      'http://all/',
    ],
    ['nobody', '', {}, null, null],
    [
      'nobody, if what is configured is ignored',
      services,
      { ...all, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'TRUE' },
      null,
      null,
    ],
    [
      'the option, if what is configured is ignored',
      services,
      { ...all, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      'http://o',
      'http://o/',
    ],
    [
      'nobody, if the profile ignores it',
      `${own}ignore_configured_endpoint_urls = true\n`,
      { AWS_PROFILE: 'p' },
      null,
      null,
    ],
  ])('is as %s says', async (_what, text, env, option, expected) => {
    const { open } = await makePlace(text === '' ? {} : { [config]: text });
    expect((await open({ ...keys, ...env }, option)).access.endpoint?.href ?? null).toBe(expected);
  });

  test.each([
    ['is not a URL', 'store:7480', /^AWS_ENDPOINT_URL_S3 is not an http or https URL: "store:7480"$/],
    ['has another scheme', 's3://bucket', /^AWS_ENDPOINT_URL_S3 is not an http or https URL/],
    ['has a password', 'http://user:s3cret@store', /^AWS_ENDPOINT_URL_S3 has a user or a password in it/],
    ['has a query', 'http://store/?key=s3cret', /^AWS_ENDPOINT_URL_S3 has a query/],
    [
      'is not a URL, with a password',
      'http//user:s3cret@store',
      /^AWS_ENDPOINT_URL_S3 is not an http or https URL: "\*\*\*@store"$/,
    ],
  ])('is config.invalid if it %s', async (_what, url, message) => {
    const { open } = await makePlace();
    const error: unknown = await open({ ...keys, AWS_ENDPOINT_URL_S3: url }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'config.invalid', message: expect.stringMatching(message) as string });
    expect(everythingIn(error)).not.toContain('s3cret');
  });
});

describe('the authorities', () => {
  const pem = fixture('tls/ca.pem').toString();

  it('are the usual ones by default', async () => {
    const { open } = await makePlace();
    expect((await open(keys)).tls).toEqual({ verify: true });
  });

  test.each<[string, Environment, string]>([
    ['AWS_CA_BUNDLE', { AWS_CA_BUNDLE: '~/ca.pem' }, ''],
    ['AWS_CA_BUNDLE before the profile', { AWS_CA_BUNDLE: '../ca.pem' }, '[default]\nca_bundle = /nowhere\n'],
    ['the profile', {}, '[default]\nca_bundle = ~/ca.pem\n'],
  ])('are those of %s', async (_what, env, text) => {
    const { open } = await makePlace({ 'ca.pem': pem, [config]: text });
    expect((await open({ ...keys, ...env })).tls).toEqual({ verify: true, ca: pem });
  });

  test.each([
    ['is not there', null, /^AWS_CA_BUNDLE: .*ca\.pem cannot be read: there is no such file$/],
    ['holds none', 'x', /^AWS_CA_BUNDLE: .*ca\.pem holds no certificate that can be read$/],
  ])('are reported missing once TLS is needed, if the file %s', async (_what, content, message) => {
    const { open, home } = await makePlace(content === null ? {} : { 'ca.pem': content });
    const { tls } = await open({ ...keys, AWS_CA_BUNDLE: join(home, 'ca.pem') });
    expect(tls).toEqual({ verify: true, problem: expect.objectContaining({ code: 'config.invalid' }) as Error });
    expect(tls.problem?.message).toMatch(message);
  });
});
