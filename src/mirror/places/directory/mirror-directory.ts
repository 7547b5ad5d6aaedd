// The directory of a mirror on disk: records and data are written first, checksum lists and the index last.
import { join } from 'node:path';
import type { Clock } from '../../../clock.ts';
import { GlanceError } from '../../../errors.ts';
import type { Image } from '../../../image/image.ts';
import type { InsideDirectory } from '../../../transfer/files/inside.ts';
import { toIoError } from '../../../transfer/files/io-error.ts';
import { type Lock, lockTarget, type ProcessFacts } from '../../../transfer/lock/lock.ts';
import { sweep } from '../../../transfer/part/publish.ts';
import { provenBy } from '../../digests-file.ts';
import { failureName } from '../../failure-file.ts';
import {
  dataPath,
  type IndexDraft,
  indexName,
  isOwnId,
  makeFailure,
  type MirrorFailure,
  recordHash,
  recordText,
  sumsNames,
} from '../../index-file.ts';
import { EntryStore } from '../../entry-store.ts';
import type { HeldIds, MirrorTask, RetryChoice } from '../../plan.ts';
import type { FilePlace, KeptData, OpenPlace } from '../place.ts';
import { DirectoryContents } from './contents.ts';
import { findEntries } from './find-entries.ts';
import { MirrorFiles } from './mirror-files.ts';
import { isSmall, NewImage } from './new-image.ts';
import { openInside } from './open-inside.ts';
import { refuseOccupied } from './presence.ts';
import { findIndex } from './read-index.ts';

/** Shortest time between two writes of the index in one run; a large one is written less often. */
const leastIntervalMs = 30_000;
const restFactor = 20;

/** A mirror held by one process. Nothing is written, read or removed outside its directory, or through a link in it. */
export class MirrorDirectory implements OpenPlace {
  readonly #inside: InsideDirectory;
  readonly #files: MirrorFiles;
  /** Null if opened for single images, perhaps by several processes: then the index belongs to another one. */
  readonly #lock: Lock | null;
  readonly #entries: EntryStore;
  readonly #failures: Map<string, MirrorFailure>;
  readonly #contents: DirectoryContents;
  readonly #clock: Clock;
  /** Images whose directories this run created while it held the mirror alone: they contain nothing from earlier runs. */
  readonly #made = new Set<string>();
  #isChanged: boolean;
  #saving: Promise<void> = Promise.resolve();
  /** When the index is next written during the run, by our clock. */
  #saveAt: number;

