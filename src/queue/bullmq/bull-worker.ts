// A worker of BullMQ: its leases are renewed by a timer, and a lease that is lost ends the work.
import type { Job as BullJob, Worker } from 'bullmq';
import { GlanceError } from '../../errors.ts';
import { parseJob } from '../job.ts';
import type { JobOutcome, Lease, QueueWorker, WorkerOptions } from '../work-queue.ts';
import type { QueuePackages } from './packages.ts';
import { formatReason } from './reasons.ts';

/** Workers that may die at one job without it being further on: then it is set aside. */
const mostDeaths = 3;
/** Of our own: BullMQ counts every loss, also of jobs of many hours that come on well. */
const mostStalls = 1_000_000;
/** Progress is told at most so often, milliseconds. */
const progressIntervalMs = 5000;

/** What is kept at a job: how far it was, and how often a lease was lost by then. */
interface KeptProgress {
  readonly bytes: number;
  readonly worker: string;
  /** `stalledCounter` when the job last came on. */
  readonly losses: number;
}

interface Running {
  readonly stop: AbortController;
}

export class BullWorker implements QueueWorker {
  readonly #bullmq: QueuePackages['bullmq'];
  readonly #worker: Worker;
  readonly #options: WorkerOptions;
  readonly #slow: (delayMs: number) => Promise<void>;
  readonly #running = new Set<Running>();

  /**
   * @param open makes the worker of BullMQ around what does a job
   * @param slow keeps all workers from taking jobs for so long
   */
  constructor(
    bullmq: QueuePackages['bullmq'],
    options: WorkerOptions,
    open: (doJob: (job: BullJob, token?: string, signal?: AbortSignal) => Promise<void>) => Worker,
    slow: (delayMs: number) => Promise<void>,
  ) {
    this.#bullmq = bullmq;
    this.#options = options;
    this.#slow = slow;
    this.#worker = open(async (job, token, signal) => await this.#process(job, token ?? '', signal));
    this.#worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.#worker.cancelJob(id, 'the lease was lost');
    });
  }

  /** What the worker of BullMQ is told, in its words. */
  static settings(leaseMs: number): { lockDuration: number; stalledInterval: number; maxStalledCount: number } {
    return { lockDuration: leaseMs, stalledInterval: Math.ceil(leaseMs / 2), maxStalledCount: mostStalls };
  }

  get active(): number {
    return this.#running.size;
  }

  async drain(timeoutMs: number): Promise<void> {
    const handBack = setTimeout(() => {
      for (const { stop } of this.#running) stop.abort(new GlanceError('interrupted', 'the worker drains'));
    }, timeoutMs);
    try {
      await this.#worker.close();
    } finally {
      clearTimeout(handBack);
    }
  }

  async #process(job: BullJob, token: string, lost: AbortSignal | undefined): Promise<void> {
    const running = { stop: new AbortController() };
    this.#running.add(running);
    try {
      const losses = lossesOf(job);
      if (job.stalledCounter - losses >= mostDeaths) {
        throw new this.#bullmq.UnrecoverableError(formatReason(deadError()));
      }
      const signal = lost === undefined ? running.stop.signal : AbortSignal.any([running.stop.signal, lost]);
      const outcome = await this.#options.work(this.#lease(job, token, signal));
      // Whoever has the job now settles it.
      if (lost?.aborted === true) throw new Error('the lease was lost');
      await this.#settle(job, token, outcome);
    } finally {
      this.#running.delete(running);
    }
  }

  #lease(job: BullJob, token: string, signal: AbortSignal): Lease {
    let toldAt = Number.NEGATIVE_INFINITY;
    return {
      id: job.id ?? '',
      job: parseJob(job.data),
      signal,
      progress: ({ bytes, worker }) => {
        const now = Date.now();
        if (now - toldAt < progressIntervalMs || signal.aborted) return;
        toldAt = now;
        const kept: KeptProgress = { bytes, worker, losses: job.stalledCounter };
        job.updateProgress(kept).catch(() => undefined);
      },
      renew: async () => {
        if (signal.aborted) return false;
        return (await job.extendLock(token, this.#options.leaseMs).catch(() => 0)) === 1;
      },
    };
  }

  /** @throws what tells BullMQ what became of it */
  async #settle(job: BullJob, token: string, outcome: JobOutcome): Promise<void> {
    const { UnrecoverableError, WaitingError, RateLimitError } = this.#bullmq;
    switch (outcome.outcome) {
      case 'done':
        return;
      case 'back':
        await job.moveToWait(token);
        throw new WaitingError();
      case 'slow':
        await this.#slow(outcome.delayMs);
        throw new RateLimitError();
      case 'failed': {
        const reason = formatReason(outcome.error);
        throw outcome.isFinal ? new UnrecoverableError(reason) : new Error(reason);
      }
      default:
        outcome satisfies never;
    }
  }
}

function deadError(): GlanceError {
  return new GlanceError('worker.died', `${String(mostDeaths)} workers ended while they were at it`);
}

function lossesOf({ progress }: BullJob): number {
  const losses = typeof progress === 'object' && 'losses' in progress ? progress['losses'] : 0;
  return typeof losses === 'number' ? losses : 0;
}
