// Uploads that earlier runs left incomplete: resumed when the same image is sent again, or discarded.
import type { Clock } from '../../../clock.ts';
import type { ListedUpload } from '../../../s3/answers.ts';
import type { S3Client } from '../../../s3/s3-client.ts';
import { indexName, isDataPath, sumsNames } from '../../index-file.ts';
import { type OnDenied, unlessDenied } from './upload-rights.ts';

/**
 * An upload of an image that this run does not want may belong to another mirror with another selection; after this time
 * it is considered abandoned. With pruning, there is no other mirror. Uploads are listed before images, so that an upload
 * without an image in that list was not started for an image that came later.
 */
const mostAgeMs = 7 * 24 * 60 * 60 * 1000;
/** Maximum number of uploads to remember. Any others show up once these are gone. */
const mostUploads = 10_000;

export class LeftUploads {
  readonly #client: S3Client;
  readonly #prefix: string;
  readonly #clock: Clock;
  /** Called with a right that the access keys lack. */
  readonly onDenied: OnDenied;
  readonly #byKey = new Map<string, ListedUpload[]>();

  private constructor(client: S3Client, prefix: string, clock: Clock, onDenied: OnDenied) {
    this.#client = client;
    this.#prefix = prefix;
    this.#clock = clock;
    this.onDenied = onDenied;
  }

  /**
   * @param prefix prefix of the place's keys
   * @param onDenied called if the access keys may not list uploads, so that none are known, or may not abort one, which stays
   */
  static async list(
    client: S3Client,
    prefix: string,
    clock: Clock,
    onDenied: OnDenied,
    signal: AbortSignal,
  ): Promise<LeftUploads> {
    const left = new LeftUploads(client, prefix, clock, onDenied);
    await unlessDenied('s3:ListBucketMultipartUploads', onDenied, undefined, () => left.#read(signal));
    return left;
  }

  async #read(signal: AbortSignal): Promise<void> {
    let count = 0;
    for await (const page of this.#client.listUploads(this.#prefix, signal)) {
      for (const upload of page) {
        this.#byKey.set(upload.key, [...(this.#byKey.get(upload.key) ?? []), upload]);
        if (++count >= mostUploads) return;
      }
    }
  }

  /** The uploads for a key, for the caller to resume; discards those begun under the same prefix for other data. */
  async take(key: string, start: string, signal: AbortSignal): Promise<readonly ListedUpload[]> {
    const taken = this.#byKey.get(key) ?? [];
    this.#byKey.delete(key);
    await this.abort(start, signal);
    return taken;
  }

  /** Discards those whose keys have this prefix. */
  async abort(start: string, signal: AbortSignal): Promise<void> {
    for (const [key, uploads] of this.#byKey) if (key.startsWith(start)) await this.#throwAway(key, uploads, signal);
  }

  /** Discards what nobody will resume: uploads of abandoned images, of the index, and old ones. */
  async sweep(isNobodys: (id: string) => boolean, signal: AbortSignal): Promise<void> {
    const oldest = this.#clock.wallTime() - mostAgeMs;
    for (const [key, uploads] of this.#byKey) {
      const name = key.slice(this.#prefix.length);
      const [id = ''] = name.split('/', 1);
      const isIndex = name === indexName || Object.values(sumsNames).includes(name);
      // Uploads of other programs are left alone.
      if (!isIndex && !isDataPath(id, name)) continue;
      const isUseless = isIndex || isNobodys(id);
      const old = uploads.filter(({ initiated }) => isUseless || (initiated !== null && initiated < oldest));
      await this.#throwAway(key, old, signal);
    }
  }

  async #throwAway(key: string, uploads: readonly ListedUpload[], signal: AbortSignal): Promise<void> {
    for (const { uploadId } of uploads) {
      await unlessDenied('s3:AbortMultipartUpload', this.onDenied, undefined, () =>
        this.#client.abortUpload(key, uploadId, signal),
      );
    }
    const left = this.#byKey.get(key)?.filter((upload) => !uploads.includes(upload)) ?? [];
    if (left.length === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, left);
  }
}
