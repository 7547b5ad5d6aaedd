// The work queue on top of BullMQ, in Redis or Valkey.
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { GlanceError } from '../../errors.ts';
import { type FailedJob, toFailedJob } from '../failed-job.ts';
import { type Job, jobId, resultCountsForMs } from '../job.ts';
import type { JobState, QueueCounts, QueueEvent, QueueWorker, WorkerOptions, WorkQueue } from '../work-queue.ts';
import { type Failure, listenTo, toBullJob, toFailure } from './bull-jobs.ts';
import { BullWorker } from './bull-worker.ts';
import { KeptJobs } from './kept-jobs.ts';
import { loadPackages, type QueuePackages } from './packages.ts';
import { checkRedis, openRedis, type RedisSettings, toQueueError } from './redis.ts';

/** Jobs looked up in one request, of three commands each: with 1000, a planner of 100,000 jobs would take 10 MiB more. */
const batchSize = 200;
/** Jobs added at once: for each, BullMQ builds something many times the size of the job. */
const planSize = 100;
/** Attempts at a job whose failure may be temporary. */
const attempts = 8;
const firstDelayMs = 1000;
/** Events kept for anyone watching. */
const mostEvents = 20_000;
/**
 * How long failed jobs are kept, in seconds: by then, the records of many images have changed, so that their jobs are of no use
 * any more.
 */
const failedForSeconds = 30 * 24 * 3600;

/**
 * Opens a queue.
 * @throws GlanceError `queue.*`; `config.invalid` for a Redis that evicts; `usage.unsupported` without the packages
 */
export async function openBullQueue(settings: RedisSettings): Promise<WorkQueue> {
  const packages = await loadPackages();
  const redis = openRedis(packages, settings, false);
  redis.on('error', () => undefined);
  await checkRedis(redis, settings.address.shown);
  return new BullQueue(packages, settings, redis);
}

class BullQueue implements WorkQueue {
  readonly name: string;
  readonly #packages: QueuePackages;
  readonly #settings: RedisSettings;
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #jobs: KeptJobs;
  readonly #further = new Set<Redis>();

