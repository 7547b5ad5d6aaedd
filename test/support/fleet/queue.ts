// A queue in this process that can lose leases, events and its contents as a test wants.
import { GlanceError } from '../../../src/errors.ts';
import { formatJob, hasResult, type Job, jobId, parseJob, resultCountsForMs } from '../../../src/queue/job.ts';
import { type FailedJob, toFailedJob } from '../../../src/queue/failed-job.ts';
import type {
  JobOutcome,
  JobState,
  QueueCounts,
  QueueEvent,
  QueueWorker,
  WorkerOptions,
  WorkQueue,
} from '../../../src/queue/work-queue.ts';
import { DoubleLease, DoubleWorker, type Held, type State } from './queue-worker.ts';

export class QueueDouble implements WorkQueue {
  readonly name = 'redis://double:6379/0#mirror';
  readonly #held = new Map<string, Held>();
  readonly #workers = new Set<DoubleWorker>();
  readonly #watchers = new Set<(event: QueueEvent) => void>();
  /** Whether nobody answers. */
  isGone = false;
  /** Whether events are missed. */
  isMute = false;
  isPaused = false;
  /** All text of what was put in. */
  readonly texts: string[] = [];
  /** The outcome of each job that a worker had, in order. */
  readonly outcomes: JobOutcome['outcome'][] = [];
  /** Delays requested of workers, in milliseconds. */
  readonly slowed: number[] = [];
  /** How many jobs were new, plan by plan. */
  readonly added: number[] = [];
  /** Called at each step of a worker. */
  onStep: (step: 'leased' | 'progress' | 'renew') => void = () => undefined;

  async plan(jobs: readonly Job[]): Promise<number> {
    await this.#ask();
    let added = 0;
    for (const job of jobs) {
      const id = jobId(job);
      const held = this.#held.get(id);
      const isOld = held?.state.state === 'finished' && resultCountsForMs(job) === 0;
      if (held !== undefined && held.state.state !== 'failed' && !isOld) continue;
      added++;
      this.put(id, formatJob(job));
    }
    if (jobs.length > 0) this.added.push(added);
    this.#deal();
    return added;
  }

  /** Adds anything, as anybody with write access to the queue could. */
  put(id: string, value: unknown): void {
    const text = JSON.stringify(value);
    this.texts.push(text);
    this.#held.set(id, { text, state: { state: 'waiting' } });
  }

