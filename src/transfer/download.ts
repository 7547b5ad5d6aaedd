// Downloads image data from a Glance to a file or a stream. A file gets its name only once the data is verified and on disk.
import type { FileTransferOptions, DownloadResult } from './download-options.ts';
import { dirname } from 'node:path';
import { toSeconds } from '../clock.ts';
import type { Digest } from '../digests.ts';
import { addFacts, GlanceError } from '../errors.ts';
import { bufferBytes } from './flow/buffers.ts';
import { digestFile } from './digest/digest-file.ts';
import { type HostFileSystem, nodeFileSystem } from './files/file-system.ts';
import { FileTransfer } from './file-transfer.ts';
import { toIoError } from './files/io-error.ts';
import { type Lock, lockTarget } from './lock/lock.ts';
import { PartFile } from './part/part-file.ts';
import { createKeptMeter } from './flow/meter.ts';
import { compareDigests, expectationOf } from './digest/promises.ts';
import { existsError, settleFile, sweep } from './part/publish.ts';
import { isWorthKeeping } from './part/worth-keeping.ts';
import { RateLimit } from './flow/rate-limit.ts';
import type { DownloadSource } from './flow/source.ts';
import { checkSpace, type FileTarget } from './files/target.ts';
import { lookAgain } from './part/claim.ts';
import type { Transferred } from './transfer-task.ts';

/**
 * Downloads to a file. On any failure the target is as it was. The data that arrived is kept beside it if a later run can
 * resume from it, which the error reports as `partial`; otherwise nothing is left behind.
 * @throws IntegrityError, SizeError; GlanceError `io.*`, what the source fails with; the signal's reason
 */
export async function downloadToFile(
  source: DownloadSource,
  target: FileTarget,
  options: FileTransferOptions,
): Promise<DownloadResult> {
  const lock = options.isShared === true ? unlocked : await takeLock(target.path, options);
  try {
    const now = await lookAgain(options.fileSystem ?? nodeFileSystem, target);
    return await new FileDownload(source, now, options).run();
  } finally {
    await lock.release();
  }
}

const unlocked: Lock = { release: () => Promise.resolve() };

function takeLock(path: string, options: FileTransferOptions): Promise<Lock> {
  return options.lock?.(path) ?? lockTarget(path, options.process, options.clock, options.fileSystem);
}

class FileDownload {
  readonly #target: FileTarget;
  readonly #options: FileTransferOptions;
  readonly #fileSystem: HostFileSystem;
  readonly #startedAt: number;
  #source: DownloadSource;

