// A bucket that a run changes. An image's record is written last and removed first: an image with a record is complete. Data without
// one was left by a killed run, and shows that the index is out of date.
import type { Clock } from '../../../clock.ts';
import { GlanceError } from '../../../errors.ts';
import type { Image } from '../../../image/image.ts';
import type { PartMemory } from '../../../transfer/upload/part-memory.ts';
import { contentsName } from '../../contents-file.ts';
import { digestsName } from '../../digests-file.ts';
import { failureName } from '../../failure-file.ts';
import { EntryStore } from '../../entry-store.ts';
import { inParallel } from '../../in-parallel.ts';
import { dataPath, makeFailure, type MirrorFailure, recordHash, recordName, recordText } from '../../index-file.ts';
import type { HeldIds, MirrorTask, RetryChoice } from '../../plan.ts';
import type { KeptData, OpenPlace } from '../place.ts';
import { BucketContents } from './bucket-contents.ts';
import type { BucketFiles } from './bucket-files.ts';
import { type BucketIndex, mayBeStale, writeIndex } from './bucket-index.ts';
import type { HeldImage } from './bucket-listing.ts';
import { ImageTarget } from './image-target.ts';
import type { LeftUploads } from './left-uploads.ts';
import { BucketObject } from './object-target.ts';

/** Shortest time between two writes of the index in one run; a large one is written less often. */
const leastIntervalMs = 30_000;
const restFactor = 20;
/** Small files removed at once. */
const atOnce = 8;

interface OpenBucketOptions {
  /** The place's name, for messages. */
  readonly name: string;
  readonly files: BucketFiles;
  readonly contents: BucketContents;
  readonly uploads: LeftUploads;
  readonly memory: PartMemory;
  readonly clock: Clock;
  /** Whether the index is ours to write. */
  readonly keepsIndex: boolean;
}

export class OpenBucket implements OpenPlace {
  readonly #name: string;
  readonly #files: BucketFiles;
  #contents: BucketContents;
  /** Saves a second listing if the caller refreshes right after opening. */
  #isJustRead = true;
  readonly #uploads: LeftUploads;
  readonly #clock: Clock;
  readonly #memory: PartMemory;
  readonly #keepsIndex: boolean;
  readonly #noIndex = { entries: new EntryStore(), failures: new Map<string, MirrorFailure>(), isChanged: false };
  /** Where the data of this run goes, by id. */
  readonly #objects = new Map<string, BucketObject>();
  /** Images whose data is known to differ. */
  readonly #replaced = new Set<string>();
  #isChanged = false;
  #saving: Promise<void> = Promise.resolve();
  /** When the index is next written during the run, by our clock. */
  #saveAt: number;

  constructor({ name, files, contents, uploads, memory, clock, keepsIndex }: OpenBucketOptions) {
    this.#name = name;
    this.#files = files;
    this.#contents = contents;
    this.#uploads = uploads;
    this.#memory = memory;
    this.#clock = clock;
    this.#keepsIndex = keepsIndex;
    this.#saveAt = clock.monotonic() + leastIntervalMs;
  }

  get ids(): HeldIds {
    return this.#contents.ids;
  }

  plan(image: Image, retries: RetryChoice, signal: AbortSignal): Promise<MirrorTask> {
    return this.#contents.plan(image, retries, signal);
  }

  async forget(ids: readonly string[], signal: AbortSignal): Promise<void> {
    await inParallel(ids, atOnce, async (id) => {
      await this.#removeRecord(id, signal);
      await this.#files.remove(`${id}/${contentsName}`, signal);
      this.#replaced.add(id);
    });
    await this.#unlist(ids, signal);
  }

