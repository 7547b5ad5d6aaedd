// The small files of a mirror in a bucket: records, digests, failures, by the names they have below the mirror.
import { createHash } from 'node:crypto';
import type { S3Client } from '../../../s3/s3-client.ts';
import { formatDigests, type DigestsFile, digestsName, maxDigestsBytes, parseDigests } from '../../digests-file.ts';
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

  async writeFailure(failure: MirrorFailure, signal: AbortSignal): Promise<void> {
    await this.write(this.key(failure.id, failureName), formatFailure(failure), signal);
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
