// Jobs that are waited for: what happens to them is told as it happens, and what is not told any more is asked for.
import { type Clock, sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { Job } from '../../queue/job.ts';
import type { QueueEvent, WorkQueue } from '../../queue/work-queue.ts';
import { countOf } from '../../text/count.ts';
import { askPatiently } from './patience.ts';
import { stamp } from '../download/progress-event.ts';
import type { MirrorEvent } from '../mirror/report.ts';

/** Between two looks at the queue itself, milliseconds. */
const intervalMs = 2000;
/** Of very many jobs each is asked for so seldom, milliseconds. */
const recountMs = 15_000;
const mostLonelyMs = 10 * 60_000;

/** What is known of a job that is waited for. */
interface Awaited {
  readonly image: string;
  readonly name: string;
  readonly size: number | null;
}

export class JobWatch {
  readonly #queue: WorkQueue;
  readonly #clock: Clock;
  readonly #onEvent: (event: MirrorEvent) => void;
  readonly #awaited = new Map<string, Awaited>();
  #close: () => Promise<void> = () => Promise.resolve();
  #wake: () => void = () => undefined;

  private constructor(queue: WorkQueue, clock: Clock, onEvent: (event: MirrorEvent) => void) {
    this.#queue = queue;
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  /** Begins to listen, so that nothing is missed of what is planned from now on. @throws GlanceError `queue.*` */
  static async open(queue: WorkQueue, clock: Clock, onEvent: (event: MirrorEvent) => void): Promise<JobWatch> {
    const watch = new JobWatch(queue, clock, onEvent);
    watch.#close = await queue.watch((event) => watch.#take(event));
    return watch;
  }

  /** Jobs that are waited for from now on. */
  expect(jobs: readonly { readonly id: string; readonly job: Job }[]): void {
    const images = jobs.map(({ job: { image, name, size } }) => ({ image, name, bytes: size }));
    if (images.length > 0) this.#onEvent({ event: 'plan', images });
    for (const { id, job } of jobs) {
      this.#awaited.set(id, { image: job.image, name: job.name ?? job.image, size: job.size });
    }
  }

  /**
   * Waits until none of them is in the queue any more.
   * @throws GlanceError `queue.unavailable` if no worker comes for ten minutes, or the queue is gone for five; the signal's reason
   */
  async wait(signal: AbortSignal): Promise<void> {
    const since = { lonely: this.#clock.monotonic(), counted: Number.NEGATIVE_INFINITY };
    while (this.#awaited.size > 0) {
      signal.throwIfAborted();
      await this.#look(since, signal);
      if (this.#awaited.size > 0) await this.#pause(signal);
    }
  }

  async close(): Promise<void> {
    await this.#close();
  }

  /** Asks the queue, also while it is started again. @throws GlanceError `queue.*` if it is gone for five minutes; the signal's reason */
  async ask<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return await askPatiently(ask, this.#clock, signal, (error) =>
      this.#abandoned('the queue is gone for five minutes', error),
    );
  }

  async #look(since: { lonely: number; counted: number }, signal: AbortSignal): Promise<void> {
    const before = this.#clock.monotonic();
    const { workers } = await this.ask(() => this.#queue.counts(), signal);
    const now = this.#clock.monotonic();
    // Workers come back after the queue has.
    if (workers > 0 || now - before >= intervalMs) since.lonely = now;
    if (now - since.counted >= (this.#awaited.size > 1000 ? recountMs : 0)) {
      since.counted = now;
      await this.#recount(signal);
    }
    if (now - since.lonely >= mostLonelyMs) throw this.#abandoned('no worker for ten minutes', null);
  }

  /** What is not in the queue any more is done, or failed, or lost: whoever looks at the place sees. */
  async #recount(signal: AbortSignal): Promise<void> {
    const pending = new Set(await this.ask(() => this.#queue.pending([...this.#awaited.keys()]), signal));
    for (const id of this.#awaited.keys()) if (!pending.has(id)) this.#awaited.delete(id);
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    try {
      await sleep(this.#clock, intervalMs, AbortSignal.any([signal, woken.signal]));
    } catch {
      signal.throwIfAborted();
    }
  }

  #take(event: QueueEvent): void {
    const awaited = this.#awaited.get(event.id);
    if (awaited === undefined) return;
    const { image, name, size: total } = awaited;
    const tell = stamp(this.#clock, (told) => this.#onEvent({ ...told, image }));
    if (event.event === 'leased') tell({ event: 'start', name, total, kept: 0 });
    else if (event.event === 'progress') tell({ event: 'progress', bytes: event.progress.bytes, total });
    else if (event.event === 'finished' || event.event === 'failed') {
      if (event.event === 'finished') tell({ event: 'done', bytes: total ?? 0, seconds: 0 });
      else tell({ event: 'failed', bytes: 0, kept: null });
      this.#awaited.delete(event.id);
      if (this.#awaited.size === 0) this.#wake();
    }
  }

  #abandoned(why: string, cause: unknown): GlanceError {
    const left = countOf(this.#awaited.size, 'image');
    return new GlanceError('queue.unavailable', `${this.#queue.name}: ${why}; ${left} are left`, {
      hint: 'start workers, and run the same command again: what is in the place stays',
      cause,
    });
  }
}
