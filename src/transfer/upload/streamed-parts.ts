// Parts too large for memory: each is passed on as it arrives, and the ETag that the store returns must be the MD5 of
// what passed. Whatever was not sent, or not accepted, is fetched once more.
import { GlanceError } from '../../errors.ts';
import { withRetries, type RetryPolicy } from '../../retry.ts';
import type { Clock } from '../../clock.ts';
import type { Digester } from '../digest/digester.ts';
import { truncatedError } from '../flow/size-errors.ts';
import type { DownloadSource, OpenedData } from '../flow/source.ts';
import { ChunkFeed } from './chunk-feed.ts';
import type { KeptPart, ObjectTarget, SentPart, Upload } from './object-target.ts';
import type { PartSink } from './part-sink.ts';

interface StreamedPartsOptions {
  readonly source: DownloadSource;
  readonly target: ObjectTarget;
  /** Bytes of every part but the last. */
  readonly partBytes: number;
  /** Bytes of the image. */
  readonly total: number;
  /** Computes MD5 only. */
  readonly digester: Digester;
  readonly clock: Clock;
  readonly retry: RetryPolicy;
  readonly signal: AbortSignal;
}

/** A part whose bytes are passing through. */
interface Passing {
  readonly number: number;
  readonly start: number;
  readonly length: number;
  /** The part as an earlier run sent it: then the bytes are only compared, not sent. */
  readonly kept: KeptPart | null;
  readonly feed: ChunkFeed | null;
  /** Resolves once it is sent: to its ETag, or to null if that failed. */
  readonly sent: Promise<string | null>;
  passed: number;
}

export class StreamedParts implements PartSink {
  readonly copies = false;
  readonly #options: StreamedPartsOptions;
  readonly #parts: SentPart[] = [];
  #upload: Upload | null = null;
  #passing: Passing | null = null;
  #skipped = 0;

  constructor(options: StreamedPartsOptions) {
    this.#options = options;
  }

  get upload(): Upload | null {
    return this.#upload;
  }

  get skippedBytes(): number {
    return this.#skipped;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let position = 0; position < chunk.length;) {
      this.#passing ??= await this.#begin();
      const part = this.#passing;
      const bytes = chunk.subarray(position, position + part.length - part.passed);
      const digested = this.#options.digester.update(bytes);
      await part.feed?.push(bytes);
      await digested;
      part.passed += bytes.length;
      position += bytes.length;
      if (part.passed === part.length) await this.#finish(part);
    }
  }

  async end(): Promise<void> {
    // Every part has ended with its last byte.
  }

  async commit(): Promise<void> {
    await this.#upload?.complete(this.#parts, this.#options.signal);
  }

  async settle(): Promise<void> {
    this.#passing?.feed?.end(new Error('the upload was given up'));
    await this.#passing?.sent;
    this.#passing = null;
    this.#options.digester.close();
  }

  async #begin(): Promise<Passing> {
    const { target, partBytes, total, digester, signal } = this.#options;
    const upload = (this.#upload ??= await target.open(partBytes, total, signal));
    const number = this.#parts.length + 1;
    const start = (number - 1) * partBytes;
    const length = Math.min(partBytes, total - start);
    digester.reset();
    const kept = upload.kept.find((part) => part.number === number && part.size === length) ?? null;
    if (kept !== null) return { number, start, length, kept, feed: null, sent: Promise.resolve(kept.etag), passed: 0 };
    const feed = new ChunkFeed();
    const sent = upload
      .stream(number, length, feed, signal)
      // The part is sent once more; only a second failure is final.
      .catch(() => null)
      .finally(() => feed.end());
    return { number, start, length, kept, feed, sent, passed: 0 };
  }

  async #finish(part: Passing): Promise<void> {
    part.feed?.end();
    const [etag, [digest]] = await Promise.all([part.sent, this.#options.digester.digests()]);
    this.#options.signal.throwIfAborted();
    const md5 = digest?.hex ?? '';
    if (etag === md5 && part.kept !== null) this.#skipped += part.length;
    if (etag !== md5) await this.#sendAgain(part, md5);
    this.#parts.push({ number: part.number, etag: md5 });
    this.#passing = null;
  }

  /**
   * @throws GlanceError `integrity.contradiction` if other bytes arrive this time, `place.unsupported` for an ETag that
   * is not MD5
   */
  async #sendAgain(part: Passing, md5: string): Promise<void> {
    const { source, clock, retry, signal } = this.#options;
    const options = { clock, policy: retry, signal, answered: source.answered };
    await withRetries(options, async () => {
      const etag = await this.#upload?.stream(part.number, part.length, this.#readAgain(part, md5), signal);
      if (etag === md5) return;
      throw new GlanceError(
        'place.unsupported',
        `${this.#options.target.name}: the store's ETags are not MD5 digests`,
        {
          hint: 'an image of this size can only be mirrored to a store whose ETags are, or to a directory',
        },
      );
    });
  }

  async *#readAgain({ start, length }: Passing, md5: string): AsyncGenerator<Uint8Array, void, undefined> {
    const { source, digester, signal } = this.#options;
    const opened = await openFrom(source, start, length, signal);
    digester.reset();
    // A store without ranges sends everything before it too.
    let ahead = start - opened.start;
    let left = length;
    try {
      for await (const chunk of opened.body as AsyncIterable<Buffer>) {
        const bytes = chunk.subarray(Math.min(ahead, chunk.length), Math.min(ahead + left, chunk.length));
        ahead -= Math.min(ahead, chunk.length);
        left -= bytes.length;
        if (bytes.length === 0) continue;
        await digester.update(bytes);
        if (left === 0 && (await digester.digests())[0]?.hex !== md5) throw changed();
        yield bytes;
        if (left === 0) return;
      }
    } finally {
      opened.body.destroy();
    }
    throw truncatedError(start + length, start + length - left);
  }
}

async function openFrom(
  source: DownloadSource,
  start: number,
  length: number,
  signal: AbortSignal,
): Promise<OpenedData> {
  try {
    return await source.open({ start, end: start + length }, signal);
  } catch (error) {
    if (!(error instanceof GlanceError) || error.code !== 'http.range') throw error;
    return await source.open(null, signal);
  }
}

function changed(): GlanceError {
  const text = 'when asked again for a part of the image, the server sends different data than before';
  return new GlanceError('integrity.contradiction', text, { hint: 'run the same command again' });
}