  async pending(ids: readonly string[]): Promise<readonly string[]> {
    await this.#ask();
    return ids.filter((id) => ['waiting', 'active'].includes(this.#held.get(id)?.state.state ?? ''));
  }

  async states(ids: readonly string[]): Promise<readonly JobState[]> {
    await this.#ask();
    return ids.map((id) => {
      const state = this.#held.get(id)?.state;
      if (state?.state === 'finished' || state?.state === 'failed') return state;
      return { state: state === undefined ? 'gone' : 'pending' };
    });
  }

  async discard(ids: readonly string[]): Promise<void> {
    await this.#ask();
    for (const id of ids) {
      if (['finished', 'failed'].includes(this.#held.get(id)?.state.state ?? '')) this.#held.delete(id);
    }
  }

  /** Jobs of which anything is left. */
  get size(): number {
    return this.#held.size;
  }

  async counts(): Promise<QueueCounts> {
    await this.#ask();
    const count = (wanted: State['state']): number =>
      [...this.#held.values()].filter(({ state }) => state.state === wanted).length;
    const workers = [...this.#workers].filter(({ isDraining }) => !isDraining).length;
    return {
      waiting: count('waiting'),
      active: count('active'),
      delayed: 0,
      failed: count('failed'),
      paused: this.isPaused,
      workers,
    };
  }

  async *failures(): AsyncGenerator<readonly FailedJob[], void, undefined> {
    await this.#ask();
    yield [...this.#held].flatMap(([id, { text, state }]) =>
      state.state === 'failed' ? [toFailedJob(id, parseJob(JSON.parse(text)), state)] : [],
    );
  }

  async retry(ids: readonly string[] | null): Promise<number> {
    const wanted: Job[] = [];
    for await (const page of this.failures()) {
      for (const { job, image } of page) {
        if (ids !== null && !ids.includes(job) && !ids.includes(image)) continue;
        wanted.push(parseJob(JSON.parse(this.#held.get(job)?.text ?? '')));
      }
    }
    return await this.plan(wanted);
  }

  async pause(): Promise<void> {
    await this.#ask();
    this.isPaused = true;
  }

  async resume(): Promise<void> {
    await this.#ask();
    this.isPaused = false;
    this.#deal();
  }

  async clear(): Promise<void> {
    await this.#ask();
    this.lose();
  }

  async watch(onEvent: (event: QueueEvent) => void): Promise<() => Promise<void>> {
    await this.#ask();
    this.#watchers.add(onEvent);
    return async () => {
      this.#watchers.delete(onEvent);
      await Promise.resolve();
    };
  }

  async startWorker(options: WorkerOptions): Promise<QueueWorker> {
    await this.#ask();
    const worker = new DoubleWorker(options);
    this.#workers.add(worker);
    this.#deal();
    return worker;
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  /** Empties it; workers lose their leases. */
  lose(): void {
    const all = [...this.#held.values()];
    this.#held.clear();
    for (const { state } of all) if (state.state === 'active') state.lease.lose();
  }

  /** Ends leases, so that others may take the jobs. */
  loseLeases(): void {
    for (const [id, held] of this.#held) {
      if (held.state.state !== 'active') continue;
      const { lease } = held.state;
      held.state = { state: 'waiting' };
      lease.lose();
      this.tell({ event: 'lost', id });
    }
    this.#deal();
  }

  /** Fails a job, as happens when workers have died while doing it. */
  fail(image: string, code: FailedJob['code'], message: string): void {
    for (const [id, held] of this.#held) {
      if (parseJob(JSON.parse(held.text)).image !== image) continue;
      held.state = { state: 'failed', code, message };
      this.tell({ event: 'failed', id, code, message });
    }
  }

  /** Lets its workers notice trouble. */
  trouble(error: GlanceError): void {
    for (const { options } of this.#workers) options.onTrouble(error);
  }

  tell(event: QueueEvent): void {
    if (!this.isMute) for (const told of this.#watchers) told(event);
  }

  step(step: 'leased' | 'progress' | 'renew'): void {
    this.onStep(step);
  }

  /** As over a network: answers come later. */
  async #ask(): Promise<void> {
    await Promise.resolve();
    if (this.isGone) throw new GlanceError('queue.unavailable', `${this.name}: it cannot be reached`);
  }

  /** Gives waiting jobs to idle workers. */
  #deal(): void {
    if (this.isGone || this.isPaused) return;
    for (const worker of this.#workers) {
      for (const [id, held] of this.#held) {
        if (worker.isDraining || worker.active >= worker.options.jobs) break;
        if (held.state.state === 'waiting') this.#lease(worker, id, held);
      }
    }
  }

  #lease(worker: DoubleWorker, id: string, held: Held): void {
    const lease = new DoubleLease(this, id, held.text);
    held.state = { state: 'active', lease };
    worker.leases.add(lease);
    this.tell({ event: 'leased', id });
    this.step('leased');
    void this.#work(worker, lease, held);
  }

  async #work(worker: DoubleWorker, lease: DoubleLease, held: Held): Promise<void> {
    const outcome = await worker.options.work(lease);
    worker.end(lease);
    this.outcomes.push(outcome.outcome);
    if (!lease.isLost) this.#settle(lease, held, outcome);
    this.#deal();
  }

  #settle(lease: DoubleLease, held: Held, outcome: JobOutcome): void {
    const { id } = lease;
    if (outcome.outcome === 'done') {
      if (outcome.result !== null) this.texts.push(outcome.result);
      if (hasResult(lease.job)) held.state = { state: 'finished', result: outcome.result ?? '' };
      else this.#held.delete(id);
      this.tell({ event: 'finished', id });
    } else if (outcome.outcome === 'failed') {
      const { code, message } = outcome.error;
      held.state = { state: 'failed', code, message };
      this.tell({ event: 'failed', id, code, message });
    } else {
      if (outcome.outcome === 'slow') this.slowed.push(outcome.delayMs);
      held.state = { state: 'waiting' };
    }
  }
}
