// A worker of a fleet: takes jobs from a queue and does each with its own login to Glance and its own keys for the place.
import { randomBytes } from 'node:crypto';
import { sleep, toSeconds } from '../../../clock.ts';
import { GlanceError, isPassing } from '../../../errors.ts';
import type { Place } from '../../../mirror/places/place.ts';
import type { Job } from '../../../queue/job.ts';
import type { JobOutcome, Lease, QueueWorker, WorkQueue } from '../../../queue/work-queue.ts';
import { keepForNext } from '../../../transfer/threads/thread-pool.ts';
import { RateLimit } from '../../../transfer/flow/rate-limit.ts';
import type { Connection } from '../../connection.ts';
import { stamp } from '../../download/progress-event.ts';
import { openPlace } from '../../places/open-place.ts';
import type { StoreOptions } from '../../places/open-store.ts';
import type { System } from '../../system.ts';
import type { Work, WorkEnd, WorkTools } from './work.ts';
import { isOfWorker, LostError } from './worker-errors.ts';
import type { WorkerEvent, WorkerNews } from './worker-event.ts';

export interface FleetWorkerOptions extends StoreOptions {
  /** Shown to people in the fleet's progress. Absent: `HOST:PID`, or something random where the system does not name them. */
  readonly name?: string | undefined;
  /** Images at once, ≥ 1. Absent: 2. */
  readonly jobs?: number | undefined;
  /** How long a lease lasts without being renewed, in milliseconds. Absent: one minute. */
  readonly leaseMs?: number | undefined;
  /** Maximum number of bytes per second, for all images together. Absent: no limit. */
  readonly limitRate?: number | undefined;
  /** Called with each event, in order. Must not throw. */
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
}

const defaultJobs = 2;
const defaultLeaseMs = 60_000;
/** How long all workers pause after an overloaded server that does not say how long to wait. */
const defaultSlowMs = 10_000;
/** Delay before handing back a job that this worker cannot do; otherwise it would get it again at once. */
const backOffMs = 5000;
/** Shortest time between two reports of the same trouble. */
const troubleMs = 60_000;

type JobEnd = Extract<WorkerNews, { event: 'job_end' }>['outcome'];

export class FleetWorker {
  readonly #connection: Connection;
  readonly #options: FleetWorkerOptions;
  readonly #tools: WorkTools;
  readonly #name: string;
  readonly #places = new Map<string, Place>();
  readonly #tell: (news: WorkerNews) => void;
  #trouble = { message: '', at: 0 };

  constructor(connection: Connection, options: FleetWorkerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#name = options.name ?? nameOf(connection.system);
    const rate = new RateLimit(connection.system.clock, options.limitRate ?? null);
    this.#tools = { connection, rate, place: (text) => this.#place(text) };
    const { onEvent = () => undefined } = options;
    this.#tell = stamp<WorkerNews>(connection.system.clock, onEvent);
  }

  /** Starts taking jobs. @throws GlanceError `queue.*` */
  async start(queue: WorkQueue): Promise<QueueWorker> {
    const letGo = keepForNext();
    const { jobs = defaultJobs, leaseMs = defaultLeaseMs } = this.#options;
    const worker = await queue
      .startWorker({
        name: this.#name,
        jobs,
        leaseMs,
        work: (lease) => this.work(lease),
        onTrouble: (error) => this.#tellTrouble(error),
      })
      .catch((error: unknown) => {
        letGo();
        throw error;
      });
    return {
      get active() {
        return worker.active;
      },
      // A worker may be drained again, in less time.
      drain: async (timeoutMs) => {
        try {
          await worker.drain(timeoutMs);
        } finally {
          letGo();
        }
      },
    };
  }

  /** Reports the same trouble only once in a while: each connection raises it again and again. */
  #tellTrouble({ code, message }: GlanceError): void {
    const now = this.#connection.system.clock.monotonic();
    if (this.#trouble.message === message && now - this.#trouble.at < troubleMs) return;
    this.#trouble = { message, at: now };
    this.#tell({ event: 'trouble', code, message });
  }

