// Takes the bytes of an image in order and turns them into parts.
import type { Digester } from '../digest/digester.ts';
import type { Upload } from './object-target.ts';

export interface PartSink {
  /** The upload, or null if none has been needed so far. */
  readonly upload: Upload | null;
  /** Bytes that an earlier run had sent and that did not have to be sent again. */
  readonly skippedBytes: number;
  /** Whether bytes may change once they are taken, because they are copied. */
  readonly copies: boolean;
  /** Takes the next bytes. @throws what sending fails with, as soon as it is known */
  write(chunk: Uint8Array): Promise<void>;
  /** Call when all bytes are written; waits until all are sent. */
  end(): Promise<void>;
  /** Completes the object. Call once the bytes are known to be the image's. */
  commit(): Promise<void>;
  /** Waits for what is in progress, whether it succeeds or not, and frees what it holds. May be called twice. */
  settle(): Promise<void>;
}

/** The MD5 of bytes in memory, in hex. @param digester for MD5 only; what it has taken before is forgotten */
export async function md5Of(digester: Digester, bytes: Uint8Array): Promise<string> {
  // Done in one go, so that no other bytes come in between.
  digester.reset();
  const [, digests] = await Promise.all([digester.update(bytes), digester.digests()]);
  return digests[0]?.hex ?? '';
}
