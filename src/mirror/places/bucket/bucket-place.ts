// A bucket as the place of a mirror. Some stores ignore conditional writes and `x-amz-checksum-*`, so neither is relied on: parts carry
// `Content-MD5`, or their ETag must be their MD5, and the data must match the cloud's own digest before the upload is completed.
import type { Clock } from '../../../clock.ts';
import type { S3Client } from '../../../s3/s3-client.ts';
import { PartMemory } from '../../../transfer/upload/part-memory.ts';
import { auditPath, isAuditPath } from '../../audit-file.ts';
import { compareEntry, compareMirror } from '../compare.ts';
import { bytesOf, type MirrorEntry } from '../../entry-store.ts';
import type { Verdict } from '../../verify.ts';
import type { Comparison, OneComparisonOptions, OneImage, OpenPlace, Place, PlaceContents } from '../place.ts';
import { indexName } from '../../index-file.ts';
import { BucketContents } from './bucket-contents.ts';
import { BucketFiles } from './bucket-files.ts';
import { readMirror } from './bucket-index.ts';
import { BucketListing } from './bucket-listing.ts';
import { LeftUploads } from './left-uploads.ts';
import { consequences, type UploadRight } from './upload-rights.ts';
import { OpenBucket } from './open-bucket.ts';
import { ReadableBucket } from './readable-bucket.ts';

/** Maximum number of keys to report that do not belong to a mirror, since there may be very many. */
const mostStrays = 10_000;

export class BucketPlace implements Place {
  /** `s3://BUCKET[/PREFIX]`. */
  readonly name: string;
  readonly #client: (signal: AbortSignal) => Promise<S3Client>;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #onWarning: (message: string) => void;
  readonly #warned = new Set<UploadRight>();
  /** Shared by all images that are open. */
  readonly #memory = new PartMemory();

  /**
   * @param prefix prefix of all keys: empty, or ending in a slash
   * @param client called when the store is first needed
   * @param onWarning called with oddities that are not failures
   */
  constructor(
    name: string,
    prefix: string,
    client: (signal: AbortSignal) => Promise<S3Client>,
    clock: Clock,
    onWarning: (message: string) => void,
  ) {
    this.name = name;
    this.#prefix = prefix;
    this.#client = client;
    this.#clock = clock;
    this.#onWarning = onWarning;
  }

  async look(signal: AbortSignal): Promise<PlaceContents> {
    return await BucketContents.read(await this.#files(signal), this.#prefix, signal);
  }

  async open(signal: AbortSignal): Promise<OpenPlace> {
    return await this.#open('', signal);
  }

  async openOne(id: string, signal: AbortSignal): Promise<OneImage> {
    return await this.#open(`${id}/`, signal);
  }

  async compare(signal: AbortSignal): Promise<Comparison> {
    const files = await this.#files(signal);
    const strays: string[] = [];
    const listing = await BucketListing.read(files.client.listObjects(this.#prefix, signal), this.#prefix, (path) => {
      if (strays.length < mostStrays && !isAuditPath(path)) strays.push(path);
    });
    const index = await readMirror(files, this.name, signal);
    return {
      images: index.entries.size,
      bytes: bytesOf(index.entries),
      verdicts: (options) => compareMirror(new ReadableBucket(files, listing, strays), index, options),
    };
  }

  async compareOne(entry: MirrorEntry, options: OneComparisonOptions): Promise<Verdict> {
    const files = await this.#files(options.signal);
    const objects = files.client.listObjects(files.key(`${entry.id}/`), options.signal);
    const listing = await BucketListing.read(objects, this.#prefix);
    return await compareEntry(new ReadableBucket(files, listing, []), entry, options);
  }

  /**
   * No object in the bucket is needed here, but the bucket is queried all the same, so that a store that cannot be reached is
   * noticed now.
   */
  async openAudits(signal: AbortSignal): Promise<void> {
    const files = await this.#files(signal);
    await files.client.listObjects(files.key(indexName), signal)[Symbol.asyncIterator]().next();
  }

  async keepAudit(id: string, text: string, signal: AbortSignal): Promise<void> {
    const files = await this.#files(signal);
    await files.write(files.key(auditPath(id)), text, signal);
  }

  async #files(signal: AbortSignal): Promise<BucketFiles> {
    return new BucketFiles(await this.#client(signal), this.#prefix);
  }

  /** Warns once of each: workers open the place for each image. */
  #warnOfRight(right: UploadRight): void {
    if (this.#warned.has(right)) return;
    this.#warned.add(right);
    const [what, consequence] = consequences[right];
    this.#onWarning(`the keys may not ${what} ${this.name} (${right}): ${consequence}`);
  }

  /** @param start prefix of the names that concern the caller; if it is empty, all names do, and the index is ours to write */
  async #open(start: string, signal: AbortSignal): Promise<OpenBucket> {
    const files = await this.#files(signal);
    const contents = await BucketContents.read(files, files.key(start), signal);
    const onDenied = (right: UploadRight): void => this.#warnOfRight(right);
    const uploads = await LeftUploads.list(files.client, files.key(start), this.#clock, onDenied, signal);
    const { name } = this;
    const [memory, clock] = [this.#memory, this.#clock];
    return new OpenBucket({ name, files, contents, uploads, memory, clock, keepsIndex: start === '' });
  }
}