  /** Does one job. */
  async work(lease: Lease): Promise<JobOutcome> {
    const { id, job, signal } = lease;
    const { kind, image, name, place } = job;
    const { clock } = this.#connection.system;
    const startedAt = clock.monotonic();
    let bytes = 0;
    const worker = this.#name;
    const tell = (outcome: JobEnd, error: GlanceError | null): void => {
      const seconds = toSeconds(clock.monotonic() - startedAt);
      const [code, message] = error === null ? [null, null] : [error.code, error.message];
      this.#tell({ event: 'job_end', job: id, kind, image, outcome, bytes, seconds, code, message });
    };
    this.#tell({ event: 'job', job: id, kind, image, name, place });
    // Shows from the start which worker has the job.
    lease.progress({ bytes, worker });
    const onKept = (count: number): void => {
      bytes = count;
    };
    const onBytes = (count: number): void => {
      const more = count - bytes;
      bytes = count;
      if (more > 0) this.#tell({ event: 'job_progress', job: id, kind, bytes: more });
      lease.progress({ bytes, worker });
    };
    const onRetry = (code: string): void => this.#tell({ event: 'job_retry', job: id, kind, code });
    try {
      const { outcome, result } = await doJob(this.#tools, job, { lease, onBytes, onKept, onRetry });
      tell(outcome, null);
      return { outcome: 'done', result };
    } catch (error) {
      const explained = await this.#connection.explain(error);
      if (signal.aborted || explained instanceof LostError) {
        tell(lease.isLost || explained instanceof LostError ? 'lost' : 'back', null);
        return { outcome: 'back' };
      }
      return await this.#failed(explained instanceof GlanceError ? explained : this.#bug(error), signal, tell);
    }
  }

  async #failed(
    error: GlanceError,
    signal: AbortSignal,
    tell: (outcome: 'failed' | 'back', error: GlanceError) => void,
  ): Promise<JobOutcome> {
    if (isOfWorker(error.code)) {
      tell('back', error);
      // Other workers take the next jobs in the meantime.
      await this.#backOff(signal);
      return { outcome: 'back' };
    }
    tell('failed', error);
    if (error.code === 'http.429') return { outcome: 'slow', delayMs: error.facts.retryAfterMs ?? defaultSlowMs };
    return { outcome: 'failed', error, isFinal: !isPassing(error.code) };
  }

  /** Errors are stored with the job, so they must not contain secrets. */
  #bug(error: unknown): GlanceError {
    const text = this.#connection.secrets.hideInMessage(error instanceof Error ? error.message : String(error));
    return new GlanceError('worker.died', `a worker ran into a bug in glance-cli: ${text}`, { cause: error });
  }

  async #backOff(signal: AbortSignal): Promise<void> {
    try {
      await sleep(this.#connection.system.clock, backOffMs, signal);
    } catch {
      // The job is then handed back all the sooner.
    }
  }

  #place(text: string): Place {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = openPlace(text, this.#connection, this.#options);
    this.#places.set(text, place);
    return place;
  }
}

function nameOf({ hostname = 'worker', pid }: System): string {
  return `${hostname}:${pid === 0 ? randomBytes(4).toString('hex') : String(pid)}`;
}

/** Loads what a kind of work needs only when there is a job of that kind. */
async function doJob(tools: WorkTools, job: Job, work: Work): Promise<WorkEnd> {
  switch (job.kind) {
    case 'copy':
      return await (await import('./copy-work.ts')).copy(tools, job, work);
    case 'audit':
      return await (await import('./audit-work.ts')).audit(tools, job, work);
    case 'verify':
      return await (await import('./verify-work.ts')).verify(tools, job, work);
    default:
      job satisfies never;
      throw new Error('a job of an unknown kind');
  }
}
