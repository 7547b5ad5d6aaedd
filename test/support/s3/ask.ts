// One request to the double, made by hand: for tests of the double itself, and of what no client sends.
import { createHash } from 'node:crypto';
import { request as openRequest } from 'node:http';
import type { S3Double } from './double.ts';
import { type Credentials, signHeaders } from './signature.ts';

export interface Question {
  readonly method?: string;
  /** Path and query as they are sent. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** `Content-MD5` is sent along. */
  readonly md5?: boolean;
  /** Deviations in the signature; null: unsigned. */
  readonly sign?: Partial<Signing> | null;
}

interface Signing {
  readonly credentials: Credentials;
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What the body is said to be: its SHA-256, or `UNSIGNED-PAYLOAD`. */
  readonly sha256: string;
}

export interface Reply {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** @throws what the socket throws if no complete answer comes */
export function ask(double: S3Double, question: Question): Promise<Reply> {
  const { method = 'GET', path, sign = {} } = question;
  const body = Buffer.from(question.body ?? '');
  const digest = (algorithm: string, encoding: 'base64' | 'hex'): string =>
    createHash(algorithm).update(body).digest(encoding);
  const md5 = question.md5 === true ? { 'content-md5': digest('md5', 'base64') } : {};
  const headers = { host: double.url.host, ...question.headers, ...md5 };
  const signing = {
    region: sign?.region ?? double.region,
    at: sign?.at ?? Date.now(),
    sha256: sign?.sha256 ?? digest('sha256', 'hex'),
  };
  const credentials = sign?.credentials ?? double.credentials;
  const sent = sign === null ? headers : signHeaders({ method, path, headers }, credentials, signing);
  return send(double.url, method, path, { ...sent, 'content-length': String(body.length) }, body);
}

export function send(
  url: URL,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = openRequest({ host: url.hostname, port: url.port, method, path, headers, agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const names = incoming.rawHeaders.filter((_, index) => index % 2 === 0);
        resolve({
          status: incoming.statusCode ?? 0,
          reason: incoming.statusMessage ?? '',
          headers: names.map((name, index) => [name, incoming.rawHeaders[index * 2 + 1] ?? '']),
          body: Buffer.concat(chunks),
        });
      });
    });
    outgoing.end(body);
  });
}
