// An object store as an upload uses it: an object cannot be read there before it is complete.

import { GlanceError } from '../../errors.ts';

/** The current upload cannot be completed, or somebody else has ended it; a new one can be started. */
export class UploadLostError extends GlanceError {
  override readonly name = 'UploadLostError';

  /** @param what what happened to the upload, as the rest of a sentence about it */
  constructor(name: string, what: string, cause: unknown) {
    const hint = 'run the same command again';
    super('place.unavailable', `${name}: ${what}`, { hint, cause });
  }
}

/** A part that the store has. */
export interface SentPart {
  /** From 1. */
  readonly number: number;
  /** The store's name for its content: its MD5 in hex, if the store uses MD5 ETags. */
  readonly etag: string;
}

/** A part that an earlier run sent. */
export interface KeptPart extends SentPart {
  /** Bytes. */
  readonly size: number;
}

/** An object being uploaded, in parts that may come in any order and repeatedly: the last one with a number counts. */
export interface Upload {
  /** The parts that an earlier run sent. */
  readonly kept: readonly KeptPart[];
  /**
   * Sends a part held in memory, and retries temporary failures.
   * @param md5 MD5 of the bytes, in hex; the store has to refuse any others
   * @returns the part's ETag
   * @throws UploadLostError; a request's failure
   */
  put(number: number, bytes: Uint8Array, md5: string, signal: AbortSignal): Promise<string>;
  /** Sends a part whose bytes are still arriving, once. @param length bytes it will have @returns the part's ETag */
  stream(number: number, length: number, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string>;
  /** Makes the parts into an object. @throws UploadLostError; GlanceError `place.*`, a request's failure */
  complete(parts: readonly SentPart[], signal: AbortSignal): Promise<void>;
  /** Discards what was sent. */
  abort(signal: AbortSignal): Promise<void>;
}

/** The destination of one image's data. */
export interface ObjectTarget {
  /** For messages. */
  readonly name: string;
  /** Maximum number of parts that the store is known to accept for one upload. */
  readonly mostParts: number;
  /** Stores a small object in one request. @param md5 MD5 of its bytes, in hex */
  put(bytes: Uint8Array, md5: string, signal: AbortSignal): Promise<void>;
  /**
   * Opens an upload that an earlier run left and that can be resumed, or a new one.
   * @param partBytes bytes of every part but the last
   * @param total bytes of the image; null if unknown, so that nothing can be resumed
   */
  open(partBytes: number, total: number | null, signal: AbortSignal): Promise<Upload>;
}

/** Time to discard an upload after a failure: whoever ended the run is waiting for it. */
const abortMs = 10_000;

/** Discards an upload after another failure; if that fails too, a later run discards the rest. */
export async function abortQuietly(upload: Upload): Promise<void> {
  try {
    await upload.abort(AbortSignal.timeout(abortMs));
  } catch {
    // The first failure is the one to report.
  }
}
