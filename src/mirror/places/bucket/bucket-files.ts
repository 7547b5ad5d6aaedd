// The small files of a mirror in a bucket: records, digests, failures, by their names relative to the mirror.
import { createHash } from 'node:crypto';
import type { Digest, DigestAlgorithm } from '../../../digests.ts';
import { GlanceError } from '../../../errors.ts';
import type { Image } from '../../../image/image.ts';
import type { S3Client } from '../../../s3/s3-client.ts';
import type { WholeObject } from '../../../s3/whole-object.ts';
import { BufferPool } from '../../../transfer/flow/buffers.ts';
import { GatheredBytes } from '../../../transfer/flow/gathered-bytes.ts';
import { createDigester } from '../../../transfer/digest/digester.ts';
import {
  formatDigests,
  type DigestsFile,
  digestsName,
  maxDigestsBytes,
  parseDigests,
  provenBy,
} from '../../digests-file.ts';
import { failureName, formatFailure, maxFailureBytes, parseFailure } from '../../failure-file.ts';
import { maxRecordBytes, type MirrorFailure, recordName } from '../../index-file.ts';

const contentType = 'application/json';

export class BucketFiles {
  readonly client: S3Client;
  /** Prefix of every key. */
  readonly prefix: string;

  constructor(client: S3Client, prefix: string) {
    this.client = client;
    this.prefix = prefix;
  }

  /** The key for a name relative to the mirror. */
  key(...name: readonly string[]): string {
    return this.prefix + name.join('/');
  }

  /** The text of an image's record; null if there is none. */
  async readRecord(id: string, signal: AbortSignal): Promise<string | null> {
    return await this.client.getText(this.key(id, recordName), maxRecordBytes, signal);
  }

  /** What was computed from an image's data; null if there is no readable file about it. */
  async readDigests(id: string, signal: AbortSignal): Promise<DigestsFile | null> {
    const text = await this.client.getText(this.key(id, digestsName), maxDigestsBytes, signal);
    return text === null ? null : parseDigests(text);
  }

  async readFailure(id: string, signal: AbortSignal): Promise<MirrorFailure | null> {
    const text = await this.client.getText(this.key(id, failureName), maxFailureBytes, signal);
    return text === null ? null : parseFailure(text, id);
  }

  /** @returns its ETag */
  async writeRecord(id: string, text: string, signal: AbortSignal): Promise<string> {
    return await this.write(this.key(id, recordName), text, signal);
  }

  async writeDigests(id: string, digests: DigestsFile, signal: AbortSignal): Promise<void> {
    await this.write(this.key(id, digestsName), formatDigests(digests), signal);
  }

  /** Notes what proves data whose record is replaced: the new record may state digests that the old one did not. */
  async renewProof(image: Image, signal: AbortSignal): Promise<void> {
    const before = await this.readDigests(image.id, signal);
    const verifiedBy = before === null ? null : provenBy(image, before.digests, before);
    if (before === null || verifiedBy === before.verifiedBy) return;
    await this.writeDigests(image.id, { ...before, verifiedBy }, signal);
  }

  async writeFailure(failure: MirrorFailure, signal: AbortSignal): Promise<void> {
    await this.write(this.key(failure.id, failureName), formatFailure(failure), signal);
  }

  /**
   * Reads bytes of image data; fewer if it ends sooner.
   * @param etag ETag of the data expected; null if unknown
   * @throws GlanceError `place.unavailable` if it is gone or has been replaced; `http.range` past its end, and if the
   * store does not support ranges
   */
  async readRange(
    key: string,
    etag: string | null,
    range: { readonly offset: number; readonly length: number },
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const found = await this.client.getRange(key, range, signal);
    if (found !== null && (etag === null || found.etag === etag)) return found.bytes;
    throw new GlanceError(
      'place.unavailable',
      `${key}: it was ${found === null ? 'removed' : 'replaced'} in the meantime`,
    );
  }

  /** Removes a file if it exists. */
  async remove(name: string, signal: AbortSignal): Promise<void> {
    await this.client.remove(this.key(name), signal);
  }

  /** Writes a small JSON file. @returns its ETag */
  async write(key: string, text: string, signal: AbortSignal): Promise<string> {
    const bytes = Buffer.from(text);
    const md5 = createHash('md5').update(bytes).digest('hex');
    return (await this.client.put(key, bytes, { md5, contentType }, signal)).etag;
  }
}

/**
 * Digests a whole object. It is gathered in memory shared with the digest threads: a chunk sent to a thread would be
 * copied for each, and freeing the copies would be up to the threads' own collectors.
 * @param onChunk called with each piece while it is digested; must not keep it
 * @throws what reading throws
 */
export async function digestChunks(
  { chunks, size }: Pick<WholeObject, 'chunks' | 'size'>,
  algorithms: readonly DigestAlgorithm[],
  onChunk: (chunk: Uint8Array) => void,
): Promise<{ readonly bytes: number; readonly digests: readonly Digest[] }> {
  const digester = createDigester(algorithms, size);
  const buffers = new BufferPool(2);
  const gathered = new GatheredBytes(0, buffers, (_position, bytes) => {
    const digested = digester.update(bytes);
    return { written: tell(onChunk, bytes), digested };
  });
  try {
    try {
      for await (const chunk of chunks) await gathered.add(chunk);
    } finally {
      await gathered.finish();
    }
    return { bytes: digester.bytes, digests: await digester.digests() };
  } finally {
    digester.close();
    buffers.close();
  }
}

/** Turns an exception of the callback into a rejection. */
async function tell(onChunk: (chunk: Uint8Array) => void, bytes: Uint8Array): Promise<void> {
  onChunk(bytes);
}
