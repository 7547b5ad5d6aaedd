// A service that hands out keys, in the same process: it answers as a test says, and remembers what it was asked.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';

export interface KeyQuestion {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface KeyReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is, anything else as JSON. */
  readonly body: unknown;
}

export interface KeyServer {
  readonly url: URL;
  readonly questions: readonly KeyQuestion[];
  /** Method and path of each question. */
  readonly asked: () => readonly string[];
}

/** Starts one for the running test. */
export async function keyServer(respond: (question: KeyQuestion, index: number) => KeyReply): Promise<KeyServer> {
  const questions: KeyQuestion[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const question = { method: request.method ?? '', target: request.url ?? '', headers: request.headers, body };
      questions.push(question);
      const reply = respond(question, questions.length - 1);
      response.writeHead(reply.status ?? 200, reply.headers);
      response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: new URL(`http://127.0.0.1:${String(address.port)}/`),
    questions,
    asked: () => questions.map(({ method, target }) => `${method} ${target}`),
  };
}

/** Keys in the form in which containers and instances get them. */
export function jsonKeys(name: string, expiresAtMs: number): Record<string, string> {
  return {
    Code: 'Success',
    AccessKeyId: `ASIA${name}`,
    SecretAccessKey: `${name}-secret-access-key`,
    Token: `${name}-session-token`,
    Expiration: new Date(expiresAtMs).toISOString(),
  };
}

/** The same keys as the program uses them. */
export function keysOf(name: string): { accessKeyId: string; secretAccessKey: string; sessionToken: string } {
  return {
    accessKeyId: `ASIA${name}`,
    secretAccessKey: `${name}-secret-access-key`,
    sessionToken: `${name}-session-token`,
  };
}
