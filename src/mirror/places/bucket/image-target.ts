// The target for an image's data in a bucket: data that an earlier run completed is compared and kept; otherwise it is
// sent.
import { dirname } from 'node:path/posix';
import { toSeconds } from '../../../clock.ts';
import { GlanceError } from '../../../errors.ts';
import type { DataTarget } from '../../../transfer/data-target.ts';
import { compareDigests, expectationOf } from '../../../transfer/digest/promises.ts';
import type { DownloadOptions, DownloadResult } from '../../../transfer/download-options.ts';
import { createKeptMeter } from '../../../transfer/flow/meter.ts';
import type { DownloadSource } from '../../../transfer/flow/source.ts';
import type { PartMemory } from '../../../transfer/upload/part-memory.ts';
import { uploadImage } from '../../../transfer/upload/upload.ts';
import { type BucketFiles, digestChunks } from './bucket-files.ts';
import type { WholeData } from '../place.ts';
import type { HeldData } from './bucket-listing.ts';
import type { BucketObject } from './object-target.ts';

interface ImageTargetOptions {
  readonly files: BucketFiles;
  readonly object: BucketObject;
  /** What an earlier run completed under this name; null if there is nothing. */
  readonly held: HeldData | null;
  readonly memory: PartMemory;
}

export class ImageTarget implements DataTarget, WholeData {
  readonly #options: ImageTargetOptions;

  constructor(options: ImageTargetOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.object.name;
  }

  async take(source: DownloadSource, options: DownloadOptions): Promise<DownloadResult> {
    const { object, memory } = this.#options;
    return (await this.#takeHeld(source, options)) ?? (await uploadImage(source, object, memory, options));
  }

  async read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    const { files, object } = this.#options;
    return await files.readRange(object.key, object.etag, { offset, length }, signal);
  }

  async keep(name: string, text: string, signal: AbortSignal): Promise<void> {
    const { files, object } = this.#options;
    await files.write(`${dirname(object.key)}/${name}`, text, signal);
  }

  async close(): Promise<void> {
    // Only connections are open, and they are shared.
  }

  /** @returns null if there is nothing, or if it is different data or cannot be shown to be the same */
  async #takeHeld(source: DownloadSource, options: DownloadOptions): Promise<DownloadResult | null> {
    const { held } = this.#options;
    const { promised, size } = expectationOf(source);
    if (held === null || promised.length === 0 || (size !== null && size !== held.size)) return null;
    const { clock, listen, approve, observers = [], signal } = options;
    const startedAt = clock.monotonic();
    listen({ event: 'start', name: source.name, total: size, kept: held.size });
    try {
      const digests = await this.#readHeld(
        held,
        options,
        promised.map((digest) => digest.algorithm),
      );
      const verifiedBy = compareDigests(promised, digests, held.size, source.name);
      approve?.();
      await this.#options.object.keep(held.etag, signal);
      listen({ event: 'done', bytes: held.size, seconds: toSeconds(clock.monotonic() - startedAt) });
      const facts = { seconds: 0, bytesPerSecond: null, resumedFrom: 0, retries: 0 };
      return { outcome: 'current', path: null, bytes: held.size, digests, verifiedBy, ...facts };
    } catch (error) {
      signal.throwIfAborted();
      for (const observer of observers) observer.reset();
      // In all these cases, the object can be replaced.
      if (error instanceof GlanceError && /^(?:integrity|place|net|http)\./.test(error.code)) return null;
      throw error;
    }
  }

  async #readHeld(
    held: HeldData,
    { extraAlgorithms, observers = [], clock, listen, signal }: DownloadOptions,
    promised: DownloadOptions['extraAlgorithms'],
  ): Promise<DownloadResult['digests']> {
    const { files } = this.#options;
    const tell = createKeptMeter('check', clock, held.size, listen);
    const found = await files.client.getWhole(files.key(held.file), signal);
    if (found === null) throw new GlanceError('place.unavailable', `${this.name}: it has disappeared`);
    let bytes = 0;
    try {
      const read = await digestChunks(found, [...promised, ...extraAlgorithms], (chunk) => {
        for (const observer of observers) observer.update(chunk);
        bytes += chunk.length;
        tell(bytes);
      });
      return read.digests;
    } finally {
      found.close();
    }
  }
}
