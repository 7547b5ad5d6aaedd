// Serves the metrics of a worker to Prometheus: one path, read-only.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GlanceError } from '../../errors.ts';
import { metricsType } from './worker-metrics.ts';

/** The address to listen on. */
export interface MetricsAddress {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
}

const path = '/metrics';
/** Times in milliseconds, connections, and bytes: a scrape is small. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 5000,
  keepAliveTimeout: 5000,
  maxHeaderSize: 8 * 1024,
};
const maxConnections = 32;

/**
 * Starts to serve metrics.
 * @param format renders the current metrics
 * @returns the address, and how to stop
 * @throws GlanceError `io.port` if the address cannot be used
 */
export async function serveMetrics(
  { host, port }: MetricsAddress,
  format: () => string,
): Promise<{ readonly url: URL; readonly close: () => Promise<void> }> {
  const server = createServer(limits, (request, response) => answer(request, response, format));
  server.maxConnections = maxConnections;
  await listen(server, host, port);
  server.on('error', () => undefined);
  const { port: own } = server.address() as AddressInfo;
  const url = new URL(path, `http://${host.includes(':') ? `[${host}]` : host}:${String(own)}`);
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  };
  return { url, close };
}

function answer({ method, url = '' }: IncomingMessage, response: ServerResponse, format: () => string): void {
  const isRead = method === 'GET' || method === 'HEAD';
  if (url.split('?', 1)[0] !== path) response.writeHead(404).end();
  else if (!isRead) response.writeHead(405, { allow: 'GET, HEAD' }).end();
  else {
    const text = format();
    response.writeHead(200, { 'content-type': metricsType, 'content-length': Buffer.byteLength(text) });
    response.end(method === 'HEAD' ? '' : text);
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GlanceError('io.port', `cannot serve metrics at ${host}, port ${String(port)}: ${why}`, {
      hint: 'choose another address for them',
      cause,
    });
  }
}
