// The catalog of a directory that may change. Requests make it look again; digests are computed meanwhile.
import { basename, join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import { type Catalog, type CatalogImage, makeCatalog } from '../images/catalog.ts';
import { type FoundFile, hasAllDigests, type Item, makeItem } from './catalog-item.ts';
import { DigestQueue, type DigestTask } from './digest-queue.ts';
import { DigestStore, digestStoreName, type KnownDigests } from './digest-store.ts';
import { type ImageFiles, listDirectory, readImageFile } from './directory.ts';
import { toCatalogError } from './io-error.ts';
import { isSameData, maxWeight } from '../images/record.ts';
import { Rescan } from '../images/rescan.ts';
import { Warnings } from '../images/warnings.ts';

/** Shortest time between two looks at the directory. */
const rescanMs = 1000;

const tooMuch = 'not served: the records of the directory take more than 256 MiB of memory';

/** Shortest time between two writes of digests to disk while more are being computed. */
const saveMs = 5000;

/** What a live catalog needs from its surroundings. */
interface LiveCatalogOptions {
  readonly clock: Clock;
  /** Called with problems that do not stop the server. */
  readonly warn: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The images in a directory. A file without known digests is `queued`, then `saving` while it is read, and only then
 * active; if it cannot be read, it is `killed`. A file that changes starts again.
 */
export class LiveCatalog implements Catalog {
  readonly #directory: string;
  readonly #options: LiveCatalogOptions;
  readonly #store: DigestStore;
  readonly #queue: DigestQueue;
  #items = new Map<string, Item>();
  #catalog: Catalog | null = null;
  #version: string | null = null;
  #savedAt = 0;
  #saving: Promise<void> = Promise.resolve();
  readonly #onIdle: (() => void)[] = [];
  readonly #warnings: Warnings;
  readonly #rescan: Rescan;

  private constructor(directory: string, options: LiveCatalogOptions, store: DigestStore) {
    this.#directory = directory;
    this.#options = options;
    this.#store = store;
    this.#warnings = new Warnings(options.warn);
    this.#rescan = new Rescan({
      clock: options.clock,
      restMs: rescanMs,
      look: () => this.#look(),
      onFailure: (error) => {
        if (options.signal?.aborted !== true) this.#warn(directory, error);
      },
    });
    this.#queue = new DigestQueue({
      onStart: ({ path }) => this.#become(path, 'saving'),
      onEnd: (task, digests, error) => this.#take(task, digests, error),
      onIdle: () => this.#settle(),
    });
  }

  /**
   * Looks at a directory for the first time. Files that cannot be offered are left out with a warning.
   * @throws GlanceError `io.*` for the directory; `metadata.invalid` for a mirror's invalid index; the signal's reason
   */
  static async open(directory: string, options: LiveCatalogOptions): Promise<LiveCatalog> {
    const catalog = new LiveCatalog(directory, options, await DigestStore.open(directory, options.warn));
    await catalog.#rescan.look();
    return catalog;
  }

  get images(): readonly CatalogImage[] {
    return this.#current().images;
  }

  find(id: string): CatalogImage | undefined {
    return this.#current().find(id);
  }

  /** See {@link Rescan}. Files that cannot be offered are left out with a warning. */
  refresh(): Promise<void> | undefined {
    return this.#rescan.refresh();
  }

  /** Resolves when every file that is there now has its digests. */
  async digested(): Promise<void> {
    if (!this.#queue.isIdle) await new Promise<void>((resolve) => void this.#onIdle.push(resolve));
    await this.#saving;
  }

  /** Stops reading, and keeps what was computed. */
  async close(): Promise<void> {
    await this.#rescan.settled();
    await this.#queue.close();
    await this.#saving;
  }

  #current(): Catalog {
    this.#catalog ??= makeCatalog([...this.#items.values()].map(({ entry }) => entry));
    return this.#catalog;
  }

  async #look(): Promise<void> {
    const listing = await listDirectory(this.#directory, this.#version);
    if (listing === null) return;
    for (const { path, error } of listing.leftOut) this.#warn(path, error);
    const found = await this.#readAll(listing.files);
    // If part of a mirror was left out, it is read again even if the index is unchanged.
    this.#version = found.length === listing.files.length ? listing.version : null;
    this.#reconcile(found);
    const paths = [...listing.files, ...listing.leftOut].map(({ path }) => path);
    this.#warnings.keepOnly(new Set([...paths, this.#directory, this.#storePath]));
  }

  async #readAll(files: readonly ImageFiles[]): Promise<readonly FoundFile[]> {
    const found: FoundFile[] = [];
    const pathOfId = new Map<string, string>();
    let weight = 0;
    for (const { path, sidecar, listed } of files) {
      this.#options.signal?.throwIfAborted();
      try {
        const file = await readImageFile({ path, sidecar, listed }, this.#items.get(path)?.file);
        const { id } = file.image;
        const other = pathOfId.get(id);
        if (other !== undefined) {
          throw new GlanceError('metadata.invalid', `${path} and ${other} have the same id, ${id}`);
        }
        weight += file.weight;
        if (weight > maxWeight) throw new GlanceError('metadata.invalid', `${path}: ${tooMuch}`);
        pathOfId.set(id, path);
        found.push({ file, listed });
      } catch (error) {
        const refusal = toCatalogError(error, path);
        const before = this.#items.get(path)?.file;
        // The record may be half written: the old one stays until the new one can be read.
        if (refusal.code === 'json.invalid' && before !== undefined) found.push({ file: before, listed });
        this.#warn(path, refusal);
      }
    }
    return found;
  }

  /** Synchronous: while the directory was being read, digests may have come for files that are unchanged. */
  #reconcile(found: readonly FoundFile[]): void {
    const items = new Map<string, Item>();
    for (const { file, listed } of found) {
      const item = this.#items.get(file.path);
      items.set(file.path, item?.file === file ? item : this.#makeItem({ file, listed }));
    }
    const isSame =
      items.size === this.#items.size && [...items].every(([path, item]) => this.#items.get(path) === item);
    if (!isSame) this.#replace(items);
  }

  #makeItem({ file, listed }: FoundFile): Item {
    const digests = listed === null ? this.#store.find(basename(file.path), file.identity) : undefined;
    const isKnown = listed !== null || digests !== undefined || hasAllDigests(file.image);
    return makeItem({ file, listed }, isKnown ? 'known' : 'queued', digests, this.#lookAnew);
  }

  /** A mirror is read again when its index changes, or when one of its files turns out to have changed. */
  readonly #lookAnew = (): void => {
    this.#version = null;
  };

  #replace(items: Map<string, Item>): void {
    this.#items = items;
    this.#catalog = null;
    const waiting = [...items.values()].filter(({ state }) => state === 'queued' || state === 'saving');
    this.#queue.replace(waiting.map(({ file: { path, identity } }) => ({ path, identity })));
  }

  #become(path: string, state: Item['state'], digests?: KnownDigests): void {
    const item = this.#items.get(path);
    if (item === undefined) return;
    this.#items.set(path, makeItem(item, state, digests, this.#lookAnew));
    this.#catalog = null;
  }

  #take({ path, identity }: DigestTask, digests: KnownDigests | null, error: unknown): void {
    const item = this.#items.get(path);
    if (item === undefined) return;
    if (digests === null) {
      this.#warn(path, error);
      this.#become(path, 'killed');
      return;
    }
    if (!isSameData(item.file.image, digests)) this.#warnings.say(path, `${path} is not what its record says`);
    this.#store.keep(basename(path), identity, digests);
    this.#become(path, 'known', digests);
    if (this.#options.clock.monotonic() - this.#savedAt >= saveMs) this.#save();
  }

  #settle(): void {
    this.#save();
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #save(): void {
    this.#savedAt = this.#options.clock.monotonic();
    const names = new Set([...this.#items.keys()].map((path) => basename(path)));
    this.#saving = this.#saving
      .then(() => this.#store.save(names))
      .catch((error: unknown) => {
        this.#warnings.say(this.#storePath, `digests are not kept: ${toCatalogError(error, this.#directory).message}`);
      });
  }

  get #storePath(): string {
    return join(this.#directory, digestStoreName);
  }

  #warn(path: string, error: unknown): void {
    this.#warnings.say(path, toCatalogError(error, path).message);
  }
}
