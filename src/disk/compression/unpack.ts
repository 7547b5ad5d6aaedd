// Unpacks compressed pieces of a disk, with a bound on the output.
import * as zlib from 'node:zlib';
import { damaged } from '../blocks/reading.ts';
import { decodeFrame, frameLength, isSkippable, skippableLength, startsFrame } from './zstd.ts';

/**
 * Inflates deflate data; whatever follows its end is ignored.
 * @param most bytes of output
 * @param header whether a zlib header comes first
 * @throws UnreadableError if it is damaged, ends too soon, or gives more
 */
export function inflate(bytes: Uint8Array, most: number, header: 'zlib' | 'none'): Uint8Array {
  const unpack = header === 'zlib' ? zlib.inflateSync : zlib.inflateRawSync;
  return guarded(() => unpack(bytes, { maxOutputLength: most }));
}

type Native = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

/** Node's own decoder, from 22.15 and 23.8 on; null before. */
const native = (zlib as unknown as { readonly zstdDecompressSync?: Native }).zstdDecompressSync ?? null;

/**
 * Unpacks frames of zstd until there are `most` bytes or something else follows.
 * @throws UnreadableError if it is damaged, ends too soon, or gives more
 */
export function unzstd(bytes: Uint8Array, most: number): Uint8Array {
  const output = new Uint8Array(most);
  let length = 0;
  let rest = bytes;
  while (length < most && (startsFrame(rest) || isSkippable(rest))) {
    const end = isSkippable(rest) ? skippableLength(rest) : frameLength(rest);
    if (startsFrame(rest)) length += unpackFrame(rest.subarray(0, end), output.subarray(length));
    rest = rest.subarray(end);
  }
  return output.subarray(0, length);
}

function unpackFrame(frame: Uint8Array, output: Uint8Array): number {
  if (native === null) return decodeFrame(frame, output);
  const bytes = guarded(() => native(frame, { maxOutputLength: output.length }));
  output.set(bytes);
  return bytes.length;
}

function guarded(unpack: () => Uint8Array): Uint8Array {
  try {
    return unpack();
  } catch {
    return damaged('compressed data cannot be decompressed');
  }
}
