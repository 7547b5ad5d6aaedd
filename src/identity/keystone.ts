// Logging in to Keystone v3.
import { dropTail } from '../text/drop-tail.ts';
import { GlanceError, HttpError } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import type { HttpAnswer } from '../http/request.ts';
import { RedirectError } from '../http/redirect.ts';
import { readUrl } from '../http/text/url-text.ts';
import type { Cloud } from './config/cloud.ts';
import { type CatalogEndpoint, parseCatalog } from './service-catalog.ts';
import {
  authMethods,
  type AuthMethod,
  authScope,
  type AuthScope,
  federatedTypes,
  findMethod,
  need,
  readAddress,
} from './credentials.ts';
import { federatedToken } from './federation.ts';
import { at, listAt, textAt } from './answer-fields.ts';

/** What a login gives. */
export interface Login {
  readonly token: string;
  /** Wall time in milliseconds since 1970, or null if Keystone does not tell. */
  readonly expiresAtMs: number | null;
  readonly catalog: readonly CatalogEndpoint[];
  /** Id of the project that the token is for, or null. */
  readonly projectId: string | null;
}

/** A catalog of a large cloud is some hundred kilobytes. */
const maxAnswerBytes = 16 * 1024 * 1024;

const slash = /\//;

/**
 * Logs in.
 * @param now wall time, for messages about clocks
 * @throws GlanceError `auth.missing`, `auth.failed`, `config.invalid`; what the requests fail with
 */
export async function login(client: HttpClient, cloud: Cloud, signal: AbortSignal): Promise<Login> {
  try {
    return await logIn(client, cloud, signal);
  } catch (error) {
    throw nameKeystone(error, cloud);
  }
}

/** Of what cannot be reached, or answers as no Keystone does, says which setting names it. */
function nameKeystone(error: unknown, cloud: Cloud): unknown {
  if (!(error instanceof GlanceError)) return error;
  const hint = `is auth_url (OS_AUTH_URL) of cloud ${cloud.name} right? glance-cli doctor shows where it comes from`;
  if (error.code.startsWith('net.'))
    return new GlanceError(error.code, `Keystone at ${error.message}`, { ...error.facts, hint, cause: error });
  if (error instanceof RedirectError) return explainRedirect(error, cloud);
  const url = error.facts.url ?? '';
  const isKeystone = URL.canParse(url) && new URL(url).origin === authUrlOf(cloud).origin;
  // A Glance answers every path it does not know with 300 and its versions.
  const isOther = error.code === 'json.invalid' || (error instanceof HttpError && error.status === 300);
  if (!isKeystone || !isOther) return error;
  return new GlanceError(error.code, `${url} does not answer like Keystone: ${error.message}`, {
    ...error.facts,
    hint,
    cause: error,
  });
}

/** The login goes nowhere but where it was configured to go. */
function explainRedirect(error: RedirectError, cloud: Cloud): GlanceError {
  const source = cloud.sources.get('auth.auth_url') ?? `cloud ${cloud.name}`;
  const goal = error.goal.replace(/\/auth\/tokens$/, '');
  const hint = `if that is your Keystone, set auth_url (now from ${source}) to ${goal}; no password was sent there`;
  const { facts, message } = error;
  return new GlanceError(error.code, `Keystone at ${message}`, { ...facts, hint, cause: error });
}

async function logIn(client: HttpClient, cloud: Cloud, signal: AbortSignal): Promise<Login> {
  const v3 = await findIdentityV3(client, authUrlOf(cloud), signal);
  if (federatedTypes.some((type) => type === cloud.authType)) {
    const token = await federatedToken(client, cloud, v3, signal);
    return await rescope(client, cloud, v3, token, signal);
  }
  return await requestToken(client, cloud, v3, authMethods(cloud), authScope(cloud), signal);
}

/** A federated login gives an unscoped token; one for the project is had with that. */
async function rescope(client: HttpClient, cloud: Cloud, v3: URL, token: string, signal: AbortSignal): Promise<Login> {
  return await requestToken(client, cloud, v3, [{ name: 'token', payload: { id: token } }], authScope(cloud), signal);
}

function authUrlOf(cloud: Cloud): URL {
  return readAddress(cloud, 'auth.auth_url', need(cloud, 'auth_url'), 'https://HOST:5000/v3');
}

