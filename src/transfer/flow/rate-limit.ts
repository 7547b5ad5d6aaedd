// A limit on bytes a second, shared by all connections of a run.
import { type Clock, sleep } from '../../clock.ts';

/** Lets bytes pass no faster than a given rate. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #bytesPerSecond: number;
  /** When the bytes passed so far will have been paid for at the given rate, in monotonic milliseconds. */
  #paidAt = Number.NEGATIVE_INFINITY;

  /** @param bytesPerSecond > 0; null for no limit */
  constructor(clock: Clock, bytesPerSecond: number | null) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond ?? Number.POSITIVE_INFINITY;
  }

  get isLimited(): boolean {
    return this.#bytesPerSecond !== Number.POSITIVE_INFINITY;
  }

  /** Waits until these bytes may pass. @throws the signal's reason */
  async pass(bytes: number, signal: AbortSignal): Promise<void> {
    if (!this.isLimited) return;
    const now = this.#clock.monotonic();
    this.#paidAt = Math.max(now, this.#paidAt) + (bytes * 1000) / this.#bytesPerSecond;
    if (this.#paidAt > now) await sleep(this.#clock, this.#paidAt - now, signal);
  }
}
