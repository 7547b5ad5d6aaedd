// A mirror carried out by workers: planned here, put into a queue, waited for, and checked again until nothing is left.
// The place shows what is done; whatever the queue loses is planned again.
import { pagesOf } from '../../compact/pages-of.ts';
import type { ImageService } from '../../image/service.ts';
import type { OpenPlace, Place } from '../../mirror/places/place.ts';
import { jobId } from '../../queue/job.ts';
import type { WorkQueue } from '../../queue/work-queue.ts';
import type { Connection } from '../connection.ts';
import { stamp } from '../download/progress-event.ts';
import { Listing, type Task } from '../mirror/listing.ts';
import type { MirrorDemands } from '../mirror/fetch-into.ts';
import type { MirrorOptions } from '../mirror/mirror.ts';
import {
  countRows,
  type MirrorCounts,
  type MirrorEvent,
  type MirrorRow,
  type PlanNews,
  toFailure,
  toRemoval,
  toRow,
} from '../mirror/report.ts';
import { checkPrune } from '../mirror/prune.ts';
import { openPlace } from '../places/open-place.ts';
import { preferredStores } from '../preferred-stores.ts';
import { serviceFor } from '../calls.ts';
import type { FleetEvent } from './fleet-event.ts';
import { findFailed } from './failed-jobs.ts';
import type { ExpectedJob } from './fleet-teller.ts';
import { copyJob } from './jobs.ts';
import { JobWatch } from './job-watch.ts';
import { RowStore } from './row-store.ts';

export interface FleetMirrorOptions extends Omit<MirrorOptions, 'jobs' | 'limitRate' | 'failFast' | 'onEvent'> {
  /** Whether to return once everything is in the queue. Absent: false, which waits for the workers. */
  readonly detach?: boolean | undefined;
  /** Called with each event, in order. Must not throw. */
  readonly onEvent?: ((event: FleetMirrorEvent) => void) | undefined;
}

/** The result. Its rows are like those of `Mirror.run`, in the same order. */
export interface FleetReport {
  readonly counts: MirrorCounts;
  /** Whether there is anything but failures. */
  readonly isNews: boolean;
  readonly pages: () => Iterable<readonly MirrorRow[]>;
}

/** What happens in a mirror that workers carry out, in order. An image that is lost and planned again has another `plan`. */
export type FleetMirrorEvent = MirrorEvent | FleetEvent;

/** After this many looks in a row that found no less left to do, whatever is left counts as failed. */
const mostFruitless = 3;
const missing = {
  code: 'place.unavailable',
  message: 'workers report it done, but it is not in the place: do they all use the same place?',
} as const;

/** One comparison of what is in the place with what should be there. */
interface Look {
  readonly place: OpenPlace;
  readonly service: ImageService;
  readonly listing: Listing;
  readonly watch: JobWatch;
  readonly demands: MirrorDemands;
  /** From 1. */
  readonly look: number;
  /** Whether nothing more is planned. */
  readonly isLast: boolean;
}

export class FleetMirror {
  readonly #connection: Connection;
  readonly #queue: WorkQueue;
  readonly #place: Place;
  readonly #options: FleetMirrorOptions;
  readonly #signal: AbortSignal;
  readonly #onEvent: (event: FleetMirrorEvent) => void;
  readonly #tell: (news: PlanNews) => void;
  /** What each image needed, in the order in which they were found. */
  readonly #rows = new RowStore();
  /** Images that the last look found to have failed. */
  readonly #failures = new Map<string, MirrorRow>();

  /** @param place a directory that all workers see under this path, or `s3://BUCKET/PREFIX` */
  constructor(connection: Connection, queue: WorkQueue, place: string, options: FleetMirrorOptions) {
    const { signal, onEvent = () => undefined } = options;
    this.#connection = connection;
    this.#queue = queue;
    this.#place = openPlace(place, connection, options);
    this.#options = options;
    this.#signal = signal === undefined ? connection.signal : AbortSignal.any([connection.signal, signal]);
    this.#onEvent = onEvent;
    this.#tell = stamp<PlanNews>(connection.system.clock, onEvent);
  }

