// A BullMQ worker: a timer renews its leases, and a lost lease ends the work.
import type { Job as BullJob, Worker } from 'bullmq';
import { GlanceError } from '../../errors.ts';
import { type Job, parseJob } from '../job.ts';
import type { JobOutcome, Lease, QueueWorker, WorkerOptions } from '../work-queue.ts';
import type { QueuePackages } from './packages.ts';
import { formatReason } from './reasons.ts';

/** After this many workers have died on a job without progress, it is set aside. */
const mostDeaths = 3;
/** We count ourselves: BullMQ counts every loss, even for jobs that take many hours and make good progress. */
const mostStalls = 1_000_000;
/**
 * Shortest time between progress reports, in milliseconds. They distinguish a job that advances from one that kills its
 * workers.
 */
const progressIntervalMs = 2000;

/** Time to tell the queue how jobs ended; a queue that cannot be reached notices that by itself. */
const settleMs = 10_000;
/** How often to look whether jobs are still in progress while a worker drains, in milliseconds. */
const drainLookMs = 500;

/** Stored with a job: the furthest it got, and how many leases it had lost by then. */
interface KeptProgress {
  readonly bytes: number;
  readonly worker: string;
  /** The most bytes that any attempt reached. */
  readonly furthest: number;
  /** `stalledCounter` when the job last made progress. */
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
   * @param open creates the BullMQ worker around the function that does a job
   * @param slow keeps all workers from taking jobs for this long
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

  /** The worker's settings, by BullMQ's names. */
  static settings(leaseMs: number): { lockDuration: number; stalledInterval: number; maxStalledCount: number } {
    return { lockDuration: leaseMs, stalledInterval: Math.ceil(leaseMs / 2), maxStalledCount: mostStalls };
  }

  get active(): number {
    return this.#running.size;
  }

  async drain(timeoutMs: number): Promise<void> {
    const handBack = setTimeout(() => {
      for (const { stop } of this.#running) stop.abort(new GlanceError('interrupted', 'the worker is draining'));
    }, timeoutMs);
    let look: NodeJS.Timeout | undefined;
    // The time to drain is for jobs. Where none is in progress, an unreachable queue must not take all of it.
    const isLate = new Promise<void>((resolve) => {
      let busyAt = performance.now();
      const endsAt = busyAt + timeoutMs;
      look = setInterval(() => {
        const now = performance.now();
        if (this.#running.size > 0 && now < endsAt) busyAt = now;
        else if (now - busyAt >= settleMs) resolve();
      }, drainLookMs);
    });
    try {
      await Promise.race([this.#worker.close(), isLate]);
    } finally {
      clearTimeout(handBack);
      clearInterval(look);
    }
  }

  async #process(job: BullJob, token: string, lost: AbortSignal | undefined): Promise<void> {
    const { losses } = keptBy(job);
    if (job.stalledCounter - losses >= mostDeaths) throw this.#final(deadError());
    const outcome = await this.#work(job, token, lost);
    // Whoever holds the job now settles it.
    if (lost?.aborted === true) throw new Error('the lease was lost');
    await this.#settle(job, token, outcome);
  }

  async #work(job: BullJob, token: string, lost: AbortSignal | undefined): Promise<JobOutcome> {
    const running = { stop: new AbortController() };
    this.#running.add(running);
    try {
      return await this.#options.work(this.#lease(job, token, running.stop.signal, lost));
    } finally {
      this.#running.delete(running);
    }
  }

  #lease(job: BullJob, token: string, stop: AbortSignal, lost: AbortSignal = new AbortController().signal): Lease {
    const signal = AbortSignal.any([stop, lost]);
    let toldAt = Number.NEGATIVE_INFINITY;
    let kept = keptBy(job);
    return {
      id: job.id ?? '',
      job: this.#parse(job.data),
      signal,
      get isLost() {
        return lost.aborted;
      },
      progress: ({ bytes, worker }) => {
        const now = Date.now();
        if (now - toldAt < progressIntervalMs || signal.aborted) return;
        // Having begun says nothing about progress, so the first bytes are reported at once.
        if (bytes > 0) toldAt = now;
        if (bytes > kept.furthest) kept = { furthest: bytes, losses: job.stalledCounter };
        const told: KeptProgress = { bytes, worker, ...kept };
        job.updateProgress(told).catch(() => undefined);
      },
      renew: async () => {
        if (signal.aborted) return false;
        const extended = job.extendLock(token, this.#options.leaseMs).catch(() => 0);
        // A queue that cannot be reached does not answer.
        return (await Promise.race([extended, endOf(signal)])) === 1;
      },
    };
  }

  #parse(data: unknown): Job {
    try {
      return parseJob(data);
    } catch (error) {
      throw error instanceof GlanceError ? this.#final(error) : error;
    }
  }

  #final(error: GlanceError): Error {
    return withoutStack(new this.#bullmq.UnrecoverableError(formatReason(error)));
  }

  /** @throws whatever tells BullMQ how the job ended */
  async #settle(job: BullJob, token: string, outcome: JobOutcome): Promise<void> {
    const { WaitingError, RateLimitError } = this.#bullmq;
    switch (outcome.outcome) {
      case 'done':
        // Not as BullMQ's return value: that would stay in its events after the job is gone.
        if (outcome.result !== null) await job.updateData({ ...job.data, result: outcome.result });
        return;
      case 'back':
        await job.moveToWait(token);
        throw new WaitingError();
      case 'slow':
        await this.#slow(outcome.delayMs);
        throw new RateLimitError();
      case 'failed':
        throw outcome.isFinal ? this.#final(outcome.error) : withoutStack(new Error(formatReason(outcome.error)));
      default:
        outcome satisfies never;
    }
  }
}

function deadError(): GlanceError {
  return new GlanceError('worker.died', `${String(mostDeaths)} workers died while working on it`);
}

/** Errors are stored with the job, and the paths of this machine are nobody's business. */
function withoutStack(error: Error): Error {
  error.stack = '';
  return error;
}

function endOf(signal: AbortSignal): Promise<0> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(0), { once: true }));
}

function keptBy({ progress }: BullJob): Pick<KeptProgress, 'furthest' | 'losses'> {
  const { furthest, losses }: { furthest?: unknown; losses?: unknown } = typeof progress === 'object' ? progress : {};
  return {
    furthest: typeof furthest === 'number' ? furthest : -1,
    losses: typeof losses === 'number' ? losses : 0,
  };
}
