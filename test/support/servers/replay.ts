// A server that answers with recorded bytes, as they came over the wire, and closes: for what no HTTP library would write.
import { createServer, type Server, type Socket } from 'node:net';
import type { RecordedExchange } from '../recorded.ts';

/** A request as a server saw it. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly path: string;
  /** By lower-case name; several of one name are joined by a comma and a space. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ReplayServer {
  readonly url: URL;
  /** Every request so far, in order. */
  readonly requests: readonly SeenRequest[];
  readonly close: () => Promise<void>;
}

const unknownAnswer = 'HTTP/1.1 501 Not Recorded\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/**
 * Serves recordings. A request gets the first that has its method and path and, where the recorded request had an
 * `X-Auth-Token`, that token too; those with a token are looked at first. Anything else gets a 501.
 */
export async function startReplay(recordings: readonly RecordedExchange[]): Promise<ReplayServer> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A client that hangs up does not fail the test.
    socket.on('error', () => socket.destroy());
    collectHead(socket, (head) => {
      const request = parseHead(head);
      requests.push(request);
      socket.end(findAnswer(recordings, request));
    });
  });
  const port = await listen(server);
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => void server.close(resolve));
  };
  return { url: new URL(`http://127.0.0.1:${String(port)}/`), requests, close };
}

function collectHead(socket: Socket, onHead: (head: string) => void): void {
  let seen = '';
  const onData = (chunk: Buffer): void => {
    seen += chunk.toString('latin1');
    const end = seen.indexOf('\r\n\r\n');
    if (end < 0) return;
    socket.off('data', onData);
    socket.resume();
    onHead(seen.slice(0, end));
  };
  socket.on('data', onData);
}

function parseHead(head: string): SeenRequest {
  const [requestLine = '', ...lines] = head.split('\r\n');
  const [method = '', path = ''] = requestLine.split(' ');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key] ?? ''}, ${value}` : value;
  }
  return { method, path, headers };
}

function findAnswer(recordings: readonly RecordedExchange[], request: SeenRequest): Buffer | string {
  const matching = recordings.filter(({ method, path }) => method === request.method && path === request.path);
  const withToken = matching.find((recording) => {
    const token = tokenOf(recording);
    return token !== undefined && token === request.headers['x-auth-token'];
  });
  const found = withToken ?? matching.find((recording) => tokenOf(recording) === undefined);
  return found?.raw ?? unknownAnswer;
}

function tokenOf({ requestHeaders }: RecordedExchange): string | undefined {
  return requestHeaders.find(([name]) => name === 'X-Auth-Token')?.[1];
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
