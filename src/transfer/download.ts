// Image data from a Glance to a file or a stream. A file gets its name only once the data is verified and on disk.
import { createReadStream } from 'node:fs';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import type { Digest, DigestAlgorithm } from '../digests.ts';
import { GlanceError } from '../errors.ts';
import {
  compareDigests,
  type DownloadOptions,
  type DownloadSource,
  type Fetched,
  fetchVerified,
  strongest,
} from './fetch.ts';
import { Hasher } from './hasher.ts';
import { toIoError } from './io-error.ts';
import { existsError, PartFile } from './part-file.ts';
import { StreamSink } from './stream-sink.ts';
import { checkSpace, type FileTarget } from './target.ts';

export interface FileOptions extends DownloadOptions {
  /** Whether a file that differs may be replaced. */
  readonly force: boolean;
  /** Permission bits of a new file; one that is replaced keeps its own. */
  readonly mode: number;
}

/** What became of it. */
export interface DownloadResult {
  /** `current`: the target matched already and nothing was fetched. */
  readonly outcome: 'downloaded' | 'current';
  /** Absolute; null for a stream. */
  readonly path: string | null;
  readonly bytes: number;
  readonly seconds: number;
  /** Every digest computed. */
  readonly digests: readonly Digest[];
  /** The strongest algorithm whose digest was compared and matched; null if there was none to compare with. */
  readonly verifiedBy: DigestAlgorithm | null;
  /** Tries after the first. */
  readonly retries: number;
}

/**
 * Fetches to a file. On any failure the target is as it was, and no other file is left behind.
 * @throws IntegrityError, SizeError; GlanceError `io.*`, what `source.open` fails with; the signal's reason
 */
export async function downloadToFile(
  source: DownloadSource,
  target: FileTarget,
  options: FileOptions,
): Promise<DownloadResult> {
  if (target.existingSize !== null) {
    const digests = await matchExisting(source, target, options);
    if (digests !== null) return current(source, target.path, digests);
    if (!options.force) throw existsError(target.path, whyNotCurrent(source));
  }
  await checkSpace(dirname(target.path), source.size ?? 0);
  const part = await PartFile.create(target.path);
  try {
    const sink = { write: (chunk: Uint8Array) => part.write(chunk), restart: () => part.restart() };
    const fetched = await fetchVerified(source, sink, options);
    options.signal.throwIfAborted();
    await part.publish(options.force, target.existingMode ?? options.mode);
    return finish(fetched, target.path, options);
  } catch (error) {
    await part.discard();
    options.listen({ type: 'failed', bytes: part.bytes });
    throw error;
  }
}

/**
 * Fetches to a stream, verified as it passes: a mismatch shows only at the end, when the reader has had the bytes.
 * After a break the data is read again from its start and compared with what was passed on.
 * @param streamName for messages
 * @throws as {@link downloadToFile}, and GlanceError `pipe.closed`
 */
export async function downloadToStream(
  source: DownloadSource,
  stream: Writable,
  streamName: string,
  options: DownloadOptions,
): Promise<DownloadResult> {
  const sink = new StreamSink(stream, streamName);
  try {
    const write = (chunk: Uint8Array): Promise<void> => sink.write(chunk, options.signal);
    return finish(await fetchVerified(source, { write, restart: null }, options), null, options);
  } catch (error) {
    options.listen({ type: 'failed', bytes: sink.bytes });
    throw error;
  } finally {
    sink.release();
  }
}

function finish(fetched: Fetched, path: string | null, { listen }: DownloadOptions): DownloadResult {
  listen({ type: 'done', bytes: fetched.bytes, seconds: fetched.seconds });
  return { outcome: 'downloaded', path, ...fetched };
}

function current(source: DownloadSource, path: string, digests: readonly Digest[]): DownloadResult {
  const verifiedBy = strongest(source.digests);
  return { outcome: 'current', path, bytes: source.size ?? 0, seconds: 0, digests, verifiedBy, retries: 0 };
}

/** @returns the digests of a target that is the image already; null if it differs or cannot be told to be the image */
async function matchExisting(
  source: DownloadSource,
  target: FileTarget,
  options: FileOptions,
): Promise<readonly Digest[] | null> {
  const { extraAlgorithms, signal } = options;
  if (source.digests.length === 0 || (source.size !== null && source.size !== target.existingSize)) return null;
  const hasher = new Hasher([...source.digests.map((digest) => digest.algorithm), ...extraAlgorithms]);
  try {
    for await (const chunk of createReadStream(target.path, { signal, highWaterMark: 1024 * 1024 })) {
      hasher.update(chunk as Buffer);
    }
    compareDigests(source.digests, hasher.digests(), hasher.bytes);
    return hasher.digests();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof GlanceError && error.code === 'integrity.digest') return null;
    // What cannot be read can still be replaced.
    if (options.force) return null;
    throw toIoError(error, target.path);
  }
}

function whyNotCurrent({ digests }: DownloadSource): string {
  if (digests.length > 0) return 'it is there already, and is not this image';
  return 'it is there already, and whether it is this image cannot be told without a digest';
}
