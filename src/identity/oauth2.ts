// Gets access tokens from OAuth 2.0 servers: Keystone's own and OpenID Connect providers.
// See RFC 6749, RFC 8705 and https://docs.openstack.org/keystone/latest/admin/oauth2-usage-guide.html
import { jsonRequest } from '../http/request.ts';
import { GlanceError } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import type { HttpAnswer } from '../http/request.ts';
import { at, textAt } from './answer-fields.ts';
import type { Cloud } from './config/cloud.ts';
import { need, readAddress } from './credentials.ts';

const maxAnswerBytes = 1024 * 1024;
/** Longest lifetime of a token to believe. A longer one counts as not stated. */
const longestSeconds = 1e9;

/** A form to post to such a server. */
export interface OAuthForm {
  readonly fields: Readonly<Record<string, string>>;
  /** The client's `ID:SECRET`, for HTTP Basic; null if it identifies itself in another way. */
  readonly basic: string | null;
}

interface OAuthAnswer {
  readonly answer: HttpAnswer;
  readonly value: unknown;
}

interface AccessToken {
  readonly token: string;
  /** Wall time in milliseconds since 1970; null if not stated. */
  readonly expiresAtMs: number | null;
}

/** Posts a form. A refusal is an answer too. @throws GlanceError what the request fails with */
export async function postForm(
  client: HttpClient,
  url: URL,
  { fields, basic }: OAuthForm,
  signal: AbortSignal,
): Promise<OAuthAnswer> {
  const content = new URLSearchParams(fields).toString();
  const authorization = `Basic ${Buffer.from(basic ?? '').toString('base64')}`;
  return await client.json(
    {
      ...jsonRequest('POST', url, signal),
      body: { type: 'application/x-www-form-urlencoded', content },
      extraHeaders: basic === null ? [] : [['authorization', authorization]],
      alsoAccept: [400, 401, 403],
    },
    maxAnswerBytes,
  );
}

/**
 * Extracts the token from an answer.
 * @param kind the field that holds it
 * @param wallTime the current time, for a token with a lifetime
 * @throws GlanceError `auth.failed` with what the server says instead
 */
export function readAccessToken(
  { answer, value }: OAuthAnswer,
  kind: 'access_token' | 'id_token',
  wallTime = 0,
  hint?: string,
): AccessToken {
  const token = textAt(value, kind);
  if (token !== undefined && token !== '') {
    const seconds = at(value, 'expires_in');
    const isTold = typeof seconds === 'number' && Math.abs(seconds) < longestSeconds;
    return { token, expiresAtMs: isTold ? wallTime + seconds * 1000 : null };
  }
  const said =
    textAt(value, 'error_description') ??
    textAt(value, 'error', 'message') ??
    textAt(value, 'error') ??
    `status ${String(answer.status)}`;
  throw new GlanceError('auth.failed', `${answer.url.host} refused the login: ${said}`, {
    httpStatus: answer.status,
    requestId: answer.requestId ?? undefined,
    hint,
  });
}

/**
 * Gets an access token with a cloud's client credentials: by secret, or by the certificate that the client shows.
 * @throws GlanceError `auth.missing`, `auth.failed`, `config.invalid`; what the request fails with
 */
export async function accessTokenFor(client: HttpClient, cloud: Cloud, signal: AbortSignal): Promise<AccessToken> {
  const isByCertificate = cloud.authType === 'v3oauth2mtlsclientcredential';
  const id = need(cloud, 'oauth2_client_id');
  const text = need(cloud, 'oauth2_endpoint');
  const url = readAddress(cloud, 'auth.oauth2_endpoint', text, 'https://HOST:5000/v3/OS-OAUTH2/token');
  if (isByCertificate && url.protocol !== 'https:') throw needsTls(cloud, url);
  const fields = { grant_type: 'client_credentials', ...(isByCertificate ? { client_id: id } : {}) };
  // Sent as it is: Keystone does not decode percent-encoding, although RFC 6749 prescribes it.
  const basic = isByCertificate ? null : `${id}:${need(cloud, 'oauth2_client_secret')}`;
  const answered = await postForm(client, url, { fields, basic }, signal);
  const found = readAccessToken(answered, 'access_token', client.clock.wallTime(), oauth2Hint(cloud));
  client.secrets.addToken(found.token);
  return found;
}

function needsTls(cloud: Cloud, url: URL): GlanceError {
  const source = cloud.sources.get('auth.oauth2_endpoint') ?? `cloud ${cloud.name}`;
  const message = `oauth2_endpoint (from ${source}) is ${url.protocol}//: a client certificate can only be presented over TLS`;
  return new GlanceError('config.invalid', message, { hint: 'write it as https://HOST:5000/v3/OS-OAUTH2/token' });
}

/** What to check if such a login is refused. */
export function oauth2Hint({ authType, cert }: Cloud): string {
  if (authType !== 'v3oauth2mtlsclientcredential') return 'check oauth2_client_id and oauth2_client_secret';
  return cert === null
    ? 'no client certificate is configured: set OS_CERT and OS_KEY, or cert and key in clouds.yaml'
    : 'check oauth2_client_id, which is the id of a user, and the client certificate (cert and key)';
}
