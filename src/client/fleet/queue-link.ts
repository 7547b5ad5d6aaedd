// A queue for callers that wait: tolerates outages of the queue, and does not wait forever without workers.
import { type Clock, sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { WorkQueue } from '../../queue/work-queue.ts';
import { countOf } from '../../text/count.ts';

/** Time between two looks at the queue, in milliseconds. */
export const lookMs = 2000;
const mostLonelyMs = 10 * 60_000;
/** How long a queue may be unreachable. */
const mostGoneMs = 5 * 60_000;

export class QueueLink {
  readonly queue: WorkQueue;
  readonly #clock: Clock;
  readonly #left: () => number;
  #lonelySince: number | null = null;

  /** @param left the number of images still awaited */
  constructor(queue: WorkQueue, clock: Clock, left: () => number) {
    this.queue = queue;
    this.#clock = clock;
    this.#left = left;
  }

  /**
   * Asks the queue, retrying while it restarts.
   * @throws GlanceError `queue.*` if it is gone for five minutes; the signal's reason
   */
  async ask<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const start = this.#clock.monotonic();
    for (;;) {
      signal.throwIfAborted();
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof GlanceError) || error.code !== 'queue.unavailable') throw error;
        const isOver = this.#clock.monotonic() - start >= mostGoneMs;
        if (isOver) throw this.#abandoned('the queue has been unreachable for five minutes', error);
      }
      await sleep(this.#clock, lookMs, signal);
    }
  }

  /** Waits until the next look is due, or until woken. @throws the signal's reason */
  async pause(woken: AbortSignal, signal: AbortSignal): Promise<void> {
    try {
      await sleep(this.#clock, lookMs, AbortSignal.any([signal, woken]));
    } catch {
      signal.throwIfAborted();
    }
  }

  /** From now on, time without any worker is counted. */
  expectWorkers(): void {
    this.#lonelySince = this.#clock.monotonic();
  }

  /**
   * Counts the workers that are connected.
   * @throws GlanceError `queue.unavailable` if none comes for ten minutes; as {@link ask}
   */
  async countWorkers(signal: AbortSignal): Promise<number> {
    const before = this.#clock.monotonic();
    const { workers } = await this.ask(() => this.queue.counts(), signal);
    const now = this.#clock.monotonic();
    // After an outage, workers need a while longer than the queue to come back.
    if (workers > 0 || this.#lonelySince === null || now - before >= lookMs) this.#lonelySince = now;
    if (now - this.#lonelySince >= mostLonelyMs) throw this.#abandoned('no worker for ten minutes', null);
    return workers;
  }

  #abandoned(why: string, cause: unknown): GlanceError {
    const left = countOf(this.#left(), 'image');
    return new GlanceError('queue.unavailable', `${this.queue.name}: ${why}; ${left} are left`, {
      hint: 'start workers, and run the same command again: what is in the place stays',
      cause,
    });
  }
}