  constructor(packages: QueuePackages, settings: RedisSettings, redis: Redis) {
    this.#packages = packages;
    this.#settings = settings;
    this.#redis = redis;
    this.name = settings.address.shown;
    this.#queue = new packages.bullmq.Queue(settings.address.queue, {
      connection: redis,
      streams: { events: { maxLen: mostEvents } },
      defaultJobOptions: {
        attempts,
        backoff: { type: 'exponential', delay: firstDelayMs, jitter: 0.5 },
        // A finished job must leave nothing behind that would keep it from being planned again.
        removeOnComplete: true,
        removeOnFail: { age: failedForSeconds },
      },
    });
    this.#queue.on('error', () => undefined);
    this.#jobs = new KeptJobs(redis, (id) => this.#queue.toKey(id));
  }

  async plan(jobs: readonly Job[]): Promise<number> {
    return await this.#asking(async () => {
      let added = 0;
      for (let start = 0; start < jobs.length; start += planSize) {
        const batch = jobs.slice(start, start + planSize).map((job) => ({ id: jobId(job), job }));
        const states = await this.#jobs.look(batch.map(({ id }) => id));
        const fresh: typeof batch = [];
        for (const [index, each] of batch.entries()) {
          const { state, finishedAt } = states[index] ?? { state: 'gone', finishedAt: 0 };
          const isOver = state === 'finished' && Date.now() - finishedAt >= resultCountsForMs(each.job);
          if (state === 'failed' || isOver) await this.#queue.remove(each.id);
          if (state === 'failed' || isOver || state === 'gone') fresh.push(each);
        }
        added += fresh.length;
        await this.#queue.addBulk(fresh.map(({ id, job }) => toBullJob(id, job)));
      }
      return added;
    });
  }

  async pending(ids: readonly string[]): Promise<readonly string[]> {
    return await this.#asking(async () => {
      const pending: string[] = [];
      for (let start = 0; start < ids.length; start += batchSize) {
        const batch = ids.slice(start, start + batchSize);
        const states = await this.#jobs.look(batch);
        pending.push(...batch.filter((_id, index) => states[index]?.state === 'pending'));
      }
      return pending;
    });
  }

  async states(ids: readonly string[]): Promise<readonly JobState[]> {
    return await this.#asking(() => this.#jobs.states(ids));
  }

  async discard(ids: readonly string[]): Promise<void> {
    await this.#asking(async () => {
      const kept = await this.#jobs.look(ids);
      const over = ids.filter((_id, index) => ['finished', 'failed'].includes(kept[index]?.state ?? ''));
      await Promise.all(over.map((id) => this.#queue.remove(id)));
    });
  }

  async counts(): Promise<QueueCounts> {
    return await this.#asking(async () => {
      const kinds = ['wait', 'prioritized', 'active', 'delayed', 'failed'] as const;
      const counts = await this.#queue.getJobCounts(...kinds);
      const [paused, workers] = await Promise.all([this.#queue.isPaused(), this.#queue.getWorkersCount()]);
      const of = (...names: readonly string[]): number => names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
      return {
        waiting: of('wait', 'prioritized'),
        active: of('active'),
        delayed: of('delayed'),
        failed: of('failed'),
        paused,
        workers,
      };
    });
  }

  async *failures(): AsyncGenerator<readonly FailedJob[], void, undefined> {
    for await (const page of this.#failed()) yield page.map(({ id, job, reason }) => toFailedJob(id, job, reason));
  }

  async *#failed(): AsyncGenerator<readonly Failure[], void, undefined> {
    for (let start = 0; ; start += batchSize) {
      const jobs = await this.#asking(() => this.#queue.getFailed(start, start + batchSize - 1));
      if (jobs.length === 0) return;
      yield jobs.flatMap((job) => toFailure(job) ?? []);
      if (jobs.length < batchSize) return;
    }
  }

  async retry(ids: readonly string[] | null): Promise<number> {
    const wanted = ids === null ? null : new Set(ids);
    const jobs: Job[] = [];
    for await (const page of this.#failed()) {
      for (const { id, job } of page) if (wanted === null || wanted.has(id) || wanted.has(job.image)) jobs.push(job);
    }
    // They start afresh: earlier attempts and deaths no longer count.
    return await this.plan(jobs);
  }

  async pause(): Promise<void> {
    await this.#asking(() => this.#queue.pause());
  }

  async resume(): Promise<void> {
    await this.#asking(() => this.#queue.resume());
  }

  async clear(isForced: boolean): Promise<void> {
    const { active } = await this.counts();
    if (active > 0 && !isForced) {
      throw new GlanceError('usage.option', `${this.name}: ${String(active)} jobs are in progress`, {
        hint: 'wait until they are done, or give `force`: their workers then stop',
      });
    }
    await this.#asking(() => this.#queue.obliterate({ force: true }));
  }

  async watch(onEvent: (event: QueueEvent) => void): Promise<() => Promise<void>> {
    const connection = this.#connect();
    const events = new this.#packages.bullmq.QueueEvents(this.#settings.address.queue, { connection });
    events.on('error', () => undefined);
    listenTo(events, onEvent);
    await this.#asking(() => events.waitUntilReady());
    return () => {
      // Not awaited: if Redis is gone, it would wait forever for an answer.
      events.close().catch(() => undefined);
      // Otherwise the listeners would stay in memory.
      events.removeAllListeners();
      events.on('error', () => undefined);
      this.#disconnect(connection);
      return Promise.resolve();
    };
  }

  async startWorker(options: WorkerOptions): Promise<QueueWorker> {
    const { bullmq } = this.#packages;
    const { queue } = this.#settings.address;
    const connection = this.#connect();
    const worker = new BullWorker(
      bullmq,
      options,
      (doJob) => {
        const made = new bullmq.Worker(queue, doJob, {
          connection,
          concurrency: options.jobs,
          name: options.name,
          ...BullWorker.settings(options.leaseMs),
        });
        made.on('error', (error) => options.onTrouble(toQueueError(error, this.name)));
        return made;
      },
      (delayMs) => this.#queue.rateLimit(delayMs),
    );
    return {
      get active() {
        return worker.active;
      },
      drain: async (timeoutMs) => {
        await worker.drain(timeoutMs);
        this.#disconnect(connection);
      },
    };
  }

  async close(): Promise<void> {
    await this.#queue.close().catch(() => undefined);
    for (const connection of [this.#redis, ...this.#further]) connection.disconnect();
  }

  /** A separate connection for a caller that blocks on it. It lasts until the queue is closed, or until it is ended. */
  #connect(): Redis {
    const connection = openRedis(this.#packages, this.#settings, true);
    connection.on('error', () => undefined);
    this.#further.add(connection);
    return connection;
  }

  #disconnect(connection: Redis): void {
    connection.disconnect();
    this.#further.delete(connection);
  }

  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw toQueueError(error, this.name);
    }
  }
}
