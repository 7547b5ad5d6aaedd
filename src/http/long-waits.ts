// Reports that a server keeps somebody waiting: with its time limits and retries, that can take minutes.
import type { Clock } from '../clock.ts';
import { isAnswer, type RetryNotice, ToldWaits } from '../retry.ts';

/** A wait shorter than this is not worth reporting, in milliseconds. */
const longMs = 5000;

export class LongWaits {
  readonly #clock: Clock;
  readonly #tell: (message: string) => void;
  /**
   * Causes are an origin, or an origin and its error code if it answers. Each is reported once, however many requests wait for
   * it.
   */
  readonly #told: ToldWaits;

  constructor(clock: Clock, tell: (message: string) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#told = new ToldWaits(clock);
  }

  /** @param attempts makes one request, and calls its argument when an attempt has failed and another follows */
  async watch<T>(origin: string, attempts: (goesOn: (notice: RetryNotice) => void) => Promise<T>): Promise<T> {
    const start = this.#clock.monotonic();
    const result = await attempts(({ error, delayMs }) => {
      if (this.#clock.monotonic() - start + delayMs < longMs) return;
      const cause = isAnswer(error) ? `${origin} ${error.code}` : origin;
      if (!this.#told.isNews(cause, error.facts.retryAfterMs ?? 0)) return;
      this.#tell(`${error.message}; trying again in ${String(Math.ceil(delayMs / 1000))} s`);
    });
    // The server is there, so a later silence is a new one. A server that limits requests does so repeatedly, so that cause is
    // not forgotten.
    this.#told.forget(origin);
    return result;
  }
}
