// Which API an endpoint speaks, and where its paths begin.
import { GlanceError } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import { join } from './uri.ts';
import { parseVersions } from './v1-json.ts';

export type ApiChoice = 1 | 2 | 'auto';

export interface DiscoveredApi {
  readonly version: 1 | 2;
  /** Paths such as `/images` are appended to this. */
  readonly base: URL;
}

export interface DiscoveryOptions {
  readonly wanted: ApiChoice;
  /** `/images` follows right after the endpoint, as in an image's full URI: without a version there it is v1. */
  readonly isBase: boolean;
}

/** A version list is small; more is something else. */
const maxVersionBytes = 1024 * 1024;

/** The version that a path ending in `/v1`, `/v1.1`, `/v2` … names, or undefined. */
export function findVersionInPath(endpoint: URL): 1 | 2 | undefined {
  const major = /\/v([12])(?:\.\d+)?\/*$/.exec(endpoint.pathname)?.[1];
  return major === undefined ? undefined : major === '1' ? 1 : 2;
}

/**
 * Finds out. A path that ends in a version decides; otherwise `GET /` is asked, and its `links` are not used: behind a
 * proxy they are often wrong, so scheme, host, port and prefix stay those that were asked. An endpoint that offers no
 * list of versions is taken for an API v1 without version in its paths, as in the 2011 specification.
 * @throws GlanceError `api.version` if the wanted version is not offered; whatever the request fails with
 */
export async function discoverApi(
  client: HttpClient,
  endpoint: URL,
  { wanted, isBase }: DiscoveryOptions,
  signal: AbortSignal,
): Promise<DiscoveredApi> {
  const named = findVersionInPath(endpoint) ?? (isBase ? 1 : undefined);
  if (named !== undefined) {
    if (wanted !== 'auto' && wanted !== named) throw notOffered(endpoint, wanted, [`v${String(named)}`]);
    return { version: named, base: join(endpoint) };
  }
  const versions = await askVersions(client, endpoint, signal);
  if (versions === null) {
    if (wanted === 2) throw notOffered(endpoint, wanted, []);
    return { version: 1, base: join(endpoint) };
  }
  const offers = (major: 1 | 2): boolean => versions.some((id) => id.startsWith(`v${String(major)}`));
  const candidates: readonly (1 | 2)[] = wanted === 'auto' ? [2, 1] : [wanted];
  const version = candidates.find(offers);
  if (version === undefined) throw notOffered(endpoint, wanted, versions);
  return { version, base: join(endpoint, `v${String(version)}`) };
}

/** @returns null where the answer is no list of versions */
async function askVersions(client: HttpClient, endpoint: URL, signal: AbortSignal): Promise<readonly string[] | null> {
  const url = join(endpoint, '');
  try {
    const { value } = await client.json(
      { method: 'GET', url, accept: 'application/json', token: null, purpose: 'metadata', signal, alsoAccept: [300] },
      maxVersionBytes,
    );
    return parseVersions(value);
  } catch (error) {
    if (error instanceof GlanceError && isOtherAnswer(error)) return null;
    throw error;
  }
}

/** An answer that shows a server without a version list, rather than a server in trouble. */
function isOtherAnswer(error: GlanceError): boolean {
  return ['http.status', 'json.invalid', 'auth.required', 'auth.forbidden', 'http.redirect.refused'].includes(
    error.code,
  );
}

function notOffered(endpoint: URL, wanted: ApiChoice, offered: readonly string[]): GlanceError {
  const list = offered.length === 0 ? 'no list of versions' : `only ${offered.join(', ')}`;
  const what = wanted === 'auto' ? 'an Images API that this program speaks' : `Images API v${String(wanted)}`;
  return new GlanceError('api.version', `${endpoint.host} does not offer ${what}: it has ${list}`, {
    hint: 'see --image-api-version, or give the endpoint with its version, such as http://HOST:9292/v1',
  });
}
