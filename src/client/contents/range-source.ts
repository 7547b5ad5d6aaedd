// Bytes that can be had from anywhere within an image.
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';

export interface RangeSource {
  /** Bytes of the image. */
  readonly size: number;
  /**
   * Bytes from there, fewer where the image ends sooner than it should; null where there are no ranges to be had.
   * @throws GlanceError; the signal's reason
   */
  readonly read: (offset: number, length: number, signal: AbortSignal) => Promise<Uint8Array | null>;
}

/** A file, which stays open. */
export function fileRanges(handle: FileHandle, size: number): RangeSource {
  return {
    size,
    read: async (offset, length) => {
      const buffer = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    },
  };
}

/** The first bytes of a body, whatever it has more. */
export async function readAtMost(body: Readable, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let received = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes.set(chunk.subarray(0, length - received), received);
    received = Math.min(length, received + chunk.length);
    if (received === length) break;
  }
  return bytes.subarray(0, received);
}
