// Predicts what a download to a file would do: the disk is read, but nothing is written or fetched.
import { dirname } from 'node:path';
import { GlanceError } from '../errors.ts';
import { digestFile } from './digest/digest-file.ts';
import type { Observer } from './digest/frontier.ts';
import { compareDigests, expectationOf } from './digest/promises.ts';
import { nodeFileSystem } from './files/file-system.ts';
import { toIoError } from './files/io-error.ts';
import { checkSpace, type FileTarget } from './files/target.ts';
import { whyNotCurrent } from './download.ts';
import type { DownloadSource } from './flow/source.ts';
import { countKept } from './part/kept-part.ts';
import { existsError } from './part/publish.ts';

/** What the download would do. */
export interface Foreseen {
  readonly outcome: 'fetch' | 'resume' | 'current' | 'in_the_way';
  /** Bytes that an earlier run left. */
  readonly kept: number;
  /** The error that it would fail with, or null. */
  readonly error: GlanceError | null;
}

export interface ForeseeOptions {
  /** Whether a file that differs is replaced. */
  readonly force: boolean;
  /** Whether the free space is checked. */
  readonly checkSpace: boolean;
  /** Our user id; null where the system has none. */
  readonly uid: number | null;
  readonly signal: AbortSignal;
  /** Observers of the bytes of a target that may already be the image. */
  readonly observers: readonly Observer[];
  /** Called when such a target matches. @throws to refuse the image */
  readonly approve: () => void;
}

/**
 * Looks at the target and at what an earlier run left.
 * @throws GlanceError `io.*` for a target that cannot be read; what the caller refuses an image with; the signal's reason
 */
export async function foreseeDownload(
  source: DownloadSource,
  { path, existingSize }: FileTarget,
  options: ForeseeOptions,
): Promise<Foreseen> {
  if (existingSize !== null) {
    const isCurrent = await matches(source, path, existingSize, options);
    if (isCurrent) {
      options.approve();
      return { outcome: 'current', kept: 0, error: null };
    }
    if (!options.force) {
      const error = existsError(path, whyNotCurrent(expectationOf(source).promised));
      return { outcome: 'in_the_way', kept: 0, error };
    }
  }
  const kept = await countKept(nodeFileSystem, path, source.image, options.uid);
  const outcome = kept > 0 ? 'resume' : 'fetch';
  try {
    if (options.checkSpace) await checkSpace(nodeFileSystem, dirname(path), (source.image.size ?? 0) - kept);
    return { outcome, kept, error: null };
  } catch (error) {
    if (!(error instanceof GlanceError)) throw error;
    return { outcome, kept, error };
  }
}

/** Whether a file already is the image. */
async function matches(
  source: DownloadSource,
  path: string,
  existingSize: number,
  { force, signal, observers }: ForeseeOptions,
): Promise<boolean> {
  const { promised, size } = expectationOf(source);
  if (promised.length === 0 || (size !== null && size !== existingSize)) return false;
  const algorithms = promised.map(({ algorithm }) => algorithm);
  try {
    const digests = await digestFile(nodeFileSystem, path, existingSize, algorithms, signal, (bytes) => {
      for (const observer of observers) observer.update(bytes);
    });
    compareDigests(promised, digests, existingSize, source.name);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (force || (error instanceof GlanceError && error.code === 'integrity.digest')) return false;
    throw toIoError(error, path);
  }
}
