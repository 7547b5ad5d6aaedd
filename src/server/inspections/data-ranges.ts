// Image data of a catalog, for readers of disks.
import type { RangeSource } from '../../client/contents/range-source.ts';
import type { ImageBytes } from '../answers/image-bytes.ts';

/** The data as ranges. Reading fails in the same way as sending it. */
export function rangesOf(data: ImageBytes): RangeSource {
  return {
    size: data.size,
    read: async (offset, length, signal) => {
      signal.throwIfAborted();
      const end = Math.min(offset + length, data.size);
      const bytes = new Uint8Array(Math.max(0, end - offset));
      let at = 0;
      // Copied, because the memory of a chunk is reused.
      for await (const chunk of data.open(Math.min(offset, end), end, signal)) {
        signal.throwIfAborted();
        const part = chunk.subarray(0, bytes.length - at);
        bytes.set(part, at);
        at += part.length;
      }
      return bytes.subarray(0, at);
    },
  };
}