/** `…/v3` as configured, else as Keystone's list of versions says, on the scheme, host and port that were asked. */
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
      maxAnswerBytes,
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

async function requestToken(
  client: HttpClient,
  cloud: Cloud,
  v3: URL,
  methods: readonly AuthMethod[],
  scope: AuthScope,
  signal: AbortSignal,
  receipt: string | null = null,
): Promise<Login> {
  const identity = {
    methods: methods.map(({ name }) => name),
    ...Object.fromEntries(methods.map(({ name, payload }) => [name, payload])),
  };
  const body = JSON.stringify({ auth: { identity, ...(scope === undefined ? {} : { scope }) } });
  const url = new URL(`${dropTail(v3.href, slash)}/auth/tokens`);
  const { answer, value } = await client.json(
    {
      method: 'POST',
      url,
      accept: 'application/json',
      token: null,
      purpose: 'metadata',
      signal,
      body: { type: 'application/json', content: body },
      extraHeaders: receipt === null ? [] : [['openstack-auth-receipt', receipt]],
      alsoAccept: [401, 404],
    },
    maxAnswerBytes,
  );
  if (answer.status === 401 && receipt === null) {
    const missing = missingMethods(cloud, methods, answer, value);
    if (missing !== null) return await requestToken(client, cloud, v3, missing.methods, scope, signal, missing.receipt);
  }
  if (answer.status === 401 || answer.status === 404) throw refused(cloud, answer, value);
  return readLogin(answer, value);
}

/** Keystone has taken what was sent, wants more, and gives a receipt for it; null if that is not what happened. */
function missingMethods(
  cloud: Cloud,
  sent: readonly AuthMethod[],
  answer: HttpAnswer,
  value: unknown,
): { methods: readonly AuthMethod[]; receipt: string } | null {
  const receipt = answer.headers.get('openstack-auth-receipt');
  if (receipt === null) return null;
  const done = new Set([...sent.map(({ name }) => name), ...listAt(value, 'receipt', 'methods')]);
  const rules = listAt(value, 'required_auth_methods').map((rule) => (Array.isArray(rule) ? rule.map(String) : []));
  for (const rule of rules) {
    const methods = rule.filter((name) => !done.has(name)).map((name) => findMethod(cloud, name));
    if (methods.length > 0 && methods.every((method) => method !== undefined)) return { methods, receipt };
  }
  throw new GlanceError(
    'auth.missing',
    `${cloud.name}: more is needed to log in: ${rules.map((rule) => rule.join(' and ')).join(', or ')}`,
    {
      hint: 'set auth_type v3multifactor with auth_methods, and what they need (such as OS_PASSCODE)',
    },
  );
}

/** 404 is Keystone's answer to an unknown application credential or token. */
function refused(cloud: Cloud, answer: HttpAnswer, value: unknown): GlanceError {
  const said = textAt(value, 'error', 'message') ?? `status ${String(answer.status)}`;
  return new GlanceError('auth.failed', `${answer.url.host} refused the login to cloud ${cloud.name}: ${said}`, {
    httpStatus: answer.status,
    requestId: answer.requestId ?? undefined,
    hint: hintFor(cloud),
  });
}

function hintFor(cloud: Cloud): string {
  const what = cloud.authType.includes('applicationcredential')
    ? 'application credential and its secret'
    : cloud.authType.includes('token')
      ? 'token: it may have expired'
      : 'user, password, project and their domains';
  return `check the ${what}`;
}

function readLogin(answer: HttpAnswer, value: unknown): Login {
  const token = answer.headers.getSingle('x-subject-token');
  if (token === null || token === '' || at(value, 'token') === undefined) {
    throw new GlanceError('json.invalid', `${answer.url.host} answered the login without a token`, {
      hint: 'is the auth_url that of Keystone v3?',
    });
  }
  const expires = Date.parse(textAt(value, 'token', 'expires_at') ?? '');
  return {
    token,
    expiresAtMs: Number.isNaN(expires) ? null : expires,
    catalog: parseCatalog(at(value, 'token', 'catalog')),
    projectId: textAt(value, 'token', 'project', 'id') ?? null,
  };
}
