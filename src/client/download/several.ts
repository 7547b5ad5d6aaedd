// Downloads several images in one call, some at a time; reports all failures and eases off when the server is overloaded.
import { GlanceError, isRetryable, type PartialError } from '../../errors.ts';
import type { DownloadResult } from '../../transfer/download-options.ts';
import type { TransferListener } from '../../transfer/flow/events.ts';
import { loadChecksumList } from '../checksums/listed-digests.ts';
import type { Connection } from '../connection.ts';
import { type DownloadRecord, failureRecord, toRecord } from './download-record.ts';
import { fetchImage, type FetchOptions, type FetchRun } from './download.ts';
import { makeWay, type Naming } from '../naming/place.ts';
import { onceFailed } from './progress-event.ts';
import { ServerLoad } from './server-load.ts';
import { type Chosen, type Missed, ownFailure, partialError, type Selected } from '../select/selection.ts';
import { checkEnds } from '../select/shared-work.ts';
import { type Plan, planSeveral } from './several-plan.ts';

/** Requirements for the images, and how to download them. */
export interface SeveralOptions extends FetchOptions {
  /** Images in progress at once, ≥ 1. Absent: 2. */
  readonly jobs?: number;
}

/** A downloaded image. */
interface Fetched extends Chosen {
  readonly result: DownloadResult;
}

/** The outcome for one image. */
export type SeveralEnd = Fetched | Missed;

/** Callbacks about each image. They must not throw. */
interface SeveralListener {
  /**
   * Announces an image: called for all of them before the first is downloaded.
   * @param query what was asked for: the name as it was given, or the id
   * @param size expected bytes, null if not known yet
   * @returns the listener for its events; `failed` comes once, even for an image that is never started
   */
  readonly announce: (query: string, size: number | null) => TransferListener;
  /** Called when an image has ended. Absent: see the result. */
  readonly ended?: (end: SeveralEnd) => void;
  /** Called when the call was interrupted and a partial file was kept for the next. */
  readonly kept?: (query: string, partial: { readonly path: string; readonly bytes: number }) => void;
}

/** What all the images share. */
interface SeveralRun extends Pick<FetchRun, 'signal' | 'rate'>, SeveralListener {
  /** Aborts the call. If only {@link signal} is aborted, as on a timeout, each unfinished image fails with its reason. */
  readonly interruption: AbortSignal;
}

/** The outcome of all of them. */
export interface SeveralResult {
  /** In the order in which they were asked for. */
  readonly ends: readonly SeveralEnd[];
  /** The failures, in the order in which they happened. */
  readonly failures: readonly Missed[];
}

const defaultJobs = 2;

/**
 * Downloads images, each to a file of its own. A failure does not stop the others.
 * @param selected each image once
 * @param naming missing directories are created
 * @throws the interruption's reason once every image is settled; GlanceError `interrupted` if the connection's own signal
 * came and a partial file was kept; GlanceError `usage.option` for numbers below 1
 */
export async function fetchSeveral(
  connection: Connection,
  selected: readonly Selected[],
  naming: Naming,
  options: SeveralOptions,
  run: SeveralRun,
): Promise<SeveralResult> {
  const load = new ServerLoad(options.jobs ?? defaultJobs, options.connections ?? 1);
  const plans = await placeSeveral(connection, selected, naming, options, run);
  return await new SeveralDownload(connection, options, load, run).fetch(plans);
}

/**
 * Validates the requirements for all images, then decides where each goes. Creates nothing.
 * @throws GlanceError `usage.option`; what reading a checksum list fails with; as {@link planSeveral}
 */
export async function placeSeveral(
  connection: Connection,
  selected: readonly Selected[],
  naming: Naming,
  options: SeveralOptions,
  { signal, interruption }: Pick<SeveralRun, 'signal' | 'interruption'>,
): Promise<readonly Plan[]> {
  const { expectFrom, againstName } = options;
  if (againstName !== undefined && selected.length > 1) {
    throw new GlanceError(
      'usage.option',
      '`againstName` works for one image only: several are looked up by their own names',
    );
  }
  // Without the list, none of them can be downloaded.
  if (expectFrom !== undefined) await loadChecksumList(connection, expectFrom, signal);
  return await planSeveral(selected, { ...options, naming, interruption });
}

/** The record of the outcome for one image. */
export function downloadRecordOf(end: SeveralEnd): DownloadRecord {
  return end.error === null ? toRecord(end.found.image, end.result) : failureRecord(end.query, end.error);
}

/** An error that lists the failures; null if there were none. */
export function severalFailure({ ends, failures }: SeveralResult): PartialError | null {
  if (failures.length === 0) return null;
  const mayPass = failures.some(({ error }) => isRetryable(error.code));
  const hint = mayPass ? 'run the same command again: what is already there is not fetched again' : undefined;
  return partialError(failures, ends.length, 'failed', { hint });
}

class SeveralDownload {
  readonly #connection: Connection;
  readonly #options: SeveralOptions;
  readonly #load: ServerLoad;
  readonly #run: SeveralRun;
  readonly #failures: Missed[] = [];
  #hasKept = false;

  constructor(connection: Connection, options: SeveralOptions, load: ServerLoad, run: SeveralRun) {
    this.#connection = connection;
    this.#options = options;
    this.#load = load;
    this.#run = run;
  }

  async fetch(plans: readonly Plan[]): Promise<SeveralResult> {
    const { interruption, announce } = this.#run;
    const waiting = plans.map((plan) => ({ plan, listen: announce(plan.query, plan.found?.image.size ?? null) }));
    const ends: SeveralEnd[] = [];
    const jobs = await this.#load.share(waiting.entries(), async ([index, { plan, listen }]) => {
      ends[index] = await this.#settle(plan, onceFailed(this.#load.heed(listen)));
    });
    if (this.#connection.interruption.aborted && this.#hasKept) throw this.#interrupted();
    checkEnds(jobs, interruption);
    return { ends, failures: this.#failures };
  }

  /** @returns the outcome, also for a failure. @throws anything but a GlanceError; the interruption's reason */
  async #settle(plan: Plan, listen: TransferListener): Promise<SeveralEnd> {
    try {
      this.#run.interruption.throwIfAborted();
      const end = await this.#fetchOne(plan, listen);
      this.#run.ended?.(end);
      return end;
    } catch (error) {
      if (this.#run.interruption.aborted) this.#tellKept(plan.query, error);
      const end = { query: plan.query, found: plan.found, error: ownFailure(error, this.#run.interruption) };
      this.#failures.push(end);
      listen({ event: 'failed', bytes: 0, kept: null });
      this.#run.ended?.(end);
      return end;
    }
  }

  async #fetchOne(plan: Plan, listen: TransferListener): Promise<Fetched> {
    if (plan.error !== null) throw plan.error;
    const { query, found, path, error } = plan;
    await makeWay(path);
    const { signal, rate } = this.#run;
    const options = { ...this.#options, connections: this.#load.connections };
    const run = { signal, listen, ...(rate === undefined ? {} : { rate }) };
    return { query, found, error, result: await fetchImage(this.#connection, found, path, options, run) };
  }

  #tellKept(query: string, error: unknown): void {
    const partial = error instanceof GlanceError ? error.facts.partial : undefined;
    if (partial === undefined) return;
    this.#hasKept = true;
    this.#run.kept?.(query, partial);
  }

  #interrupted(): GlanceError {
    const hint = 'run the same command again: it resumes from there';
    const cause: unknown = this.#connection.interruption.reason;
    return new GlanceError('interrupted', 'stopped by a signal', { hint, cause });
  }
}
