// A store of objects as an upload sees it: what is put there cannot be read before it is completed.

import { GlanceError } from '../../errors.ts';

/** Nothing can be made of the upload that is under way, or somebody else has ended it: another one can be begun. */
export class UploadLostError extends GlanceError {
  override readonly name = 'UploadLostError';

  /** @param what happened to the upload, as the rest of a sentence about it */
  constructor(name: string, what: string, cause: unknown) {
    const hint = 'run the same command again';
    super('place.unavailable', `${name}: ${what}`, { hint, cause });
  }
}

/** A part that the store has. */
export interface SentPart {
  /** From 1. */
  readonly number: number;
  /** As the store calls its content: its MD5 in hex, where a store has MD5 ETags. */
  readonly etag: string;
}

/** A part that an earlier run sent. */
export interface KeptPart extends SentPart {
  /** Bytes. */
  readonly size: number;
}

/** An object on its way, in parts that may come in any order and more than once: the last one of a number counts. */
export interface Upload {
  /** What an earlier run sent. */
  readonly kept: readonly KeptPart[];
  /**
   * Puts a part whose bytes are there, and tries again what fails in passing.
   * @param md5 of the bytes, hex; the store has to refuse others
   * @returns the part's ETag
   * @throws UploadLostError; what requests fail with
   */
  put(number: number, bytes: Uint8Array, md5: string, signal: AbortSignal): Promise<string>;
  /** Puts a part whose bytes are still on their way, once. @param length bytes there will be @returns the part's ETag */
  stream(number: number, length: number, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string>;
  /** Makes an object of the parts. @throws UploadLostError; GlanceError `place.*`, what requests fail with */
  complete(parts: readonly SentPart[], signal: AbortSignal): Promise<void>;
  /** Throws away what was sent. */
  abort(signal: AbortSignal): Promise<void>;
}

/** Where the data of one image goes. */
export interface ObjectTarget {
  /** For messages. */
  readonly name: string;
  /** Of one upload that the store is known to take. */
  readonly mostParts: number;
  /** Puts a small object in one request. @param md5 of its bytes, hex */
  put(bytes: Uint8Array, md5: string, signal: AbortSignal): Promise<void>;
  /**
   * The upload that an earlier run left and that can be resumed, or a new one.
   * @param partBytes of every part but the last
   * @param total bytes of the image; null where nobody knows: then there is nothing to resume
   */
  open(partBytes: number, total: number | null, signal: AbortSignal): Promise<Upload>;
}

/** For throwing an upload away after something has failed: whoever ended the run waits for it. */
const abortMs = 10_000;

/** Throws an upload away after something else has failed already: what is left of it is thrown away by a later run. */
export async function abortQuietly(upload: Upload): Promise<void> {
  try {
    await upload.abort(AbortSignal.timeout(abortMs));
  } catch {
    // What failed before is what is told.
  }
}
