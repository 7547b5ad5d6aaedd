// The server as a running thing: listening, its limits, and how it comes to an end.
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
 * How long a client may take, milliseconds: for the headers, for a whole request (both are looked at every five seconds), between
 * two, and without taking a byte. And the bytes that request line and headers may have.
 */
const limits = {
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5000,
  keepAliveTimeout: 5000,
  idleTimeout: 300_000,
  maxHeaderSize: 16 * 1024,
};

/** What to serve, where, and how. */
export interface ServerOptions extends ListenerOptions {
  /** Address to listen on. Default: this machine alone. */
  readonly host?: string | undefined;
  /** 0 picks a free one. */
  readonly port: number;
  /** Connections at once; further ones are refused. Default 512. */
  readonly maxConnections?: number | undefined;
  /** Milliseconds that `close` waits for answers under way. Default 30 000. */
  readonly drainMs?: number | undefined;
  /** Takes what is wrong with listening. Must not throw. */
  readonly onTrouble?: ((error: Error) => void) | undefined;
  /** Closes the server when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** A server that listens. */
export interface RunningServer {
  /** Base of everything it serves, ending in a slash. */
  readonly url: URL;
  readonly port: number;
  /** Connections open now. */
  readonly connections: () => number;
  /** Takes no new connections, lets answers under way end, then ends. May be called twice. */
  readonly close: () => Promise<void>;
}

/**
 * Starts a server and resolves once it listens.
 * @throws GlanceError `io.port` if the address cannot be had
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const host = options.host ?? '127.0.0.1';
  const server = createServer(limits);
  server.maxConnections = options.maxConnections ?? defaultMaxConnections;
  // Their size is limited. To leave some out in silence, as node:http does beyond a number, changes what a request says.
  server.maxHeadersCount = 0;
  server.setTimeout(limits.idleTimeout);
  await listen(server, host, options.port);
  const { port } = server.address() as AddressInfo;
  const authority = toAuthority(host, port);
  const connections = trackSockets(server);
  // A connection that cannot be accepted, for want of descriptors, is one that this server never had.
  server.on('error', (error) => options.onTrouble?.(error));
  const listener = takeTurns(createListener({ defaultHost: authority, ...options }));
  server.on('request', listener);
  // Asking before sending: the answer does not depend on what would be sent.
  server.on('checkContinue', listener);
  server.on('checkExpectation', listener);
  const close = makeClose(connections, options);
  options.signal?.addEventListener('abort', () => void close(), { once: true });
  if (options.signal?.aborted) await close();
  return { url: new URL(`http://${authority}/`), port, connections: connections.count, close };
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