  private constructor(inside: InsideDirectory, lock: Lock | null, clock: Clock, index: IndexDraft | null) {
    this.#inside = inside;
    this.#files = new MirrorFiles(inside);
    this.#lock = lock;
    this.#clock = clock;
    this.#saveAt = clock.monotonic() + leastIntervalMs;
    this.#entries = index?.entries ?? new EntryStore();
    this.#failures = index?.failures ?? new Map<string, MirrorFailure>();
    this.#contents = new DirectoryContents(inside.root, { entries: this.#entries, failures: this.#failures }, (id) =>
      this.#recall(id),
    );
    this.#isChanged = index === null;
  }

  /**
   * Opens the mirror in a directory, which is created if missing.
   * @throws GlanceError `io.busy` if another process holds it; `io.*`; `json.invalid` or `metadata.invalid` for its index
   */
  static async open(path: string, facts: ProcessFacts, clock: Clock): Promise<MirrorDirectory> {
    const inside = await openInside(path);
    let lock: Lock | null = null;
    try {
      lock = await lockTarget(join(inside.root, indexName), facts, clock, inside);
      for (const name of [indexName, ...Object.values(sumsNames)]) {
        await refuseOccupied(inside, join(inside.root, name));
      }
      return new MirrorDirectory(inside, lock, clock, await findIndex(inside.root));
    } catch (error) {
      await lock?.release();
      await inside.close();
      throw error;
    }
  }

  /** Opens a directory for single images; it is created if missing. @throws GlanceError `io.*` */
  static async openOne(path: string, clock: Clock): Promise<MirrorDirectory> {
    return new MirrorDirectory(await openInside(path), null, clock, null);
  }

  get ids(): HeldIds {
    return this.#contents.ids;
  }

  async plan(image: Image, retries: RetryChoice): Promise<MirrorTask> {
    return await this.#contents.plan(image, retries);
  }

  async close(): Promise<void> {
    await this.#lock?.release();
    await this.#inside.close();
  }

  /** Creates the image's directory. @throws GlanceError `io.*`; `io.not_regular` for a link there */
  async target(image: Image): Promise<FilePlace | NewImage> {
    const [directory, path] = [this.#files.path(image.id), this.#files.path(dataPath(image))];
    const place = { path, fileSystem: this.#inside, isShared: this.#lock === null };
    const isNew = await this.#inside.makeDirectory(directory).catch((error: unknown) => {
      throw toIoError(error, directory);
    });
    if (isNew && !place.isShared) this.#made.add(image.id);
    if (this.#made.has(image.id)) return isSmall(image) ? new NewImage(path, this.#inside) : place;
    await refuseOccupied(this.#inside, path);
    await this.#files.removeClaims(image.id, dataPath(image));
    return place;
  }

  async forget(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    for (const id of ids) this.#entries.delete(id);
    this.#isChanged = true;
    await this.save();
  }

  /** Writes the index now and then: after a kill, images that it lists need not be read again. */
  async complete(image: Image, { bytes, digests, verifiedBy }: KeptData): Promise<void> {
    const text = recordText(image);
    const file = dataPath(image);
    // While the old record or digests are there, a run after a kill can still find out what the data was called.
    const isMade = this.#made.delete(image.id);
    const old = this.#entries.get(image.id)?.file ?? (isMade ? null : await this.#files.findData(image.id));
    if (old !== null && old !== file) await this.#files.remove(old);
    const name = file.slice(image.id.length + 1);
    await this.#files.writeBeside(image.id, text, { file: name, size: bytes, digests, verifiedBy, etag: null });
    if (this.#failures.has(image.id) || this.#lock === null) await this.#forgetFailure(image.id);
    this.#inside.letGo(this.#files.path(image.id));
    this.#isChanged = true;
    this.#entries.set({ id: image.id, file, size: bytes, digests, record: recordHash(text) });
    if (this.#clock.monotonic() >= this.#saveAt) await this.save();
  }

  /** The images leave the index while this runs, since it would not match them. */
  async updateRecords(images: readonly Image[]): Promise<ReadonlyMap<string, GlanceError>> {
    const known = images.flatMap((image) => {
      const entry = this.#entries.get(image.id);
      return entry === undefined ? [] : [{ image, entry }];
    });
    await this.forget(known.map(({ image }) => image.id));
    const failures = new Map<string, GlanceError>();
    for (const { image, entry } of known) {
      try {
        const { size: bytes, digests } = entry;
        const verifiedBy = provenBy(image, digests, await this.#files.findDigests(image.id));
        await this.complete(image, { bytes, digests, verifiedBy });
      } catch (error) {
        if (!(error instanceof GlanceError)) throw error;
        failures.set(image.id, error);
      }
    }
    await this.save();
    return failures;
  }

  async fail(image: Image, code: string, message: string): Promise<void> {
    const failure = makeFailure(image, code, message);
    this.#isChanged = true;
    this.#failures.set(image.id, failure);
    await this.#files.writeFailure(failure).catch(ignoreTrouble);
  }

  async keepFailures(isListed: (id: string) => boolean): Promise<void> {
    for (const id of this.#failures.keys()) {
      if (isListed(id)) continue;
      this.#isChanged = true;
      await this.#forgetFailure(id);
      await this.#removeDirectory(id);
    }
  }

  async remove(ids: readonly string[]): Promise<void> {
    const files = ids.flatMap((id) => this.#entries.get(id) ?? []);
    await this.forget(ids);
    for (const { id, file } of files) {
      await this.#files.removeImage(id, file);
      await this.#forgetFailure(id);
      await sweep(this.#inside, this.#files.path(file));
      await this.#removeDirectory(id);
    }
  }

  async refresh(): Promise<void> {
    for await (const entry of findEntries(this.#inside, this.#files, (id) => this.#entries.has(id))) {
      this.#entries.set(entry);
      this.#failures.delete(entry.id);
      this.#isChanged = true;
    }
  }

  async save(): Promise<void> {
    const before = this.#saving.catch(() => undefined);
    this.#saving = before.then(() => this.#saveOnce());
    await this.#saving;
  }

  async #recall(id: string): Promise<MirrorFailure | null> {
    const failure = await this.#files.findFailure(id);
    if (failure !== null) this.#failures.set(id, failure);
    return failure;
  }

  /** A leftover does no harm: it is ignored once the image is there or has another record. */
  async #forgetFailure(id: string): Promise<void> {
    this.#failures.delete(id);
    if (isOwnId(id)) await this.#files.remove(join(id, failureName)).catch(ignoreTrouble);
  }

  /** Does nothing if others have put files into it. */
  async #removeDirectory(id: string): Promise<void> {
    if (isOwnId(id)) await this.#inside.removeDirectory(this.#files.path(id)).catch(() => undefined);
  }

  async #saveOnce(): Promise<void> {
    if (!this.#isChanged || this.#lock === null) return;
    this.#isChanged = false;
    const start = this.#clock.monotonic();
    try {
      // Whatever other jobs complete in the meantime goes into the next index that is written.
      await this.#files.writeIndex({ entries: this.#entries.copy(), failures: new Map(this.#failures) });
    } catch (error) {
      this.#isChanged = true;
      throw error;
    }
    const end = this.#clock.monotonic();
    this.#saveAt = end + Math.max(leastIntervalMs, (end - start) * restFactor);
  }
}

function ignoreTrouble(error: unknown): void {
  if (!(error instanceof GlanceError)) throw error;
}
