// One request and its answer, through undici's dispatch: raw header bytes, waits bounded by our clock, errors converted.
import { DeadConnection, mostDeadConnections } from './dead-connection.ts';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { type Clock, listenForAbort, startPatientTimer } from '../clock.ts';
import type { ErrorFacts, GlanceError } from '../errors.ts';
import { ResponseBody } from './body.ts';
import { type BodyContent, BodySender } from './request-body.ts';
import type { Route } from './connect/dispatchers.ts';
import { ExchangeFailures } from './exchange-failures.ts';
import { HeaderList, parseLength } from './text/headers.ts';
import { SocketGate } from './socket-gate.ts';

/** Header lines in one answer; more is an attack or a fault. */
const maxHeaderLines = 5000;

/** Answers below 200 before the real one. A store that attaches a volume first may send one every few seconds. */
const maxInterimAnswers = 1000;

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';

interface ExchangeRequest {
  readonly method: Method;
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: BodyContent | null;
  /** Longest wait for the header lines after the request is sent, milliseconds. 0: no limit. */
  readonly headersTimeoutMs: number;
  /** Longest silence in a body, sent or received, milliseconds. 0: no limit. */
  readonly stallTimeoutMs: number;
  /** Whether to close the connection afterwards. */
  readonly closeConnection: boolean;
  readonly signal: AbortSignal;
  /** Added to every error. */
  readonly facts: ErrorFacts;
  /** Removes from a text everything that must not be shown. */
  readonly hide: (text: string) => string;
}

export interface Answer {
  /** 200–599. */
  readonly status: number;
  readonly headers: HeaderList;
  /** Must be consumed or destroyed. Empty for HEAD. */
  readonly body: ResponseBody;
}

/**
 * Sends a request, and returns the answer as soon as its headers are there. If that fails because a connection kept from
 * an earlier request is dead, the request is sent again at once: the server is not to blame.
 * @throws GlanceError `net.*`, `tls.*`, `proxy.*`, `http.*`; the signal's reason once it is aborted
 */
export async function exchange(route: Route, clock: Clock, request: ExchangeRequest): Promise<Answer> {
  for (let left = mostDeadConnections; ; left--) {
    try {
      return await sendOnce(route, clock, request);
    } catch (error) {
      if (!(error instanceof DeadConnection)) throw error;
      if (left === 0) throw error.failure;
    }
  }
}

