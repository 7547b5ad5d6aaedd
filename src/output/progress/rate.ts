// How fast bytes come: smoothed, so that a reader can follow, and falling when nothing comes any more.
import type { Clock } from '../../clock.ts';

/** Measurements closer together than this say more about the network's packets than about its speed. */
const leastMs = 200;
/** Silence longer than this is part of the rate. */
const silenceMs = 2000;

/** Bytes a second, as an average that forgets. */
export class RateMeter {
  readonly #clock: Clock;
  readonly #memoryMs: number;
  #at = 0;
  #bytes: number | null = null;
  /** Average so far, and the share of it that measurements have filled: an average over one second is no less true. */
  #average = 0;
  #filled = 0;

  /** @param memoryMs time in which an old measurement loses about two thirds of its weight */
  constructor(clock: Clock, memoryMs = 5000) {
    this.#clock = clock;
    this.#memoryMs = memoryMs;
  }

  /** Forgets everything; the next note is where counting starts. */
  restart(): void {
    this.#bytes = null;
    this.#average = 0;
    this.#filled = 0;
  }

  /** @param bytes there are by now. Fewer than before: a new attempt, whose rate is its own. */
  note(bytes: number): void {
    const now = this.#clock.monotonic();
    if (this.#bytes !== null && bytes < this.#bytes) this.restart();
    if (this.#bytes === null) {
      this.#at = now;
      this.#bytes = bytes;
      return;
    }
    const elapsedMs = now - this.#at;
    if (elapsedMs < leastMs) return;
    const weight = Math.exp(-elapsedMs / this.#memoryMs);
    const current = ((bytes - this.#bytes) * 1000) / elapsedMs;
    this.#average = this.#average * weight + current * (1 - weight);
    this.#filled = this.#filled * weight + (1 - weight);
    this.#at = now;
    this.#bytes = bytes;
  }

  /** Bytes a second, ≥ 0. Null until two notes were far enough apart. */
  get perSecond(): number | null {
    if (this.#filled === 0) return null;
    const silent = this.#clock.monotonic() - this.#at;
    const weight = silent > silenceMs ? Math.exp(-silent / this.#memoryMs) : 1;
    return (this.#average * weight) / (this.#filled * weight + (1 - weight));
  }
}
