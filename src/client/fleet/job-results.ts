// Jobs whose results go back to the planner: each call asks for one, and resolves once a worker has done it. Jobs that
// the queue loses are planned again. A result is a text of limited size beside the job, removed once it has been used.
import type { Clock } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import { type Job, jobId } from '../../queue/job.ts';
import type { JobState, WorkQueue } from '../../queue/work-queue.ts';
import type { FleetEvent } from './fleet-event.ts';
import { FleetTeller } from './fleet-teller.ts';
import { lookMs, QueueLink } from './queue-link.ts';

/** Jobs awaited at once: enough for some hundred workers. */
export const mostAsked = 1000;
/** Results fetched in one request. */
const batchSize = 50;
/** How often to check a job that no event mentions, in milliseconds. */
const recountMs = 10_000;
/** A result may be lost with the queue, or collected by another planner of the same job. */
const mostLosses = 5;

interface Asked {
  readonly job: Job;
  readonly answer: Promise<string>;
  isPlanned: boolean;
  losses: number;
  /** Whether workers died on it, after which it gets one more attempt. */
  hasDied: boolean;
  readonly resolve: (result: string) => void;
  readonly reject: (error: unknown) => void;
}

export class JobResults {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #teller: FleetTeller;
  readonly #link: QueueLink;
  readonly #asked = new Map<string, Asked>();
  /** Jobs that were answered and not yet released: their ids, by image. */
  readonly #answered = new Map<string, string>();
  /** Jobs that are over according to an event. */
  readonly #over = new Set<string>();
  readonly #released: string[] = [];
  readonly #closing = new AbortController();
  readonly #failed = new AbortController();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #countedAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> = Promise.resolve();
  #unwatch: () => Promise<void> = () => Promise.resolve();
  #woken = new AbortController();

  private constructor(queue: WorkQueue, clock: Clock, signal: AbortSignal, onEvent: (event: FleetEvent) => void) {
    this.#clock = clock;
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.#teller = new FleetTeller(clock, onEvent);
    this.#link = new QueueLink(queue, clock, () => this.#asked.size);
  }

