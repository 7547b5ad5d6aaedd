// The request listener: node:http on one side, the pure handler on the other, and a log line for each answer.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../clock.ts';
import type { Answer, HandlerOptions, ServerRequest } from './answers/answer.ts';
import type { Catalog } from './images/catalog.ts';
import { answerFailure, answerRequest, defaultHandlerOptions, requestIdOf } from './handler.ts';
import { sendAnswer } from './send.ts';

/** A request that was answered, for an access log. */
export interface AccessRecord {
  readonly method: string;
  /** Path and query as they came: text of a stranger's. */
  readonly path: string;
  readonly status: number;
  /** Bytes of body that were handed to the connection. */
  readonly bytes: number;
  readonly durationMs: number;
  /** Whether the answer was handed to the connection whole. Nobody can tell what the client took of the last buffers. */
  readonly complete: boolean;
  /** IP address of the client. Null if it was gone already. */
  readonly remoteAddress: string | null;
}

/** A request that failed for reasons of this server's, for a log. */
export interface FailureRecord {
  /** The one that the client was told, where it was told any. */
  readonly requestId: string;
  readonly method: string;
  /** Path and query as they came: text of a stranger's. */
  readonly path: string;
  readonly error: unknown;
}

/** What a listener needs; everything but the catalog has a default, see `defaultHandlerOptions`. */
export interface ListenerOptions extends Partial<HandlerOptions> {
  readonly catalog: Catalog;
  /** Called once per request whose turn came, when its answer has ended or its connection is gone. Must not throw. */
  readonly onRequest?: ((record: AccessRecord) => void) | undefined;
  /** Called when a request fails for reasons of this server's. Must not throw. */
  readonly onFailure?: ((record: FailureRecord) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** What of an incoming request the answer depends on. */
export function readRequest(message: IncomingMessage): ServerRequest {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return { method: message.method ?? 'GET', target: message.url ?? '/', headers };
}

/** A listener for node:http that serves a catalog. Whatever goes wrong ends one request, and no other. */
export function createListener(options: ListenerOptions): RequestListener {
  const handlerOptions: HandlerOptions = { ...defaultHandlerOptions, ...options };
  return (message: IncomingMessage, response: ServerResponse) => {
    const request = readRequest(message);
    const requestId = requestIdOf(request, handlerOptions);
    const { method, target: path } = request;
    const report = (error: unknown): void => options.onFailure?.({ requestId, method, path, error });
    // That of a client that is gone says nothing that `close` does not.
    response.on('error', () => undefined);
    const own = { ...handlerOptions, newRequestId: () => requestId };
    answerOne(message, response, request, own, options, report).catch((error: unknown) => {
      report(error);
      response.destroy();
    });
  };
}

async function answerOne(
  message: IncomingMessage,
  response: ServerResponse,
  request: ServerRequest,
  handlerOptions: HandlerOptions,
  options: ListenerOptions,
  report: (error: unknown) => void,
): Promise<void> {
  const sent = watchAnswer(message, response, request, options);
  // This server wants no bodies: the connection of one that comes is not used again.
  if (hasBody(message)) response.shouldKeepAlive = false;
  const refresh = options.catalog.refresh?.();
  if (refresh !== undefined) await refresh;
  if (response.destroyed) return;
  const refuse = (status: number): Answer => answerFailure(request, { status }, handlerOptions);
  let answer: Answer;
  try {
    answer = countHosts(message) > 1 ? refuse(400) : answerRequest(request, options.catalog, handlerOptions);
  } catch (error) {
    report(error);
    answer = refuse(500);
  }
  sent.announce(sizeOf(answer));
  await sendAnswer(answer, response, { count: sent.count, refuse, report });
}

interface SentAnswer {
  /** @param bytes of the body that is to come; null where nobody knows */
  readonly announce: (bytes: number | null) => void;
  readonly count: (bytes: number) => void;
}

/** Tells of a request once its answer has ended. */
function watchAnswer(
  message: IncomingMessage,
  response: ServerResponse,
  { method, target: path }: ServerRequest,
  options: ListenerOptions,
): SentAnswer {
  const clock = options.clock ?? systemClock;
  const begun = clock.monotonic();
  const remoteAddress = message.socket.remoteAddress ?? null;
  let bytes = 0;
  let announced: number | null = null;
  response.once('close', () => {
    const { statusCode: status, writableFinished } = response;
    // A client may hang up on the last byte, before the connection says that it is written.
    const complete = writableFinished || (response.headersSent && bytes === announced);
    const durationMs = clock.monotonic() - begun;
    options.onRequest?.({ method, path, status, bytes, durationMs, complete, remoteAddress });
  });
  return {
    announce: (count) => {
      announced = count;
    },
    count: (count) => {
      bytes += count;
    },
  };
}

/** Bytes of an answer's body; null where nobody knows. */
function sizeOf({ body }: Answer): number | null {
  if (body === null) return 0;
  if (typeof body === 'string') return Buffer.byteLength(body);
  return 'pieces' in body ? null : body.end - body.start;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Of several node:http keeps the first, and what stands in front of it may have kept another. @see RFC 9112, 3.2 */
function countHosts({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
}
