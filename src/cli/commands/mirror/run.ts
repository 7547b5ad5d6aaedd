// Carries out the plan of a mirror over the download engine: some images at once, all failures collected.
import { GlanceError, isFinalForImage } from '../../../errors.ts';
import type { Image } from '../../../image/image.ts';
import type { ImageService } from '../../../image/service.ts';
import { dataPath } from '../../../mirror/index-file.ts';
import type { MirrorDirectory } from '../../../mirror/mirror-directory.ts';
import type { MirrorTask } from '../../../mirror/plan.ts';
import type { Column } from '../../../output/columns.ts';
import { renderList } from '../../../output/render.ts';
import { formatBytes } from '../../../output/size.ts';
import type { TransferListener } from '../../../transfer/flow/events.ts';
import { RateLimit } from '../../../transfer/flow/rate-limit.ts';
import type { Context } from '../../context.ts';
import type { MirrorOptions } from '../../options/directory-options.ts';
import { fetchImage } from '../../../client/download/download.ts';
import { openProgress } from '../../progress.ts';
import { ServerLoad } from '../../../client/download/server-load.ts';

/** The keys of a row in the order in which they are printed. Public interface. */
export const rowKeys = ['action', 'image', 'name', 'path', 'bytes', 'reason'] as const;

/** What is done, or to be done, about one image: `new data record remove failed`. */
export interface MirrorRow {
  readonly action: string;
  readonly image: string;
  readonly name: string | null;
  /** Below the mirror. */
  readonly path: string | null;
  readonly bytes: number | null;
  /** Why it failed. */
  readonly reason: string | null;
}

const columns: readonly Column[] = [
  {
    key: 'action',
    label: 'Action',
    priority: 1,
    paint: (text, value, style) => (value === 'failed' ? style.red(text) : text),
  },
  { key: 'image', label: 'ID', priority: 2, whole: true },
  { key: 'name', label: 'Name', priority: 3 },
  {
    key: 'bytes',
    label: 'Size',
    align: 'right',
    priority: 5,
    show: (value) => (typeof value === 'number' ? formatBytes(value) : ''),
  },
  { key: 'reason', label: 'Reason', priority: 4 },
];

/** A row about an image. */
export function toRow(action: string, image: Pick<Image, 'id' | 'name'> & Partial<Image>): MirrorRow {
  const { id, name, size = null, disk_format = null } = image;
  const path = action === 'failed' ? null : dataPath({ id, disk_format });
  return { action, image: id, name, path, bytes: size, reason: null };
}

/** Prints rows as the options say. */
export async function printRows(context: Context, pages: AsyncIterable<readonly MirrorRow[]>): Promise<void> {
  await context.print(renderList({ pages, columns, keys: rowKeys, ...(await context.resultOptions()) }));
}

/** What was done. */
export interface MirrorDone {
  /** What became of each, in the order of the tasks. */
  readonly rows: readonly MirrorRow[];
  /** Images whose data was there already, as a run that was killed leaves them, and was only compared. */
  readonly found: number;
}

/** What of the options it heeds. */
export type MirrorRunOptions = Pick<MirrorOptions, 'jobs' | 'requireSafe' | 'failFast' | 'limitRate'>;

const ignore: TransferListener = () => undefined;

type Task = Exclude<MirrorTask, { readonly action: 'same' }>;

const defaultJobs = 4;

function pick(tasks: readonly Task[], wanted: Task['action']): readonly Image[] {
  return tasks.flatMap(({ action, image }) => (action === wanted ? [image] : []));
}

/** One run. */
export class MirrorRun {
  readonly #context: Context;
  readonly #service: ImageService;
  readonly #directory: MirrorDirectory;
  readonly #options: MirrorRunOptions;
  readonly #rate: RateLimit;
  #found = 0;

  constructor(context: Context, service: ImageService, directory: MirrorDirectory, options: MirrorRunOptions) {
    this.#context = context;
    this.#service = service;
    this.#directory = directory;
    this.#options = options;
    this.#rate = new RateLimit(context.runtime.clock, options.limitRate ?? null);
  }

  /**
   * Does all of it. What is complete is noted in the directory even if it ends with an error.
   * @throws the signal's reason; with `failFast` the first failure
   */
  async carryOut(planned: readonly Task[]): Promise<MirrorDone> {
    const tasks = await this.#updateRecords(planned);
    await this.#directory.forget(pick(tasks, 'data').map(({ id }) => id));
    const progress = await openProgress(this.#context);
    const several = progress.several();
    const transfers = [...pick(tasks, 'new'), ...pick(tasks, 'data')];
    const listeners = new Map(transfers.map((image) => [image, several.member(image.name ?? image.id, image.size)]));
    try {
      return { rows: await this.#share(tasks, listeners), found: this.#found };
    } catch (error) {
      await this.#directory.save();
      throw error;
    } finally {
      progress.stop();
    }
  }

  /** @returns the tasks, `failed` instead of `record` where that could not be written */
  async #updateRecords(tasks: readonly Task[]): Promise<readonly Task[]> {
    const troubles = await this.#directory.updateRecords(pick(tasks, 'record'));
    if (this.#options.failFast === true) for (const error of troubles.values()) throw error;
    return tasks.map((task): Task => {
      const { image } = task;
      const error = task.action === 'record' ? troubles.get(image.id) : undefined;
      return error === undefined ? task : { action: 'failed', image, code: error.code, message: error.message };
    });
  }

  /** When one fails for good, all end before its error is thrown. */
  async #share(tasks: readonly Task[], listeners: ReadonlyMap<Image, TransferListener>): Promise<readonly MirrorRow[]> {
    const rows: MirrorRow[] = [];
    const load = new ServerLoad(this.#options.jobs ?? defaultJobs, 1);
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#context.runtime.signal, stop.signal]);
    await load.share(tasks.entries(), async ([position, task]) => {
      try {
        signal.throwIfAborted();
        rows[position] = await this.#carryOutOne(task, load.heed(listeners.get(task.image) ?? ignore), signal);
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    });
    this.#context.runtime.signal.throwIfAborted();
    stop.signal.throwIfAborted();
    return rows;
  }

  async #carryOutOne(task: Task, listen: TransferListener, signal: AbortSignal): Promise<MirrorRow> {
    const { image } = task;
    if (task.action === 'failed') return this.#failed(image, task.code, task.message);
    try {
      if (task.action !== 'record') await this.#fetch(image, listen, signal);
      return toRow(task.action, image);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof GlanceError) || this.#options.failFast === true) throw error;
      listen({ event: 'failed', bytes: 0, kept: null });
      if (isFinalForImage(error.code)) this.#directory.fail(image, error.code, error.message);
      return this.#failed(image, error.code, error.message);
    }
  }

  #failed(image: Image, code: string, message: string): MirrorRow {
    return { ...toRow('failed', image), reason: `${message} [${code}]` };
  }

  async #fetch(image: Image, listen: TransferListener, signal: AbortSignal): Promise<void> {
    const path = await this.#directory.prepare(image);
    const { requireSafe = false } = this.#options;
    const found = { image, service: this.#service, pin: null };
    const result = await fetchImage(
      this.#context.connection,
      found,
      path,
      { force: true, digest: ['sha512'], requireSafe },
      { signal, rate: this.#rate, listen, fileSystem: this.#directory.fileSystem },
    );
    await this.#directory.complete(image, result.bytes, result.digests);
    if (result.outcome === 'current') this.#found++;
  }
}
