// Superblocks of file systems that are only named.
import { exactText, textOf, uuidOf, viewOf } from '../../parsing/bytes.ts';
import type { VolumeFacts } from '../guest-files.ts';

/** Facts with what is known; everything else is null. */
export function factsOf(type: string, known: Partial<Omit<VolumeFacts, 'type' | 'state'>> = {}): VolumeFacts {
  return { type, label: null, uuid: null, size: null, free: null, ...known };
}

/** The text up to the first NUL; null if it is empty. */
export function labelOf(bytes: Uint8Array): string | null {
  return textOf(bytes) || null;
}

/** The same in UTF-16, little-endian. */
export function wideLabelOf(bytes: Uint8Array): string | null {
  const text = exactText(bytes, 'utf-16le');
  const end = text.indexOf('\0');
  return (end < 0 ? text : text.slice(0, end)) || null;
}

/** A 64-bit number, little-endian; null from 2^53. */
export function countAt(bytes: Uint8Array, offset: number): number | null {
  const count = Number(viewOf(bytes).getBigUint64(offset, true));
  return Number.isSafeInteger(count) ? count : null;
}

const superOffset = 1024;

/** A superblock that begins after the first KiB; null if it is cut off. */
function superblockOf(front: Uint8Array, length: number): Uint8Array | null {
  const bytes = front.subarray(superOffset, superOffset + length);
  return bytes.length < length ? null : bytes;
}

/** @see https://www.kernel.org/doc/html/latest/filesystems/f2fs.html */
export function nameF2fs(front: Uint8Array): VolumeFacts | null {
  const bytes = superblockOf(front, 124 + 1024);
  return (
    bytes &&
    factsOf('f2fs', { uuid: uuidOf(bytes.subarray(108, 124)), label: wideLabelOf(bytes.subarray(124, 124 + 1024)) })
  );
}

/** @see https://erofs.docs.kernel.org/en/latest/core_ondisk.html */
export function nameErofs(front: Uint8Array): VolumeFacts | null {
  const bytes = superblockOf(front, 128);
  if (bytes === null) return null;
  const blockBits = bytes[12] ?? 0;
  return factsOf('erofs', {
    uuid: uuidOf(bytes.subarray(48, 64)),
    label: labelOf(bytes.subarray(64, 80)),
    size: blockBits > 20 ? null : viewOf(bytes).getUint32(36, true) * 2 ** blockBits,
    free: 0,
  });
}

/** @see https://dr-emann.github.io/squashfs/ */
export function nameSquashfs(front: Uint8Array): VolumeFacts | null {
  return front.length < 96 ? null : factsOf('squashfs', { size: countAt(front, 40), free: 0 });
}

/** @see https://github.com/torvalds/linux/blob/v6.10/fs/bcachefs/bcachefs_format.h */
export function nameBcachefs(front: Uint8Array): VolumeFacts | null {
  const bytes = front.subarray(4096, 4096 + 104);
  if (bytes.length < 104) return null;
  return factsOf('bcachefs', { uuid: uuidOf(bytes.subarray(56, 72)), label: labelOf(bytes.subarray(72, 104)) });
}

/** Possible page sizes; the position of the magic reveals the right one. */
const pageSizes = [4096, 8192, 16_384, 32_768, 65_536];

/** @see https://github.com/torvalds/linux/blob/v6.10/include/linux/swap.h */
export function nameSwap(front: Uint8Array): VolumeFacts | null {
  const pageBytes = pageSizes.find((size) => textOf(front.subarray(size - 10, size)) === 'SWAPSPACE2');
  const bytes = superblockOf(front, 44);
  if (pageBytes === undefined || bytes === null) return null;
  return factsOf('swap', {
    uuid: uuidOf(bytes.subarray(12, 28)),
    label: labelOf(bytes.subarray(28, 44)),
    size: (viewOf(bytes).getUint32(4, true) + 1) * pageBytes,
  });
}
