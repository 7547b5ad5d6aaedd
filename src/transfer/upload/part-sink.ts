// What takes the bytes of an image, in order, and makes parts of them.
import type { Digester } from '../digest/digester.ts';
import type { Upload } from './object-target.ts';

export interface PartSink {
  /** The upload that was opened, or null if none was needed so far. */
  readonly upload: Upload | null;
  /** Bytes that an earlier run sent already and that were not sent again. */
  readonly skippedBytes: number;
  /** Whether bytes that were taken may change, for there is a copy of them. */
  readonly copies: boolean;
  /** Takes the next bytes. @throws what sending fails with, as soon as it is known */
  write(chunk: Uint8Array): Promise<void>;
  /** All bytes were written: waits until all are sent. */
  end(): Promise<void>;
  /** Makes an object of what was sent. Called once the bytes are known to be the image's. */
  commit(): Promise<void>;
  /** Waits for what is under way, whatever becomes of it, and gives its memory back. */
  settle(): Promise<void>;
}

/** The MD5 of bytes that are there, in hex. @param digester of MD5 alone; what it has taken before is forgotten */
export async function md5Of(digester: Digester, bytes: Uint8Array): Promise<string> {
  // Asked in one go, so that nobody else's bytes come in between.
  digester.reset();
  const [, digests] = await Promise.all([digester.update(bytes), digester.digests()]);
  return digests[0]?.hex ?? '';
}
