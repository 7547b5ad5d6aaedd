// Sends one image's data to a bucket, as a single object or in parts.
import { createHash } from 'node:crypto';
import { GlanceError, IntegrityError } from '../../../errors.ts';
import type { ListedPart, ListedUpload } from '../../../s3/answers.ts';
import { S3Error, UploadGoneError } from '../../../s3/refusals.ts';
import type { S3Client } from '../../../s3/s3-client.ts';
import {
  type KeptPart,
  type ObjectTarget,
  type SentPart,
  type Upload,
  UploadLostError,
} from '../../../transfer/upload/object-target.ts';
import { type OnDenied, unlessDenied } from './upload-rights.ts';

const endedByOthers = 'another program has ended its upload';

export class BucketObject implements ObjectTarget {
  readonly name: string;
  readonly mostParts: number;
  readonly #client: S3Client;
  readonly key: string;
  readonly #uploads: readonly ListedUpload[];
  readonly #onDenied: OnDenied;
  /** ETag of the object once it exists; null until then. */
  etag: string | null = null;

  /**
   * @param name for messages
   * @param uploads uploads of this key that earlier runs left
   * @param onDenied called if the access keys may not look into one of them, or abort it
   */
  constructor(client: S3Client, key: string, name: string, uploads: readonly ListedUpload[], onDenied: OnDenied) {
    this.#client = client;
    this.mostParts = client.mostParts;
    this.key = key;
    this.name = name;
    this.#uploads = uploads;
    this.#onDenied = onDenied;
  }

  async put(bytes: Uint8Array, md5: string, signal: AbortSignal): Promise<void> {
    this.etag = (await arriving(this.name, this.#client.put(this.key, bytes, { md5 }, signal))).etag;
    await this.#abort(this.#uploads, signal);
  }

  /** Keeps the existing object, and discards what was begun to replace it. */
  async keep(etag: string | null, signal: AbortSignal): Promise<void> {
    this.etag = etag;
    await this.#abort(this.#uploads, signal);
  }

  async open(partBytes: number, total: number | null, signal: AbortSignal): Promise<Upload> {
    // The newest first: an earlier run was working on that one.
    for (const upload of this.#uploads.toSorted((left, right) => (right.initiated ?? 0) - (left.initiated ?? 0))) {
      const parts = total === null ? null : await this.#listParts(upload, signal);
      if (parts === null || total === null || !fits(parts, partBytes, total)) continue;
      await this.#abort(
        this.#uploads.filter((each) => each !== upload),
        signal,
      );
      return new BucketUpload(this.#client, this.key, upload.uploadId, parts, this);
    }
    await this.#abort(this.#uploads, signal);
    return new BucketUpload(this.#client, this.key, await this.#client.createUpload(this.key, signal), [], this);
  }

  async #listParts({ uploadId }: ListedUpload, signal: AbortSignal): Promise<readonly ListedPart[] | null> {
    return await unlessDenied('s3:ListMultipartUploadParts', this.#onDenied, null, () =>
      this.#client.listParts(this.key, uploadId, signal),
    );
  }

  async #abort(uploads: readonly ListedUpload[], signal: AbortSignal): Promise<void> {
    for (const { uploadId } of uploads) {
      await unlessDenied('s3:AbortMultipartUpload', this.#onDenied, undefined, () =>
        this.#client.abortUpload(this.key, uploadId, signal),
      );
    }
  }
}

/** Whether an upload was split as this one will be: some stores refuse to complete an upload with leftover parts. */
function fits(parts: readonly ListedPart[], partBytes: number, total: number): boolean {
  const last = Math.ceil(total / partBytes);
  return parts.every(({ number, size }) => {
    const wanted = number === last ? total - (last - 1) * partBytes : partBytes;
    return number <= last && size === wanted;
  });
}

class BucketUpload implements Upload {
  readonly #client: S3Client;
  readonly #key: string;
  readonly #id: string;
  readonly #object: BucketObject;
  readonly kept: readonly KeptPart[];

  constructor(client: S3Client, key: string, id: string, kept: readonly KeptPart[], object: BucketObject) {
    this.#client = client;
    this.#key = key;
    this.#id = id;
    this.kept = kept;
    this.#object = object;
  }

  async put(number: number, bytes: Uint8Array, md5: string, signal: AbortSignal): Promise<string> {
    const sent = this.#client.putPart(this.#key, this.#id, number, bytes, { md5 }, signal);
    return (await arriving(this.#object.name, sent)).etag;
  }

  async stream(
    number: number,
    length: number,
    chunks: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<string> {
    const sent = this.#client.putPart(this.#key, this.#id, number, { length, chunks }, { md5: null }, signal);
    return (await arriving(this.#object.name, sent)).etag;
  }

  async complete(parts: readonly SentPart[], signal: AbortSignal): Promise<void> {
    const { etag } = await this.#completeOnce(parts, signal);
    const found = await this.#client.head(this.#key, signal);
    // The upload may be gone because it was completed and the answer was lost: then the object is the one we sent.
    const isThere = etag !== null || found?.etag === multipartEtag(parts);
    if (found === null || !isThere) throw new UploadLostError(this.#object.name, endedByOthers, null);
    this.#object.etag = found.etag;
  }

  /** @throws UploadLostError if the store has lost a part, or has more parts than it was told about: retrying would not help */
  async #completeOnce(parts: readonly SentPart[], signal: AbortSignal): Promise<{ readonly etag: string | null }> {
    try {
      return await this.#client.completeUpload(this.#key, this.#id, parts, signal);
    } catch (error) {
      if (!(error instanceof S3Error) || error.s3Code !== 'InvalidPart') throw error;
      throw new UploadLostError(
        this.#object.name,
        'the store did not make an object from the parts that it was sent',
        error,
      );
    }
  }

  async abort(signal: AbortSignal): Promise<void> {
    await this.#client.abortUpload(this.#key, this.#id, signal);
  }
}

/**
 * Awaits the sending, and converts its failures.
 * @throws UploadLostError; GlanceError `place.unavailable` for damage in transit, which says nothing about the image; any other
 * failure as it is
 */
async function arriving<T>(name: string, sent: Promise<T>): Promise<T> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof UploadGoneError) throw new UploadLostError(name, endedByOthers, error);
    if (!(error instanceof IntegrityError)) throw error;
    throw new GlanceError('place.unavailable', `${name}: the data arrived damaged each time`, { cause: error });
  }
}

/**
 * The ETag that stores using MD5 give an object of these parts. Amazon does not document it; Ceph and Swift do the same.
 */
function multipartEtag(parts: readonly SentPart[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${String(parts.length)}`;
}
