// Explains failed connections with what only the program knows: which setting the address came from, and which
// certificate was shown.
import { GlanceError, HttpError } from '../errors.ts';
import type { TlsSettings } from '../http/connect/dispatchers.ts';
import { findProxy } from '../http/connect/proxy.ts';
import { readTlsFacts, type TlsFacts } from '../http/connect/tls-facts.ts';
import type { Cloud } from '../identity/config/cloud.ts';
import { authScope } from '../identity/credentials.ts';
import { givenTokenSource } from './cloud.ts';
import { type Configured, findEndpoint, findTokenSource, type NamedValue } from './settings.ts';

interface Connecting {
  /** Origin of the image's URI; null if none was given. */
  readonly uriOrigin: string | null;
  /** A bare endpoint, from `--endpoint`, `OS_IMAGE_URL` …; null if none was given. */
  readonly endpoint: NamedValue | null;
  /**
   * Source of a token that was passed in rather than obtained by a login: `OS_TOKEN`, `--token-file FILE`; null without one.
   */
  readonly tokenSource: string | null;
  readonly cloud: Cloud | null;
  readonly tls: TlsSettings;
  /** The variables that may name proxies. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Whether {@link explainFailure} has something to add. */
export function isExplained(error: unknown): error is GlanceError {
  const codes = /^(?:net\.(?:refused|dns)|tls\.(?:expired|untrusted)|auth\.(?:required|forbidden))$/;
  return error instanceof GlanceError && codes.test(error.code);
}

/**
 * {@link explainFailure} with the configuration. If that cannot be read, it is not the cause of this failure, and the
 * error is returned as it is.
 * @param connection on which the failure occurred
 */
export async function explainConnected(
  error: GlanceError,
  configured: Configured,
  connection: { cloud(): Promise<Cloud | null>; tls(): Promise<TlsSettings> },
  uriOrigin: string | null,
): Promise<GlanceError> {
  const endpoint = findEndpoint(configured) ?? null;
  try {
    const [cloud, tls] = [await connection.cloud(), await connection.tls()];
    const tokenSource = cloud === null ? findTokenSource(configured) : givenTokenSource(cloud);
    return await explainFailure(error, { uriOrigin, endpoint, tokenSource, cloud, tls, env: configured.system.env });
  } catch {
    return error;
  }
}

/** The same error with more to act on. To describe a certificate, connects to the server again, without any secret. */
async function explainFailure(error: GlanceError, connecting: Connecting): Promise<GlanceError> {
  if (error.code === 'auth.required') return explainRefusal(error, connecting);
  if (error.code === 'auth.forbidden') return explainForbidden(error, connecting.cloud);
  const url = URL.canParse(error.facts.url ?? '') ? new URL(error.facts.url ?? '') : null;
  if (url === null) return error;
  if (error.code.startsWith('net.')) {
    const source = sourceOf(url, connecting);
    const question = error.code === 'net.dns' ? 'is the name right' : 'is it right, and the service running';
    const hint = `the address comes from ${source ?? ''}: ${question}?`;
    return source === null ? error : new GlanceError(error.code, error.message, { ...error.facts, hint, cause: error });
  }
  // With a proxy, the server may be unreachable directly, and an answer could come from a different server.
  const facts = findProxy(url, connecting.env) === null ? await readFacts(url, connecting.tls) : null;
  if (facts === null) return error;
  const what =
    error.code === 'tls.expired'
      ? `valid from ${facts.validFrom} to ${facts.validUntil}`
      : `for ${facts.subject}, issued by ${facts.issuer}`;
  return new GlanceError(error.code, `${error.message}: ${what}`, { ...error.facts, cause: error });
}

/** A token that was passed in cannot be renewed here, so the hint says where it came from. */
function explainRefusal(error: GlanceError, { tokenSource }: Connecting): GlanceError {
  if (tokenSource === null || !(error instanceof HttpError)) return error;
  const hint = `the token from ${tokenSource} was refused: it may have expired, or belong to another cloud`;
  return new HttpError(error.code, error.message, error.status, { ...error.facts, hint, cause: error });
}

/** Glance's policies apply to projects: a login for the system or a domain is accepted, but has next to no rights. */
function explainForbidden(error: GlanceError, cloud: Cloud | null): GlanceError {
  // Only logins are posted, so this is Keystone's answer.
  if (cloud === null || error.facts.method === 'POST') return error;
  const scope = authScope(cloud) ?? {};
  const name = ['system', 'domain'].find((kind) => kind in scope);
  if (name === undefined) return error;
  const setting = [...cloud.sources].find(([key]) => key.startsWith(`auth.${name}_`));
  const where = setting === undefined ? '' : ` (${setting[0].slice('auth.'.length)} from ${setting[1]})`;
  const hint =
    `Glance requires a login for a project, and this one is for ${name === 'system' ? 'the system' : 'a domain'}${where}: ` +
    'set OS_PROJECT_NAME, or project_name in clouds.yaml';
  const facts = { ...error.facts, hint, cause: error };
  return error instanceof HttpError
    ? new HttpError(error.code, error.message, error.status, facts)
    : new GlanceError(error.code, error.message, facts);
}

async function readFacts(url: URL, tls: TlsSettings): Promise<TlsFacts | null> {
  try {
    return await readTlsFacts(url, tls);
  } catch {
    return null;
  }
}

function sourceOf(url: URL, { uriOrigin, endpoint, cloud }: Connecting): string | null {
  if (url.origin === uriOrigin) return "the image's URI";
  if (endpoint !== null && hostOf(endpoint.value) === url.host) return endpoint.source;
  // All other addresses were sent by servers.
  if (cloud === null) return null;
  const settings: readonly (readonly [name: string, value: string | null | undefined])[] = [
    ['auth.auth_url', cloud.auth.get('auth_url')],
    ...['endpoint', 'oauth2_endpoint', 'discovery_endpoint', 'access_token_endpoint'].map(
      (name) => [`auth.${name}`, cloud.auth.get(name)] as const,
    ),
    ['image_endpoint_override', cloud.imageEndpointOverride],
  ];
  const found = settings.find(([, value]) => hostOf(value) === url.host)?.[0];
  if (found === undefined) return `the catalog of cloud ${cloud.name}`;
  return `${found.replace('auth.', '')} (${cloud.sources.get(found) ?? cloud.name})`;
}

function hostOf(text: string | null | undefined): string | null {
  return typeof text === 'string' && URL.canParse(text) ? new URL(text).host : null;
}
