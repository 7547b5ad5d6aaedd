// From what is configured to a Glance, each part made when it is first needed: who asks nothing opens no socket, reads no
// file and loads no client. The one way for commands and for programs that use the library.
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
import { type ConnectOptions, keptBack, retryPolicyOf } from './connect-options.ts';
import type { OpenClient } from './http.ts';
import { type Configured, describesCloud, readApiChoice, readEndpoint, readToken } from './settings.ts';
import { bareSystem, type System } from './system.ts';

export class Connection {
  /** What nobody may see. */
  readonly secrets: Secrets;
  readonly system: System;
  /** What whoever opened the connection ends everything by; a limit of time is no part of it. */
  readonly interruption: AbortSignal;
  readonly #options: ConnectOptions;
  #signal: AbortSignal;
  #cloud: Promise<Cloud | null> | null = null;
  #client: Promise<OpenClient> | null = null;
  readonly #further: OpenClient[] = [];
  #service: Promise<ImageService> | null = null;
  #login: Promise<Authenticator> | null = null;
  #isGuess = false;
  #statusRetries: number | null = null;
  /** Of the image's URI that was given last, or null. */
  #uriOrigin: string | null = null;
  #staleCandidate: Authenticator | null = null;
  #credentials: CredentialSource = fixedCredentials(null);

  constructor(options: ConnectOptions) {
    const { system = bareSystem(), env = system.env } = options;
    this.system = env === system.env ? system : { ...system, env };
    this.secrets = options.secrets ?? new Secrets();
    this.interruption = options.signal ?? new AbortController().signal;
    this.#signal = this.interruption;
    this.#options = { ...options, secrets: this.secrets };
  }

  /** How often to try again, as far as that is known: what a cloud says of it is once the cloud is. */
  get retry(): RetryPolicy {
    return retryPolicyOf(this.#options, this.#statusRetries);
  }

  /** Told what goes over the wire and what is odd there. */
  get wire(): Pick<HttpClientOptions, 'onWire' | 'onWarn'> {
    return { onWire: this.#options.onWire, onWarn: this.#options.onWarning };
  }

  /** Ends what is asked. */
  get signal(): AbortSignal {
    return this.#signal;
  }

  /** From now on what is asked ends with this signal too. To be called before anything is. */
  endWith(signal: AbortSignal): void {
    this.#signal = AbortSignal.any([this.#signal, signal]);
  }

  /** The configured Glance. @throws GlanceError `config.missing` if none is configured */
  service(): Promise<ImageService> {
    this.#service ??= this.#connect().catch((error: unknown) => {
      // Whoever tries again later is to find out anew.
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

  /** The configured cloud; null where there is only an endpoint, or nothing. */
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

  /** What proves to the configured Glance who asks. */
  async credentials(): Promise<Credentials> {
    await this.service();
    return await this.#credentials.current();
  }

  /** Who one is at the configured cloud; null where no Keystone says so. */
  async login(): Promise<LoginFacts | null> {
    return (await (await this.#login)?.describe()) ?? null;
  }

  /** The token that was given, not one of a login; null without one. @throws GlanceError `config.invalid` */
  token(): Promise<string | null> {
    return readToken(this.configured);
  }

  /** Tells what is odd and no failure. */
  warn(message: string): void {
    this.#options.onWarning?.(this.secrets.hideInMessage(message));
  }

  /** Forgets a kept endpoint that turned out to be gone, so that the next connection asks the catalog again. */
  async noteFailure(error: unknown): Promise<void> {
    const gone = /^(?:net\.(?:dns|refused|unreachable)|api\.version)$/;
    if (error instanceof GlanceError && gone.test(error.code)) await this.#staleCandidate?.forget();
  }

  /**
   * The error with what is known here of a connection that failed; any other as it is. Without secrets, and
   * of no text more than a message may have.
   */
  async explain(error: unknown): Promise<unknown> {
    return this.secrets.hideInError(await this.#explain(error));
  }

  /** A client of its own for another server than the Glance; its connections end with the others. */
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
   * The Glance at the base of an image's URI. Credentials go along only to the origin they were given for.
   * @throws as {@link service}, but not for what is configured without having been chosen
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

  /** What all questions to the settings are asked of. */
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
    // What was told and not found, or guessed, may be wrong.
    if (wanted === 'auto' && !this.#isGuess)
      await authenticator.rememberApi(endpoint, { version: service.apiVersion, base: service.endpoint.href });
    return service;
  }

  /** One for all that is asked: a person logs in once. */
  #authenticator(cloud: Cloud): Promise<Authenticator> {
    this.#login ??= authenticatorFor(this.configured, cloud, () => this.client());
    return this.#login;
  }

  /**
   * Where the configured cloud has its Glance, and who one is there; null without a cloud. A URI tells where to go: what is
   * configured and was not chosen is no reason to fail.
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
