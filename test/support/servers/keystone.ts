// A Keystone for the running test, which gives the configured answers and records requests with their bodies.
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { fixture } from './raw-server.ts';

export interface KeystoneRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Common name of the certificate that the client showed; null without one. */
  readonly client: string | null;
}

export interface KeystoneAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ScriptedKeystone {
  /** With `/v3`. */
  readonly url: string;
  readonly requests: readonly KeystoneRequest[];
  /** Method and path of every request so far. */
  readonly asked: () => readonly string[];
}

/** The body of a token that is valid for a very long time. @param image where its catalog has the image service */
export function tokenBody(image: string | null, more: object = {}): object {
  const catalog = image === null ? [] : [{ type: 'image', endpoints: [{ interface: 'public', url: image }] }];
  return { token: { expires_at: '2999-01-01T00:00:00.000000Z', catalog, ...more } };
}

/** Starts one. If the answer is null, the status is 404. @param isTls over TLS, where clients may show a certificate */
export async function scriptedKeystone(
  respond: (request: KeystoneRequest) => KeystoneAnswer | null,
  isTls = false,
): Promise<ScriptedKeystone> {
  const requests: KeystoneRequest[] = [];
  const tls = { cert: fixture('tls/server.pem'), key: fixture('tls/server.key'), ca: fixture('tls/ca.pem') };
  const server: Server = isTls
    ? createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false })
    : createServer();
  server.on('request', (incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const name = isTls ? (incoming.socket as TLSSocket).getPeerCertificate().subject?.CN : undefined;
      const client = name === undefined ? null : String(name);
      const request = { method, path: url, headers, body: Buffer.concat(chunks).toString(), client };
      requests.push(request);
      const { status, body = {}, headers: more = {} } = respond(request) ?? { status: 404 };
      response.writeHead(status, { 'content-type': 'application/json', ...more });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  const { port } = server.address() as AddressInfo;
  const url = `${isTls ? 'https' : 'http'}://127.0.0.1:${String(port)}/v3`;
  return { url, requests, asked: () => requests.map(({ method, path }) => `${method} ${path}`) };
}
