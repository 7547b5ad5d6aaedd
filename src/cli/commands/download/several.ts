// Several images in one call: some at a time, all that failed told, and less asked of a server that finds it too much.
import { GlanceError, isRetryable, PartialError } from '../../../errors.ts';
import type { Progress } from '../../../output/progress/consumer.ts';
import { renderList } from '../../../output/render.ts';
import { formatBytes } from '../../../output/size.ts';
import { countOf } from '../../../text/count.ts';
import type { TransferListener } from '../../../transfer/flow/events.ts';
import { OutputPaths } from '../../../transfer/files/output-paths.ts';
import type { Context } from '../../context.ts';
import {
  describeResult,
  failureRecord,
  resultColumns,
  resultKeys,
  type ResultRecord,
  toRecord,
  warnUnverified,
} from './result.ts';
import { choosePath, resolveTarget, type TargetOptions } from './targets.ts';
import { fetchImage, type FetchOptions, type FetchRun } from '../../../client/download/download.ts';
import { nativeFormat } from '../../options/options.ts';
import { ServerLoad } from '../../../client/download/server-load.ts';
import { type Found, findImage } from '../../../client/find.ts';

export interface FleetOptions extends TargetOptions, FetchOptions {
  readonly latest?: boolean;
  readonly jobs?: number;
}

const defaultJobs = 2;

/** What is known of an image before any is fetched. */
interface Plan {
  readonly query: string;
  /** Null if it was not found. */
  readonly found: Found | null;
  /** Null for stdout. */
  readonly path: string | null;
  /** Why it cannot be fetched, or null. */
  readonly error: GlanceError | null;
}

/** Each image once, whatever it was called. What a pin demands of the data no other name does. */
function withoutTwins(plans: readonly Plan[]): readonly Plan[] {
  const seen = new Set<string>();
  return plans.filter(({ query, found }) => {
    const address = found === null ? query : `${found.service.endpoint.href} ${found.image.id}`;
    const isTwin = seen.has(address) && (found === null || found.pin === null);
    seen.add(address);
    return !isTwin;
  });
}

export class DownloadFleet {
  readonly #context: Context;
  readonly #options: FleetOptions;
  readonly #run: FetchRun;
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
    const plans = await this.#planAll(queries);
    const several = progress.several();
    const waiting = plans.map((plan) => ({ plan, listen: several.member(plan.query, plan.found?.image.size ?? null) }));
    const records: ResultRecord[] = [];
    const ends = await this.#load.share(waiting.entries(), async ([index, { plan, listen }]) => {
      records[index] = await this.#fetchOne(plan, this.#load.heed(listen));
    });
    progress.stop();
    const { signal } = this.#context.runtime;
    if (signal.aborted && this.#hasKept) {
      const hint = 'run the same command again: it goes on from there';
      throw new GlanceError('interrupted', 'stopped by a signal', { hint, cause: signal.reason });
    }
    this.#checkEnds(ends);
    await this.#print(records);
    if (this.#failures.length > 0) throw partialError(this.#failures, plans.length);
  }

  /**
   * Finds all of them before the first is fetched, and where each goes: no two write to one path.
   * @returns in the order of the queries, an image that was named twice once
   */
  async #planAll(queries: readonly string[]): Promise<readonly Plan[]> {
    const plans: Plan[] = [];
    const ends = await this.#load.share(queries.entries(), async ([index, query]) => {
      plans[index] = await this.#find(query);
    });
    this.#checkEnds(ends);
    const paths = new OutputPaths();
    const placed: Plan[] = [];
    for (const plan of withoutTwins(plans)) {
      // oxlint-disable-next-line no-await-in-loop -- who is named first has the paths
      placed.push(await this.#place(plan, paths));
    }
    return placed;
  }

  async #find(query: string): Promise<Plan> {
    const plan = { query, found: null, path: null, error: null };
    try {
      return {
        ...plan,
        found: await findImage(this.#context.connection, query, { latest: this.#options.latest === true }),
      };
    } catch (error) {
      return { ...plan, error: this.#bear(error) };
    }
  }

  async #place(plan: Plan, paths: OutputPaths): Promise<Plan> {
    if (plan.found === null) return plan;
    const { metadata = false, keepCorrupt = false } = this.#options;
    try {
      const path = await choosePath(this.#context.runtime, this.#options, plan.found.image);
      if (path === null) return plan;
      const taken = paths.claim(await resolveTarget(path), { record: metadata, corrupt: keepCorrupt });
      if (taken === null) return { ...plan, path };
      throw new GlanceError('io.name', `${taken}: another image of this call is written there`, {
        hint: 'download them one by one, each with -o FILE',
      });
    } catch (error) {
      return { ...plan, error: this.#bear(error) };
    }
  }

  /** @returns its record, also if it failed. @throws what is no GlanceError, the user's signal's reason */
  async #fetchOne(plan: Plan, listen: TransferListener): Promise<ResultRecord> {
    const { runtime } = this.#context;
    const { query } = plan;
    try {
      runtime.signal.throwIfAborted();
      return await this.#download(plan, listen);
    } catch (error) {
      if (runtime.signal.aborted) this.#tellKept(query, error);
      const failure = this.#bear(error);
      this.#failures.push({ image: query, error: failure });
      listen({ event: 'failed', bytes: 0, kept: null });
      const isNamed = failure.code === 'image.not_found' || failure.code === 'image.ambiguous';
      this.#context.tell(`${isNamed ? '' : `${query}: `}${failure.message} [${failure.code}]`, failure.facts.hint);
      return failureRecord(query, failure);
    }
  }

  async #download({ query, found, path, error }: Plan, listen: TransferListener): Promise<ResultRecord> {
    const context = this.#context;
    if (found === null || error !== null) throw error;
    const options = { ...this.#options, connections: this.#load.connections };
    const result = await fetchImage(context.connection, found, path ?? '', options, { ...this.#run, listen });
    warnUnverified(context, result, `${query}: `);
    if (nativeFormat(context.options) === 'table') context.note(describeResult(found.image, result));
    return toRecord(found.image, result);
  }

  /** What one image failed with, and not all. @throws everything else */
  #bear(error: unknown): GlanceError {
    this.#context.runtime.signal.throwIfAborted();
    if (error instanceof GlanceError) return error;
    throw error;
  }

  #checkEnds(ends: readonly PromiseSettledResult<void>[]): void {
    this.#context.runtime.signal.throwIfAborted();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
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
