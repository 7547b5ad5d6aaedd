// One request and its answer, over undici's dispatch: raw header bytes, waits bounded by our clock, errors already ours.
import { DeadConnection, mostDeadConnections } from './dead-connection.ts';
import type { Dispatcher } from 'undici';
import { type Clock, startPatientTimer } from '../clock.ts';
import { type ErrorCode, type ErrorFacts, GlanceError } from '../errors.ts';
import { ResponseBody } from './body.ts';
import type { Route } from './connect/dispatchers.ts';
import { type FailureContext, placeOf, proxyLoginError, toGlanceError } from './connect/failures.ts';
import { HeaderList, parseLength } from './text/headers.ts';
import { SocketGate } from './socket-gate.ts';

/** Header lines in one answer; more is an attack or a fault. */
export const maxHeaderLines = 5000;

/** Answers below 200 before the real one. A store that attaches a volume first may send one every few seconds. */
export const maxInterimAnswers = 1000;

export interface ExchangeRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | null;
  /** Longest wait for the header lines, milliseconds. 0: no limit. */
  readonly headersTimeoutMs: number;
  /** Longest silence in the body, milliseconds. 0: no limit. */
  readonly stallTimeoutMs: number;
  /** Whether the connection is closed afterwards. */
  readonly closeConnection: boolean;
  readonly signal: AbortSignal;
  /** Added to every error. */
  readonly facts: ErrorFacts;
  /** Takes out of a text what nobody may see. */
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
 * Sends a request and gives the answer as soon as its headers are there. If it went over a connection that was kept from
 * an earlier request, and is found dead, it is sent once more at once: that is no failure of the server's.
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
    // What is not tunnelled is read by the proxy: it needs all of the address, and gets its own login with each request.
    const atProxy = protocol === 'http:' ? route.proxy : null;
    const login =
      atProxy === null || atProxy.authorization === null ? [] : [['proxy-authorization', atProxy.authorization]];
    route.dispatcher.dispatch(
      {
        origin,
        path: (atProxy === null ? '' : origin) + pathname + search,
        method: request.method,
        headers: Object.fromEntries([...request.headers, ...login]) as Record<string, string>,
        body: request.body,
        // Left out otherwise: undici closes after HEAD by itself, lest a body that should not be there answers the next one.
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
  readonly #onAbort: () => void;
  readonly #cancelDeadline: () => void;
  readonly #gate = new SocketGate();
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
    this.#resolve = resolve;
    this.#reject = reject;
    this.#onAbort = () => this.#fail(request.signal.reason as Error);
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
    const { headersTimeoutMs } = request;
    this.#cancelDeadline =
      headersTimeoutMs === 0
        ? () => undefined
        : startPatientTimer(clock, headersTimeoutMs, () => this.#fail(this.#lateHeaders()));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure === null) this.#gate.expectSocket();
    else controller.abort(this.#failure);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // Interim answers; the final one follows. undici itself refuses 101.
    if (status < 200) {
      if (++this.#interimAnswers > maxInterimAnswers) this.#refuse('http.protocol', 'interim answers without end');
      return;
    }
    this.#cancelDeadline();
    const headers = HeaderList.fromRaw(rawHeaderBytes(controller.rawHeaders));
    if (headers.length > maxHeaderLines) {
      this.#refuse('http.headers_too_large', `the answer has more than ${String(maxHeaderLines)} header lines`);
      return;
    }
    if (headers.getAll('content-length').some((text) => parseLength(text) === null)) {
      this.#refuse('http.bad_header', 'the answer has a Content-Length that is not a number of bytes');
      return;
    }
    if (status === 407 && this.#route.proxy !== null) {
      this.#fail(proxyLoginError(this.#failureContext()));
      return;
    }
    const source = {
      pause: () => this.#gate.close(),
      resume: () => this.#gate.open(),
      abort: (reason: Error) => this.#fail(reason),
    };
    this.#body = new ResponseBody(
      source,
      this.#clock,
      this.#request.stallTimeoutMs,
      () => this.#stalled(),
      (rate) => this.#slow(rate),
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
      const translated = this.#translate(error);
      this.#settle(this.#wasKeptInVain(translated) ? new DeadConnection(translated) : translated);
    }
  }

  /** What may not be done twice is not sent again. */
  #wasKeptInVain({ code }: GlanceError): boolean {
    return this.#body === null && code === 'net.reset' && this.#gate.isReused && this.#request.method !== 'POST';
  }

  /** Hangs up for a reason of our own. */
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
    this.#request.signal.removeEventListener('abort', this.#onAbort);
  }

  #refuse(code: ErrorCode, what: string): void {
    this.#fail(this.#error(code, what));
  }

  #translate(error: Error): GlanceError {
    return toGlanceError(error, this.#failureContext());
  }

  #failureContext(): FailureContext {
    const { url, facts, hide } = this.#request;
    return { url, phase: this.#body === null ? 'headers' : 'body', proxy: this.#route.proxy, facts, hide };
  }

  #lateHeaders(): GlanceError {
    return this.#error('net.timeout.headers', `no answer within ${String(this.#request.headersTimeoutMs / 1000)} s`);
  }

  #slow(bytesPerSecond: number): GlanceError {
    return this.#error('net.slow', `${bytesPerSecond.toFixed(0)} bytes a second over two minutes`);
  }

  #stalled(): GlanceError {
    return this.#error('net.stall', `no data for ${String(this.#request.stallTimeoutMs / 1000)} s`);
  }

  #error(code: ErrorCode, what: string): GlanceError {
    return new GlanceError(code, `${placeOf(this.#failureContext())}: ${what}`, this.#request.facts);
  }
}

/** undici's parser hands out Buffers; its type allows for interceptors that do not. */
function rawHeaderBytes(raw: unknown): Buffer[] {
  if (!Array.isArray(raw)) return [];
  return raw.map((part: unknown) => (Buffer.isBuffer(part) ? part : Buffer.from(String(part), 'latin1')));
}
