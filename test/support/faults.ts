// A real server that misbehaves: faults are values, matched to requests, applied to the answer the server would give, and
// written to the raw socket, so that answers can be what no HTTP library would send.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { answerRequest, defaultHandlerOptions } from '../../src/server/handler.ts';
import { type CatalogImage, makeCatalog } from '../../src/server/images/catalog.ts';
import { createListener, type ListenerOptions, readRequest } from '../../src/server/listener.ts';
import { applyAction, type Draft } from './faults/fault-actions.ts';
import { type Fault, makePicker } from './faults/fault-match.ts';
import { readBody } from './images.ts';
import type { SeenRequest } from './servers/replay.ts';
import { makeStallCounter, writeDraft } from './faults/write-draft.ts';

export type { FaultAction } from './faults/fault-actions.ts';
export type { Fault, FaultMatch } from './faults/fault-match.ts';
export type { SeenRequest } from './servers/replay.ts';

export interface FaultyServerOptions extends Omit<ListenerOptions, 'catalog'> {
  readonly catalog: readonly CatalogImage[];
  /** The first that matches a request is applied to it; if none does, the real server answers. */
  readonly faults: readonly Fault[];
  /** Bytes of body written at once. Default 16 KiB. */
  readonly chunkBytes?: number;
}

export interface FaultyServer {
  readonly url: URL;
  /** Every request so far, in order. */
  readonly requests: readonly SeenRequest[];
  /** Resolves once a request has been stalled. */
  readonly stalled: Promise<void>;
  /** Resolves once `count` requests have been stalled in all. */
  readonly waitForStalls: (count: number) => Promise<void>;
  /** Connections open now. */
  readonly connections: () => number;
  /** Ends everything at once. */
  readonly close: () => Promise<void>;
}

/** Starts one on a free port of this machine. */
export async function startFaultyServer(options: FaultyServerOptions): Promise<FaultyServer> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const stalls = makeStallCounter();
  const pick = makePicker(options.faults);
  const catalog = makeCatalog(options.catalog);
  const real = createListener({ ...options, catalog });
  const listener: RequestListener = (message, response) => {
    const seen = toSeen(message);
    requests.push(seen);
    const fault = pick(seen);
    if (fault === undefined) real(message, response);
    else void misbehave(message, response, seen, fault, { ...options, catalog }, stalls.add);
  };
  const server = createServer({ keepAliveTimeout: 0 }, listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(server);
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => void server.close(resolve));
  };
  return {
    url: new URL(`http://127.0.0.1:${String(port)}/`),
    requests,
    stalled: stalls.waitFor(1),
    waitForStalls: stalls.waitFor,
    connections: () => sockets.size,
    close,
  };
}

function toSeen(message: IncomingMessage): SeenRequest {
  const { method, target: path, headers } = readRequest(message);
  return { method, path, headers: Object.fromEntries(headers) };
}

type RealOptions = ListenerOptions & Pick<FaultyServerOptions, 'chunkBytes'>;

async function misbehave(
  message: IncomingMessage,
  response: ServerResponse,
  seen: SeenRequest,
  fault: Fault,
  options: RealOptions,
  onStall: () => void,
): Promise<void> {
  const { socket } = message;
  // Most faults make the client hang up.
  socket.on('error', () => socket.destroy());
  message.resume();
  response.on('error', () => socket.destroy());
  const actions = 'type' in fault.do ? [fault.do] : fault.do;
  let draft = await draftRealAnswer(message, options);
  for (const action of actions) draft = applyAction(draft, action, seen);
  await writeDraft(socket, draft, seen.method === 'HEAD', options.chunkBytes ?? 16 * 1024, onStall);
}

/** What the real server would answer. */
async function draftRealAnswer(message: IncomingMessage, options: RealOptions): Promise<Draft> {
  const answer = answerRequest(readRequest(message), options.catalog, { ...defaultHandlerOptions, ...options });
  const { body } = answer;
  return {
    status: answer.status,
    reason: answer.statusText,
    headers: answer.headers,
    body: await readBody(body),
    framing: 'length',
    ending: { how: 'fin', after: Infinity },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
