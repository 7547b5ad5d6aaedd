// What a bucket holds of a mirror, as the basis for a plan: an unchanged image costs no request.
import { hash } from 'node:crypto';
import type { Image } from '../../../image/image.ts';
import { dataPath, type MirrorFailure } from '../../index-file.ts';
import type { MirrorEntry } from '../../entry-store.ts';
import { type HeldIds, type MirrorTask, planImage, RecordFile, type RetryChoice } from '../../plan.ts';
import type { PlaceContents } from '../place.ts';
import type { BucketFiles } from './bucket-files.ts';
import { deriveEntry, readIndex } from './bucket-index.ts';
import type { BucketIndex } from './bucket-index.ts';
import { BucketListing, type HeldImage } from './bucket-listing.ts';

export class BucketContents implements PlaceContents {
  readonly listing: BucketListing;
  readonly #files: BucketFiles;
  #index: Promise<BucketIndex> | null = null;

  constructor(files: BucketFiles, listing: BucketListing) {
    this.#files = files;
    this.listing = listing;
  }

  /** Reads a listing. @param start prefix of the keys that count */
  static async read(files: BucketFiles, start: string, signal: AbortSignal): Promise<BucketContents> {
    const listing = await BucketListing.read(files.client.listObjects(start, signal), files.prefix);
    return new BucketContents(files, listing);
  }

  get ids(): HeldIds {
    return this.listing;
  }

  /** The index, read once, when first needed: a run that changes nothing does not need it. */
  index(signal: AbortSignal): Promise<BucketIndex> {
    this.#index ??= readIndex(this.#files, this.listing, signal).catch((error: unknown) => {
      this.#index = null;
      throw error;
    });
    return this.#index;
  }

  async plan(image: Image, retries: RetryChoice, signal: AbortSignal): Promise<MirrorTask> {
    const held = this.listing.get(image.id);
    const record = new RecordFile(image);
    if (held === null) return planImage({ entry: null, failure: null }, record, retries);
    const failure: MirrorFailure | null = held.hasFailure ? await this.#files.readFailure(image.id, signal) : null;
    return planImage({ entry: await this.#entry(held, record, signal), failure }, record, retries);
  }

  /** What is known about an image's data; null if it is incomplete. */
  async #entry(held: HeldImage, record: RecordFile, signal: AbortSignal): Promise<MirrorEntry | null> {
    const { image } = record;
    if (held.record === null) return null;
    // Mirrors of earlier versions, copied into a bucket, have their digests only in the index.
    if (!held.hasDigests) return (await this.index(signal)).entries.get(image.id) ?? null;
    const file = dataPath(image);
    const data = held.data.find((each) => each.file === file);
    // A record's text is always the same, so its MD5 is enough. If the ETag differs or is not an MD5, the record is read.
    const isSame = data !== undefined && held.record === hash('md5', record.text, 'hex');
    return isSame
      ? { id: image.id, file, size: data.size, digests: [], record: record.hash }
      : await deriveEntry(this.#files, held, signal);
  }
}
