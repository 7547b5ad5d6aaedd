// Several images in one call: some at a time, all that failed told, and less asked of a server that finds it too much.
import { GlanceError, isRetryable, PartialError } from '../errors.ts';
import type { Progress } from '../output/progress-consumer.ts';
import { renderList } from '../output/render.ts';
import { formatBytes } from '../output/size.ts';
import { countOf } from '../count.ts';
import type { TransferListener } from '../transfer/events.ts';
import type { Context } from './context.ts';
import {
  describeResult,
  failureRecord,
  resultColumns,
  resultKeys,
  type ResultRecord,
  toRecord,
  warnUnverified,
} from './download-result.ts';
import { choosePath, type TargetOptions } from './download-targets.ts';
import { fetchImage, type FetchOptions, type FetchRun } from './fetch-image.ts';
import { nativeFormat } from './options.ts';
import { ServerLoad } from './server-load.ts';

export interface FleetOptions extends TargetOptions, FetchOptions {
  readonly latest?: boolean;
  readonly jobs?: number;
}

const defaultJobs = 2;

export class DownloadFleet {
  readonly #context: Context;
  readonly #options: FleetOptions;
  readonly #run: FetchRun;
  readonly #paths = new Set<string>();
  /** Images that are fetched, each by its whole address. */
  readonly #taken = new Set<string>();
  #twins = 0;
  readonly #failures: { image: string; error: GlanceError }[] = [];
  readonly #load: ServerLoad;
  #hasKept = false;

  constructor(context: Context, options: FleetOptions, run: FetchRun) {
    this.#context = context;
    this.#options = options;
    this.#run = run;
    this.#load = new ServerLoad(options.jobs ?? defaultJobs, options.connections ?? 1);
  }

  /**
   * Fetches them. One that fails does not stop the others.
   * @throws PartialError if any failed; the user's signal's reason, once what came is settled
   */
  async fetch(queries: readonly string[], progress: Progress): Promise<void> {
    const fleet = progress.fleet();
    const waiting = queries.map((query, index) => ({ query, index, listen: fleet.member(query, null) }));
    const records: (ResultRecord | null)[] = [];
    const ends = await this.#load.share(waiting, async ({ query, index, listen }) => {
      records[index] = await this.#fetchOne(query, this.#load.heed(listen));
    });
    progress.stop();
    const { signal } = this.#context.runtime;
    if (signal.aborted && this.#hasKept) {
      const hint = 'run the same command again: it goes on from there';
      throw new GlanceError('interrupted', 'stopped by a signal', { hint, cause: signal.reason });
    }
    signal.throwIfAborted();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    await this.#print(records.filter((record) => record !== null));
    if (this.#failures.length > 0) throw partialError(this.#failures, queries.length - this.#twins);
  }

  /**
   * @returns its record, also if it failed; null for an image that this call has already under another name
   * @throws what is no GlanceError, the user's signal's reason
   */
  async #fetchOne(query: string, listen: TransferListener): Promise<ResultRecord | null> {
    const { session, runtime } = this.#context;
    try {
      runtime.signal.throwIfAborted();
      return await this.#download(query, listen);
    } catch (error) {
      if (runtime.signal.aborted) this.#tellKept(query, error);
      runtime.signal.throwIfAborted();
      if (!(error instanceof GlanceError)) throw error;
      this.#failures.push({ image: query, error });
      listen({ type: 'failed', bytes: 0, kept: null });
      const isNamed = error.code === 'image.not_found' || error.code === 'image.ambiguous';
      session.tell(`${isNamed ? '' : `${query}: `}${error.message} [${error.code}]`, error.facts.hint);
      return failureRecord(query, error);
    }
  }

  async #download(query: string, listen: TransferListener): Promise<ResultRecord | null> {
    const context = this.#context;
    const found = await context.session.find(query, this.#options.latest === true);
    const address = `${found.service.endpoint.href} ${found.image.id}`;
    // What a pin demands of the data no other name does.
    if (this.#taken.has(address) && found.pin === null) {
      this.#twins++;
      listen({ type: 'done', bytes: 0, seconds: 0 });
      return null;
    }
    this.#taken.add(address);
    const path = await choosePath(context.runtime, this.#options, found.image);
    if (path !== null && this.#paths.has(path)) {
      throw new GlanceError('io.name', `${path}: another image of this call has that name`, {
        hint: 'download them one by one, each with -o FILE',
      });
    }
    if (path !== null) this.#paths.add(path);
    const options = { ...this.#options, connections: this.#load.connections };
    const result = await fetchImage(context, found, path, options, { ...this.#run, listen });
    warnUnverified(context.session, result, `${query}: `);
    if (nativeFormat(context.options) === 'table') context.note(describeResult(found.image, result));
    return toRecord(found.image, result);
  }

  #tellKept(query: string, error: unknown): void {
    const partial = error instanceof GlanceError ? error.facts.partial : undefined;
    if (partial === undefined) return;
    this.#hasKept = true;
    this.#context.note(`${query}: kept ${formatBytes(partial.bytes)} in ${partial.path}`);
  }

  async #print(rows: readonly ResultRecord[]): Promise<void> {
    const context = this.#context;
    if (nativeFormat(context.options) === 'table') return;
    async function* pages(): AsyncGenerator<readonly ResultRecord[]> {
      yield rows;
    }
    const columns = resultColumns;
    await context.print(renderList({ pages: pages(), columns, keys: resultKeys, ...(await context.resultOptions()) }));
  }
}

function partialError(failures: readonly { image: string; error: GlanceError }[], count: number): PartialError {
  return new PartialError(
    `${String(failures.length)} of ${countOf(count, 'image')} failed`,
    failures.map(({ image, error: { code, message } }) => ({ image, code, message })),
    failures.some(({ error }) => isRetryable(error.code))
      ? { hint: 'run the same command again: what is there already is not fetched again' }
      : {},
  );
}
