// When what is served is looked at again: asked for by requests, one look at a time, and none waits for it long.
import type { Clock } from '../../clock.ts';

/** How long a request waits for a look. */
const maxWaitMs = 200;

/** A look that took long is repeated later: after so many times as long as it took. */
const restFactor = 10;

/** What looks, and how often. */
export interface RescanOptions {
  readonly clock: Clock;
  /** Milliseconds from one look to the next, at least. */
  readonly restMs: number;
  readonly look: () => Promise<void>;
  /** Takes what a look failed with that a request asked for. Must not throw. */
  readonly onFailure: (error: unknown) => void;
}

/** Looks again when asked, unless that was done not long ago. */
export class Rescan {
  readonly #options: RescanOptions;
  #nextAt = 0;
  #scan: Promise<void> | null = null;

  constructor(options: RescanOptions) {
    this.#options = options;
  }

  /** Looks at once. @throws what looking throws */
  async look(): Promise<void> {
    const { clock, restMs, look } = this.#options;
    const begun = clock.monotonic();
    this.#nextAt = begun + restMs;
    await look();
    const now = clock.monotonic();
    this.#nextAt = now + Math.max(restMs, restFactor * (now - begun));
  }

  /**
   * Looks again if that was long ago; undefined if not. Takes a moment at most: where looking takes longer, who asks is answered
   * by what was there before. Never rejects.
   */
  refresh(): Promise<void> | undefined {
    const { clock, onFailure } = this.#options;
    if (this.#scan === null && clock.monotonic() < this.#nextAt) return undefined;
    this.#scan ??= this.look()
      .catch(onFailure)
      .finally(() => {
        this.#scan = null;
      });
    return this.#waitFor(this.#scan);
  }

  /** Resolves when nobody looks. */
  async settled(): Promise<void> {
    await this.#scan;
  }

  #waitFor(scan: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.startTimer(maxWaitMs, resolve);
      const end = (): void => {
        cancel();
        resolve();
      };
      void scan.then(end);
    });
  }
}
