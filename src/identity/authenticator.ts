// Our identity at one cloud: credentials on demand, the image endpoint, and what is kept of both between runs.
import { dropTail } from '../text/drop-tail.ts';
import { GlanceError } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import { type Credentials, type CredentialSource, fixedCredentials } from '../http/secrets/credentials.ts';
import { readHttpUrl } from '../http/text/url-text.ts';
import { findEndpoint } from './service-catalog.ts';
import type { Cloud } from './config/cloud.ts';
import { secretNames } from './config/names.ts';
import { need, readAddress, typesWithoutKeystone } from './credentials.ts';
import type { Person } from './desk.ts';
import type { CachedLogin, TokenCache } from './token-cache.ts';
import type { Login } from './tokens.ts';

/** Where an image API was found. */
interface KnownApi {
  readonly version: 1 | 2;
  readonly base: string;
}

/** What is known about a login. */
export interface LoginFacts {
  /** `v3websso` and the like. */
  readonly type: string;
  /** Name of the user; null if Keystone does not say. */
  readonly userName: string | null;
  /** Id of the login's project, or null. */
  readonly projectId: string | null;
  /** Wall time in milliseconds since 1970; null if Keystone does not say. */
  readonly expiresAtMs: number | null;
  /** Whether it was kept by an earlier run. */
  readonly isKept: boolean;
  /** Whether services get an OAuth 2.0 access token in addition to the token. */
  readonly hasBearer: boolean;
}

export interface Authenticator extends CredentialSource {
  /** The user at that cloud; null if there is no Keystone to ask. @throws GlanceError what logging in fails with */
  describe(): Promise<LoginFacts | null>;
  /**
   * Where the image service is: from the configuration, or from the catalog.
   * @throws GlanceError `cloud.no_service`, `cloud.region`, what logging in fails with
   */
  imageEndpoint(): Promise<URL>;
  /** The API that an earlier run found at this endpoint, or undefined. */
  knownApi(endpoint: URL): Promise<KnownApi | undefined>;
  /** Remembers it for later runs. */
  rememberApi(endpoint: URL, api: KnownApi): Promise<void>;
  /** Forgets what was kept, since the endpoint turned out to be gone. */
  forget(): Promise<void>;
}

/** How to log in. */
interface LoginOptions {
  /** Null to keep nothing. */
  readonly cache: TokenCache | null;
  readonly signal: AbortSignal;
  /** False: use only a kept login, and throw `auth.required` without one. Absent: true. */
  readonly mayLogIn?: boolean;
  /** Absent: there is nobody to ask. */
  readonly person?: Person;
}

/** Creates the authenticator of a cloud, and registers the cloud's secrets with the client. */
export function createAuthenticator(client: HttpClient, cloud: Cloud, options: LoginOptions): Authenticator {
  for (const [name, value] of cloud.auth) {
    if (!secretNames.has(`auth.${name}`)) continue;
    if (name.endsWith('token')) client.secrets.addToken(value);
    else client.secrets.add(value);
  }
  if (typesWithoutKeystone.some((type) => type === cloud.authType)) return new WithoutKeystone(cloud);
  return new KeystoneAuthenticator(client, cloud, options);
}

function configuredEndpoint(cloud: Cloud, key: string, text: string): URL {
  return readAddress(cloud, key, text, 'http://HOST:9292 or https://HOST/image');
}

/**
 * Some catalogs put the project's id after the version, which Glance does not understand; OpenStack's own clients remove
 * it.
 */
