// The small files of a mirror in a bucket: records, digests, failures, by the names they have below the mirror.
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
  /** That every key begins with. */
  readonly prefix: string;

  constructor(client: S3Client, prefix: string) {
    this.client = client;
    this.prefix = prefix;
  }

  /** The key of a name below the mirror. */
  key(...name: readonly string[]): string {
    return this.prefix + name.join('/');
  }

  /** The text of an image's record; null without one. */
  async readRecord(id: string, signal: AbortSignal): Promise<string | null> {
    return await this.client.getText(this.key(id, recordName), maxRecordBytes, signal);
  }

  /** What was computed of an image's data; null where nothing that can be read tells. */
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

  /** Notes what proves data whose record is replaced: the new one may name digests that the one before did not. */
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
   * Bytes of image data, fewer where it ends sooner.
   * @param etag of the data that is meant; null where nobody knows it
   * @throws GlanceError `place.unavailable` where it is gone, or other data by now; `http.range` past its end, and where the
   * store has no ranges
   */
  async readRange(
    key: string,
    etag: string | null,
    range: { readonly offset: number; readonly length: number },
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const found = await this.client.getRange(key, range, signal);
    if (found !== null && (etag === null || found.etag === etag)) return found.bytes;
    throw new GlanceError('place.unavailable', `${key}: it was ${found === null ? 'removed' : 'replaced'} meanwhile`);
  }

  /** Removes a file, if it is there. */
  async remove(name: string, signal: AbortSignal): Promise<void> {
    await this.client.remove(this.key(name), signal);
  }

  /** Writes a small file in JSON. @returns its ETag */
  async write(key: string, text: string, signal: AbortSignal): Promise<string> {
    const bytes = Buffer.from(text);
    const md5 = createHash('md5').update(bytes).digest('hex');
    return (await this.client.put(key, bytes, { md5, contentType }, signal)).etag;
  }
}

/**
 * Digests all that an object has. It is gathered in memory that digest threads read where it is: a chunk that is sent to one is
 * copied for each, and what becomes of the copies is left to the threads' own collectors.
 * @param onChunk told each piece while it is digested; it must not keep it
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

/** What it throws is a failure as others are. */
async function tell(onChunk: (chunk: Uint8Array) => void, bytes: Uint8Array): Promise<void> {
  onChunk(bytes);
}
