// Finds out which API an endpoint speaks, and where its paths begin.
import { GlanceError } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import type { Credentials, CredentialSource } from '../http/secrets/credentials.ts';
import { redactUrl } from '../http/secrets/redact.ts';
import { isOtherAnswer } from './api-trouble.ts';
import { isObject } from './record-json.ts';
import { join } from './uri.ts';

export type ApiChoice = 1 | 2 | 'auto';

export interface DiscoveredApi {
  readonly version: 1 | 2;
  /** Paths such as `/images` are appended to this. */
  readonly base: URL;
  /** If nothing stated the version: what was requested and answered, and what to do. Otherwise null. */
  readonly guess: string | null;
}

interface DiscoveryOptions {
  readonly wanted: ApiChoice;
  /** `/images` follows directly after the endpoint, as in an image's full URI: if that has no version, it means v1. */
  readonly isBase: boolean;
  /** The credentials for requests about images. */
  readonly credentials: CredentialSource;
}

/** A version list is small; anything larger is something else. */
const maxVersionBytes = 1024 * 1024;
/** For a server that does not know `limit`. */
const maxPageBytes = 32 * 1024 * 1024;
const versionPath = /\/v([12])(?:\.\d+)?\/*$/;

/** The version in a path that ends in `/v1`, `/v1.1`, `/v2` …, or undefined. */
function findVersionInPath(endpoint: URL): 1 | 2 | undefined {
  const major = versionPath.exec(endpoint.pathname)?.[1];
  return major === undefined ? undefined : major === '1' ? 1 : 2;
}

/**
 * Finds the API. A path that ends in a version decides, then the version wanted; otherwise `GET /` is requested, whose
 * `links` are not used: behind a proxy they are often wrong, so scheme, host, port and prefix stay the same. If there is
 * no list of versions, since gateways may block the root, images are requested through v2; if that fails, the endpoint is
 * taken for API v1 without a version in its paths, as in the 2011 specification.
 * @throws GlanceError `api.version` if the wanted version is not offered; whatever the request fails with
 */
export async function discoverApi(
  client: HttpClient,
  endpoint: URL,
  { wanted, isBase, credentials }: DiscoveryOptions,
  signal: AbortSignal,
): Promise<DiscoveredApi> {
  const known = (version: 1 | 2, base: URL): DiscoveredApi => ({ version, base, guess: null });
  const named = findVersionInPath(endpoint) ?? (isBase ? 1 : undefined);
  if (named !== undefined) {
    if (wanted !== 'auto' && wanted !== named) throw notOffered(endpoint, wanted, [`v${String(named)}`]);
    return known(named, join(endpoint));
  }
  const probe = new Probe(client, endpoint, credentials, signal);
  if (wanted === 2) return known(2, join(endpoint, 'v2'));
  // The prefix of v1's paths is for the server to state, even if the version is already decided.
  if (wanted === 1) return known(1, (await probe.askImages(1)) === 'none' ? join(endpoint) : join(endpoint, 'v1'));
  const root = await probe.askVersions([500, 502, 503, 504]);
  if (root.versions !== null) return known(...pick(endpoint, root.versions));
  if ((await probe.askImages(2, root.status)) !== 'none') return known(2, join(endpoint, 'v2'));
  // A root in temporary trouble may have a list after all.
  const again = root.status !== null && root.status >= 500 ? await probe.askVersions([]) : root;
  if (again.versions !== null) return known(...pick(endpoint, again.versions));
  return { version: 1, base: join(endpoint), guess: describeGuess(endpoint, again.status) };
}

function pick(endpoint: URL, versions: readonly string[]): [version: 1 | 2, base: URL] {
  const offers = (major: 1 | 2): boolean => versions.some((id) => id.split('.', 1)[0] === `v${String(major)}`);
  const version = ([2, 1] as const).find(offers);
  if (version === undefined) throw notOffered(endpoint, 'auto', versions);
  return [version, join(endpoint, `v${String(version)}`)];
}

