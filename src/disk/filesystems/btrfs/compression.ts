// Compressed pieces of files.
// @see https://btrfs.readthedocs.io/en/latest/Compression.html
import { damaged } from '../../blocks/reading.ts';
import { unlzo } from '../../compression/lzo.ts';
import { inflate, unzstd } from '../../compression/unpack.ts';
import { viewOf } from '../../parsing/bytes.ts';

export type Compression = 'zlib' | 'lzo' | 'zstd';
/** In the order of their codes, from 1. */
export const compressions: readonly Compression[] = ['zlib', 'lzo', 'zstd'];
/** Limits of one piece, compressed and unpacked: BTRFS_MAX_COMPRESSED, BTRFS_MAX_UNCOMPRESSED. */
export const mostCompressed = 128 * 1024;

/**
 * Unpacks a piece to `size` bytes, at most 128 KiB; missing ones are zeros.
 * @param sectorBytes the unit of LZO's segments and of the alignment of their lengths
 * @throws UnreadableError if it is damaged, or holds more
 */
export function decompress(bytes: Uint8Array, compression: Compression, size: number, sectorBytes: number): Uint8Array {
  const most = Math.min(size, mostCompressed);
  const output = new Uint8Array(most);
  if (compression === 'zlib') output.set(inflate(bytes, most, 'zlib'));
  else if (compression === 'zstd') output.set(unzstd(bytes, most));
  else decompressLzo(bytes, output, sectorBytes);
  return output;
}

/**
 * LZO has no framing of its own. btrfs adds a total length, itself included, then for each sector a length and the compressed
 * data; no length crosses a sector boundary.
 * @see https://github.com/torvalds/linux/blob/v6.12/fs/btrfs/lzo.c
 */
function decompressLzo(bytes: Uint8Array, output: Uint8Array, sectorBytes: number): void {
  const view = viewOf(bytes);
  const total = bytes.length < 4 ? 0 : view.getUint32(0, true);
  if (total < 8 || total > bytes.length) damaged('the length of compressed data is invalid');
  let written = 0;
  for (let at = 4; at < total && written < output.length;) {
    const left = sectorBytes - (at % sectorBytes);
    if (left < 4) at += left;
    if (at + 4 > total) damaged('compressed data is truncated');
    const length = view.getUint32(at, true);
    at += 4;
    if (length === 0 || length > total - at) damaged('the length of compressed data is invalid');
    written += unlzo(bytes.subarray(at, at + length), output.subarray(written, written + sectorBytes));
    at += length;
  }
}