function withoutProject(endpoint: URL, projectId: string | null): URL {
  const segments = dropTail(endpoint.pathname, /\//).split('/');
  const last = segments.at(-1) ?? '';
  const ends = [projectId, `AUTH_${projectId ?? ''}`];
  if (projectId === null || projectId === '' || !ends.includes(last)) return endpoint;
  const url = new URL(endpoint);
  url.pathname = segments.slice(0, -1).join('/');
  return url;
}

class WithoutKeystone implements Authenticator {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  current(): Promise<Credentials> {
    return this.#source().current();
  }

  renew(): Promise<null> {
    return Promise.resolve(null);
  }

  describe(): Promise<null> {
    return Promise.resolve(null);
  }

  async imageEndpoint(): Promise<URL> {
    const override = this.#cloud.imageEndpointOverride;
    if (override !== null) return configuredEndpoint(this.#cloud, 'image_endpoint_override', override);
    return configuredEndpoint(this.#cloud, 'auth.endpoint', need(this.#cloud, 'endpoint'));
  }

  knownApi(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  rememberApi(): Promise<void> {
    return Promise.resolve();
  }

  forget(): Promise<void> {
    return Promise.resolve();
  }

  #source(): CredentialSource {
    const cloud = this.#cloud;
    if (cloud.authType === 'none') return fixedCredentials(null);
    if (cloud.authType !== 'http_basic') return fixedCredentials(need(cloud, 'token'));
    const basic = Buffer.from(`${need(cloud, 'username')}:${need(cloud, 'password')}`).toString('base64');
    return fixedCredentials(null, [['authorization', `Basic ${basic}`]]);
  }
}

class KeystoneAuthenticator implements Authenticator {
  readonly #client: HttpClient;
  readonly #cloud: Cloud;
  readonly #options: LoginOptions;
  #login: Promise<Login> | null = null;
  #apis = new Map<string, KnownApi>();
  #isFromCache = false;
  #hasRenewed = false;

  constructor(client: HttpClient, cloud: Cloud, options: LoginOptions) {
    this.#client = client;
    this.#cloud = cloud;
    this.#options = options;
  }

  async current(): Promise<Credentials> {
    const { token, bearer } = await this.#get();
    return { token, headers: bearer === null ? [] : [['authorization', `Bearer ${bearer}`]] };
  }

  /** Allowed once: if the server refuses again in the same run, the token's age cannot be the reason. */
  async renew(): Promise<Credentials | null> {
    if (this.#hasRenewed || this.#options.mayLogIn === false) return null;
    this.#hasRenewed = true;
    await this.forget();
    return await this.current();
  }

  async describe(): Promise<LoginFacts> {
    const { userName, projectId, expiresAtMs, bearer } = await this.#get();
    const [type, isKept, hasBearer] = [this.#cloud.authType, this.#isFromCache, bearer !== null];
    return { type, userName, projectId, expiresAtMs, isKept, hasBearer };
  }

  async imageEndpoint(): Promise<URL> {
    const { imageEndpointOverride, imageServiceType, imageServiceName, interfaces, regionName } = this.#cloud;
    if (imageEndpointOverride !== null) {
      return configuredEndpoint(this.#cloud, 'image_endpoint_override', imageEndpointOverride);
    }
    const { catalog, projectId } = await this.#get();
    const query = { serviceType: imageServiceType, serviceName: imageServiceName, interfaces, region: regionName };
    const found = readHttpUrl(
      findEndpoint(catalog, query).url,
      'the image endpoint of the catalog',
      'give `endpoint: URL` if you know where Glance is',
    );
    return withoutProject(found, projectId);
  }

  async knownApi(endpoint: URL): Promise<KnownApi | undefined> {
    await this.#get();
    return this.#isFromCache ? this.#apis.get(endpoint.href) : undefined;
  }

  async rememberApi(endpoint: URL, api: KnownApi): Promise<void> {
    this.#apis.set(endpoint.href, api);
    await this.#options.cache?.keep(this.#cloud, await this.#get(), this.#apis);
  }

  async forget(): Promise<void> {
    this.#login = null;
    this.#isFromCache = false;
    this.#apis = new Map();
    await this.#options.cache?.drop(this.#cloud);
  }

  #get(): Promise<Login> {
    this.#login ??= this.#findOrLogin();
    return this.#login;
  }

  async #findOrLogin(): Promise<Login> {
    const kept: CachedLogin | null = this.#hasRenewed ? null : ((await this.#options.cache?.find(this.#cloud)) ?? null);
    if (kept !== null) {
      this.#isFromCache = true;
      this.#apis = new Map(kept.apis);
      return kept;
    }
    if (this.#options.mayLogIn === false) throw new GlanceError('auth.required', 'no login is cached');
    const { signal, person } = this.#options;
    // A kept login needs none of this.
    const { login } = await import('./keystone.ts');
    const fresh = await login(this.#client, this.#cloud, signal, person);
    await this.#options.cache?.keep(this.#cloud, fresh, this.#apis);
    return fresh;
  }
}
