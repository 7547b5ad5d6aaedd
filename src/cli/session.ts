// From options and environment to a Glance, made when it is first needed: --help opens no socket and reads no file, and
// what asks nothing loads no client.
import { GlanceError } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import { type Credentials, type CredentialSource, fixedCredentials } from '../http/credentials.ts';
import type { TlsSettings } from '../http/dispatcher.ts';
import { Secrets } from '../http/secrets.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import type { Cloud } from '../identity/cloud.ts';
import type { DiscoveredApi } from '../image/discovery.ts';
import type { Image } from '../image/image.ts';
import { bearOddRecord } from '../image/odd-record.ts';
import { resolveImage } from '../image/resolve.ts';
import type { ImageService } from '../image/service.ts';
import { explainPin, findPin, type Pin } from '../image/pin.ts';
import { parseImageUri } from '../image/uri.ts';
import {
  authenticatorFor,
  cloudTls,
  fetchProfile,
  givenTokenSource,
  loadConfiguredCloud,
  nothingConfigured,
  usesCloud,
  warnOfSecrets,
} from './cloud.ts';
import type { ClientHooks } from './connect.ts';
import { Messages } from './messages.ts';
import type { AllOptions } from './options.ts';
import type { Runtime } from './runtime.ts';
import { findEndpoint, findTokenSource, readApiChoice, readEndpoint, readTls, readToken } from './settings.ts';

/** An image that was found, and the Glance it is in. */
export interface Found {
  readonly image: Image;
  readonly service: ImageService;
  /** The digest that the user demands, or null. */
  readonly pin: Pin | null;
}

export class Session {
  /** What is said on stderr. */
  readonly messages: Messages;
  /** What nobody may see. */
  readonly secrets: Secrets;
  #runtime: Runtime;
  readonly #options: AllOptions;
  readonly #mayLogIn: boolean;
  #cloud: Promise<Cloud | null> | null = null;
  #client: Promise<{ client: HttpClient; close: () => Promise<void> }> | null = null;
  #service: Promise<ImageService> | null = null;
  #isGuess = false;
  /** Of the image's URI that was given last, or null. */
  #uriOrigin: string | null = null;
  #staleCandidate: Authenticator | null = null;
  #credentials: CredentialSource = fixedCredentials(null);

  /** @param mayLogIn false: of logins only a kept one is used */
  constructor(runtime: Runtime, options: AllOptions, secrets = new Secrets(), mayLogIn = true) {
    this.#runtime = runtime;
    this.secrets = secrets;
    this.#options = options;
    this.#mayLogIn = mayLogIn;
    this.messages = new Messages(runtime, options.progress === 'json');
  }

