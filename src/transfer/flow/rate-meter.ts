// The rate at which bytes arrive: smoothed to be readable, and falling when nothing arrives any more.
import type { Clock } from '../../clock.ts';

/** Measurements closer together than this reflect single packets rather than the speed. */
const leastMs = 200;
/** A longer silence than this is part of the rate. */
const silenceMs = 2000;
/** Time after which a measurement has lost about two thirds of its weight. */
const memoryMs = 5000;
/** The same for an estimate of the time left, which must not jump. */
export const steadyMemoryMs = 20_000;

/** Bytes per second, as a moving average. */
export class RateMeter {
  readonly #clock: Clock;
  readonly #memoryMs: number;
  #at = 0;
  #bytes: number | null = null;
  /**
   * The average so far, and the share of the total weight that measurements have contributed so far: dividing by it makes an
   * average over one second just as accurate.
   */
  #average = 0;
  #filled = 0;

  /** @param ownMemoryMs time after which a measurement has lost about two thirds of its weight */
  constructor(clock: Clock, ownMemoryMs = memoryMs) {
    this.#clock = clock;
    this.#memoryMs = ownMemoryMs;
  }

  /** Forgets everything; counting starts again at the next note. */
  restart(): void {
    this.#bytes = null;
    this.#average = 0;
    this.#filled = 0;
  }

  /** @param bytes total so far. If it is smaller than before, a new attempt with a rate of its own has begun. */
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

  /** Bytes per second, ≥ 0. Null until two notes were far enough apart. */
  get perSecond(): number | null {
    if (this.#filled === 0) return null;
    const silent = this.#clock.monotonic() - this.#at;
    const weight = silent > silenceMs ? Math.exp(-silent / this.#memoryMs) : 1;
    return (this.#average * weight) / (this.#filled * weight + (1 - weight));
  }
}

/** Two rates of the same bytes: how fast they arrive, and how fast on a longer average, to estimate the time left. */
export class SpeedMeter {
  readonly #rate: RateMeter;
  readonly #steady: RateMeter;

  constructor(clock: Clock) {
    this.#rate = new RateMeter(clock);
    this.#steady = new RateMeter(clock, steadyMemoryMs);
  }

  /** As {@link RateMeter.note}. */
  note(bytes: number): void {
    this.#rate.note(bytes);
    this.#steady.note(bytes);
  }

  /** As {@link RateMeter.restart}. */
  restart(): void {
    this.#rate.restart();
    this.#steady.restart();
  }

  /** Each as {@link RateMeter.perSecond}. */
  get current(): { readonly bytesPerSecond: number | null; readonly steadyRate: number | null } {
    return { bytesPerSecond: this.#rate.perSecond, steadyRate: this.#steady.perSecond };
  }
}
