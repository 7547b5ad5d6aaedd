// A bucket as the place of a mirror.
import type { Clock } from '../../../clock.ts';
import type { S3Client } from '../../../s3/s3-client.ts';
import { compareMirror } from '../compare.ts';
import { bytesOf } from '../../entry-store.ts';
import type { Comparison, OpenPlace, Place, PlaceContents } from '../place.ts';
import { BucketContents } from './bucket-contents.ts';
import { BucketFiles } from './bucket-files.ts';
import { readMirror } from './bucket-index.ts';
import { BucketListing } from './bucket-listing.ts';
import { LeftUploads } from './left-uploads.ts';
import { OpenBucket } from './open-bucket.ts';
import { ReadableBucket } from './readable-bucket.ts';

/** Keys that are no part of a mirror: so many are reported, for there may be very many. */
const mostStrays = 10_000;

export class BucketPlace implements Place {
  /** `s3://BUCKET[/PREFIX]`. */
  readonly name: string;
  readonly #client: (signal: AbortSignal) => Promise<S3Client>;
  readonly #prefix: string;
  readonly #clock: Clock;

  /**
   * @param prefix that all keys begin with: empty, or with a slash at its end
   * @param client asked for when the store is first needed
   */
  constructor(name: string, prefix: string, client: (signal: AbortSignal) => Promise<S3Client>, clock: Clock) {
    this.name = name;
    this.#prefix = prefix;
    this.#client = client;
    this.#clock = clock;
  }

  async look(signal: AbortSignal): Promise<PlaceContents> {
    return await this.#look(signal);
  }

  async open(signal: AbortSignal): Promise<OpenPlace> {
    const contents = await this.#look(signal);
    const client = await this.#client(signal);
    const uploads = await LeftUploads.list(client, this.#prefix, this.#clock, signal);
    return new OpenBucket(this.name, new BucketFiles(client, this.#prefix), contents, uploads, this.#clock);
  }

  async compare(signal: AbortSignal): Promise<Comparison> {
    const files = new BucketFiles(await this.#client(signal), this.#prefix);
    const strays: string[] = [];
    const listing = await BucketListing.read(files.client.listObjects(this.#prefix, signal), this.#prefix, (path) => {
      if (strays.length < mostStrays) strays.push(path);
    });
    const index = await readMirror(files, this.name, signal);
    return {
      images: index.entries.size,
      bytes: bytesOf(index.entries),
      verdicts: (options) => compareMirror(new ReadableBucket(files, listing, strays), index, options),
    };
  }

  async #look(signal: AbortSignal): Promise<BucketContents> {
    const client = await this.#client(signal);
    const listing = await BucketListing.read(client.listObjects(this.#prefix, signal), this.#prefix);
    return new BucketContents(new BucketFiles(client, this.#prefix), listing);
  }
}
