// The catalog of a mirror in a bucket. Requests make it check the index, and read the bucket again if that has changed. The listing
// comes first, so data that is replaced meanwhile differs from the listed ETag and is not sent.
import type { Clock } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { MirrorEntries, MirrorEntry } from '../../mirror/entry-store.ts';
import { inParallel } from '../../mirror/in-parallel.ts';
import { indexName } from '../../mirror/index-file.ts';
import type { BucketFiles } from '../../mirror/places/bucket/bucket-files.ts';
import { readMirror } from '../../mirror/places/bucket/bucket-index.ts';
import { BucketListing } from '../../mirror/places/bucket/bucket-listing.ts';
import { countOf } from '../../text/count.ts';
import { type Catalog, type CatalogImage, makeCatalog } from '../images/catalog.ts';
import { maxWeight as mostWeight, sha512Of } from '../images/record.ts';
import { Rescan } from '../images/rescan.ts';
import { Warnings } from '../images/warnings.ts';
import { findData, readListedImage } from './listed-image.ts';
import { objectBytes } from './object-bytes.ts';

/** Shortest time between two checks of the index. */
const rescanMs = 5000;

/**
 * How long to wait before looking again for images that the index lists but that were left out: somebody who copies a
 * mirror may copy the index first.
 */
const leftOutMs = 60_000;

/** Records to read at once. */
const atOnce = 8;

/**
 * Maximum number of records that the store may fail to deliver in one look. Beyond that, the store is taken to be at fault
 * rather than the records.
 */
const mostFailures = 16;

/** Maximum number of left-out images to name; the rest is only counted. */
const mostNamed = 100;

/** What a catalog needs from its surroundings. */
interface BucketCatalogOptions {
  readonly clock: Clock;
  /** Called with problems that do not stop the server. */
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
  /** Maximum memory for all records together, in bytes. Default 256 MiB. */
  readonly maxWeight?: number;
}

/** What is offered for one entry of the index. */
interface Item {
  /** Changes with the record and the data. */
  readonly version: string;
  readonly weight: number;
  readonly entry: CatalogImage;
}

/** The result of one look at the bucket. */
interface Look {
  readonly items: Map<string, Item>;
  readonly leftOut: Map<string, GlanceError>;
  weight: number;
  failures: number;
}

/**
 * The images that the index of a mirror lists and that are in the bucket as listed. Reads no data except what it sends.
 */
export class BucketCatalog implements Catalog {
  readonly #files: BucketFiles;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #maxWeight: number;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  readonly #warnings: Warnings;
  readonly #rescan: Rescan;
  #items: ReadonlyMap<string, Item> = new Map();
  #catalog: Catalog = makeCatalog([]);
  /** Version of the index that was read; null to read the bucket again in any case. */
  #version: string | null = null;
  /** When to read the bucket again even if the index is unchanged, on the clock. */
  #forgetAt = Infinity;

