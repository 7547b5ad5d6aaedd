// The request listener: connects node:http to the pure handler, and logs each answer.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../clock.ts';
import type { Answer, HandlerOptions, ServerRequest } from './answers/answer.ts';
import type { Catalog } from './images/catalog.ts';
import { answerFailure, answerRequest, defaultHandlerOptions, requestIdOf } from './handler.ts';
import { sendAnswer } from './send.ts';

/** A request that was answered, for an access log. */
export interface AccessRecord {
  readonly method: string;
  /** Path and query as received: untrusted text. */
  readonly path: string;
  readonly status: number;
  /** Bytes of the body that were handed to the connection. */
  readonly bytes: number;
  readonly durationMs: number;
  /**
   * Whether the whole answer was handed to the connection. How much of the last buffers the client received cannot be
   * known.
   */
  readonly complete: boolean;
  /** IP address of the client; null if it had already gone. */
  readonly remoteAddress: string | null;
}

/** A request that this server failed to answer, for a log. */
export interface FailureRecord {
  /** The id that was sent to the client, if any was. */
  readonly requestId: string;
  readonly method: string;
  /** Path and query as received: untrusted text. */
  readonly path: string;
  readonly error: unknown;
}

/** What a listener needs; everything except the catalog has a default, see `defaultHandlerOptions`. */
export interface ListenerOptions extends Partial<HandlerOptions> {
  readonly catalog: Catalog;
  /**
   * Called once for each request whose turn came, when its answer has ended or its connection is gone. Must not throw.
   */
  readonly onRequest?: ((record: AccessRecord) => void) | undefined;
  /** Called when this server fails to answer a request. Must not throw. */
  readonly onFailure?: ((record: FailureRecord) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** The parts of an incoming request on which the answer depends. */
export function readRequest(message: IncomingMessage): ServerRequest {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return { method: message.method ?? 'GET', target: message.url ?? '/', headers };
}

/** A listener for node:http that serves a catalog. A failure ends one request, and no other. */
export function createListener(options: ListenerOptions): RequestListener {
  const handlerOptions: HandlerOptions = { ...defaultHandlerOptions, ...options };
  return (message: IncomingMessage, response: ServerResponse) => {
    const request = readRequest(message);
    const requestId = requestIdOf(request, handlerOptions);
    const { method, target: path } = request;
    const report = (error: unknown): void => options.onFailure?.({ requestId, method, path, error });
    // When a client is gone, `close` says all there is to say.
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
  // This server accepts no bodies: a connection with one is not used again.
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
  /** @param bytes of the body to come; null if unknown */
  readonly announce: (bytes: number | null) => void;
  readonly count: (bytes: number) => void;
}

/** Reports a request once its answer has ended. */
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
    // A client may hang up after the last byte, before the connection reports that it was written.
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

/** Bytes of an answer's body; null if unknown. */
function sizeOf({ body }: Answer): number | null {
  if (body === null) return 0;
  if (typeof body === 'string') return Buffer.byteLength(body);
  return 'pieces' in body ? null : body.end - body.start;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Of several `Host` headers, node:http keeps the first; a proxy in front may have kept another. @see RFC 9112, 3.2 */
function countHosts({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
}
