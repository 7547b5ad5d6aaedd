// The request listener: node:http on one side, the pure handler on the other, and a log line for each answer.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../clock.ts';
import type { Answer, HandlerOptions, ServerRequest } from './answer.ts';
import type { Catalog } from './catalog.ts';
import { answerRequest, defaultHandlerOptions } from './handler.ts';
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

/** What a listener needs; everything but the catalog has a default, see `defaultHandlerOptions`. */
export interface ListenerOptions extends Partial<HandlerOptions> {
  readonly catalog: Catalog;
  /** Called once per request, when its answer has ended or its connection is gone. Must not throw. */
  readonly onRequest?: ((record: AccessRecord) => void) | undefined;
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

/** A listener for node:http that serves a catalog. */
export function createListener(options: ListenerOptions): RequestListener {
  const handlerOptions: HandlerOptions = { ...defaultHandlerOptions, ...options };
  const clock = options.clock ?? systemClock;
  return (message: IncomingMessage, response: ServerResponse) => {
    const begun = clock.monotonic();
    const request = readRequest(message);
    const remoteAddress = message.socket.remoteAddress ?? null;
    let bytes = 0;
    let announced = Infinity;
    response.once('close', () => {
      const { method, target: path } = request;
      const { statusCode: status, writableFinished } = response;
      // A client may hang up on the last byte, before the connection says that it is written.
      const complete = writableFinished || (response.headersSent && bytes === announced);
      const durationMs = clock.monotonic() - begun;
      options.onRequest?.({ method, path, status, bytes, durationMs, complete, remoteAddress });
    });
    // This server wants no bodies: the connection of one that comes is not used again.
    if (hasBody(message)) response.shouldKeepAlive = false;
    const respond = (): void => {
      const answer = answerRequest(request, options.catalog, handlerOptions);
      announced = sizeOf(answer);
      void sendAnswer(answer, response, (count) => {
        bytes += count;
      });
    };
    const fresh = options.catalog.refresh?.();
    if (fresh === undefined) respond();
    else void fresh.then(respond);
  };
}

/** Bytes of an answer's body. */
function sizeOf({ body }: Answer): number {
  if (body === null) return 0;
  return typeof body === 'string' ? Buffer.byteLength(body) : body.end - body.start;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