  private constructor(files: BucketFiles, name: string, { clock, warn, signal, maxWeight }: BucketCatalogOptions) {
    this.#files = files;
    this.#name = name;
    this.#clock = clock;
    this.#maxWeight = maxWeight ?? mostWeight;
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.#warnings = new Warnings(warn);
    this.#rescan = new Rescan({
      clock,
      restMs: rescanMs,
      look: () => this.#look(),
      onFailure: (error) => this.#fail(error),
    });
  }

  /**
   * Looks at a bucket for the first time. Images that cannot be offered are left out with a warning.
   * @param name of the place, for messages
   * @throws GlanceError `place.*`; `metadata.invalid` for an invalid index; the signal's reason
   */
  static async open(files: BucketFiles, name: string, options: BucketCatalogOptions): Promise<BucketCatalog> {
    const catalog = new BucketCatalog(files, name, options);
    await catalog.#rescan.look();
    return catalog;
  }

  get images(): readonly CatalogImage[] {
    return this.#catalog.images;
  }

  find(id: string): CatalogImage | undefined {
    return this.#catalog.find(id);
  }

  /** See {@link Rescan}. While the store cannot be reached, everything stays as it was. */
  refresh(): Promise<void> | undefined {
    return this.#rescan.refresh();
  }

  /** Stops everything except data that is being sent. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the server ends'));
    await this.#rescan.settled();
  }

  async #look(): Promise<void> {
    const { client, prefix } = this.#files;
    const index = await client.head(this.#files.key(indexName), this.#signal);
    const version = index === null || index.etag === null ? null : `${index.etag} ${String(index.size)}`;
    if (version !== null && version === this.#version && this.#clock.monotonic() < this.#forgetAt) return;
    // The listing comes first: if data is replaced meanwhile, its ETag differs from the listed one, and it is not sent.
    const listing = await BucketListing.read(client.listObjects(prefix, this.#signal), prefix);
    const { entries } = await readMirror(this.#files, this.#name, this.#signal);
    const look = await this.#read(entries, listing);
    this.#version = version;
    this.#forgetAt = look.leftOut.size === 0 ? Infinity : this.#clock.monotonic() + leftOutMs;
    this.#replace(look.items);
    this.#warnAbout(look.leftOut);
  }

  async #read(entries: MirrorEntries, listing: BucketListing): Promise<Look> {
    const look: Look = { items: new Map(), leftOut: new Map(), weight: 0, failures: 0 };
    await inParallel(entries.values(), atOnce, async (entry) => {
      try {
        await this.#take(entry, listing, look);
      } catch (error) {
        this.#signal.throwIfAborted();
        if (!(error instanceof GlanceError)) throw error;
        if (error.code === 'place.unavailable' && ++look.failures > mostFailures) throw error;
        look.leftOut.set(entry.id, error);
      }
    });
    return look;
  }

  async #take(entry: MirrorEntry, listing: BucketListing, look: Look): Promise<void> {
    const { id, file, size, record } = entry;
    const held = listing.get(id);
    const { etag } = findData(entry, held);
    const version = JSON.stringify([file, size, etag, record]);
    const known = this.#items.get(id);
    const item =
      known?.version === version ? known : await this.#make(entry, version, etag, held?.recordTime ?? 0, look);
    look.weight += item.weight;
    this.#refuseTooMuch(file, look);
    look.items.set(id, item);
  }

  async #make(entry: MirrorEntry, version: string, etag: string | null, time: number, look: Look): Promise<Item> {
    const { file, size } = entry;
    // If the memory is used up, no more records are read.
    this.#refuseTooMuch(file, look);
    const { image, weight } = await readListedImage(this.#files, entry, time * 1000, this.#signal);
    const sha512 = sha512Of(entry);
    const data = objectBytes(this.#files, { file, size, etag }, this.#lookAnew);
    return { version, weight, entry: { image, data, members: [], ...(sha512 !== null && { digest: sha512 }) } };
  }

  #refuseTooMuch(file: string, { weight }: Look): void {
    if (weight <= this.#maxWeight) return;
    const limit = `${String(this.#maxWeight / (1024 * 1024))} MiB`;
    throw new GlanceError('metadata.invalid', `${file}: the records of the bucket take more than ${limit} of memory`);
  }

  /**
   * An object has turned out to differ from the listing, so the bucket is read again even if the index is unchanged.
   */
  readonly #lookAnew = (): void => {
    this.#version = null;
  };

  #replace(items: ReadonlyMap<string, Item>): void {
    const isSame = items.size === this.#items.size && [...items].every(([id, item]) => this.#items.get(id) === item);
    if (isSame) return;
    this.#items = items;
    this.#catalog = makeCatalog([...items.values()].map(({ entry }) => entry));
  }

  #warnAbout(leftOut: ReadonlyMap<string, GlanceError>): void {
    const named = [...leftOut].slice(0, mostNamed);
    for (const [id, { message }] of named) this.#warnings.say(id, `${this.#name}: left out: ${message}`);
    const others = leftOut.size - named.length;
    if (others > 0) this.#warnings.say('', `${this.#name}: left out as well: ${countOf(others, 'image')}`);
    this.#warnings.keepOnly(new Set([...named.map(([id]) => id), ...(others > 0 ? [''] : [])]));
  }

  #fail(error: unknown): void {
    if (this.#signal.aborted) return;
    const why = error instanceof Error ? error.message : String(error);
    this.#warnings.say(this.#name, `${this.#name}: served as it was: ${why}`);
  }
}
