// From options and environment to a Glance, made when it is first needed: --help opens no socket and reads no file.
import { GlanceError } from '../errors.ts';
import type { HttpClient, WireEvent } from '../http/client.ts';
import { discoverApi } from '../image/discovery.ts';
import type { Image } from '../image/image.ts';
import { resolveImage } from '../image/resolve.ts';
import type { ImageService } from '../image/service.ts';
import { findPin, type Pin } from '../image/pin.ts';
import { parseImageUri } from '../image/uri.ts';
import { V1ImageService } from '../image/v1.ts';
import { V2ImageService } from '../image/v2.ts';
import { escapeControls } from '../output/escape.ts';
import { createClient } from './connect.ts';
import type { GlobalOptions } from './options.ts';
import type { Runtime } from './runtime.ts';
import { readApiChoice, readEndpoint, readToken } from './settings.ts';

/** An image that was found, and the Glance it is in. */
export interface Found {
  readonly image: Image;
  readonly service: ImageService;
  /** The digest that the user demands, or null. */
  readonly pin: Pin | null;
}

export class Session {
  readonly #runtime: Runtime;
  readonly #options: GlobalOptions;
  #client: Promise<{ client: HttpClient; close: () => Promise<void> }> | null = null;
  #service: Promise<ImageService> | null = null;

  constructor(runtime: Runtime, options: GlobalOptions) {
    this.#runtime = runtime;
    this.#options = options;
  }

  /** The configured Glance. @throws GlanceError `config.missing` if none is configured */
  service(): Promise<ImageService> {
    this.#service ??= this.#connect();
    return this.#service;
  }

  /** The HTTP client that all services of this session share. */
  async client(): Promise<HttpClient> {
    this.#client ??= createClient(this.#runtime, this.#options, {
      warn: (message) => this.warn(message),
      onWire: this.#options.debug === true ? (event) => this.#showWire(event) : undefined,
    });
    return (await this.#client).client;
  }

  /**
   * The image that a user names: id, name, either with a pinned digest, or a full URI.
   * @throws GlanceError `image.*`, `integrity.pin`
   */
  async find(query: string, latest: boolean): Promise<Found> {
    const { signal } = this.#runtime;
    const uri = parseImageUri(query);
    if (uri !== undefined) {
      const service = await this.#serviceAt(uri.base);
      return { image: await service.get(uri.id, signal), service, pin: null };
    }
    const service = await this.service();
    const { name, pin } = findPin(query);
    const image = await resolveImage(service, name, latest, signal);
    pin?.check(image);
    return { image, service, pin };
  }

  /** Prints a warning on stderr. */
  warn(message: string): void {
    this.#runtime.stderr.write(`warning: ${escapeControls(message)}\n`);
  }

  async close(): Promise<void> {
    const created = await this.#client?.catch(() => null);
    await created?.close();
  }

  async #connect(): Promise<ImageService> {
    const endpoint = readEndpoint(this.#runtime, this.#options);
    if (endpoint === undefined) throw missingEndpoint(this.#runtime);
    return await this.#open(endpoint, await readToken(this.#runtime, this.#options));
  }

  /** The token goes along only to the origin it was given for. */
  async #serviceAt(base: URL): Promise<ImageService> {
    const endpoint = readEndpoint(this.#runtime, this.#options);
    const token = endpoint?.origin === base.origin ? await readToken(this.#runtime, this.#options) : null;
    return await this.#open(base, token, true);
  }

  async #open(endpoint: URL, token: string | null, isBase = false): Promise<ImageService> {
    const client = await this.client();
    const wanted = readApiChoice(this.#runtime, this.#options);
    const warn = (message: string): void => this.warn(message);
    const { version, base } = await discoverApi(client, endpoint, { wanted, isBase }, this.#runtime.signal);
    const options = { client, base, token: () => Promise.resolve(token), warn };
    return version === 2 ? new V2ImageService(options) : new V1ImageService(options);
  }

  #showWire({ direction, lines }: WireEvent): void {
    const mark = { request: '>', answer: '<', retry: '!' }[direction];
    this.#runtime.stderr.write(lines.map((line) => `${mark} ${escapeControls(line)}\n`).join(''));
  }
}

function missingEndpoint({ env }: Runtime): GlanceError {
  const usesLogin = ['OS_CLOUD', 'OS_AUTH_URL'].find((name) => (env[name] ?? '') !== '');
  const note =
    usesLogin === undefined ? '' : ` (${usesLogin} is set, but this version does not log in to Keystone yet)`;
  return new GlanceError('config.missing', `no endpoint is set${note}`, {
    hint: 'give --endpoint URL, or set OS_IMAGE_ENDPOINT_OVERRIDE, and OS_TOKEN if the server wants a token',
  });
}
