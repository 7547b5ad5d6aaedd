// Logs in to Keystone v3.
import { dropTail } from '../text/drop-tail.ts';
import { GlanceError, HttpError } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import { RedirectError } from '../http/redirect.ts';
import { readUrl } from '../http/text/url-text.ts';
import type { Cloud } from './config/cloud.ts';
import { authMethods, authScope, federatedTypes, methodNames, need, readAddress } from './credentials.ts';
import { logInByBrowser } from './browser-login.ts';
import { federatedToken } from './federation.ts';
import { at, listAt, textAt } from './answer-fields.ts';
import { accessTokenFor } from './oauth2.ts';
import { withPasscode } from './passcode.ts';
import type { Person } from './desk.ts';
import { type Login, maxTokenBytes, requestToken, validateToken } from './tokens.ts';

const slash = /\//;

/**
 * Logs in.
 * @param person who can take part; absent: nobody
 * @throws GlanceError `auth.missing`, `auth.failed`, `config.invalid`; what the requests fail with
 */
export async function login(
  client: HttpClient,
  cloud: Cloud,
  signal: AbortSignal,
  person: Person = {},
): Promise<Login> {
  try {
    return await logIn(client, cloud, signal, person);
  } catch (error) {
    throw nameKeystone(error, cloud);
  }
}

/** If a Keystone is unreachable, or does not answer like one, adds the setting that names it. */
function nameKeystone(error: unknown, cloud: Cloud): unknown {
  if (!(error instanceof GlanceError)) return error;
  const hint = `is auth_url (OS_AUTH_URL) of cloud ${cloud.name} right? glance-cli doctor shows where it comes from`;
  const url = error.facts.url ?? '';
  const isKeystone = URL.canParse(url) && new URL(url).origin === authUrlOf(cloud).origin;
  // Any other address belongs to a token provider, which has its own settings.
  if (url !== '' && !isKeystone) return error;
  if (error.code.startsWith('net.') && isKeystone)
    return new GlanceError(error.code, `Keystone at ${error.message}`, { ...error.facts, hint, cause: error });
  if (error instanceof RedirectError) return explainRedirect(error, cloud);
  // A Glance answers every path it does not know with 300 and its versions.
  const isOther = error.code === 'json.invalid' || (error instanceof HttpError && error.status === 300);
  if (!isKeystone || !isOther) return error;
  return new GlanceError(error.code, `${url} does not answer like Keystone: ${error.message}`, {
    ...error.facts,
    hint,
    cause: error,
  });
}

/** A redirect is not followed: a login is sent only to the configured address. */
function explainRedirect(error: RedirectError, cloud: Cloud): GlanceError {
  const source = cloud.sources.get('auth.auth_url') ?? `cloud ${cloud.name}`;
  const goal = error.goal.replace(/\/auth\/tokens$/, '');
  const hint = `if that is your Keystone, set auth_url (now from ${source}) to ${goal}; no password was sent there`;
  const { facts, message } = error;
  return new GlanceError(error.code, `Keystone at ${message}`, { ...facts, hint, cause: error });
}

async function logIn(client: HttpClient, cloud: Cloud, signal: AbortSignal, person: Person): Promise<Login> {
  const v3 = await findIdentityV3(client, authUrlOf(cloud), signal);
  const desk = { client, cloud, v3, signal, person };
  if (cloud.authType === 'v3websso') return await logInByBrowser(desk);
  if (federatedTypes.some((type) => type === cloud.authType)) {
    // That token is unscoped; with it, we get one for the project.
    const id = await federatedToken(client, cloud, v3, signal);
    return await requestToken(desk, [{ name: 'token', payload: { id } }], authScope(cloud));
  }
  if (cloud.authType === 'v3oauth2mtlsclientcredential') {
    const { token, expiresAtMs } = await accessTokenFor(client, cloud, signal);
    return withBearer(await validateToken(desk, token), token, expiresAtMs);
  }
  const equipped = await withPasscode(desk, methodNames(cloud));
  const given = await requestToken({ ...desk, cloud: equipped }, authMethods(equipped), authScope(cloud));
  if (cloud.authType !== 'v3oauth2clientcredential') return given;
  const { token, expiresAtMs } = await accessTokenFor(client, cloud, signal);
  return withBearer(given, token, expiresAtMs);
}

/** A login with an access token lasts until the first of the two tokens expires. */
function withBearer(given: Login, bearer: string, expiresAtMs: number | null): Login {
  const times = [given.expiresAtMs, expiresAtMs].filter((time) => time !== null);
  return { ...given, bearer, expiresAtMs: times.length === 0 ? null : Math.min(...times) };
}

function authUrlOf(cloud: Cloud): URL {
  return readAddress(cloud, 'auth.auth_url', need(cloud, 'auth_url'), 'https://HOST:5000/v3');
}

/**
 * The `…/v3` URL: as configured, or else from Keystone's list of versions, but with the configured scheme, host and
 * port.
 */
async function findIdentityV3(client: HttpClient, authUrl: URL, signal: AbortSignal): Promise<URL> {
  if (/\/v3\/*$/.test(authUrl.pathname)) return withPath(authUrl, authUrl.pathname);
  const request = {
    method: 'GET',
    url: withPath(authUrl, `${dropTail(authUrl.pathname, slash)}/`),
    accept: 'application/json',
  } as const;
  try {
    const { value } = await client.json(
      { ...request, token: null, purpose: 'metadata', signal, alsoAccept: [300] },
      maxTokenBytes,
    );
    const offered = [...listAt(value, 'versions', 'values'), at(value, 'version')];
    const v3 = offered.find((version) => textAt(version, 'id')?.startsWith('v3') === true);
    const link = textAt(listAt(v3, 'links')[0], 'href');
    const linked = link === undefined ? null : readUrl(link);
    if (linked !== null) return withPath(authUrl, linked.pathname);
  } catch (error) {
    if (!(error instanceof GlanceError) || !['http.status', 'json.invalid', 'auth.required'].includes(error.code))
      throw error;
  }
  return withPath(authUrl, `${dropTail(authUrl.pathname, slash).replace(/\/v2\.0$/, '')}/v3`);
}

function withPath(base: URL, pathname: string): URL {
  const url = new URL(base.origin);
  url.pathname = pathname === '/' ? '/' : pathname.endsWith('//') ? dropTail(pathname, slash) : pathname;
  return url;
}
