// Waits for the jobs of a mirror: reports events as they happen, and asks the queue about jobs that no event mentions.
import type { Clock } from '../../clock.ts';
import { pagesOf } from '../../compact/pages-of.ts';
import type { WorkQueue } from '../../queue/work-queue.ts';
import type { FleetEvent } from './fleet-event.ts';
import { type ExpectedJob, FleetTeller } from './fleet-teller.ts';
import { QueueLink } from './queue-link.ts';

/** How often each of very many jobs is checked, in milliseconds. */
const recountMs = 15_000;

export class JobWatch {
  readonly #clock: Clock;
  readonly #teller: FleetTeller;
  readonly #link: QueueLink;
  #countedAt = Number.NEGATIVE_INFINITY;
  #close: () => Promise<void> = () => Promise.resolve();
  #wake: () => void = () => undefined;

  private constructor(queue: WorkQueue, clock: Clock, onEvent: (event: FleetEvent) => void) {
    this.#clock = clock;
    this.#teller = new FleetTeller(clock, onEvent);
    this.#link = new QueueLink(queue, clock, () => this.#teller.size);
  }

  /** Starts listening, so that no event of a job planned from now on is missed. @throws GlanceError `queue.*` */
  static async open(queue: WorkQueue, clock: Clock, onEvent: (event: FleetEvent) => void): Promise<JobWatch> {
    const watch = new JobWatch(queue, clock, onEvent);
    watch.#close = await queue.watch((event) => {
      if (watch.#teller.take(event) && watch.#teller.size === 0) watch.#wake();
    });
    return watch;
  }

  /** Waits for these as well. */
  expect(jobs: readonly ExpectedJob[]): void {
    this.#teller.expect(jobs);
  }

  /**
   * Waits until none of them is in the queue any more.
   * @throws GlanceError `queue.unavailable` if no worker comes for ten minutes, or the queue is gone for five; the signal's reason
   */
  async wait(signal: AbortSignal): Promise<void> {
    this.#link.expectWorkers();
    while (this.#teller.size > 0) {
      signal.throwIfAborted();
      await this.#look(signal);
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      if (this.#teller.size > 0) await this.#link.pause(woken.signal, signal);
    }
    this.#teller.tell();
  }

  async close(): Promise<void> {
    await this.#close();
  }

  /** Asks the queue. @throws as `QueueLink.ask` */
  async ask<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return await this.#link.ask(ask, signal);
  }

  async #look(signal: AbortSignal): Promise<void> {
    this.#teller.tell(await this.#link.countWorkers(signal));
    const now = this.#clock.monotonic();
    if (now - this.#countedAt < (this.#teller.size > 1000 ? recountMs : 0)) return;
    this.#countedAt = now;
    await this.#recount(signal);
  }

  /** A job no longer in the queue was finished, failed or lost: the place shows which. */
  async #recount(signal: AbortSignal): Promise<void> {
    for (const ids of pagesOf(this.#teller.ids())) {
      const pending = new Set(await this.ask(() => this.#link.queue.pending(ids), signal));
      for (const id of ids) if (!pending.has(id)) this.#teller.drop(id);
    }
  }
}