  /** Starts listening. Must be closed. @throws GlanceError `queue.*` */
  static async open(
    queue: WorkQueue,
    clock: Clock,
    signal: AbortSignal,
    onEvent: (event: FleetEvent) => void,
  ): Promise<JobResults> {
    const results = new JobResults(queue, clock, signal, onEvent);
    results.#unwatch = await queue.watch((event) => {
      results.#teller.take(event);
      if (event.event !== 'finished' && event.event !== 'failed') return;
      if (!results.#asked.has(event.id)) return;
      results.#over.add(event.id);
      results.#woken.abort();
    });
    results.#running = results.#run();
    return results;
  }

  /** Aborted when no more jobs can be answered; its reason says why. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /**
   * Returns the result that a worker leaves for a job. At most {@link mostAsked} at once.
   * @throws GlanceError what the job failed with; `queue.unavailable` without queue or workers; the signal's reason
   */
  async ask(job: Job): Promise<string> {
    this.failed.throwIfAborted();
    const id = jobId(job);
    const known = this.#asked.get(id);
    if (known !== undefined) return await known.answer;
    let [resolve, reject]: [(result: string) => void, (error: unknown) => void] = [() => undefined, () => undefined];
    const answer = new Promise<string>((...ends) => ([resolve, reject] = ends));
    this.#asked.set(id, { job, answer, isPlanned: false, losses: 0, hasDied: false, resolve, reject });
    this.#woken.abort();
    return await answer;
  }

  /** Sets the totals in advance, since jobs are requested bit by bit. @param bytes 0 if no data is read */
  announce(images: number, bytes: number): void {
    this.#teller.announce(images, bytes);
  }

  /** The answer for an image has been used and need not stay in the queue. */
  release(image: string): void {
    const id = this.#answered.get(image);
    if (id === undefined) return;
    this.#answered.delete(image);
    this.#released.push(id);
  }

  /** Stops; what was released is removed from the queue. */
  async close(): Promise<void> {
    this.#closing.abort(new GlanceError('interrupted', 'nobody is waiting any more'));
    await this.#running;
    await this.#unwatch();
    // If the queue cannot be reached by now, it keeps them for a day.
    await this.#link.queue.discard(this.#released.splice(0)).catch(() => undefined);
    this.#teller.tell();
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        this.#woken = new AbortController();
        await this.#plan();
        await this.#collect();
        await this.#discard();
        await this.#pause();
      }
    } catch (error) {
      this.#failed.abort(error);
      for (const { reject } of this.#asked.values()) reject(error);
      this.#asked.clear();
    }
  }

  async #discard(): Promise<void> {
    while (this.#released.length > 0) {
      const some = this.#released.slice(0, batchSize);
      await this.#link.ask(() => this.#link.queue.discard(some), this.#signal);
      this.#released.splice(0, some.length);
    }
  }

  async #plan(): Promise<void> {
    const waiting = [...this.#asked].filter(([, { isPlanned }]) => !isPlanned);
    if (waiting.length === 0) return;
    const jobs = waiting.map(([id, { job, losses, hasDied }]) => ({ id, job, isAgain: losses > 0 || hasDied }));
    this.#teller.expect(jobs);
    await this.#link.ask(() => this.#link.queue.plan(jobs.map(({ job }) => job)), this.#signal);
    for (const [, asked] of waiting) asked.isPlanned = true;
    this.#link.expectWorkers();
    this.#teller.tell();
    // Jobs that were already in the queue cause no event.
    for (const [id] of waiting) this.#over.add(id);
  }

  async #collect(): Promise<void> {
    const now = this.#clock.monotonic();
    if (this.#asked.size > 0 && now - this.#lookedAt >= lookMs) {
      this.#lookedAt = now;
      this.#teller.tell(await this.#link.countWorkers(this.#signal));
    }
    if (now - this.#countedAt >= recountMs) {
      this.#countedAt = now;
      for (const [id, { isPlanned }] of this.#asked) if (isPlanned) this.#over.add(id);
    }
    const over = [...this.#over];
    this.#over.clear();
    for (let start = 0; start < over.length; start += batchSize) {
      const batch = over.slice(start, start + batchSize);
      const states = await this.#link.ask(() => this.#link.queue.states(batch), this.#signal);
      for (const [index, id] of batch.entries()) this.#settle(id, states[index] ?? { state: 'pending' });
    }
  }

  #settle(id: string, state: JobState): void {
    const asked = this.#asked.get(id);
    if (asked === undefined || state.state === 'pending') return;
    if (state.state === 'gone' && ++asked.losses <= mostLosses) {
      this.#teller.drop(id);
      asked.isPlanned = false;
      return;
    }
    if (state.state === 'failed' && state.code === 'worker.died' && !asked.hasDied) {
      asked.hasDied = true;
      asked.isPlanned = false;
      return;
    }
    this.#asked.delete(id);
    this.#answered.set(asked.job.image, id);
    // In case no event reported it.
    if (state.state === 'finished') this.#teller.take({ event: 'finished', id });
    const failure = failureOf(state);
    if (state.state !== 'finished') {
      this.#teller.take({ event: 'failed', id, code: failure.code, message: failure.message });
    }
    if (state.state === 'finished' && state.result !== null) asked.resolve(state.result);
    else asked.reject(failure);
  }

  async #pause(): Promise<void> {
    if ([...this.#asked.values()].some(({ isPlanned }) => !isPlanned)) return;
    await this.#link.pause(this.#woken.signal, this.#signal);
  }
}

function failureOf(state: JobState): GlanceError {
  if (state.state === 'failed') return new GlanceError(state.code, state.message);
  if (state.state === 'finished') return new GlanceError('metadata.invalid', 'its result is too large');
  return new GlanceError('queue.unavailable', 'its result was lost repeatedly');
}
