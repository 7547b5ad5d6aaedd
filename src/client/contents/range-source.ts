// Bytes that can be had from anywhere within an image.
import type { OpenFile } from '../../transfer/files/file-system.ts';

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
export function fileRanges(file: Pick<OpenFile, 'read'>, size: number): RangeSource {
  return {
    size,
    read: async (offset, length) => {
      const buffer = new Uint8Array(length);
      return buffer.subarray(0, await file.read(buffer, 0, length, offset));
    },
  };
}
