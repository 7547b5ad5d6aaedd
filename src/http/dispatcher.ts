// Connections: undici's pools with our limits, TLS settings and proxies. The only file beside exchange.ts that knows undici.
// Its parts are taken one by one: all of it, with fetch, WebSocket, caches and mocks, takes longer to load than a request.
import type { Dispatcher } from 'undici';
import connectThrough from 'undici/lib/api/api-connect.js';
import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';
import { bulkReading } from './bulk-socket.ts';
import { findProxy } from './proxy.ts';

export interface TlsSettings {
  /** PEM of the authorities to trust instead of the built-in ones. */
  readonly ca?: string | undefined;
  /** PEM of our own certificate and its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** False: any certificate will do. */
  readonly verify: boolean;
}

export interface ConnectionSettings {
  readonly tls: TlsSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Longest wait for a connection, TLS included, milliseconds. 0: no limit. */
  readonly connectTimeoutMs: number;
}

/** Bytes of header lines in one answer. Glance v1 puts every property into a header; curl's limit is 300 KiB. */
export const maxHeaderBytes = 1024 * 1024;

/** Where a request goes first: the server itself or a proxy. */
export interface Route {
  readonly dispatcher: Dispatcher;
  /** The proxy in between, or null. */
  readonly proxy: URL | null;
}

/** Keeps one pool for each route and closes them all at the end. */
export class Connections {
  readonly #settings: ConnectionSettings;
  readonly #pools = new Map<string, Dispatcher>();

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /** @throws GlanceError `config.invalid` for an unusable proxy variable */
  route(url: URL): Route {
    const proxy = findProxy(url, this.#settings.env);
    const key = proxy?.href ?? '';
    let dispatcher = this.#pools.get(key);
    if (dispatcher === undefined) {
      dispatcher = proxy === null ? new Agent(this.#poolOptions()) : this.#proxyAgent(proxy);
      this.#pools.set(key, dispatcher);
    }
    return { dispatcher, proxy };
  }

  /** Drops every connection at once. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }

  #poolOptions(): Agent.Options {
    return {
      connect: this.#connector(),
      maxHeaderSize: maxHeaderBytes,
      // Waiting is bounded by our own clock, see exchange.ts.
      headersTimeout: 0,
      bodyTimeout: 0,
      // One request a connection at a time: a slow image must not hold up a metadata request behind it.
      pipelining: 1,
    };
  }

  /** Plain connections read in bulk. Over TLS that gains nothing: decrypting is the limit. */
  #connector(): buildConnector.connector {
    const options = { ...this.#tlsOptions(), timeout: this.#settings.connectTimeoutMs, autoSelectFamily: true };
    const overTls = buildConnector(options);
    return (target, callback) => {
      // Each socket has memory of its own, so each has a connector of its own.
      const connect = target.protocol === 'http:' ? buildConnector({ ...options, onread: bulkReading() }) : overTls;
      connect(target, callback);
    };
  }

  #tlsOptions(): { ca?: string; cert?: string; key?: string; rejectUnauthorized: boolean } {
    const { ca, cert, key, verify } = this.#settings.tls;
    return {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      rejectUnauthorized: verify,
    };
  }

  #proxyAgent(proxy: URL): Dispatcher {
    const options = this.#poolOptions();
    return new ProxyAgent({
      ...options,
      uri: proxy.href,
      requestTls: { ...this.#tlsOptions(), timeout: this.#settings.connectTimeoutMs },
      proxyTls: { ...this.#tlsOptions(), timeout: this.#settings.connectTimeoutMs },
      // http targets are asked for by their absolute URL, as curl does: many proxies allow CONNECT to port 443 only.
      proxyTunnel: false,
      // How to ask for a tunnel; undici's index gives this method to all its dispatchers.
      clientFactory: (origin, clientOptions) =>
        Object.assign(new Pool(origin, clientOptions), { connect: connectThrough }),
      factory: (origin: URL, poolOptions: object) => new Pool(origin, { ...options, ...poolOptions }),
    });
  }
}
