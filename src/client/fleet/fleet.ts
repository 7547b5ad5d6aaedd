// Work shared between many machines, as a program uses it: a queue, jobs to put into it and wait for, and a worker.
import type { Report } from '../../disk/report.ts';
import type { ListQuery } from '../../image/service.ts';
import type { Verdict } from '../../mirror/verify.ts';
import type { QueueWorker, WorkQueue } from '../../queue/work-queue.ts';
import type { Calls } from '../calls.ts';
import { explainingEach } from '../explaining.ts';
import { auditByFleet, type FleetAuditOptions } from './fleet-audit.ts';
import { FleetMirror, type FleetMirrorOptions, type FleetReport } from './fleet-mirror.ts';
import { type FleetVerifyOptions, verifyByFleet } from './fleet-verify.ts';
import { openQueue, type QueueOptions } from './open-queue.ts';
import { FleetWorker, type FleetWorkerOptions } from './worker.ts';

type Ending = { readonly signal?: AbortSignal };

export class Fleet {
  readonly #calls: Calls;
  /** The queue itself: what is in it, what has failed, and how to deal with that. */
  readonly queue: WorkQueue;

  private constructor(calls: Calls, queue: WorkQueue) {
    this.#calls = calls;
    this.queue = queue;
  }

  /** @throws what {@link openQueue} throws */
  static async open(calls: Calls, options: QueueOptions): Promise<Fleet> {
    return new Fleet(calls, await calls.explaining(() => openQueue(calls.connection, options)));
  }

  /**
   * Has workers carry out a mirror: plans it, and waits for it unless `detach` is given.
   * @param place a directory that all workers see under this path, or `s3://BUCKET/PREFIX`
   * @throws GlanceError `queue.*`, also if no worker comes; what a mirror without a queue throws
   */
  async mirror(place: string, options: FleetMirrorOptions = {}): Promise<FleetReport> {
    const { connection } = this.#calls;
    const how = { ...options, signal: this.#calls.signalOf(options) };
    return await this.#calls.explaining(() => new FleetMirror(connection, this.queue, place, how).run());
  }

  /** Has workers inspect the images that match; reports come in list order. @throws as {@link mirror} */
  async *audit(
    query: ListQuery = {},
    options: Omit<FleetAuditOptions, 'signal'> & Ending = {},
  ): AsyncGenerator<Report, void, undefined> {
    const how = { ...options, signal: this.#calls.signalOf(options) };
    yield* explainingEach(this.#calls.connection, auditByFleet(this.#calls.connection, this.queue, query, how));
  }

  /** Has workers compare a mirror with its index; verdicts like those of `verifyMirror`. @throws as {@link mirror} */
  async *verify(
    place: string,
    options: Omit<FleetVerifyOptions, 'signal'> & Ending = {},
  ): AsyncGenerator<Verdict, void, undefined> {
    const how = { ...options, signal: this.#calls.signalOf(options) };
    yield* explainingEach(this.#calls.connection, verifyByFleet(this.#calls.connection, this.queue, place, how));
  }

  /**
   * Starts taking jobs, each done with this client's login; call `drain()` on the result to stop.
   * @throws GlanceError `queue.*`
   */
  async work(options: FleetWorkerOptions): Promise<QueueWorker> {
    return await this.#calls.explaining(() => new FleetWorker(this.#calls.connection, options).start(this.queue));
  }

  /** Closes the connection to the queue; its contents stay. */
  async close(): Promise<void> {
    await this.queue.close();
  }
}
