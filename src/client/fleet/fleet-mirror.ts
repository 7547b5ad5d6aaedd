// A mirror that workers carry out: planned here, put into a queue, waited for, and looked at again until nothing is left. The
// place tells what is done; what the queue loses is planned again.
import type { ImageService } from '../../image/service.ts';
import type { OpenPlace, Place } from '../../mirror/places/place.ts';
import { type Job, jobId } from '../../queue/job.ts';
import type { WorkQueue } from '../../queue/work-queue.ts';
import type { Connection } from '../connection.ts';
import { Listing, type Task } from '../mirror/listing.ts';
import type { MirrorOptions } from '../mirror/mirror.ts';
import {
  type MirrorCounts,
  type MirrorEvent,
  type MirrorReport,
  type MirrorRow,
  toFailure,
  toRemoval,
  toRow,
} from '../mirror/report.ts';
import { checkPrune } from '../mirror/prune.ts';
import { openPlace } from '../places/open-place.ts';
import { serviceFor } from '../service-for.ts';
import { findFailed } from './failed-jobs.ts';
import { copyJob } from './jobs.ts';
import { JobWatch } from './job-watch.ts';

export interface FleetMirrorOptions extends Omit<MirrorOptions, 'jobs' | 'limitRate' | 'failFast'> {
  /** Whether it ends once all is in the queue. Absent: false, then it waits for the workers. */
  readonly detach?: boolean | undefined;
}

/** The place is looked at so often at most: something that fails each time without a reason is left then. */
const mostLooks = 5;

export class FleetMirror {
  readonly #connection: Connection;
  readonly #queue: WorkQueue;
  readonly #place: Place;
  readonly #options: FleetMirrorOptions;
  readonly #signal: AbortSignal;
  readonly #onEvent: (event: MirrorEvent) => void;
  /** What was to be done about each image, in the order in which it was found. */
  readonly #rows = new Map<string, MirrorRow>();

  /** @param place a directory that all workers see under this path, or `s3://BUCKET/PREFIX` */
  constructor(connection: Connection, queue: WorkQueue, place: string, options: FleetMirrorOptions) {
    const { signal, onEvent = () => undefined } = options;
    this.#connection = connection;
    this.#queue = queue;
    this.#place = openPlace(place, connection, options);
    this.#options = options;
    this.#signal = signal === undefined ? connection.signal : AbortSignal.any([connection.signal, signal]);
    this.#onEvent = onEvent;
  }

  /**
   * Plans, and waits until workers have done it.
   * @throws GlanceError `queue.*`, also if no worker comes; what `Mirror.run` throws
   */
  async run(): Promise<MirrorReport> {
    const service = await serviceFor(this.#connection, this.#signal);
    const place = await this.#place.open(this.#signal);
    const watch = await JobWatch.open(this.#queue, this.#connection.system.clock, this.#onEvent);
    try {
      return await this.#runIn(place, service, watch);
    } finally {
      await watch.close();
      await place.close();
    }
  }

  async #runIn(place: OpenPlace, service: ImageService, watch: JobWatch): Promise<MirrorReport> {
    for (let look = 1; ; look++) {
      if (look > 1) await place.refresh(this.#signal);
      const listing = this.#listing(place);
      const jobs = await this.#look(place, service, listing, watch, look);
      const isDone = this.#options.detach === true || (look > 1 && jobs === 0) || look === mostLooks;
      if (isDone) return await this.#finish(place, listing);
      await watch.wait(this.#signal);
    }
  }

  #listing(contents: OpenPlace): Listing {
    const { retryFailed, requireSafe, requireChecksum } = this.#options;
    return new Listing({
      contents,
      retryFailed,
      requireSafe,
      requireChecksum,
      onUnread: ({ image, message }) => this.#onEvent({ event: 'unread', image: image.id, message }),
    });
  }

  /** @returns jobs that are to be waited for */
  async #look(
    place: OpenPlace,
    service: ImageService,
    listing: Listing,
    watch: JobWatch,
    look: number,
  ): Promise<number> {
    const failed = look === 1 ? new Map<string, never>() : await findFailed(this.#queue, this.#place.name, look > 2);
    let jobs = 0;
    for await (const tasks of listing.plan(service, this.#options.query ?? {}, this.#signal)) {
      const wanted: Job[] = [];
      for (const task of tasks) {
        const { image } = task;
        const failure = failed.get(image.id);
        if (task.action === 'failed' || failure !== undefined) {
          const { code, message } = failure ?? (task as Extract<Task, { action: 'failed' }>);
          this.#rows.set(image.id, toFailure(image, code, message));
        } else {
          this.#note(task, look);
          if (task.action !== 'record') wanted.push(copyJob(image, this.#place.name, service.endpoint, this.#options));
        }
      }
      await this.#renewRecords(place, tasks);
      const replaced = tasks.filter(({ action, image }) => action === 'data' && !failed.has(image.id));
      await place.forget(
        replaced.map(({ image }) => image.id),
        this.#signal,
      );
      watch.expect(wanted.map((job) => ({ id: jobId(job), job })));
      await this.#queue.plan(wanted);
      jobs += wanted.length;
    }
    return jobs;
  }

  /** What was found first counts: later looks see what became of it. */
  #note(task: Exclude<Task, { action: 'failed' }>, look: number): void {
    const { image, action } = task;
    const before = this.#rows.get(image.id);
    if (before === undefined || (look > 1 && before.action === 'failed'))
      this.#rows.set(image.id, toRow(action, image));
  }

  async #renewRecords(place: OpenPlace, tasks: readonly Task[]): Promise<void> {
    const images = tasks.filter(({ action }) => action === 'record').map(({ image }) => image);
    const troubles = await place.updateRecords(images, this.#signal);
    for (const image of images) {
      const error = troubles.get(image.id);
      if (error !== undefined) this.#rows.set(image.id, toFailure(image, error.code, error.message));
    }
  }

  async #finish(place: OpenPlace, listing: Listing): Promise<MirrorReport> {
    const { prune = false, force = false, detach = false } = this.#options;
    const gone = prune && !detach ? listing.gone() : [];
    checkPrune(place.size, gone, force);
    for (const id of gone) this.#onEvent({ event: 'remove', image: id });
    await place.remove(gone, this.#signal);
    if (!detach) await place.keepFailures((id) => listing.has(id), this.#signal);
    await place.save(this.#signal);
    const rows = [...this.#rows.values()].filter(({ image, action }) => action === 'failed' || listing.has(image));
    return { rows: [...rows, ...gone.map(toRemoval)], counts: countRows(rows, listing.counts()) };
  }
}

function countRows(rows: readonly MirrorRow[], { images, gone }: MirrorCounts): MirrorCounts {
  const count = (...actions: readonly string[]): number => rows.filter(({ action }) => actions.includes(action)).length;
  const [fetched, renewed, failed] = [count('new', 'data'), count('record'), count('failed')];
  return { images, fetched, found: 0, renewed, same: Math.max(0, images - fetched - renewed - failed), gone, failed };
}
