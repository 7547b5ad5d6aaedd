// Leads from the configuration to a Glance, with each part created when first needed: without a request, no socket is
// opened, no file read and no client loaded. Both commands and library callers go through here.
import { GlanceError } from '../errors.ts';
import type { HttpClient, HttpClientOptions } from '../http/client.ts';
import { type Credentials, type CredentialSource, fixedCredentials } from '../http/secrets/credentials.ts';
import type { TlsSettings } from '../http/connect/dispatchers.ts';
import { Secrets } from '../http/secrets/secrets.ts';
import type { Authenticator, LoginFacts } from '../identity/authenticator.ts';
import type { Cloud } from '../identity/config/cloud.ts';
import type { DiscoveredApi } from '../image/discovery.ts';
import { openService } from './open-service.ts';
import type { ImageService } from '../image/service.ts';
import type { RetryPolicy } from '../retry.ts';
import { authenticatorFor, cloudTls, findCloud, nothingConfigured } from './cloud.ts';
import { type ConnectionOptions, keptBack, retryPolicyOf } from './connect-options.ts';
import type { OpenClient } from './http.ts';
import { type Configured, describesCloud, readApiChoice, readEndpoint, readToken } from './settings.ts';
import type { System } from './system.ts';

export class Connection {
  /** Everything that must not be shown. */
  readonly secrets: Secrets;
  readonly system: System;
  /** The signal with which the connection's owner ends everything; does not include time limits. */
  readonly interruption: AbortSignal;
  readonly #options: ConnectionOptions;
  #signal: AbortSignal;
  #cloud: Promise<Cloud | null> | null = null;
  #client: Promise<OpenClient> | null = null;
  readonly #further: OpenClient[] = [];
  #service: Promise<ImageService> | null = null;
  #login: Promise<Authenticator> | null = null;
  #isGuess = false;
  #statusRetries: number | null = null;
  /** Origin of the last image URI that was given, or null. */
  #uriOrigin: string | null = null;
  #staleCandidate: Authenticator | null = null;
  #credentials: CredentialSource = fixedCredentials(null);

  constructor(options: ConnectionOptions) {
    const { system, env = system.env } = options;
    this.system = env === system.env ? system : { ...system, env };
    this.secrets = options.secrets ?? new Secrets();
    this.interruption = options.signal ?? new AbortController().signal;
    this.#signal = this.interruption;
    this.#options = { ...options, secrets: this.secrets };
  }

  /** How often to retry, as far as that is known: the cloud's own setting counts once the cloud is known. */
  get retry(): RetryPolicy {
    return retryPolicyOf(this.#options, this.#statusRetries);
  }

  /** Callbacks for what goes over the wire, and for oddities there. */
  get wire(): Pick<HttpClientOptions, 'onWire' | 'onWarn'> {
    return { onWire: this.#options.onWire, onWarn: this.#options.onWarning };
  }

  /** Aborts requests. */
  get signal(): AbortSignal {
    return this.#signal;
  }

  /** Makes this signal abort requests too. Call it before the first one. */
  endWith(signal: AbortSignal): void {
    this.#signal = AbortSignal.any([this.#signal, signal]);
  }

  /** The configured Glance. @throws GlanceError `config.missing` if none is configured */
  service(): Promise<ImageService> {
    this.#service ??= this.#connect().catch((error: unknown) => {
      // A later attempt has to start afresh.
      this.#service = null;
      throw error;
    });
    return this.#service;
  }

