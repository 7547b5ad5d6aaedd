// Bytes that can be had from anywhere within an image.
import type { FileHandle } from 'node:fs/promises';

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
