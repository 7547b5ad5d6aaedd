// A server that sends exactly the given bytes: for answers that no HTTP library would write.
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';

export interface RawRequest {
  readonly method: string;
  /** As received: a path, or an absolute URL at a proxy. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface RawServer {
  readonly url: URL;
  readonly requests: readonly RawRequest[];
  /** Connections so far, including those without a request. */
  readonly connections: () => number;
}

export type Respond = (request: RawRequest, socket: Socket, index: number) => void;

export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/${name}`, import.meta.url));
}

/** Starts one for the running test. `respond` writes the answer, and ends the socket if it wants. */
export async function rawServer(
  respond: Respond,
  certificate?: 'server' | 'other-name' | 'expired',
): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let pending = '';
    socket.on('data', (chunk: Buffer) => {
      pending += chunk.toString('latin1');
      for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
        const request = parse(pending.slice(0, end));
        pending = pending.slice(end + 4);
        requests.push(request);
        respond(request, socket, requests.length - 1);
        if (request.method === 'CONNECT') socket.removeAllListeners('data');
      }
    });
  };
  const server: Server =
    certificate === undefined
      ? createServer(onSocket)
      : createTlsServer({ cert: fixture(`tls/${certificate}.pem`), key: fixture(`tls/${certificate}.key`) }, onSocket);
  let connections = 0;
  server.on('connection', () => connections++);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: new URL(`${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${String(address.port)}/`),
    requests,
    connections: () => connections,
  };
}

function parse(head: string): RawRequest {
  const [first = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { method, target, headers };
}

/** An answer with a body and its length. */
export function answer(status: string, body: string, ...headers: string[]): string {
  const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${String(Buffer.byteLength(body))}`, ...headers];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
