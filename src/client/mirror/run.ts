// Carries out the plan of a mirror with the download engine: several images at once, with all failures collected.
import { GlanceError, isFinalForImage } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import type { ImageService } from '../../image/service.ts';
import type { OpenPlace } from '../../mirror/places/place.ts';
import { keepForNext } from '../../transfer/threads/thread-pool.ts';
import type { TransferListener } from '../../transfer/flow/events.ts';
import { RateLimit } from '../../transfer/flow/rate-limit.ts';
import type { Connection } from '../connection.ts';
import { fetchInto, type MirrorDemands } from './fetch-into.ts';
import { onceFailed, stamp, stampImage } from '../download/progress-event.ts';
import { ServerLoad } from '../download/server-load.ts';
import type { Task } from './listing.ts';
import { type MirrorEvent, type MirrorRow, type PlanNews, toFailure, toRow } from './report.ts';

/** How to carry out a plan. */
export interface RunOptions extends MirrorDemands {
  /** Images to fetch at once, ≥ 1. Absent: 4. */
  readonly jobs?: number | undefined;
  /** Whether the first image that fails ends the run. Absent: false. */
  readonly failFast?: boolean | undefined;
  /** Maximum number of bytes per second, for all images together. Absent: no limit. */
  readonly limitRate?: number | undefined;
}

/** What was done. */
interface MirrorDone {
  /** The outcome of each task, in order. */
  readonly rows: readonly MirrorRow[];
  /** Images whose data was there already and was only compared. */
  readonly found: number;
}

const defaultJobs = 4;
/** Time to write the index after something has ended the run; if it is too short, the next run catches up. */
const lastSaveMs = 10_000;

function pick(tasks: readonly Task[], wanted: Task['action']): readonly Image[] {
  return tasks.flatMap(({ action, image }) => (action === wanted ? [image] : []));
}

/** One run. */
export class MirrorRun {
  readonly #connection: Connection;
  readonly #service: ImageService;
  readonly #place: OpenPlace;
  readonly #options: RunOptions;
  readonly #onEvent: (event: MirrorEvent) => void;
  readonly #rate: RateLimit;
  #found = 0;

  constructor(
    connection: Connection,
    service: ImageService,
    place: OpenPlace,
    options: RunOptions,
    onEvent: (event: MirrorEvent) => void,
  ) {
    this.#connection = connection;
    this.#service = service;
    this.#place = place;
    this.#options = options;
    this.#onEvent = onEvent;
    this.#rate = new RateLimit(connection.system.clock, options.limitRate ?? null);
  }

  /**
   * Carries out all tasks. Complete images are listed in the place even if the run ends with an error.
   * @throws the signal's reason; with `failFast` the first failure
   */
  async carryOut(planned: readonly Task[], signal: AbortSignal): Promise<MirrorDone> {
    const tasks = await this.#updateRecords(planned, signal);
    const replaced = pick(tasks, 'data').map(({ id }) => id);
    await this.#place.forget(replaced, signal);
    const transfers = [...pick(tasks, 'new'), ...pick(tasks, 'data')];
    const tell = stamp<PlanNews>(this.#connection.system.clock, this.#onEvent);
    for (const { id, name, size } of transfers) tell({ event: 'plan', image: id, name, bytes: size });
    const letGo = keepForNext();
    try {
      return { rows: await this.#share(tasks, signal), found: this.#found };
    } catch (error) {
      // If the signal or an unresponsive place has ended the run, that error counts, and not this one.
      await this.#place.save(AbortSignal.timeout(lastSaveMs)).catch(() => undefined);
      throw error;
    } finally {
      letGo();
    }
  }

  /** @returns the tasks, with `failed` instead of `record` if that could not be written */
  async #updateRecords(tasks: readonly Task[], signal: AbortSignal): Promise<readonly Task[]> {
    const troubles = await this.#place.updateRecords(pick(tasks, 'record'), signal);
    if (this.#options.failFast === true) for (const error of troubles.values()) throw error;
    return tasks.map((task): Task => {
      const { image } = task;
      const error = task.action === 'record' ? troubles.get(image.id) : undefined;
      return error === undefined ? task : { action: 'failed', image, code: error.code, message: error.message };
    });
  }

  /** If one throws, the others are stopped and awaited before its error is thrown. */
  async #share(tasks: readonly Task[], outer: AbortSignal): Promise<readonly MirrorRow[]> {
    const rows: MirrorRow[] = [];
    const load = new ServerLoad(this.#options.jobs ?? defaultJobs, 1);
    const stop = new AbortController();
    const signal = AbortSignal.any([outer, stop.signal]);
    await load.share(tasks.entries(), async ([position, task]) => {
      const { id } = task.image;
      const listen = onceFailed(load.heed(stampImage(this.#connection.system.clock, this.#onEvent, id)));
      try {
        signal.throwIfAborted();
        rows[position] = await this.#carryOutOne(task, listen, signal);
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    });
    outer.throwIfAborted();
    stop.signal.throwIfAborted();
    return rows;
  }

  async #carryOutOne(task: Task, listen: TransferListener, signal: AbortSignal): Promise<MirrorRow> {
    const { image } = task;
    if (task.action === 'failed') return toFailure(image, task.code, task.message);
    try {
      if (task.action !== 'record') await this.#fetch(image, listen, signal);
      return toRow(task.action, image);
    } catch (error) {
      signal.throwIfAborted();
      // A wrong call is wrong for all images.
      const isForAll = error instanceof GlanceError && error.code === 'usage.argument';
      if (!(error instanceof GlanceError) || isForAll || this.#options.failFast === true) throw error;
      listen({ event: 'failed', bytes: 0, kept: null });
      if (isFinalForImage(error.code)) await this.#place.fail(image, error.code, error.message, signal);
      return toFailure(image, error.code, error.message);
    }
  }

  async #fetch(image: Image, listen: TransferListener, signal: AbortSignal): Promise<void> {
    const run = { signal, rate: this.#rate, listen };
    const outcome = await fetchInto(this.#connection, this.#service, this.#place, image, this.#options, run);
    if (outcome === 'current') this.#found++;
  }
}