  /**
   * Plans the work, and waits until workers have done it.
   * @throws GlanceError `queue.*`, also if no worker comes; what `Mirror.run` throws
   */
  async run(): Promise<FleetReport> {
    const service = await serviceFor(this.#connection, this.#signal);
    const preferStore = preferredStores(this.#connection, service, this.#options.preferStore);
    const place = await this.#place.open(this.#signal);
    const watch = await JobWatch.open(this.#queue, this.#connection.system.clock, this.#onEvent);
    try {
      return await this.#runIn(place, service, watch, { ...this.#options, preferStore });
    } finally {
      await watch.close();
      await place.close();
    }
  }

  async #runIn(place: OpenPlace, service: ImageService, watch: JobWatch, demands: MirrorDemands): Promise<FleetReport> {
    // Workers refuse an empty directory as a place, since it may be one that is not mounted.
    await place.save(this.#signal);
    let fewest = Number.POSITIVE_INFINITY;
    let fruitless = 0;
    for (let look = 1; ; look++) {
      // Even the first time: workers may have finished work that nobody waited for.
      await place.refresh(this.#signal);
      const listing = this.#listing(place, look);
      const isLast = fruitless >= mostFruitless;
      const left = await this.#look({ place, service, listing, watch, demands, look, isLast });
      if (look === 1) checkPrune(place.ids.size, this.#gone(listing), this.#options.force === true);
      if (left === 0 || this.#options.detach === true) return await this.#finish(place, listing);
      fruitless = left < fewest ? 0 : fruitless + 1;
      fewest = Math.min(fewest, left);
      await watch.wait(this.#signal);
    }
  }

  #listing(contents: OpenPlace, look: number): Listing {
    return new Listing(contents, this.#options, ({ image, message }) => {
      if (look === 1) this.#tell({ event: 'unread', image: image.id, message });
    });
  }

  /** @returns the jobs to wait for */
  async #look(round: Look): Promise<number> {
    const { place, service, listing, watch, look } = round;
    const failed =
      look === 1
        ? new Map<string, never>()
        : await watch.ask(() => findFailed(this.#queue, this.#place.name, look > 2), this.#signal);
    this.#failures.clear();
    let jobs = 0;
    for await (const tasks of listing.plan(service, this.#options.query ?? {}, this.#signal)) {
      const wanted: ExpectedJob[] = [];
      const replaced: string[] = [];
      for (const task of tasks) {
        const { image } = task;
        if (task.action === 'failed') {
          this.#failures.set(image.id, toFailure(image, task.code, task.message));
          continue;
        }
        // The first finding counts: later looks only see the outcome.
        const isAgain = this.#rows.has(image.id);
        if (!isAgain) this.#rows.set(toRow(task.action, image));
        if (task.action === 'record') continue;
        const job = copyJob(image, this.#place.name, service.endpoint, round.demands);
        const id = jobId(job);
        const failure = failed.get(id) ?? (round.isLast ? missing : null);
        if (failure !== null) this.#failures.set(image.id, toFailure(image, failure.code, failure.message));
        else wanted.push({ id, job, isAgain });
        if (failure === null && task.action === 'data') replaced.push(image.id);
      }
      await this.#renewRecords(place, tasks);
      await place.forget(replaced, this.#signal);
      for (const { job } of wanted) this.#tell({ event: 'plan', image: job.image, name: job.name, bytes: job.size });
      if (this.#options.detach !== true) watch.expect(wanted);
      await watch.ask(() => this.#queue.plan(wanted.map(({ job }) => job)), this.#signal);
      jobs += wanted.length;
    }
    return jobs;
  }

  async #renewRecords(place: OpenPlace, tasks: readonly Task[]): Promise<void> {
    const images = tasks.filter(({ action }) => action === 'record').map(({ image }) => image);
    const troubles = await place.updateRecords(images, this.#signal);
    for (const image of images) {
      const error = troubles.get(image.id);
      if (error !== undefined) this.#failures.set(image.id, toFailure(image, error.code, error.message));
    }
  }

  #gone(listing: Listing): readonly string[] {
    return this.#options.prune === true ? listing.gone() : [];
  }

  async #finish(place: OpenPlace, listing: Listing): Promise<FleetReport> {
    const gone = this.#gone(listing);
    checkPrune(place.ids.size, gone, this.#options.force === true);
    for (const id of gone) this.#tell({ event: 'remove', image: id });
    await place.remove(gone, this.#signal);
    await place.keepFailures((id) => listing.has(id), this.#options.prune === true, this.#signal);
    await place.save(this.#signal);
    for (const row of this.#failures.values()) this.#rows.set(row);
    const { images, gone: left } = listing.counts();
    const done = countRows(this.#shown(listing));
    const same = Math.max(0, images - done.fetched - done.renewed - done.failed);
    const counts = { images, ...done, found: 0, same, gone: left };
    const isNews = done.fetched + done.renewed + gone.length > 0;
    return { counts, isNews, pages: () => pagesOf(this.#report(listing, gone)) };
  }

  /** What was done and what failed, except for images that are no longer listed. */
  *#shown(listing: Listing): Generator<MirrorRow, void, undefined> {
    for (const row of this.#rows.rows()) if (row.action === 'failed' || listing.has(row.image)) yield row;
  }

  *#report(listing: Listing, gone: readonly string[]): Generator<MirrorRow, void, undefined> {
    yield* this.#shown(listing);
    yield* gone.map(toRemoval);
  }
}
