// Tells that a server keeps somebody waiting: with its time limits and retries, that can take minutes.
import type { Clock } from '../clock.ts';
import { isAnswer, type RetryNotice, ToldWaits } from '../retry.ts';

/** A shorter wait is not worth a word, in milliseconds. */
const longMs = 5000;

export class LongWaits {
  readonly #clock: Clock;
  readonly #tell: (message: string) => void;
  /** By origin, and by its origin and the status that it answers: one word, however many requests wait for it. */
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
    // It is there: a later silence is another one. One that limits requests does so again and again.
    this.#told.forget(origin);
    return result;
  }
}
