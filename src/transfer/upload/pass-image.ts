// Passes image data from Glance to a sink that commits it only once all of it is verified.
import { toSeconds } from '../../clock.ts';
import { addFacts, GlanceError } from '../../errors.ts';
import { isMismatch } from '../digest/promises.ts';
import type { DownloadOptions, DownloadResult } from '../download-options.ts';
import { BufferPool } from '../flow/buffers.ts';
import { RateLimit } from '../flow/rate-limit.ts';
import { type DownloadSource, replacedError } from '../flow/source.ts';
import { isSameImage } from '../part/part-record.ts';
import { isWorthKeeping } from '../part/worth-keeping.ts';
import { StreamTransfer } from '../stream-transfer.ts';
import type { Transferred } from '../transfer-task.ts';
import { abortQuietly, UploadLostError } from './object-target.ts';
import type { PartSink } from './part-sink.ts';

/**
 * Passes an image to a sink, which commits it only once it is verified.
 * @param name of the target, for messages
 * @param openSink called for each attempt
 * @throws IntegrityError, SizeError; GlanceError of what the source and the sink fail with; the signal's reason
 */
export async function passImage(
  source: DownloadSource,
  name: string,
  openSink: (source: DownloadSource) => PartSink,
  options: DownloadOptions,
): Promise<DownloadResult> {
  return await new ImagePassage(source, name, openSink, options).run();
}

/** One is filled while others are digested. */
const gatheredBuffers = 3;

/** The result of one attempt. */
interface Tried extends Transferred {
  readonly skipped: number;
}

class ImagePassage {
  readonly #name: string;
  readonly #openSink: (source: DownloadSource) => PartSink;
  readonly #options: DownloadOptions;
  #source: DownloadSource;
  /** For the last attempt: the bytes that passed through, and how often the source was asked again. */
  #passed = 0;
  #retries = 0;

  constructor(
    source: DownloadSource,
    name: string,
    openSink: (source: DownloadSource) => PartSink,
    options: DownloadOptions,
  ) {
    this.#source = source;
    this.#name = name;
    this.#openSink = openSink;
    this.#options = options;
  }

  async run(): Promise<DownloadResult> {
    const { clock, listen, signal } = this.#options;
    const startedAt = clock.monotonic();
    listen({ event: 'start', name: this.#source.name, total: this.#source.image.size, kept: 0 });
    let done: Tried;
    try {
      done = await this.#try();
    } catch (error) {
      if (!(await this.#canRestart(error))) throw error;
      done = await this.#try();
    }
    signal.throwIfAborted();
    const elapsedMs = clock.monotonic() - startedAt;
    const seconds = toSeconds(elapsedMs);
    const { bytes, digests, verifiedBy, skipped } = done;
    listen({ event: 'done', bytes, seconds });
    const bytesPerSecond = elapsedMs > 0 && bytes > 0 ? (bytes * 1000) / elapsedMs : null;
    return {
      outcome: 'downloaded',
      path: null,
      bytes,
      seconds,
      bytesPerSecond,
      digests,
      verifiedBy,
      retries: this.#retries,
      resumedFrom: skipped,
    };
  }

  /**
   * Whether to start over, which is allowed once: if the image was replaced meanwhile, after a mismatch in data from several
   * responses, or if the upload was lost.
   */
  async #canRestart(error: unknown): Promise<boolean> {
    const { listen, signal } = this.#options;
    if (!(error instanceof GlanceError)) return false;
    // Data that was uploaded between our look at the record and our request belongs to a new image; it is not damaged.
    const isChanged = error.code === 'integrity.changed';
    const image = isChanged || isMismatch(error) ? await this.#source.refresh(signal) : this.#source.image;
    const isReplaced = isChanged || !isSameImage(image, this.#source.image);
    this.#source = { ...this.#source, image };
    if (!isReplaced && !(error instanceof UploadLostError) && !(isMismatch(error) && this.#retries > 0)) return false;
    const message = isReplaced ? replacedError(this.#source).message : error.message;
    const code = isReplaced ? 'integrity.changed' : error.code;
    listen({ event: 'restart', code, message: `${message}; all of it is fetched again` });
    return true;
  }

  async #try(): Promise<Tried> {
    const { clock, rate, observers = [], approve, signal, listen } = this.#options;
    const sink = this.#openSink(this.#source);
    const buffers = sink.copies ? new BufferPool(gatheredBuffers) : undefined;
    for (const observer of observers) observer.reset();
    this.#passed = 0;
    const pass = async (chunk: Uint8Array): Promise<void> => {
      try {
        await sink.write(chunk);
      } catch (error) {
        // The store that takes the data has already been retried often enough; requesting the image from the cloud again would
        // not help.
        throw addFacts(error, { attempts: 1 });
      }
      this.#passed += chunk.length;
    };
    const transfer = new StreamTransfer(this.#source, pass, {
      ...this.#options,
      rate: rate ?? new RateLimit(clock, null),
      observers,
      ...(buffers && { buffers }),
    });
    try {
      const done = await transfer.run();
      await sink.end();
      approve?.();
      signal.throwIfAborted();
      listen({ event: 'sync' });
      await sink.commit();
      this.#retries = transfer.retries;
      return { ...done, skipped: sink.skippedBytes };
    } catch (error) {
      this.#retries = transfer.retries;
      await sink.settle();
      throw await this.#giveUp(error, sink);
    } finally {
      await sink.settle();
      buffers?.close();
    }
  }

  /** Keeps what the next run can resume, and discards the rest. @returns the error to throw */
  async #giveUp(error: unknown, { upload }: PartSink): Promise<unknown> {
    const { listen } = this.#options;
    const isLost = error instanceof UploadLostError;
    const isKept = upload !== null && !isLost && isWorthKeeping(error);
    // An upload that is wrong or useless has to be discarded even after the signal has ended the run.
    if (upload !== null && !isKept) await abortQuietly(upload);
    const partial = isKept ? { path: this.#name, bytes: this.#passed } : null;
    listen({ event: 'failed', bytes: this.#passed, kept: partial });
    if (partial === null) return error;
    return addFacts(error, { partial, hint: 'run the same command again: it resumes from there' });
  }
}