function sendOnce(route: Route, clock: Clock, request: ExchangeRequest): Promise<Answer> {
  request.signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const handler = new ExchangeHandler(route, clock, request, resolve, reject);
    const { origin, pathname, search, protocol } = request.url;
    // Without a tunnel the proxy reads the request, so it needs the whole address, and its own login each time.
    const atProxy = protocol === 'http:' ? route.proxy : null;
    const login =
      atProxy === null || atProxy.authorization === null ? [] : [['proxy-authorization', atProxy.authorization]];
    route.dispatcher.dispatch(
      {
        origin,
        path: (atProxy === null ? '' : origin) + pathname + search,
        method: request.method,
        headers: Object.fromEntries([...request.headers, ...login, ...handler.bodyHeaders]) as Record<string, string>,
        body: handler.body,
        // Omitted otherwise: undici itself closes the connection after HEAD, so that a body that should not be there is not
        // taken for the next response.
        ...(request.closeConnection ? { reset: true } : {}),
      },
      handler,
    );
  });
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #route: Route;
  readonly #clock: Clock;
  readonly #request: ExchangeRequest;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: unknown) => void;
  readonly #unlisten: () => void;
  readonly #sender: BodySender | null;
  #cancelDeadline: () => void;
  readonly #gate = new SocketGate();
  readonly #failures: ExchangeFailures;
  #controller: Dispatcher.DispatchController | null = null;
  #body: ResponseBody | null = null;
  #failure: Error | null = null;
  #interimAnswers = 0;

  constructor(
    route: Route,
    clock: Clock,
    request: ExchangeRequest,
    resolve: (answer: Answer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#route = route;
    this.#clock = clock;
    this.#request = request;
    this.#failures = new ExchangeFailures(request, route.proxy);
    this.#resolve = resolve;
    this.#reject = reject;
    this.#unlisten = listenForAbort(request.signal, () => this.#fail(request.signal.reason as Error));
    this.#cancelDeadline = this.#startDeadline();
    this.#sender = this.#createSender(request.body);
  }

  /** The body in the form that undici accepts, which its types leave out. */
  get body(): string | Readable | null {
    if (this.#sender === null) return this.#request.body as string | null;
    return this.#sender.length === 0 ? null : (this.#sender.pieces as unknown as Readable);
  }

  get bodyHeaders(): readonly (readonly [string, string])[] {
    return this.#sender === null ? [] : [['content-length', String(this.#sender.length)]];
  }

  /** The wait for an answer does not start while there is something to send. */
  #createSender(content: BodyContent | null): BodySender | null {
    if (content === null || typeof content === 'string') return null;
    return new BodySender(content, this.#clock, this.#request.stallTimeoutMs, {
      onBegin: () => this.#cancelDeadline(),
      onSent: () => {
        if (this.#body === null) this.#cancelDeadline = this.#startDeadline();
      },
      onStall: () => this.#fail(this.#failures.stalled('nothing was taken', this.#request.stallTimeoutMs)),
      onSourceFailure: (error) => this.#fail(error),
    });
  }

  #startDeadline(): () => void {
    const { headersTimeoutMs } = this.#request;
    if (headersTimeoutMs === 0) return () => undefined;
    return startPatientTimer(this.#clock, headersTimeoutMs, () =>
      this.#fail(this.#failures.lateHeaders(headersTimeoutMs)),
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure === null) this.#gate.expectSocket();
    else controller.abort(this.#failure);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // Interim answers; the final one follows. undici itself refuses 101.
    if (status < 200) {
      if (++this.#interimAnswers > maxInterimAnswers)
        this.#fail(this.#failures.error('http.protocol', 'interim answers never end'));
      return;
    }
    this.#cancelDeadline();
    this.#sender?.noteAnswer();
    const headers = HeaderList.fromRaw(rawHeaderBytes(controller.rawHeaders));
    if (headers.length > maxHeaderLines) {
      const what = `the answer has more than ${String(maxHeaderLines)} header lines`;
      this.#fail(this.#failures.error('http.headers_too_large', what));
      return;
    }
    if (headers.getAll('content-length').some((text) => parseLength(text) === null)) {
      const what = 'the answer has a Content-Length that is not a number of bytes';
      this.#fail(this.#failures.error('http.bad_header', what));
      return;
    }
    if (status === 407 && this.#route.proxy !== null) {
      this.#fail(this.#failures.proxyLogin());
      return;
    }
    const source = {
      pause: () => this.#gate.close(),
      resume: () => this.#gate.open(),
      abort: (reason: Error) => this.#fail(reason),
    };
    this.#failures.phase = 'body';
    this.#body = new ResponseBody(
      source,
      this.#clock,
      this.#request.stallTimeoutMs,
      () => this.#failures.stalled('no data', this.#request.stallTimeoutMs),
      (rate) => this.#failures.slow(rate),
    );
    this.#resolve({ status, headers, body: this.#body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.feed(chunk);
  }

  onResponseEnd(): void {
    this.#gate.abandon();
    this.#release();
    this.#body?.finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#failure !== null) this.#settle(this.#failure);
    else {
      const translated = this.#failures.translate(error);
      this.#settle(this.#wasKeptInVain(translated) ? new DeadConnection(translated) : translated);
    }
  }

  /** A request that must not be repeated is not sent again, nor is a stream, which cannot be read twice. */
  #wasKeptInVain({ code }: GlanceError): boolean {
    const mayRepeat = this.#request.method !== 'POST' && this.#sender?.isRepeatable !== false;
    return this.#body === null && code === 'net.reset' && this.#gate.isReused && mayRepeat;
  }

  /** Closes the connection for a reason of our own. */
  #fail(reason: Error): void {
    if (this.#failure !== null) return;
    this.#failure = reason;
    this.#controller?.abort(reason);
    this.#settle(reason);
  }

  #settle(error: Error): void {
    this.#gate.abandon();
    this.#release();
    if (this.#body === null) this.#reject(error);
    else if (!this.#body.destroyed) this.#body.destroy(error);
  }

  #release(): void {
    this.#cancelDeadline();
    this.#sender?.stop();
    this.#unlisten();
  }
}

/** undici's parser hands out Buffers; its type allows for interceptors that do not. */
function rawHeaderBytes(raw: unknown): Buffer[] {
  if (!Array.isArray(raw)) return [];
  return raw.map((part: unknown) => (Buffer.isBuffer(part) ? part : Buffer.from(String(part), 'latin1')));
}