class Probe {
  readonly #client: HttpClient;
  readonly #endpoint: URL;
  readonly #credentials: CredentialSource;
  readonly #signal: AbortSignal;

  constructor(client: HttpClient, endpoint: URL, credentials: CredentialSource, signal: AbortSignal) {
    this.#client = client;
    this.#endpoint = endpoint;
    this.#credentials = credentials;
    this.#signal = signal;
  }

  /**
   * The list of versions; null if there is none, with the status of the answer, or null if that does not count.
   * @param passedOver error statuses to ignore here
   */
  async askVersions(
    passedOver: readonly number[],
  ): Promise<{ readonly versions: readonly string[] | null; readonly status: number | null }> {
    const url = join(this.#endpoint, '');
    const request = { method: 'GET', url, accept: 'application/json', token: null, purpose: 'metadata' } as const;
    try {
      const { answer, value } = await this.#client.json(
        { ...request, signal: this.#signal, alsoAccept: [300, ...passedOver] },
        maxVersionBytes,
      );
      return { versions: answer.status < 400 ? parseVersions(value) : null, status: answer.status };
    } catch (error) {
      if (!(error instanceof GlanceError) || !isOtherAnswer(error)) throw error;
      return { versions: null, status: error.facts.httpStatus ?? null };
    }
  }

  /**
   * Whether this version serves images: `some`, `none`, or `refused`, for lack of credentials or with a choice of
   * versions, both of which show that it is Glance.
   * @param elsewhere status of another path: the same refusal everywhere proves nothing
   */
  async askImages(version: 1 | 2, elsewhere: number | null = null): Promise<'some' | 'refused' | 'none'> {
    const url = join(this.#endpoint, `v${String(version)}`, 'images');
    url.search = 'limit=1';
    const { token, headers } = await this.#credentials.current();
    const renew = (): Promise<Credentials | null> => this.#credentials.renew();
    const request = { method: 'GET', url, accept: 'application/json', token, extraHeaders: headers } as const;
    try {
      const { value } = await this.#client.json(
        { ...request, renew, purpose: 'metadata', signal: this.#signal },
        maxPageBytes,
      );
      return isObject(value) && Array.isArray(value['images']) ? 'some' : 'none';
    } catch (error) {
      if (!(error instanceof GlanceError) || !isOtherAnswer(error)) throw error;
      const { httpStatus: status } = error.facts;
      return status !== elsewhere && [300, 401, 403].includes(status ?? 0) ? 'refused' : 'none';
    }
  }
}

function describeGuess(endpoint: URL, status: number | null): string {
  const root = redactUrl(join(endpoint, ''));
  const answered = status === null ? '' : ` (it answered ${String(status)})`;
  return (
    `there is no list of versions at ${root}${answered}, and no images at ${redactUrl(join(endpoint, 'v2', 'images'))}: ` +
    'it was taken for an API v1 without version; give the endpoint with its version, such as http://HOST:9292/v2'
  );
}

function notOffered(endpoint: URL, wanted: ApiChoice, offered: readonly string[]): GlanceError {
  const what = wanted === 'auto' ? 'an Images API that this program speaks' : `Images API v${String(wanted)}`;
  return new GlanceError(
    'api.version',
    `${redactUrl(join(endpoint))} does not offer ${what}: it has only ${offered.join(', ')}`,
    {
      hint: 'see `apiVersion`, or give the endpoint with its version, such as http://HOST:9292/v1',
    },
  );
}

/**
 * The versions in an answer to `GET /`, such as `v2.6` and `v1.1`; null if it is not an Images API's list of versions.
 */
export function parseVersions(value: unknown): readonly string[] | null {
  const list = isObject(value) ? value['versions'] : undefined;
  if (!Array.isArray(list)) return null;
  const ids = list.map((entry: unknown) => (isObject(entry) ? entry['id'] : undefined));
  const versions = ids.filter((id): id is string => typeof id === 'string' && /^v\d+(?:\.\d+)?$/.test(id));
  return versions.length === 0 ? null : versions;
}
