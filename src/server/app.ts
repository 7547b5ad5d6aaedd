// The running server: listening, limits, and shutdown.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../clock.ts';
import { GlanceError } from '../errors.ts';
import { type Sockets, trackSockets } from './sockets.ts';
import { errnoOf } from '../local/errno.ts';
import { createListener, type ListenerOptions } from './listener.ts';
import { takeTurns } from './turns.ts';

export type { AccessRecord, FailureRecord } from './listener.ts';

const defaultMaxConnections = 512;
const defaultDrainMs = 30_000;

/**
 * Time limits for clients, milliseconds: for the headers, for a whole request (both are checked every five seconds),
 * between two requests, and without accepting a byte. And the most bytes in request line and headers.
 */
const limits = {
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5000,
  keepAliveTimeout: 5000,
  idleTimeout: 300_000,
  maxHeaderSize: 16 * 1024,
};

/** What to serve, where and how. */
export interface ServerOptions extends ListenerOptions {
  /** Address to listen on. Default: loopback only. */
  readonly host?: string | undefined;
  /** 0 to 65535; 0 picks a free port. */
  readonly port: number;
  /** Maximum number of connections at once; further ones are refused. Default 512. */
  readonly maxConnections?: number | undefined;
  /** How long `close` waits for answers in progress, milliseconds. Default 30 000. */
  readonly drainMs?: number | undefined;
  /** Called with errors of listening. Must not throw. */
  readonly onTrouble?: ((error: Error) => void) | undefined;
  /** Closes the server when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** A listening server. */
export interface RunningServer {
  /** Base URL of everything it serves, with a slash at the end. */
  readonly url: URL;
  readonly port: number;
  /** The number of open connections. */
  readonly connections: () => number;
  /** Refuses new connections, waits for answers in progress, then ends. May be called twice. */
  readonly close: () => Promise<void>;
}

/**
 * Starts a server, and resolves once it listens.
 * @throws GlanceError `io.port` if the address cannot be used; `usage.option` as {@link checkAddress} throws
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = '127.0.0.1' } = options;
  checkAddress(host, options.port);
  const server = createServer(limits);
  server.maxConnections = options.maxConnections ?? defaultMaxConnections;
  // The size of the headers is limited. A limit on their number makes node:http drop some silently, which changes the
  // meaning of a request.
  server.maxHeadersCount = 0;
  server.setTimeout(limits.idleTimeout);
  await listen(server, host, options.port);
  const { port } = server.address() as AddressInfo;
  const authority = toAuthority(host, port);
  const connections = trackSockets(server);
  // If a connection cannot be accepted for lack of descriptors, the server carries on.
  server.on('error', (error) => options.onTrouble?.(error));
  const listener = takeTurns(createListener({ defaultHost: authority, ...options }));
  server.on('request', listener);
  // Some clients ask before they send a body (`Expect: 100-continue`), but no answer here depends on the body.
  server.on('checkContinue', listener);
  server.on('checkExpectation', listener);
  const close = makeClose(connections, options);
  options.signal?.addEventListener('abort', () => void close(), { once: true });
  if (options.signal?.aborted) await close();
  return { url: new URL(`http://${authority}/`), port, connections: connections.count, close };
}

/**
 * An empty host would mean every address of this machine, and a URL has no place for the zone of an IPv6 address.
 * @throws GlanceError `usage.option` for an invalid host or port
 */
export function checkAddress(host: string | undefined, port: number): void {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new GlanceError('usage.option', `\`port\` is not a whole number from 0 to 65535: ${String(port)}`);
  }
  if (host !== undefined && !URL.canParse(`http://${toAuthority(host, port)}/`)) {
    throw new GlanceError('usage.option', `\`host\` is not an address that a URL can name: "${host}"`, {
      hint: 'give an IP address without a zone, or the name of a host',
    });
  }
}

function toAuthority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(toPortError(error, host, port)));
    server.listen(port, host, resolve);
  });
}

function toPortError(error: Error, host: string, port: number): GlanceError {
  const where = toAuthority(host, port);
  switch (errnoOf(error)) {
    case 'EADDRINUSE':
      return new GlanceError('io.port', `${where} is in use`, {
        hint: 'choose another port; 0 picks a free one',
        cause: error,
      });
    case 'EACCES':
      return new GlanceError('io.port', `${where} may not be opened`, {
        hint: 'choose a port above 1023',
        cause: error,
      });
    default:
      return new GlanceError('io.port', `cannot listen on ${where}: ${error.message}`, { cause: error });
  }
}

function makeClose(connections: Sockets, options: ServerOptions): () => Promise<void> {
  let closed: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    const clock = options.clock ?? systemClock;
    const cancel = clock.startTimer(options.drainMs ?? defaultDrainMs, connections.destroyAll);
    await connections.drain();
    cancel();
  };
  return () => {
    closed ??= drain();
    return closed;
  };
}