  /** The HTTP client that all services of this connection share. */
  async client(): Promise<HttpClient> {
    this.#client ??= this.#openClient();
    return (await this.#client).client;
  }

  /** The configured cloud; null if only an endpoint is configured, or nothing. */
  cloud(): Promise<Cloud | null> {
    this.#cloud ??= findCloud(this.configured).then((cloud) => {
      this.#statusRetries = cloud?.statusRetries ?? null;
      return cloud;
    });
    return this.#cloud;
  }

  /** Certificates and authorities, as configured. @throws GlanceError `config.invalid` for files that cannot be read */
  async tls(): Promise<TlsSettings> {
    return await cloudTls(this.configured, await this.cloud());
  }

  /** The credentials for the configured Glance. */
  async credentials(): Promise<Credentials> {
    await this.service();
    return await this.#credentials.current();
  }

  /** The user at the configured cloud; null if there is no Keystone to ask. */
  async login(): Promise<LoginFacts | null> {
    return (await (await this.#login)?.describe()) ?? null;
  }

  /** The token from the configuration, not from a login; null if there is none. @throws GlanceError `config.invalid` */
  token(): Promise<string | null> {
    return readToken(this.configured);
  }

  /** Reports an oddity that is not a failure. */
  warn(message: string): void {
    this.#options.onWarning?.(this.secrets.hideInMessage(message));
  }

  /** Forgets a kept endpoint that turned out to be gone, so that the next connection asks the catalog again. */
  async noteFailure(error: unknown): Promise<void> {
    const gone = /^(?:net\.(?:dns|refused|unreachable)|api\.version)$/;
    if (error instanceof GlanceError && gone.test(error.code)) await this.#staleCandidate?.forget();
  }

  /**
   * Adds what is known here to the error of a failed connection; others stay as they are. The result has no secrets, and
   * texts no longer than a message may be.
   */
  async explain(error: unknown): Promise<unknown> {
    return this.secrets.hideInError(await this.#explain(error));
  }

  /** A separate client for a server other than Glance; its connections end with the others. */
  async openFurther(tls: TlsSettings): Promise<HttpClient> {
    const { openClient } = await import('./http.ts');
    const opened = openClient(this.configured, tls, null);
    this.#further.push(opened);
    return opened.client;
  }

  async close(): Promise<void> {
    const created = await this.#client?.catch(() => null);
    await created?.close();
    await Promise.all(this.#further.map((each) => each.close()));
  }

  /**
   * The Glance at the base of an image's URI. Credentials are sent only to the origin that they were given for.
   * @throws as {@link service}, but not because of a configuration that was not explicitly chosen
   */
  async serviceAt(base: URL): Promise<ImageService> {
    this.#uriOrigin = base.origin;
    const endpoint = readEndpoint(this.configured);
    const home = await this.#findHome(endpoint);
    if (home !== null) {
      if (home.origin !== base.origin) this.warn(keptBack(this.#options, base));
      return await this.#open(base, home.origin === base.origin ? home.credentials : fixedCredentials(null), true);
    }
    const token = await readToken(this.configured);
    const isKept = token !== null && endpoint?.origin !== base.origin;
    if (isKept) this.warn(keptBack(this.#options, base));
    return await this.#open(base, fixedCredentials(isKept ? null : token), true);
  }

  /** The basis for all questions about settings. */
  get configured(): Configured {
    return { options: this.#options, system: this.system, signal: this.#signal };
  }

  async #explain(error: unknown): Promise<unknown> {
    const { isExplained, explainConnected } = await import('./explain.ts');
    return isExplained(error) ? await explainConnected(error, this.configured, this, this.#uriOrigin) : error;
  }

  async #connect(): Promise<ImageService> {
    const cloud = await this.cloud();
    const endpoint = readEndpoint(this.configured);
    if (cloud !== null) return await this.#openCloud(cloud, endpoint);
    if (endpoint === undefined) throw nothingConfigured(this.configured);
    return await this.#open(endpoint, fixedCredentials(await readToken(this.configured)), false);
  }

  async #openCloud(cloud: Cloud, override: URL | undefined): Promise<ImageService> {
    const authenticator = await this.#authenticator(cloud);
    const endpoint = override ?? (await authenticator.imageEndpoint());
    const known = await authenticator.knownApi(endpoint);
    const wanted = readApiChoice(this.configured, cloud.imageApiVersion);
    if (known !== undefined && (wanted === 'auto' || wanted === known.version)) {
      this.#staleCandidate = authenticator;
      const found = { version: known.version, base: new URL(known.base), guess: null };
      return await this.#create(await this.client(), found, authenticator);
    }
    const service = await this.#open(endpoint, authenticator, false, cloud.imageApiVersion);
    // A version that was stated or guessed, rather than discovered, may be wrong.
    if (wanted === 'auto' && !this.#isGuess)
      await authenticator.rememberApi(endpoint, { version: service.apiVersion, base: service.endpoint.href });
    return service;
  }

  /** Shared by all requests, so that a person logs in only once. */
  #authenticator(cloud: Cloud): Promise<Authenticator> {
    this.#login ??= authenticatorFor(this.configured, cloud, () => this.client());
    return this.#login;
  }

  /**
   * The configured cloud's Glance, and the credentials for it; null without a cloud. A URI already says where to go, so a
   * configuration that was not explicitly chosen must not make it fail.
   */
  async #findHome(endpoint: URL | undefined): Promise<{ origin: string; credentials: CredentialSource } | null> {
    try {
      const cloud = await this.cloud();
      if (cloud === null) return null;
      const credentials = await this.#authenticator(cloud);
      return { origin: (endpoint ?? (await credentials.imageEndpoint())).origin, credentials };
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!(error instanceof GlanceError) || describesCloud(this.configured)) throw error;
      this.warn(`no login is used: ${error.message}`);
      this.#cloud = Promise.resolve(null);
      return null;
    }
  }

  async #open(
    endpoint: URL,
    credentials: CredentialSource,
    isBase: boolean,
    configuredVersion: string | null = null,
  ): Promise<ImageService> {
    const client = await this.client();
    const wanted = readApiChoice(this.configured, configuredVersion);
    const { discoverApi } = await import('../image/discovery.ts');
    const found = await discoverApi(client, endpoint, { wanted, isBase, credentials }, this.#signal);
    this.#isGuess = found.guess !== null;
    return await this.#create(client, found, credentials);
  }

  async #create(client: HttpClient, found: DiscoveredApi, credentials: CredentialSource): Promise<ImageService> {
    this.#credentials = credentials;
    return await openService(found, { client, credentials, warn: (message) => this.warn(message) });
  }

  async #openClient(): Promise<OpenClient> {
    const { openClient } = await import('./http.ts');
    return openClient(this.configured, await this.tls(), await this.cloud());
  }
}
