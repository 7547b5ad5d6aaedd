// Logs in through an OpenID Connect provider, whose access token is exchanged for a Keystone token.
// See https://docs.openstack.org/keystone/latest/admin/federation/introduction.html and RFC 6749, RFC 8628.
import { sleep } from '../clock.ts';
import { dropTail } from '../text/drop-tail.ts';
import { GlanceError } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import { jsonRequest } from '../http/request.ts';
import { readHttpUrl } from '../http/text/url-text.ts';
import type { Cloud } from './config/cloud.ts';
import { need, readAddress } from './credentials.ts';
import { textAt } from './answer-fields.ts';
import { type OAuthForm, postForm, readAccessToken } from './oauth2.ts';

const maxAnswerBytes = 1024 * 1024;
const defaultPollSeconds = 5;

/**
 * Gets an unscoped Keystone token.
 * @throws GlanceError `auth.missing`, `auth.failed`; what the requests fail with
 */
export async function federatedToken(client: HttpClient, cloud: Cloud, v3: URL, signal: AbortSignal): Promise<string> {
  const accessToken = await accessTokenOf(client, cloud, signal);
  const path = [
    'OS-FEDERATION',
    'identity_providers',
    need(cloud, 'identity_provider'),
    'protocols',
    need(cloud, 'protocol'),
    'auth',
  ];
  const url = new URL(`${dropTail(v3.href, /\//)}/${path.map(encodeURIComponent).join('/')}`);
  const answer = await client.send({
    ...jsonRequest('POST', url, signal),
    body: { type: 'application/json', content: '' },
    extraHeaders: [['authorization', `Bearer ${accessToken}`]],
  });
  answer.body.destroy();
  const token = answer.headers.getSingle('x-subject-token');
  if (token === null)
    throw new GlanceError('auth.failed', `${url.host} took the access token but gave no token of its own`);
  return token;
}

async function accessTokenOf(client: HttpClient, cloud: Cloud, signal: AbortSignal): Promise<string> {
  if (cloud.authType === 'v3oidcaccesstoken') return need(cloud, 'access_token');
  const provider = await discover(client, cloud, signal);
  const scope = cloud.auth.get('openid_scope') ?? 'openid profile';
  switch (cloud.authType) {
    case 'v3oidcclientcredentials':
      return await requestAccessToken(
        client,
        cloud,
        provider.token,
        { grant_type: 'client_credentials', scope },
        signal,
      );
    case 'v3oidcpassword':
      return await requestAccessToken(
        client,
        cloud,
        provider.token,
        { grant_type: 'password', scope, username: need(cloud, 'username'), password: need(cloud, 'password') },
        signal,
      );
    default:
      return await authorizeDevice(client, cloud, provider, scope, signal);
  }
}

interface Provider {
  readonly token: URL;
  readonly deviceAuthorization: URL | null;
}

async function discover(client: HttpClient, cloud: Cloud, signal: AbortSignal): Promise<Provider> {
  const configured = cloud.auth.get('access_token_endpoint');
  const document = cloud.auth.get('discovery_endpoint');
  let found: unknown;
  if (document !== undefined) {
    const url = readAddress(cloud, 'auth.discovery_endpoint', document, 'https://HOST/PATH');
    found = (await client.json(jsonRequest('GET', url, signal), maxAnswerBytes)).value;
  }
  const device = textAt(found, 'device_authorization_endpoint');
  return {
    token:
      configured === undefined
        ? parseUrl(textAt(found, 'token_endpoint') ?? need(cloud, 'discovery_endpoint'), 'token_endpoint')
        : readAddress(cloud, 'auth.access_token_endpoint', configured, 'https://HOST/PATH'),
    deviceAuthorization: device === undefined ? null : parseUrl(device, 'device_authorization_endpoint'),
  };
}

/** Parses a URL from the discovery document. */
function parseUrl(text: string, name: string): URL {
  return readHttpUrl(text, `${name} of the discovery document`, 'check discovery_endpoint, and what it answers');
}

async function requestAccessToken(
  client: HttpClient,
  cloud: Cloud,
  url: URL,
  form: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  const kind = cloud.auth.get('access_token_type') === 'id_token' ? 'id_token' : 'access_token';
  return readAccessToken(await postForm(client, url, identify(cloud, form), signal), kind).token;
}

/** A public client names itself in the form, and one with a secret does so by HTTP Basic. @see RFC 6749 §2.3.1 */
function identify(cloud: Cloud, form: Readonly<Record<string, string>>): OAuthForm {
  const id = need(cloud, 'client_id');
  const secret = cloud.auth.get('client_secret');
  if (secret === undefined) return { fields: { ...form, client_id: id }, basic: null };
  return { fields: form, basic: `${encodeURIComponent(id)}:${encodeURIComponent(secret)}` };
}

async function authorizeDevice(
  client: HttpClient,
  cloud: Cloud,
  provider: Provider,
  scope: string,
  signal: AbortSignal,
): Promise<string> {
  if (provider.deviceAuthorization === null) {
    throw new GlanceError('config.invalid', 'the identity provider offers no device authorization');
  }
  const { value } = await postForm(client, provider.deviceAuthorization, identify(cloud, { scope }), signal);
  const code = textAt(value, 'device_code');
  const page = textAt(value, 'verification_uri_complete') ?? textAt(value, 'verification_uri');
  if (code === undefined || page === undefined)
    throw new GlanceError('auth.failed', 'the identity provider gave no device code');
  client.secrets.add(code);
  client.tell(`to log in, open ${page} and enter the code ${textAt(value, 'user_code') ?? ''}`);
  const form = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: code };
  for (;;) {
    await sleep(client.clock, defaultPollSeconds * 1000, signal);
    const { value: answer } = await postForm(client, provider.token, identify(cloud, form), signal);
    const error = textAt(answer, 'error');
    if (error === 'authorization_pending' || error === 'slow_down') continue;
    const token = textAt(answer, 'access_token');
    if (token !== undefined) return token;
    throw new GlanceError('auth.failed', `the identity provider refused the login: ${error ?? 'no token'}`);
  }
}
