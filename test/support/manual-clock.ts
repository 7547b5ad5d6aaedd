// A clock that stands still until a test moves it.
import type { Clock } from '../../src/clock.ts';

interface Timer {
  readonly at: number;
  readonly onTime: () => void;
}

export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();
  readonly #started: (() => void)[] = [];
  /** Every requested delay, in order. */
  readonly delays: number[] = [];

  wallTime(): number {
    return Date.UTC(2026, 0, 1) + this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  random(): number {
    return 0.5;
  }

  startTimer(delayMs: number, onTime: () => void): () => void {
    const timer = { at: this.#now + delayMs, onTime };
    this.#timers.add(timer);
    this.delays.push(delayMs);
    for (const started of this.#started.splice(0)) started();
    return () => this.#timers.delete(timer);
  }

  /** Advances the time; whatever is due happens in order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= until).toSorted((left, right) => left.at - right.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = due.at;
      due.onTime();
    }
    this.#now = until;
  }

  /** Resolves once a timer with this delay is running. */
  async waitForTimer(delayMs: number): Promise<void> {
    while (![...this.#timers].some(({ at }) => at === this.#now + delayMs)) {
      await new Promise<void>((started) => this.#started.push(started));
    }
  }
}
