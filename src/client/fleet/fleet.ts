// Work shared between many machines, as a program uses it: a queue, jobs to put into it and wait for, and a worker.
import type { Report } from '../../disk/report.ts';
import type { ListQuery } from '../../image/service.ts';
import type { Verdict } from '../../mirror/verify.ts';
import type { FleetQueue, WorkQueue } from '../../queue/work-queue.ts';
import type { Calls } from '../calls.ts';
import { explainingEach } from '../explaining.ts';
import {
  auditByFleet,
  type AuditPlanOptions,
  type FleetAuditOptions,
  type PlannedAudits,
  planAudits,
} from './fleet-audit.ts';
import { FleetMirror, type FleetMirrorOptions, type FleetReport } from './fleet-mirror.ts';
import { type FleetVerifyOptions, verifyByFleet } from './fleet-verify.ts';
import { openQueue, type QueueOptions } from './open-queue.ts';
import { type FleetWork, type FleetWorkOptions, startWork } from './run-worker.ts';

type Ending = { readonly signal?: AbortSignal };

export class Fleet {
  readonly #calls: Calls;
  readonly #queue: WorkQueue;

  private constructor(calls: Calls, queue: WorkQueue) {
    this.#calls = calls;
    this.#queue = queue;
  }

  /** The queue itself: what is in it, what has failed, and how to deal with that. */
  get queue(): FleetQueue {
    return this.#queue;
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
    return await this.#calls.explaining(() => new FleetMirror(connection, this.#queue, place, how).run());
  }

  /** Has workers inspect the images that match; reports come in list order. @throws as {@link mirror} */
  async *audit(
    query: ListQuery = {},
    options: Omit<FleetAuditOptions, 'signal'> & Ending = {},
  ): AsyncGenerator<Report, void, undefined> {
    const how = { ...options, signal: this.#calls.signalOf(options) };
    yield* explainingEach(this.#calls.connection, auditByFleet(this.#calls.connection, this.#queue, query, how));
  }

  /**
   * Has workers inspect the images that match, and does not wait: each stores its reports as `PLACE/audit/<id>.json`.
   * @param place a directory that all workers see under this path, or `s3://BUCKET/PREFIX`; a missing directory is created
   * @throws GlanceError `queue.*`, `io.*`, `place.*`; what listing fails with; the signal's reason
   */
  async planAudit(
    place: string,
    query: ListQuery = {},
    options: Omit<AuditPlanOptions, 'signal'> & Ending = {},
  ): Promise<PlannedAudits> {
    const { connection } = this.#calls;
    const how = { ...options, signal: this.#calls.signalOf(options) };
    return await this.#calls.explaining(() => planAudits(connection, this.#queue, query, place, how));
  }

  /** Has workers compare a mirror with its index; verdicts like those of `verifyMirror`. @throws as {@link mirror} */
  async *verify(
    place: string,
    options: Omit<FleetVerifyOptions, 'signal'> & Ending = {},
  ): AsyncGenerator<Verdict, void, undefined> {
    const how = { ...options, signal: this.#calls.signalOf(options) };
    yield* explainingEach(this.#calls.connection, verifyByFleet(this.#calls.connection, this.#queue, place, how));
  }

  /**
   * Starts taking jobs, each done with this client's login, until its signal or that of the client, `drain()` on the result, or,
   * with `untilEmpty`, the end of the work. Jobs in progress are finished first. `finished()` waits for that. If the client has a
   * signal, the worker logs in by itself, as its last jobs outlive that signal.
   * @throws GlanceError `queue.*`; `io.port` if no metrics can be served at their address; the signal's reason
   */
  async work(options: FleetWorkOptions & Ending = {}): Promise<FleetWork> {
    const how = { ...options, signal: this.#calls.signalOf(options) };
    return await this.#calls.explaining(() => startWork(this.#calls.connection, this.#queue, how));
  }

  /** Closes the connection to the queue; its contents stay. */
  async close(): Promise<void> {
    await this.#queue.close();
  }
}
