// A worker at the queue in this process, its leases, and the jobs that they are for.
import { GlanceError } from '../../../src/errors.ts';
import { type Job, parseJob } from '../../../src/queue/job.ts';
import type { FailedJob } from '../../../src/queue/failed-job.ts';
import type { Lease, QueueEvent, QueueWorker, WorkerOptions } from '../../../src/queue/work-queue.ts';

export type State =
  | { readonly state: 'waiting' }
  | { readonly state: 'active'; readonly lease: DoubleLease }
  | { readonly state: 'finished'; readonly result: string }
  | { readonly state: 'failed'; readonly code: FailedJob['code']; readonly message: string };

export interface Held {
  /** As text, as a queue has it. */
  readonly text: string;
  state: State;
}

/** The queue, as far as a lease tells it anything. */
interface Told {
  step(step: 'progress' | 'renew'): void;
  tell(event: QueueEvent): void;
}

export class DoubleLease implements Lease {
  readonly id: string;
  readonly job: Job;
  readonly #queue: Told;
  readonly #stop = new AbortController();
  isLost = false;

  constructor(queue: Told, id: string, text: string) {
    this.#queue = queue;
    this.id = id;
    this.job = parseJob(JSON.parse(text));
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  progress(progress: { readonly bytes: number; readonly worker: string }): void {
    this.#queue.step('progress');
    if (!this.isLost) this.#queue.tell({ event: 'progress', id: this.id, progress });
  }

  async renew(): Promise<boolean> {
    this.#queue.step('renew');
    return await Promise.resolve(!this.isLost);
  }

  lose(): void {
    this.isLost = true;
    this.stop();
  }

  stop(): void {
    this.#stop.abort(new GlanceError('interrupted', 'ended'));
  }
}

export class DoubleWorker implements QueueWorker {
  readonly options: WorkerOptions;
  readonly leases = new Set<DoubleLease>();
  isDraining = false;
  readonly #idle: (() => void)[] = [];

  constructor(options: WorkerOptions) {
    this.options = options;
  }

  get active(): number {
    return this.leases.size;
  }

  async drain(timeoutMs: number): Promise<void> {
    this.isDraining = true;
    if (timeoutMs === 0) for (const lease of this.leases) lease.stop();
    if (this.leases.size > 0) await new Promise<void>((done) => this.#idle.push(done));
  }

  end(lease: DoubleLease): void {
    this.leases.delete(lease);
    if (this.leases.size === 0) for (const done of this.#idle.splice(0)) done();
  }
}
