// A worker of a fleet: takes jobs from a queue, and does each with its own login to the Glance and its own keys of the place.
import { sleep } from '../../clock.ts';
import { GlanceError, isFinalForImage, isPassing } from '../../errors.ts';
import { maskImage } from '../../image/mask.ts';
import { bearOddRecord } from '../../image/odd-record.ts';
import type { OneImage, Place } from '../../mirror/places/place.ts';
import type { CopyJob } from '../../queue/job.ts';
import type { JobOutcome, Lease, QueueWorker, WorkQueue } from '../../queue/work-queue.ts';
import { keepForNext } from '../../transfer/digest/digest-threads.ts';
import { RateLimit } from '../../transfer/flow/rate-limit.ts';
import type { Connection } from '../connection.ts';
import { digestText } from './jobs.ts';
import { isOfWorker, LostError, MisconfiguredError } from './worker-errors.ts';
import { fetchInto } from '../mirror/fetch-into.ts';
import { openPlace } from '../places/open-place.ts';
import type { StoreOptions } from '../places/open-store.ts';
import { serviceFor } from '../service-for.ts';

/** What happens in a worker, in order. Bytes are of image data. */
export type WorkerEvent =
  | {
      readonly event: 'job';
      readonly id: string;
      readonly image: string;
      readonly name: string | null;
      readonly place: string;
    }
  | {
      readonly event: 'job_end';
      readonly id: string;
      readonly image: string;
      /** `superseded`: its record is another meanwhile; `back`: another worker is to do it. */
      readonly outcome: 'done' | 'superseded' | 'failed' | 'back' | 'lost';
      readonly bytes: number;
      readonly seconds: number;
      /** Why it failed, or was handed back; null otherwise. */
      readonly code: string | null;
      readonly message: string | null;
    }
  /** The queue cannot be reached for now. */
  | { readonly event: 'trouble'; readonly code: string; readonly message: string };

export interface FleetWorkerOptions extends StoreOptions {
  /** For people, in the progress of the fleet. */
  readonly name: string;
  /** Images at once, ≥ 1. Absent: 2. */
  readonly jobs?: number | undefined;
  /** How long a lease lasts that is not renewed, milliseconds. Absent: one minute. */
  readonly leaseMs?: number | undefined;
  /** Bytes a second at most, of all images together. Absent: no limit. */
  readonly limitRate?: number | undefined;
  /** Told what happens, in order. Must not throw. */
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
}

const defaultJobs = 2;
const defaultLeaseMs = 60_000;
/** How long all workers take nothing after a server that found it too much, where it does not say. */
const defaultSlowMs = 10_000;
/** Before a job is handed back that this worker cannot do, or it would take it again at once. */
const backOffMs = 5000;
/** Between two tellings of the same trouble. */
const troubleMs = 60_000;

export class FleetWorker {
  readonly #connection: Connection;
  readonly #options: FleetWorkerOptions;
  readonly #rate: RateLimit;
  readonly #places = new Map<string, Place>();
  readonly #onEvent: (event: WorkerEvent) => void;
  #trouble = { message: '', at: 0 };

  constructor(connection: Connection, options: FleetWorkerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#rate = new RateLimit(connection.system.clock, options.limitRate ?? null);
    this.#onEvent = options.onEvent ?? (() => undefined);
  }

  /** Begins to take jobs. @throws GlanceError `queue.*` */
  async start(queue: WorkQueue): Promise<QueueWorker> {
    const letGo = keepForNext();
    const { name, jobs = defaultJobs, leaseMs = defaultLeaseMs } = this.#options;
    const worker = await queue.startWorker({
      name,
      jobs,
      leaseMs,
      work: (lease) => this.work(lease),
      onTrouble: (error) => this.#tellTrouble(error),
    });
    return {
      get active() {
        return worker.active;
      },
      drain: async (timeoutMs) => {
        await worker.drain(timeoutMs);
        letGo();
      },
    };
  }

  /** The same again only after a while: each connection tells of it, again and again. */
  #tellTrouble({ code, message }: GlanceError): void {
    const now = this.#connection.system.clock.monotonic();
    if (this.#trouble.message === message && now - this.#trouble.at < troubleMs) return;
    this.#trouble = { message, at: now };
    this.#onEvent({ event: 'trouble', code, message });
  }

