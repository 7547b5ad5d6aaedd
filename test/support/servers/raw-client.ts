// What a server really sends: requests as text, answers as bytes, and how the connection ended.
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface RawAnswer {
  /** Everything that came before the connection ended. */
  readonly bytes: Buffer;
  readonly head: string;
  readonly body: Buffer;
  /** The system's error code of the connection; null if it ended cleanly. */
  readonly failure: string | null;
}

/** Sends text, and waits until the server ends the connection. */
export function sendRaw(url: URL, text: string): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let failure: string | null = null;
    const socket = connect(Number(url.port), url.hostname, () => socket.write(text, 'latin1'));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error) => {
      failure = 'code' in error ? String(error.code) : error.message;
    });
    socket.on('close', () => {
      const bytes = Buffer.concat(chunks);
      const headEnd = bytes.indexOf('\r\n\r\n');
      const head = bytes.subarray(0, Math.max(0, headEnd)).toString('latin1');
      resolve({ bytes, head, body: headEnd < 0 ? Buffer.alloc(0) : bytes.subarray(headEnd + 4), failure });
    });
  });
}

/** A request for a path as text, with the bare minimum of headers. */
export function requestText(method: string, path: string, ...headers: readonly string[]): string {
  return [`${method} ${path} HTTP/1.1`, 'Host: test', ...headers, '', ''].join('\r\n');
}

export interface HttpAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  /** Names with the server's capitals. */
  readonly headerNames: readonly string[];
  readonly body: Buffer;
}

/** A request by node:http, on a connection of its own. @throws the system's error if the answer does not come whole */
export function fetchHttp(
  url: URL,
  options: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { ...options, agent: false, maxHeaderSize: 1024 * 1024 }, (response) => {
      resolve(readAnswer(response));
    });
    request.on('error', reject);
    request.end();
  });
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? '',
    headers: response.headers,
    headerNames: response.rawHeaders.filter((_, index) => index % 2 === 0),
    body: await buffer(response),
  };
}
