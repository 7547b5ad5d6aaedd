// Requests tokens from Keystone and validates them: `/v3/auth/tokens`.
// See https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management
import { GlanceError } from '../errors.ts';
import { jsonRequest, type HttpAnswer, type HttpRequest } from '../http/request.ts';
import { dropTail } from '../text/drop-tail.ts';
import { at, listAt, textAt } from './answer-fields.ts';
import type { Cloud } from './config/cloud.ts';
import { type AuthMethod, type AuthScope, findMethod, settingsOf } from './credentials.ts';
import { oauth2Hint } from './oauth2.ts';
import { withPasscode } from './passcode.ts';
import type { TokenDesk } from './desk.ts';
import { type CatalogEndpoint, parseCatalog } from './service-catalog.ts';

/** The result of a login. */
export interface Login {
  readonly token: string;
  /** Wall time in milliseconds since 1970; null if Keystone does not say. */
  readonly expiresAtMs: number | null;
  readonly catalog: readonly CatalogEndpoint[];
  /** Id of the project that the token is for, or null. */
  readonly projectId: string | null;
  /** Name of the user, for people; null if unknown. */
  readonly userName: string | null;
  /**
   * An OAuth 2.0 access token, sent to services as `Authorization: Bearer` in addition to the token; null if there is
   * none.
   */
  readonly bearer: string | null;
}

/** Far more than needed: the catalog of a large cloud takes some hundred kilobytes. */
export const maxTokenBytes = 16 * 1024 * 1024;

/** Statuses with which Keystone refuses a login. It answers 404 to an unknown application credential or token. */
const refusals: readonly number[] = [401, 404];

/**
 * Requests a token for these methods and this scope. If Keystone wants more methods, those that are configured are sent
 * next.
 * @throws GlanceError `auth.failed`, `auth.missing`, `json.invalid`; what the request fails with
 */
export async function requestToken(
  desk: TokenDesk,
  methods: readonly AuthMethod[],
  scope: AuthScope,
  receipt: string | null = null,
): Promise<Login> {
  const { client, cloud } = desk;
  const identity = {
    methods: methods.map(({ name }) => name),
    ...Object.fromEntries(methods.map(({ name, payload }) => [name, payload])),
  };
  const content = JSON.stringify({ auth: { identity, ...(scope === undefined ? {} : { scope }) } });
  const { answer, value } = await client.json(
    {
      ...tokenRequest(desk, 'POST'),
      body: { type: 'application/json', content },
      extraHeaders: receipt === null ? [] : [['openstack-auth-receipt', receipt]],
    },
    maxTokenBytes,
  );
  if (answer.status === 401 && receipt === null) {
    const missing = await missingMethods(desk, methods, answer, value);
    if (missing !== null) return await requestToken(desk, missing.methods, scope, missing.receipt);
  }
  if (refusals.includes(answer.status)) throw refused(cloud, answer, value);
  return readLogin(answer, value, answer.headers.getSingle('x-subject-token'));
}

/**
 * What Keystone says about a token that came from elsewhere.
 * @throws GlanceError `auth.failed` if Keystone does not know it, `json.invalid`; what the request fails with
 * @see https://docs.openstack.org/api-ref/identity/v3/#validate-and-show-information-for-token
 */
export async function validateToken(desk: TokenDesk, token: string): Promise<Login> {
  const request: HttpRequest = { ...tokenRequest(desk, 'GET'), token, extraHeaders: [['x-subject-token', token]] };
  const { answer, value } = await desk.client.json(request, maxTokenBytes);
  if (refusals.includes(answer.status)) throw refused(desk.cloud, answer, value);
  return readLogin(answer, value, token);
}

function tokenRequest({ v3, signal }: TokenDesk, method: 'GET' | 'POST'): HttpRequest {
  const url = new URL(`${dropTail(v3.href, /\//)}/auth/tokens`);
  return { ...jsonRequest(method, url, signal), alsoAccept: refusals };
}

/** What to send next if Keystone accepted the methods so far, but wants more and sent a receipt; null if it did not. */
async function missingMethods(
  desk: TokenDesk,
  sent: readonly AuthMethod[],
  answer: HttpAnswer,
  value: unknown,
): Promise<{ methods: readonly AuthMethod[]; receipt: string } | null> {
  const receipt = answer.headers.get('openstack-auth-receipt');
  if (receipt === null) return null;
  const done = new Set([...sent.map(({ name }) => name), ...listAt(value, 'receipt', 'methods')]);
  const rules = listAt(value, 'required_auth_methods').map((rule) => (Array.isArray(rule) ? rule.map(String) : []));
  const open = rules.map((rule) => rule.filter((name) => !done.has(name)));
  const cloud = await withPasscode(desk, open.flat());
  for (const names of open) {
    const methods = names.map((name) => findMethod(cloud, name));
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

function refused(cloud: Cloud, answer: HttpAnswer, value: unknown): GlanceError {
  const said = textAt(value, 'error', 'message') ?? `status ${String(answer.status)}`;
  return new GlanceError('auth.failed', `${answer.url.host} refused the login with ${settingsOf(cloud)}: ${said}`, {
    httpStatus: answer.status,
    requestId: answer.requestId ?? undefined,
    hint: hintFor(cloud),
  });
}

function hintFor(cloud: Cloud): string {
  if (cloud.authType.includes('oauth2')) return oauth2Hint(cloud);
  const what = cloud.authType.includes('applicationcredential')
    ? 'application credential and its secret'
    : cloud.authType.includes('token')
      ? 'token: it may have expired'
      : 'user, password, project and their domains';
  return `check the ${what}`;
}

function readLogin(answer: HttpAnswer, value: unknown, token: string | null): Login {
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
    userName: textAt(value, 'token', 'user', 'name') ?? null,
    bearer: null,
  };
}
