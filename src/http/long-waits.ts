// Tells that a server keeps somebody waiting: with its time limits and retries, that can take minutes.
import type { Clock } from '../clock.ts';
import type { RetryNotice } from '../retry.ts';

/** A shorter wait is not worth a word, in milliseconds. */
const longMs = 5000;

export class LongWaits {
  readonly #clock: Clock;
  readonly #tell: (message: string) => void;
  /** Origins that somebody was told about and that have not answered since. */
  readonly #told = new Set<string>();

  constructor(clock: Clock, tell: (message: string) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** @param attempts makes one request, and calls its argument when an attempt has failed and another follows */
  async watch<T>(origin: string, attempts: (goesOn: (notice: RetryNotice) => void) => Promise<T>): Promise<T> {
    const start = this.#clock.monotonic();
    const result = await attempts(({ error, delayMs }) => {
      // One word, however many requests wait for the same server.
      if (this.#clock.monotonic() - start + delayMs < longMs || this.#told.has(origin)) return;
      this.#told.add(origin);
      this.#tell(`${error.message}; trying again in ${String(Math.ceil(delayMs / 1000))} s`);
    });
    // It has answered: a later wait is another one.
    this.#told.delete(origin);
    return result;
  }
}
