// Jobs of a mirror that are waited for: what happens to them is told as it happens, and what is not told any more is asked for.
import type { Clock } from '../../clock.ts';
import type { WorkQueue } from '../../queue/work-queue.ts';
import type { FleetEvent } from './fleet-event.ts';
import { type ExpectedJob, FleetTeller } from './fleet-teller.ts';
import { QueueLink } from './queue-link.ts';

/** Of very many jobs each is asked for so seldom, milliseconds. */
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

  /** Begins to listen, so that nothing is missed of what is planned from now on. @throws GlanceError `queue.*` */
  static async open(queue: WorkQueue, clock: Clock, onEvent: (event: FleetEvent) => void): Promise<JobWatch> {
    const watch = new JobWatch(queue, clock, onEvent);
    watch.#close = await queue.watch((event) => {
      if (watch.#teller.take(event) && watch.#teller.size === 0) watch.#wake();
    });
    return watch;
  }

  /** Waits for these too. */
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

  /** What is not in the queue any more is done, or failed, or lost: whoever looks at the place sees. */
  async #recount(signal: AbortSignal): Promise<void> {
    const pending = new Set(await this.ask(() => this.#link.queue.pending([...this.#teller.ids()]), signal));
    for (const id of this.#teller.ids()) if (!pending.has(id)) this.#teller.drop(id);
  }
}