  /** From now on what is asked ends with this signal too. To be called before anything is. */
  endWith(signal: AbortSignal): void {
    this.#runtime = { ...this.#runtime, signal: AbortSignal.any([this.#runtime.signal, signal]) };
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

  /** The HTTP client that all services of this session share. */
  async client(): Promise<HttpClient> {
    this.#client ??= this.#createClient();
    return (await this.#client).client;
  }

  /** The configured cloud; null where there is only an endpoint, or nothing. */
  cloud(): Promise<Cloud | null> {
    this.#cloud ??= this.#loadCloud();
    return this.#cloud;
  }

  /**
   * The image that a user names: id, name, either with a pinned digest, or a full URI.
   * @param options.strict whether odd fields of its record count that say nothing of the data; otherwise they are warned of
   * @throws GlanceError `image.*`, `integrity.pin`; OddRecordError
   */
  async find(query: string, latest: boolean, { strict = false }: { readonly strict?: boolean } = {}): Promise<Found> {
    const { signal } = this.#runtime;
    const bear = (error: unknown): Image => {
      if (strict) throw error;
      return bearOddRecord(error, (message) => this.warn(message));
    };
    const uri = parseImageUri(query);
    if (uri !== undefined) {
      const service = await this.#serviceAt(uri.base);
      return { image: await service.get(uri.id, signal).catch(bear), service, pin: null };
    }
    const service = await this.service();
    const { name, pin } = findPin(query);
    const image = await resolveImage(service, name, latest, signal).catch((error: unknown) =>
      bear(explainPin(error, query)),
    );
    pin?.check(image);
    return { image, service, pin };
  }

  /** Certificates and authorities, as configured. @throws GlanceError `config.invalid` for files that cannot be read */
  async tls(): Promise<TlsSettings> {
    const cloud = await this.cloud();
    return cloud === null ? await readTls(this.#runtime, this.#options) : await cloudTls(this.#runtime, cloud);
  }

  /** What proves to the configured Glance who asks. */
  async credentials(): Promise<Credentials> {
    await this.service();
    return await this.#credentials.current();
  }

  /** Prints a warning on stderr. */
  warn(message: string): void {
    this.messages.say('warning', message);
  }

  /** Prints an error that does not end the run. */
  tell(message: string, hint?: string): void {
    this.messages.say('error', message, hint);
  }

  /** Forgets a kept endpoint that turned out to be gone, so that the next run asks the catalog again. */
  async noteFailure(error: unknown): Promise<void> {
    const isGone =
      error instanceof GlanceError && /^(?:net\.(?:dns|refused|unreachable)|api\.version)$/.test(error.code);
    if (isGone) await this.#staleCandidate?.forget();
  }

  /** The error with what is known here of a connection that failed; any other as it is. */
  async explain(error: unknown): Promise<unknown> {
    const { isExplained, explainFailure } = await import('./explain.ts');
    if (!isExplained(error)) return error;
    const endpoint = findEndpoint(this.#runtime, this.#options) ?? null;
    try {
      const [cloud, tls] = [await this.cloud(), await this.tls()];
      const tokenSource = cloud === null ? findTokenSource(this.#runtime, this.#options) : givenTokenSource(cloud);
      return await explainFailure(error, {
        uriOrigin: this.#uriOrigin,
        endpoint,
        tokenSource,
        cloud,
        tls,
        env: this.#runtime.env,
      });
    } catch {
      // What is configured cannot be read: that is not what failed here.
      return error;
    }
  }

  async close(): Promise<void> {
    const created = await this.#client?.catch(() => null);
    await created?.close();
  }

  async #connect(): Promise<ImageService> {
    const cloud = await this.cloud();
    const endpoint = readEndpoint(this.#runtime, this.#options);
    if (cloud !== null) return await this.#openCloud(cloud, endpoint);
    if (endpoint === undefined) throw nothingConfigured();
    return await this.#open(endpoint, fixedCredentials(await readToken(this.#runtime, this.#options)), false);
  }

  async #loadCloud(): Promise<Cloud | null> {
    const warn = (message: string): void => this.warn(message);
    warnOfSecrets(this.#options, warn);
    const isBare = readEndpoint(this.#runtime, this.#options) !== undefined && !usesCloud(this.#runtime, this.#options);
    if (isBare) return null;
    return await loadConfiguredCloud(
      this.#runtime,
      this.#options,
      (url) => fetchProfile(this.#runtime, this.#options, this.#hooks(), url),
      warn,
    );
  }

  async #openCloud(cloud: Cloud, override: URL | undefined): Promise<ImageService> {
    const authenticator = await this.#authenticator(cloud);
    const endpoint = override ?? (await authenticator.imageEndpoint());
    const known = await authenticator.knownApi(endpoint);
    const wanted = readApiChoice(this.#runtime, this.#options, cloud.imageApiVersion);
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

  #authenticator(cloud: Cloud): Promise<Authenticator> {
    return authenticatorFor(this.#runtime, this.#options, cloud, () => this.client(), this.#mayLogIn);
  }

  /** Credentials go along only to the origin they were given for. */
  async #serviceAt(base: URL): Promise<ImageService> {
    this.#uriOrigin = base.origin;
    const endpoint = readEndpoint(this.#runtime, this.#options);
    const home = await this.#findHome(endpoint);
    if (home !== null) {
      if (home.origin !== base.origin) this.#tellKeptBack(base);
      return await this.#open(base, home.origin === base.origin ? home.credentials : fixedCredentials(null), true);
    }
    const token = await readToken(this.#runtime, this.#options);
    if (token === null || endpoint?.origin === base.origin)
      return await this.#open(base, fixedCredentials(token), true);
    this.#tellKeptBack(base);
    return await this.#open(base, fixedCredentials(null), true);
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
      this.#runtime.signal.throwIfAborted();
      if (!(error instanceof GlanceError) || usesCloud(this.#runtime, this.#options)) throw error;
      this.warn(`no login is used: ${error.message}`);
      this.#cloud = Promise.resolve(null);
      return null;
    }
  }

  #tellKeptBack(base: URL): void {
    this.warn(
      `no token is sent to ${base.origin}, which is not the configured endpoint; give --endpoint to send it there`,
    );
  }

  async #open(
    endpoint: URL,
    credentials: CredentialSource,
    isBase: boolean,
    configuredVersion: string | null = null,
  ): Promise<ImageService> {
    const client = await this.client();
    const wanted = readApiChoice(this.#runtime, this.#options, configuredVersion);
    const { discoverApi } = await import('../image/discovery.ts');
    const found = await discoverApi(client, endpoint, { wanted, isBase, credentials }, this.#runtime.signal);
    this.#isGuess = found.guess !== null;
    return await this.#create(client, found, credentials);
  }

  async #create(client: HttpClient, found: DiscoveredApi, credentials: CredentialSource): Promise<ImageService> {
    this.#credentials = credentials;
    const { version, base, guess } = found;
    const options = { client, base, guess, credentials, warn: (message: string): void => this.warn(message) };
    if (version === 1) return new (await import('../image/v1.ts')).V1ImageService(options);
    return new (await import('../image/v2.ts')).V2ImageService(options);
  }

  async #createClient(): Promise<{ client: HttpClient; close: () => Promise<void> }> {
    const { createClient } = await import('./connect.ts');
    return await createClient(
      this.#runtime,
      this.#options,
      { tls: await this.tls(), timeoutMs: (await this.cloud())?.apiTimeoutMs ?? null },
      this.#hooks(),
    );
  }

  #hooks(): ClientHooks {
    return {
      secrets: this.secrets,
      warn: (message) => this.warn(message),
      onWire: this.#options.debug === true ? (event) => this.messages.sayWire(event) : undefined,
      onTell: (message) => this.messages.say('note', message),
    };
  }
}
