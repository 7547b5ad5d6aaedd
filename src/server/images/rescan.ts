// Decides when to look again at what is served. Requests trigger it, there is one look at a time, and none of them
// waits long.
import type { Clock } from '../../clock.ts';

/** Longest wait of a request for a look. */
const maxWaitMs = 200;

/** After a slow look, the next one comes after at least this many times its duration. */
const restFactor = 10;

/** How to look, and how often. */
interface RescanOptions {
  readonly clock: Clock;
  /** Shortest time between two looks, milliseconds. */
  readonly restMs: number;
  readonly look: () => Promise<void>;
  /** Called with the failure of a look that a request triggered. Must not throw. */
  readonly onFailure: (error: unknown) => void;
}

/** Looks again when asked, unless the last look was recent. */
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
   * Looks again if the last look was some time ago; otherwise undefined. Waits only for a moment: if the look takes
   * longer, the request is answered with what was there before. Never rejects.
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

  /** Resolves when no look is in progress. */
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
