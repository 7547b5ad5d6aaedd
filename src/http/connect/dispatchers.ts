// undici's pools with our limits, TLS settings and proxies: what requests travel over. Only `http/` knows undici. Its parts are
// imported one by one: loading all of it, with fetch, WebSocket, caches and mocks, takes longer than a request.
import { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import { GlanceError } from '../../errors.ts';
import { bulkReading } from './bulk-socket.ts';
import { findProxy, type Proxy } from './proxy.ts';

export interface TlsSettings {
  /** PEM of the authorities to trust instead of the built-in ones. */
  readonly ca?: string | undefined;
  /** PEM of our own certificate and its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** False: accept any certificate. */
  readonly verify: boolean;
  /** What disabled verification, for messages. */
  readonly unverifiedBy?: string | null;
  /** Why some of these settings could not be read: the error that connecting over TLS then throws. */
  readonly problem?: Error | null;
}

interface ConnectionSettings {
  readonly tls: TlsSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Longest wait for a connection, TLS included, milliseconds. 0: no limit. */
  readonly connectTimeoutMs: number;
  /** Whether to look names up for IPv4 only. Absent: for both families; the address that answers is used. */
  readonly forceIpv4?: boolean;
}

/**
 * Maximum size of the header lines of one answer, in bytes. Glance v1 puts every property into a header; curl's limit is 300
 * KiB.
 */
const maxHeaderBytes = 1024 * 1024;

/** Where a request goes first: the server itself or a proxy. */
export interface Route {
  readonly dispatcher: Dispatcher;
  /** The proxy in between, or null. */
  readonly proxy: Proxy | null;
}

/** Keeps one pool for each route and closes them all at the end. */
export class Dispatchers {
  readonly #settings: ConnectionSettings;
  readonly #pools = new Map<string, Promise<Dispatcher>>();
  readonly #opening = new Set<Socket>();

  /** @throws GlanceError `config.invalid` if Node was started without WebAssembly, which HTTP needs */
  constructor(settings: ConnectionSettings) {
    // undici's parser is WebAssembly. Without it, every connection looks as if the server had closed it.
    if (!('WebAssembly' in globalThis)) {
      throw new GlanceError('config.invalid', 'Node.js runs without WebAssembly, which HTTP needs', {
        hint: 'take --jitless and --no-expose-wasm out of NODE_OPTIONS',
      });
    }
    this.#settings = settings;
  }

  /** @throws GlanceError `config.invalid` for an unusable proxy variable, and over TLS for unusable certificates */
  async route(url: URL): Promise<Route> {
    const proxy = findProxy(url, this.#settings.env);
    const { problem = null } = this.#settings.tls;
    if (problem !== null && [url, proxy?.url].some((each) => each?.protocol === 'https:')) throw problem;
    const key = proxy === null ? '' : `${proxy.url.href} ${proxy.authorization ?? ''}`;
    let dispatcher = this.#pools.get(key);
    if (dispatcher === undefined) {
      dispatcher = this.#createPools(proxy);
      this.#pools.set(key, dispatcher);
    }
    return { dispatcher: await dispatcher, proxy };
  }

  /** Drops every connection at once. */
  async close(): Promise<void> {
    for (const socket of this.#opening) socket.destroy();
    await Promise.all([...this.#pools.values()].map(async (pool) => (await pool).destroy()));
    this.#pools.clear();
  }

  async #createPools(proxy: Proxy | null): Promise<Dispatcher> {
    const connect = proxy === null ? this.#connector() : await this.#proxyConnector(proxy);
    return new Agent({
      connect: failingOnce(connect),
      maxHeaderSize: maxHeaderBytes,
      // Our own clock limits the waits, see exchange.ts.
      headersTimeout: 0,
      bodyTimeout: 0,
      // One request at a time on a connection: a slow image must not hold up a metadata request behind it.
      pipelining: 1,
    });
  }

  /** Reads plain connections in bulk. Over TLS that gains nothing, since decryption is the bottleneck. */
  #connector(): buildConnector.connector {
    const options = this.#connectOptions();
    const overTls = this.#build(options);
    return (target, callback) => {
      // Each socket has its own memory, and so needs its own connector.
      const connect = target.protocol === 'http:' ? this.#build({ ...options, onread: bulkReading() }) : overTls;
      connect(target, callback);
    };
  }

  async #proxyConnector(proxy: Proxy): Promise<buildConnector.connector> {
    const { connectThrough } = await import('./tunnel.ts');
    const options = this.#connectOptions();
    return connectThrough(proxy, {
      toProxy: this.#build(options),
      toProxyInBulk: this.#connector(),
      tls: this.#build(options),
      timeoutMs: options.timeout,
      opening: this.#opening,
    });
  }

  /**
   * undici's connector, whose socket can be dropped while it connects: otherwise it would keep the program from
   * exiting.
   */
  #build(options: buildConnector.BuildOptions): buildConnector.connector {
    const connect = buildConnector(options);
    return (target, callback) => {
      // The types do not say that it returns the socket.
      const socket: unknown = connect(target, (...outcome) => {
        if (socket instanceof Socket) this.#opening.delete(socket);
        callback(...outcome);
      });
      if (socket instanceof Socket) this.#opening.add(socket);
    };
  }

  #connectOptions(): buildConnector.BuildOptions & { readonly timeout: number } {
    const { ca, cert, key, verify } = this.#settings.tls;
    return {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      rejectUnauthorized: verify,
      timeout: this.#settings.connectTimeoutMs,
      ...(this.#settings.forceIpv4 === true ? { family: 4 } : { autoSelectFamily: true }),
    };
  }
}

/**
 * The same connector, whose errors carry no code. After some codes, undici reconnects by itself, immediately and
 * without end; whether to try again is for the retry policy to decide.
 */
function failingOnce(connect: buildConnector.connector): buildConnector.connector {
  return (target, callback) => {
    connect(target, (error, socket) => {
      if (error !== null) callback(new Error('no connection', { cause: error }), null);
      else if (socket.destroyed) callback(new Error('the connection was closed at once'), null);
      else callback(null, socket);
    });
  };
}