  /** Does one job. */
  async work(lease: Lease): Promise<JobOutcome> {
    const { id, job, signal } = lease;
    const { image, name, place } = job;
    const { clock } = this.#connection.system;
    const startedAt = clock.monotonic();
    this.#onEvent({ event: 'job', id, image, name, place });
    const done = { bytes: 0 };
    const tell = (outcome: Extract<WorkerEvent, { event: 'job_end' }>['outcome'], error: GlanceError | null): void => {
      const seconds = (clock.monotonic() - startedAt) / 1000;
      const [code, message] = error === null ? [null, null] : [error.code, error.message];
      this.#onEvent({ event: 'job_end', id, image, outcome, bytes: done.bytes, seconds, code, message });
    };
    try {
      tell(await this.#copy(lease, job, done), null);
      return { outcome: 'done' };
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
      // Meanwhile another worker takes the next one.
      await this.#backOff(signal);
      return { outcome: 'back' };
    }
    tell('failed', error);
    if (error.code === 'http.429') return { outcome: 'slow', delayMs: error.facts.retryAfterMs ?? defaultSlowMs };
    return { outcome: 'failed', error, isFinal: !isPassing(error.code) };
  }

  /** What is kept with the job must hold no secret. */
  #bug(error: unknown): GlanceError {
    const text = this.#connection.secrets.hideInMessage(error instanceof Error ? error.message : String(error));
    return new GlanceError('worker.died', `a worker met a bug of glance-cli: ${text}`, { cause: error });
  }

  async #backOff(signal: AbortSignal): Promise<void> {
    try {
      await sleep(this.#connection.system.clock, backOffMs, signal);
    } catch {
      // It is handed back all the sooner.
    }
  }

  async #copy(lease: Lease, job: CopyJob, done: { bytes: number }): Promise<'done' | 'superseded'> {
    const { signal } = lease;
    const service = await serviceFor(this.#connection, signal);
    if (service.endpoint.href !== job.endpoint) throw new MisconfiguredError(job.endpoint, service.endpoint.href);
    const listed = await service
      .get(job.image, signal)
      .catch((error: unknown) => bearOddRecord(error, () => undefined));
    const image = maskImage(listed);
    if (image.id !== job.image) throw new GlanceError('metadata.invalid', 'the record is about another image');
    // Whoever plans again finds what it is now. Of other changes the record alone is written anew.
    if (image.size !== job.size || digestText(image) !== job.digest) return 'superseded';
    const one = await this.#place(job.place).openOne(job.image, signal);
    try {
      const task = await one.plan(image, () => true, signal);
      if (task.action === 'same') return 'done';
      if (task.action === 'failed') throw new GlanceError('image.no_data', task.message);
      if (task.action !== 'new') await one.forget([image.id], signal);
      const { name } = this.#options;
      try {
        await fetchInto(this.#connection, service, this.#holding(lease, one), image, job.policy, {
          signal,
          rate: this.#rate,
          listen: (event) => {
            if (event.event !== 'progress' && event.event !== 'done') return;
            done.bytes = event.bytes;
            lease.progress({ bytes: event.bytes, worker: name });
          },
        });
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof GlanceError && isFinalForImage(error.code)) {
          await one.fail(image, error.code, error.message, signal);
        }
        throw error;
      }
      return 'done';
    } finally {
      await one.close();
    }
  }

  /** A place into which nothing is committed once the lease is lost. */
  #holding(lease: Lease, one: OneImage): Pick<OneImage, 'target' | 'complete'> {
    const hold = async (): Promise<void> => {
      if (!(await lease.renew())) throw new LostError();
    };
    return {
      // Makes way for the data: what another worker has committed meanwhile has to stay.
      target: async (image, signal) => {
        await hold();
        return await one.target(image, signal);
      },
      complete: async (image, data, signal) => {
        await hold();
        await one.complete(image, data, signal);
      },
    };
  }

  #place(text: string): Place {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = openPlace(text, this.#connection, this.#options);
    this.#places.set(text, place);
    return place;
  }
}
