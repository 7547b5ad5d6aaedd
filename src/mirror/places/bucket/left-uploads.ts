// Uploads that earlier runs began and did not complete: resumed by whoever sends the same image, or thrown away.
import type { Clock } from '../../../clock.ts';
import type { ListedUpload } from '../../../s3/answers.ts';
import type { S3Client } from '../../../s3/s3-client.ts';

/** An upload of an image that nobody asks for any more is another's, or nobody's: after so long it is nobody's. */
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

  /** @param prefix that the keys of the place begin with */
  static async list(client: S3Client, prefix: string, clock: Clock, signal: AbortSignal): Promise<LeftUploads> {
    const left = new LeftUploads(client, prefix, clock);
    let count = 0;
    for await (const page of client.listUploads(prefix, signal)) {
      for (const upload of page) {
        left.#byKey.set(upload.key, [...(left.#byKey.get(upload.key) ?? []), upload]);
        if (++count >= mostUploads) return left;
      }
    }
    return left;
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

  /** Throws away what nobody will resume: of images that are whole, of no image, and what is old. */
  async sweep(isWhole: (id: string) => boolean, signal: AbortSignal): Promise<void> {
    const oldest = this.#clock.wallTime() - mostAgeMs;
    for (const [key, uploads] of this.#byKey) {
      const name = key.slice(this.#prefix.length);
      const slash = name.indexOf('/');
      const isUseless = slash < 0 || isWhole(name.slice(0, slash));
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
