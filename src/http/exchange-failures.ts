// What can go wrong in one exchange, as errors.
import { type ErrorCode, type ErrorFacts, GlanceError } from '../errors.ts';
import { type FailureContext, placeOf, proxyLoginError, toGlanceError } from './connect/failures.ts';
import type { Proxy } from './connect/proxy.ts';

interface Asked {
  readonly url: URL;
  readonly facts: ErrorFacts;
  readonly hide: (text: string) => string;
}

/** Makes the errors of one exchange. */
export class ExchangeFailures {
  readonly #asked: Asked;
  readonly #proxy: Proxy | null;
  /** How far it has come. */
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

  /** The proxy wants another login. */
  proxyLogin(): GlanceError {
    return proxyLoginError(this.#context());
  }

  /** What undici or the system says, as an error of ours. */
  translate(error: Error): GlanceError {
    return toGlanceError(error, this.#context());
  }

  #context(): FailureContext {
    const { url, facts, hide } = this.#asked;
    return { url, phase: this.phase, proxy: this.#proxy, facts, hide };
  }
}