  constructor(source: DownloadSource, target: FileTarget, options: FileTransferOptions) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
    this.#fileSystem = options.fileSystem ?? nodeFileSystem;
    this.#startedAt = options.clock.monotonic();
  }

  async run(): Promise<DownloadResult> {
    const { path, existingSize } = this.#target;
    if (existingSize !== null) {
      const digests = await this.#matchExisting(existingSize);
      if (digests !== null) {
        this.#options.approve?.();
        await settleFile(this.#fileSystem, path);
        await sweep(this.#fileSystem, path);
        return this.#current(existingSize, digests);
      }
      if (!this.#options.force) {
        this.#options.listen({ event: 'failed', bytes: existingSize, kept: null });
        throw existsError(path, whyNotCurrent(expectationOf(this.#source).promised));
      }
    }
    try {
      return await this.#fetch();
    } catch (error) {
      if (!(error instanceof GlanceError) || error.code !== 'integrity.changed') throw error;
      const { code, message } = error;
      this.#options.listen({ event: 'restart', code, message: `${message}; the new one is fetched from the start` });
      this.#source = { ...this.#source, image: await this.#source.refresh(this.#options.signal) };
      return await this.#fetch();
    }
  }

  async #fetch(): Promise<DownloadResult> {
    const options = this.#options;
    const part = await this.#openPart();
    if (part.lostBytes > 0) {
      const message = 'the record of an earlier, unfinished download cannot be read; all of it is fetched again';
      options.listen({ event: 'restart', code: 'io.damaged', message });
    }
    let transfer: FileTransfer | null = null;
    try {
      if (options.checkSpace !== false) {
        await checkSpace(this.#fileSystem, dirname(this.#target.path), (this.#source.image.size ?? 0) - part.bytes);
      }
      options.listen({ event: 'start', name: this.#source.name, total: this.#source.image.size, kept: part.bytes });
      transfer = new FileTransfer(this.#source, part, {
        ...options,
        connections: options.connections ?? 1,
        bufferBytes: options.bufferBytes ?? bufferBytes,
        rate: options.rate ?? new RateLimit(options.clock, null),
        observers: options.observers ?? [],
      });
      const done = await transfer.run();
      options.approve?.();
      options.signal.throwIfAborted();
      options.listen({ event: 'sync' });
      await part.publish(done.bytes, options.force, this.#target.existingMode ?? options.mode);
      return this.#finish(done, transfer);
    } catch (error) {
      throw await this.#giveUp(error, part);
    }
  }

  #openPart(): Promise<PartFile> {
    const { uid, sparse, resumes, isShared } = this.#options;
    const isPrivate = resumes === false || isShared === true;
    const options = { fileSystem: this.#fileSystem, uid, sparse: sparse === true, isPrivate };
    return PartFile.open(this.#target.path, this.#source.image, options);
  }

  /** Keeps what a later run can resume from, and removes the rest. @returns the error to throw */
  async #giveUp(error: unknown, part: PartFile): Promise<unknown> {
    const { listen, keepCorrupt } = this.#options;
    const bytes = part.bytes;
    if (keepCorrupt === true && error instanceof GlanceError && error.code === 'integrity.digest') {
      const path = `${this.#target.path}.corrupt`;
      await part.keepAs(path);
      listen({ event: 'failed', bytes, kept: { path, bytes } });
      return addFacts(error, { partial: { path, bytes } });
    }
    const kept = isWorthKeeping(error) ? await keepQuietly(part) : 0;
    if (kept === 0) await part.discard();
    const partial = kept === 0 ? null : { path: part.path, bytes: kept };
    listen({ event: 'failed', bytes, kept: partial });
    if (partial === null) return error;
    // An error about something in the way has its own hint.
    const isInTheWay = error instanceof GlanceError && error.code === 'io.exists';
    return addFacts(
      error,
      isInTheWay ? { partial } : { partial, hint: 'run the same command again: it resumes from there' },
    );
  }

  #finish(done: Transferred, { resumedFrom, retries, bytesPerSecond }: FileTransfer): DownloadResult {
    const { listen, clock } = this.#options;
    const seconds = toSeconds(clock.monotonic() - this.#startedAt);
    listen({ event: 'done', bytes: done.bytes, seconds });
    return { outcome: 'downloaded', path: this.#target.path, seconds, bytesPerSecond, resumedFrom, retries, ...done };
  }

  #current(bytes: number, digests: readonly Digest[]): DownloadResult {
    const verifiedBy = compareDigests(expectationOf(this.#source).promised, digests, bytes, this.#source.name);
    const { path } = this.#target;
    const { listen, clock } = this.#options;
    listen({ event: 'done', bytes, seconds: toSeconds(clock.monotonic() - this.#startedAt) });
    return {
      outcome: 'current',
      path,
      bytes,
      seconds: 0,
      bytesPerSecond: null,
      digests,
      verifiedBy,
      resumedFrom: 0,
      retries: 0,
    };
  }

  /** Reports the existing target as kept bytes. @returns takes the length of each piece that was read */
  #tellChecked(total: number): (count: number) => void {
    const { listen, clock } = this.#options;
    listen({ event: 'start', name: this.#source.name, total: this.#source.image.size, kept: total });
    const tell = createKeptMeter('check', clock, total, listen);
    let checked = 0;
    return (count) => tell((checked += count));
  }

  /** @returns the digests of a target that already is the image; null if it differs, or if nothing proves that it is the image */
  async #matchExisting(existingSize: number): Promise<readonly Digest[] | null> {
    const { signal, force, extraAlgorithms, observers = [] } = this.#options;
    const { promised, size } = expectationOf(this.#source);
    if (promised.length === 0 || (size !== null && size !== existingSize)) return null;
    const tell = this.#tellChecked(existingSize);
    try {
      const algorithms = [...promised.map((digest) => digest.algorithm), ...extraAlgorithms];
      const digests = await digestFile(
        this.#fileSystem,
        this.#target.path,
        existingSize,
        algorithms,
        signal,
        (bytes) => {
          tell(bytes.length);
          for (const observer of observers) observer.update(bytes);
        },
      );
      compareDigests(promised, digests, existingSize, this.#source.name);
      return digests;
    } catch (error) {
      signal.throwIfAborted();
      for (const observer of observers) observer.reset();
      if (error instanceof GlanceError && error.code === 'integrity.digest') return null;
      // A target that cannot be read can still be replaced.
      if (force) return null;
      throw toIoError(error, this.#target.path);
    }
  }
}

/** The download has failed already: if keeping its data fails too, nothing is kept. */
async function keepQuietly(part: PartFile): Promise<number> {
  try {
    return await part.keep();
  } catch {
    return 0;
  }
}

/** Why an existing file is not left as it is. */
export function whyNotCurrent(promised: readonly Digest[]): string {
  if (promised.length > 0) return 'it already exists, and is not this image';
  return 'it already exists, and without a digest there is no way to know whether it is this image';
}
