// A place kept in step with a selection of images.
import type { ImageService, ListQuery } from '../../image/service.ts';
import type { OpenPlace, Place, PlaceContents } from '../../mirror/places/place.ts';
import type { CallOptions } from '../library/call-options.ts';
import type { Connection } from '../connection.ts';
import { stamp } from '../download/progress-event.ts';
import { preferredStores } from '../preferred-stores.ts';
import { serviceFor } from '../calls.ts';
import { openPlace } from '../places/open-place.ts';
import type { StoreOptions } from '../places/open-store.ts';
import { Listing, type ListingOptions, type Task } from './listing.ts';
import {
  countRows,
  runFailure,
  type MirrorCounts,
  type MirrorEvent,
  type MirrorReport,
  type MirrorRow,
  type PlanNews,
  toFailure,
  toRemoval,
  toRow,
} from './report.ts';
import { checkPrune } from './prune.ts';
import { MirrorRun, type RunOptions } from './run.ts';
import { watch } from './watch.ts';

/** What to mirror, and how. */
export interface MirrorOptions extends RunOptions, ListingOptions, CallOptions, StoreOptions {
  /** The query for the images, as for `list`. Absent: all. */
  readonly query?: ListQuery;
  /** Whether to remove images that are no longer listed. Absent: false. */
  readonly prune?: boolean | undefined;
  /** Whether that may remove more than half of all images. Absent: false, which refuses it. */
  readonly force?: boolean | undefined;
  /** Called with each event, in order. Must not throw. */
  readonly onEvent?: ((event: MirrorEvent) => void) | undefined;
}

/** A mirror as programs see it. */
export type MirrorCalls = Pick<Mirror, 'plan' | 'run' | 'watch'>;

export class Mirror {
  readonly #connection: Connection;
  readonly #place: Place;
  readonly #options: MirrorOptions;
  readonly #signal: AbortSignal;
  readonly #onEvent: (event: MirrorEvent) => void;
  readonly #tell: (news: PlanNews) => void;

  /**
   * Nothing is requested or written yet.
   * @param place a directory, absolute or from the working directory, or `s3://BUCKET/PREFIX`
   * @throws GlanceError `usage.argument` for a URL of another kind; `io.missing` for a relative path if there is no working
   * directory
   */
  constructor(connection: Connection, place: string, options: MirrorOptions) {
    const { signal, onEvent = () => undefined } = options;
    this.#connection = connection;
    this.#place = openPlace(place, connection, options);
    this.#options = options;
    this.#signal = signal === undefined ? connection.signal : AbortSignal.any([connection.signal, signal]);
    this.#onEvent = onEvent;
    this.#tell = stamp<PlanNews>(connection.system.clock, onEvent);
  }

  /** What {@link run} would do. Nothing is written. @throws as {@link planPages} */
  async plan(): Promise<MirrorReport> {
    const rows: MirrorRow[] = [];
    const pages = this.planPages();
    let next = await pages.next();
    for (; next.done !== true; next = await pages.next()) rows.push(...next.value);
    return { rows, counts: next.value };
  }

  /**
   * {@link plan}, page by page as the images are listed.
   * @returns the totals
   * @throws what connecting and listing fail with; GlanceError `metadata.invalid`, `io.*`, `place.*` for the mirror's index
   */
  async *planPages(): AsyncGenerator<readonly MirrorRow[], MirrorCounts, undefined> {
    const service = await this.#service();
    const listing = this.#listing(await this.#place.look(this.#signal));
    for await (const tasks of this.#tasks(service, listing)) yield tasks.map(toPlanRow);
    if (this.#options.prune === true) yield listing.gone().map(toRemoval);
    return listing.counts();
  }

  /**
   * Fetches what is missing, one run at a time in a place; nothing is read, written or removed through a link in it.
   * An image that fails is a row of the report; the others are still fetched.
   * @throws GlanceError `io.busy` if another process is working there, `io.*`, `place.*`, `metadata.invalid` for the mirror's index,
   * `usage.option` for a large {@link MirrorOptions.prune}; what connecting and listing fail with; with
   * {@link RunOptions.failFast} the first failure; the signal's reason
   */
  async run(): Promise<MirrorReport> {
    const service = await this.#service();
    const place = await this.#place.open(this.#signal);
    try {
      return await this.#runIn(place, service);
    } finally {
      await place.close();
    }
  }

  /**
   * Repeats {@link run}, until the signal is aborted or something fails for good. Temporary failures are reported as
   * `trouble` whenever they change, including images that fail.
   * @param pauseMs between the end of one run and the next, milliseconds
   * @param onReport called with the report of each run; the pause begins once it has finished
   * @throws in the first round any failure except network trouble, in later rounds only wrong calls and untrusted certificates;
   * the signal's reason
   */
  async watch(pauseMs: number, onReport: (report: MirrorReport) => void | Promise<void>): Promise<never> {
    const { clock } = this.#connection.system;
    const round = async (): Promise<void> => {
      const report = await this.run();
      await onReport(report);
      const failure = runFailure(report.counts);
      if (failure !== null) throw failure;
    };
    return await watch(round, { pauseMs, clock, signal: this.#signal, onEvent: this.#onEvent });
  }

  /** @throws what connecting fails with; `usage.unsupported` for a choice of stores that its API does not have */
  async #service(): Promise<ImageService> {
    const service = await serviceFor(this.#connection, this.#signal);
    preferredStores(this.#connection, service, this.#options.preferStore);
    return service;
  }

  #listing(contents: PlaceContents): Listing {
    return new Listing(contents, this.#options, ({ image, message }) =>
      this.#tell({ event: 'unread', image: image.id, message }),
    );
  }

  #tasks(service: ImageService, listing: Listing): AsyncIterable<readonly Task[]> {
    return listing.plan(service, this.#options.query ?? {}, this.#signal);
  }

  async #runIn(place: OpenPlace, service: ImageService): Promise<MirrorReport> {
    const listing = this.#listing(place);
    const tasks: Task[] = [];
    // A list that breaks off must not be taken for a complete one: nothing starts before its end.
    for await (const page of this.#tasks(service, listing)) tasks.push(...page);
    const counts = listing.counts();
    const pruned = this.#options.prune === true ? listing.gone() : [];
    checkPrune(place.ids.size, pruned, this.#options.force === true);
    for (const id of pruned) this.#tell({ event: 'remove', image: id });
    const run = new MirrorRun(this.#connection, service, place, this.#options, this.#onEvent);
    const { rows, found } = await run.carryOut(tasks, this.#signal);
    await place.remove(pruned, this.#signal);
    await place.keepFailures((id) => listing.has(id), this.#options.prune === true, this.#signal);
    await place.save(this.#signal);
    const done = countRows(rows);
    return {
      rows: [...rows, ...pruned.map(toRemoval)],
      counts: { ...counts, ...done, fetched: done.fetched - found, found },
    };
  }
}

function toPlanRow(task: Task): MirrorRow {
  return task.action === 'failed' ? toFailure(task.image, task.code, task.message) : toRow(task.action, task.image);
}