  async target(image: Image, signal: AbortSignal): Promise<ImageTarget> {
    const file = dataPath(image);
    const key = this.#files.key(file);
    const left = await this.#uploads.take(key, `${this.#files.key(image.id)}/`, signal);
    const object = new BucketObject(this.#files.client, key, `${this.#name}/${file}`, left, this.#uploads.onDenied);
    this.#objects.set(image.id, object);
    // An image with a record counts as complete, even for readers that do not use the index.
    if ((this.#contents.listing.get(image.id)?.record ?? null) !== null) await this.#removeRecord(image.id, signal);
    const data = this.#replaced.has(image.id) ? [] : (this.#contents.listing.get(image.id)?.data ?? []);
    const held = data.find((each) => each.file === file) ?? null;
    return new ImageTarget({ files: this.#files, object, held, memory: this.#memory });
  }

  async complete(image: Image, { bytes, digests, verifiedBy }: KeptData, signal: AbortSignal): Promise<void> {
    const { id } = image;
    const file = dataPath(image);
    const held = this.#contents.listing.get(id);
    for (const data of held?.data ?? []) if (data.file !== file) await this.#files.remove(data.file, signal);
    const etag = this.#objects.get(id)?.etag ?? null;
    this.#objects.delete(id);
    this.#replaced.delete(id);
    const kept = { file: file.slice(id.length + 1), size: bytes, digests, verifiedBy, etag };
    await this.#files.writeDigests(id, kept, signal);
    await this.#commit(image, { hasDigests: true, data: [{ file, size: bytes, etag }] }, signal);
    const index = await this.#index(signal);
    index.entries.set({ id, file, size: bytes, digests, record: recordHash(recordText(image)) });
    if (this.#clock.monotonic() >= this.#saveAt) await this.save(signal);
  }

  async updateRecords(images: readonly Image[], signal: AbortSignal): Promise<ReadonlyMap<string, GlanceError>> {
    const failures = new Map<string, GlanceError>();
    if (images.length === 0) return failures;
    const index = await this.#index(signal);
    const known = images.flatMap((image) => {
      const entry = index.entries.get(image.id);
      return entry === undefined ? [] : [{ image, entry }];
    });
    const ids = known.map(({ image }) => image.id);
    await this.#unlist(ids, signal);
    await inParallel(known, atOnce, async ({ image, entry }) => {
      try {
        await this.#files.renewProof(image, signal);
        await this.#commit(image, {}, signal);
        index.entries.set({ ...entry, record: recordHash(recordText(image)) });
      } catch (error) {
        if (!(error instanceof GlanceError)) throw error;
        failures.set(image.id, error);
      }
    });
    await this.save(signal);
    return failures;
  }

  async fail(image: Image, code: string, message: string, signal: AbortSignal): Promise<void> {
    const failure = makeFailure(image, code, message);
    try {
      await this.#files.writeFailure(failure, signal);
      this.#update(image.id, { hasFailure: true });
      (await this.#index(signal)).failures.set(image.id, failure);
      this.#isChanged = true;
    } catch (error) {
      if (!(error instanceof GlanceError)) throw error;
    }
  }

  async keepFailures(isListed: (id: string) => boolean, prunes: boolean, signal: AbortSignal): Promise<void> {
    const { listing } = this.#contents;
    const gone = [...listing.keys()].filter((id) => !isListed(id) && listing.get(id)?.hasFailure === true);
    await inParallel(gone, atOnce, (id) => this.#forgetFailure(id, signal));
    const isWhole = (id: string): boolean => (listing.get(id)?.record ?? null) !== null;
    await this.#uploads.sweep((id) => isWhole(id) || (prunes && !isListed(id)), signal);
  }

  async remove(ids: readonly string[], signal: AbortSignal): Promise<void> {
    if (ids.length === 0) return;
    await this.forget(ids, signal);
    await inParallel(ids, atOnce, async (id) => {
      const held = this.#contents.listing.get(id);
      if (held?.hasFailure === true) await this.#forgetFailure(id, signal);
      if (held?.hasDigests === true) await this.#files.remove(`${id}/${digestsName}`, signal);
      for (const { file } of held?.data ?? []) await this.#files.remove(file, signal);
      await this.#uploads.abort(`${this.#files.key(id)}/`, signal);
      this.#contents.listing.delete(id);
    });
  }

  async refresh(signal: AbortSignal): Promise<void> {
    if (!this.#isJustRead) this.#contents = await BucketContents.read(this.#files, this.#files.prefix, signal);
    this.#isJustRead = false;
    this.#isChanged ||= (await this.#index(signal)).isChanged;
  }

  async save(signal: AbortSignal): Promise<void> {
    const before = this.#saving.catch(() => undefined);
    this.#saving = before.then(() => this.#saveOnce(signal));
    await this.#saving;
  }

  async close(): Promise<void> {
    // Only connections are open, and they are shared.
  }

  /** Writes the record of an image whose data is complete, and forgets an earlier failure. */
  async #commit(image: Image, what: Partial<HeldImage>, signal: AbortSignal): Promise<void> {
    const record = await this.#files.writeRecord(image.id, recordText(image), signal);
    if (this.#contents.listing.get(image.id)?.hasFailure === true) await this.#forgetFailure(image.id, signal);
    this.#update(image.id, { ...what, record, recordTime: Math.floor(this.#clock.wallTime() / 1000) });
    this.#isChanged = true;
  }

  async #removeRecord(id: string, signal: AbortSignal): Promise<void> {
    await this.#files.remove(`${id}/${recordName}`, signal);
    this.#update(id, { record: null });
  }

  async #forgetFailure(id: string, signal: AbortSignal): Promise<void> {
    await this.#files.remove(`${id}/${failureName}`, signal);
    this.#update(id, { hasFailure: false });
    (await this.#index(signal)).failures.delete(id);
    this.#isChanged = true;
  }

  /** If we do not keep the index, notes in it have no effect. */
  async #index(signal: AbortSignal): Promise<BucketIndex> {
    return this.#keepsIndex ? await this.#contents.index(signal) : this.#noIndex;
  }

  /** Takes images out of the index. */
  async #unlist(ids: readonly string[], signal: AbortSignal): Promise<void> {
    if (ids.length === 0) return;
    const { entries } = await this.#index(signal);
    for (const id of ids) entries.delete(id);
    this.#isChanged = true;
    await this.save(signal);
  }

  #update(id: string, what: Partial<HeldImage>): void {
    const none = { id, record: null, recordTime: null, hasDigests: false, hasFailure: false, data: [] };
    this.#contents.listing.set({ ...(this.#contents.listing.get(id) ?? none), ...what });
  }

  async #saveOnce(signal: AbortSignal): Promise<void> {
    if (!this.#keepsIndex || (!this.#isChanged && !mayBeStale(this.#contents.listing))) return;
    const index = await this.#index(signal);
    if (!this.#isChanged && !index.isChanged) return;
    this.#isChanged = false;
    const start = this.#clock.monotonic();
    try {
      // Whatever other jobs complete in the meantime goes into the next index that is written.
      const now = { entries: index.entries.copy(), failures: new Map(index.failures) };
      await writeIndex(this.#files, this.#contents.listing, now, this.#memory, this.#clock, signal);
    } catch (error) {
      this.#isChanged = true;
      throw error;
    }
    const end = this.#clock.monotonic();
    this.#saveAt = end + Math.max(leastIntervalMs, (end - start) * restFactor);
  }
}
