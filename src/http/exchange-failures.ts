// The errors that can occur in one exchange.
import { type ErrorCode, type ErrorFacts, GlanceError } from '../errors.ts';
import { type FailureContext, placeOf, proxyLoginError, toGlanceError } from './connect/failures.ts';
import type { Proxy } from './connect/proxy.ts';

interface Asked {
  readonly url: URL;
  readonly facts: ErrorFacts;
  readonly hide: (text: string) => string;
}

/** Creates the errors of one exchange. */
export class ExchangeFailures {
  readonly #asked: Asked;
  readonly #proxy: Proxy | null;
  /** How far the exchange has come. */
  phase: FailureContext['phase'] = 'headers';

  constructor(asked: Asked, proxy: Proxy | null) {
    this.#asked = asked;
    this.#proxy = proxy;
  }

  /** @param what the server did */
  error(code: ErrorCode, what: string): GlanceError {
    return new GlanceError(code, `${placeOf(this.#context())}: ${what}`, this.#asked.facts);
  }

  lateHeaders(limitMs: number): GlanceError {
    return this.error('net.timeout.headers', `no answer within ${String(limitMs / 1000)} s`);
  }

  slow(bytesPerSecond: number): GlanceError {
    return this.error('net.slow', `${bytesPerSecond.toFixed(0)} bytes a second over two minutes`);
  }

  /** @param what does not move, such as `no data` */
  stalled(what: string, limitMs: number): GlanceError {
    return this.error('net.stall', `${what} for ${String(limitMs / 1000)} s`);
  }

  /** The proxy requires another login. */
  proxyLogin(): GlanceError {
    return proxyLoginError(this.#context());
  }

  /** Converts an error from undici or the system. */
  translate(error: Error): GlanceError {
    return toGlanceError(error, this.#context());
  }

  #context(): FailureContext {
    const { url, facts, hide } = this.#asked;
    return { url, phase: this.phase, proxy: this.#proxy, facts, hide };
  }
}
