// Bytes that can be read at any position of an image.
import type { OpenFile } from '../../transfer/files/file-system.ts';

export interface RangeSource {
  /** Bytes of the image. */
  readonly size: number;
  /**
   * Reads from a position. Returns fewer bytes if the image is shorter than it should be, and null if ranges cannot be
   * read.
   * @throws GlanceError; the signal's reason
   */
  readonly read: (offset: number, length: number, signal: AbortSignal) => Promise<Uint8Array | null>;
}

/** The ranges of a file, which stays open. */
export function fileRanges(file: Pick<OpenFile, 'read'>, size: number): RangeSource {
  return {
    size,
    read: async (offset, length) => {
      const buffer = new Uint8Array(length);
      return buffer.subarray(0, await file.read(buffer, 0, length, offset));
    },
  };
}
