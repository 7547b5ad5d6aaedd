// Uploads that earlier runs began and did not complete: resumed by whoever sends the same image, or thrown away.
import type { Clock } from '../../../clock.ts';
import type { ListedUpload } from '../../../s3/answers.ts';
import { S3Error } from '../../../s3/refusals.ts';
import type { S3Client } from '../../../s3/s3-client.ts';
import { indexName, isDataPath, sumsNames } from '../../index-file.ts';

/**
 * An upload of an image that is not asked for is another mirror's, with another selection, or nobody's: after so long it is
 * nobody's. Who prunes says that there is no other. As uploads are listed before images are, what is listed among them and is
 * of no image then was not begun for one that has come since.
 */
const mostAgeMs = 7 * 24 * 60 * 60 * 1000;
/** That are known at most. Others are seen once these are gone. */
const mostUploads = 10_000;

export class LeftUploads {
  readonly #client: S3Client;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #byKey = new Map<string, ListedUpload[]>();

  private constructor(client: S3Client, prefix: string, clock: Clock) {
    this.#client = client;
    this.#prefix = prefix;
    this.#clock = clock;
  }

  /**
   * @param prefix that the keys of the place begin with
   * @param onDenied told that the keys may not list them; then none are known
   */
  static async list(
    client: S3Client,
    prefix: string,
    clock: Clock,
    onDenied: () => void,
    signal: AbortSignal,
  ): Promise<LeftUploads> {
    const left = new LeftUploads(client, prefix, clock);
    try {
      await left.#read(signal);
    } catch (error) {
      if (!(error instanceof S3Error) || error.s3Code !== 'AccessDenied') throw error;
      onDenied();
    }
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

  /** Those of a key, for whoever sends it now; what was begun under the same start of keys for other data is thrown away. */
  async take(key: string, start: string, signal: AbortSignal): Promise<readonly ListedUpload[]> {
    const taken = this.#byKey.get(key) ?? [];
    this.#byKey.delete(key);
    await this.abort(start, signal);
    return taken;
  }

  /** Throws away those whose keys begin so. */
  async abort(start: string, signal: AbortSignal): Promise<void> {
    for (const [key, uploads] of this.#byKey) if (key.startsWith(start)) await this.#throwAway(key, uploads, signal);
  }

  /** Throws away what nobody will resume: of images that are nobody's, of the index, and what is old. */
  async sweep(isNobodys: (id: string) => boolean, signal: AbortSignal): Promise<void> {
    const oldest = this.#clock.wallTime() - mostAgeMs;
    for (const [key, uploads] of this.#byKey) {
      const name = key.slice(this.#prefix.length);
      const [id = ''] = name.split('/', 1);
      const isIndex = name === indexName || Object.values(sumsNames).includes(name);
      // What other programs send there is none of ours.
      if (!isIndex && !isDataPath(id, name)) continue;
      const isUseless = isIndex || isNobodys(id);
      const old = uploads.filter(({ initiated }) => isUseless || (initiated !== null && initiated < oldest));
      await this.#throwAway(key, old, signal);
    }
  }

  async #throwAway(key: string, uploads: readonly ListedUpload[], signal: AbortSignal): Promise<void> {
    for (const { uploadId } of uploads) await this.#client.abortUpload(key, uploadId, signal);
    const left = this.#byKey.get(key)?.filter((upload) => !uploads.includes(upload)) ?? [];
    if (left.length === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, left);
  }
}
