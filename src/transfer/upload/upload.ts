// Copies image data from Glance to an object store: nothing can be read there before all of it is verified.
import { addFacts, GlanceError } from '../../errors.ts';
import { createDigester, type Digester } from '../digest/digester.ts';
import { expectationOf, isMismatch } from '../digest/promises.ts';
import type { DownloadOptions, DownloadResult } from '../download-options.ts';
import { BufferPool } from '../flow/buffers.ts';
import { RateLimit } from '../flow/rate-limit.ts';
import type { DownloadSource } from '../flow/source.ts';
import { isWorthKeeping } from '../part/worth-keeping.ts';
import { StreamTransfer } from '../stream-transfer.ts';
import type { Transferred } from '../transfer-task.ts';
import { BufferedParts } from './buffered-parts.ts';
import { abortQuietly, type ObjectTarget, UploadLostError } from './object-target.ts';
import type { PartMemory } from './part-memory.ts';
import type { PartSink } from './part-sink.ts';
import { partSizes } from './part-sizes.ts';
import { StreamedParts } from './streamed-parts.ts';

/**
 * Sends an image to a store. After a failure the store has no readable object; parts already sent are kept if resuming
 * makes sense, and the next call compares them instead of sending them again.
 * @param memory shared by all uploads of a run
 * @param sizes how to split an image into parts
 * @throws IntegrityError, SizeError; GlanceError `place.*`, what the source fails with; the signal's reason
 */
export async function uploadImage(
  source: DownloadSource,
  target: ObjectTarget,
  memory: PartMemory,
  options: DownloadOptions,
  sizes: typeof partSizes = partSizes,
): Promise<DownloadResult> {
  return await new ImageUpload(source, target, memory, options, sizes).run();
}

/** One is filled while others are digested. */
const gatheredBuffers = 3;

/** The result of one attempt. */
interface Tried extends Transferred {
  readonly skipped: number;
  readonly retries: number;
}

class ImageUpload {
  readonly #target: ObjectTarget;
  readonly #memory: PartMemory;
  readonly #options: DownloadOptions;
  readonly #sizes: typeof partSizes;
  #source: DownloadSource;
  /** For the last attempt: the bytes that passed, and how often the source was asked again. */
  #passed = 0;
  #retries = 0;

  constructor(
    source: DownloadSource,
    target: ObjectTarget,
    memory: PartMemory,
    options: DownloadOptions,
    sizes: typeof partSizes,
  ) {
    this.#source = source;
    this.#sizes = sizes;
    this.#target = target;
    this.#memory = memory;
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
    const seconds = (clock.monotonic() - startedAt) / 1000;
    const { bytes, digests, verifiedBy, skipped } = done;
    listen({ event: 'done', bytes, seconds });
    const bytesPerSecond = seconds > 0 && bytes > 0 ? bytes / seconds : null;
    const { retries } = done;
    return {
      outcome: 'downloaded',
      path: null,
      bytes,
      seconds,
      bytesPerSecond,
      digests,
      verifiedBy,
      retries,
      resumedFrom: skipped,
    };
  }

  /** Allowed once: for an image that was replaced meanwhile, a mismatch after several responses, and a lost upload. */
  async #canRestart(error: unknown): Promise<boolean> {
    const { listen, signal } = this.#options;
    if (!(error instanceof GlanceError)) return false;
    if (error.code === 'integrity.changed') {
      this.#source = { ...this.#source, image: await this.#source.refresh(signal) };
    } else if (!(error instanceof UploadLostError) && !(isMismatch(error) && this.#retries > 0)) return false;
    listen({ event: 'restart', code: error.code, message: `${error.message}; all of it is fetched again` });
    return true;
  }

  async #try(): Promise<Tried> {
    const { clock, rate, observers = [], approve, signal, listen } = this.#options;
    const { size } = expectationOf(this.#source);
    const digester = createDigester(['md5'], size);
    const sink = this.#openSink(digester);
    const buffers = sink.copies ? new BufferPool(gatheredBuffers) : undefined;
    for (const observer of observers) observer.reset();
    this.#passed = 0;
    const pass = async (chunk: Uint8Array): Promise<void> => {
      try {
        await sink.write(chunk);
      } catch (error) {
        // The store has been tried often enough; asking the cloud for the image again would not help.
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
      return { ...done, skipped: sink.skippedBytes, retries: transfer.retries };
    } catch (error) {
      this.#retries = transfer.retries;
      await sink.settle();
      throw await this.#giveUp(error, sink);
    } finally {
      await sink.settle();
      buffers?.close();
      digester.close();
    }
  }

  #openSink(digester: Digester): PartSink {
    const { clock, retry, signal } = this.#options;
    const total = this.#source.image.size;
    const { bytes: partBytes, isStreamed } = this.#sizes(total, this.#target.mostParts);
    const [source, target, memory] = [this.#source, this.#target, this.#memory];
    return total !== null && isStreamed
      ? new StreamedParts({ source, target, partBytes, total, digester, clock, retry, signal })
      : new BufferedParts({ target, partBytes, total, memory, digester, signal });
  }

  /** Keeps what the next run can resume, and discards the rest. @returns the error to throw */
  async #giveUp(error: unknown, { upload }: PartSink): Promise<unknown> {
    const { listen } = this.#options;
    const isLost = error instanceof UploadLostError;
    const isKept = upload !== null && !isLost && isWorthKeeping(error);
    // An upload that is wrong or useless has to be discarded even after the signal has ended the run.
    if (upload !== null && !isKept) await abortQuietly(upload);
    const partial = isKept ? { path: this.#target.name, bytes: this.#passed } : null;
    listen({ event: 'failed', bytes: this.#passed, kept: partial });
    if (partial === null) return error;
    return addFacts(error, { partial, hint: 'run the same command again: it resumes from there' });
  }
}
