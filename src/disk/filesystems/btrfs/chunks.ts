// Chunks map logical addresses, which all pointers of btrfs use, to the device.
// @see https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html#chunk-item-e4
import { damaged, type Span, unsupported } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import { itemType, type Key, keyAt, keyBytes, numberAt } from './fields.ts';

const headerBytes = 48;
const stripeBytes = 32;
/** A device has some ten thousand at most. */
export const mostChunks = 65_536;
/** Bits 3 to 10 of the type are the profile: single, RAID1, DUP, RAID1C3 and RAID1C4 have all data in each stripe. */
const profileBit = 8;
const profileCount = 256;
const copyingProfiles = new Set([0, 2, 4, 64, 128]);

/** A range of logical addresses. */
export interface Chunk {
  readonly logical: number;
  readonly length: number;
  /** Where each copy begins on this device; null for a profile that is not supported. */
  readonly copies: readonly number[] | null;
}

/**
 * Struct btrfs_chunk with a profile whose stripes are copies of each other: single, DUP, RAID1.
 * @param logical the offset of its key
 * @param deviceId stripes of other devices are left out
 * @throws UnreadableError
 */
export function parseChunk(logical: number, item: Uint8Array, deviceId: number): Chunk {
  const view = viewOf(item);
  const stripes = item.length < headerBytes ? 0 : view.getUint16(44, true);
  if (stripes === 0 || item.length !== headerBytes + stripes * stripeBytes)
    damaged('the length of a chunk item is invalid');
  const length = numberAt(view, 0);
  if (length === 0 || !Number.isSafeInteger(logical + length)) damaged('the size of a chunk is out of range');
  const profile = Math.floor(view.getUint32(24, true) / profileBit) % profileCount;
  if (!copyingProfiles.has(profile)) return { logical, length, copies: null };
  const places = Array.from({ length: stripes }, (_, index) => headerBytes + index * stripeBytes);
  const own = places.filter((at) => view.getBigUint64(at, true) === BigInt(deviceId));
  return { logical, length, copies: own.map((at) => numberAt(view, at + 8)) };
}

/** The chunks in the superblock, each preceded by its key. @throws UnreadableError */
export function parseSysChunkArray(array: Uint8Array, deviceId: number): readonly Chunk[] {
  const chunks: Chunk[] = [];
  const view = viewOf(array);
  for (let at = 0; at < array.length;) {
    if (array.length - at < keyBytes + headerBytes) damaged('the system chunk array is truncated');
    const key = keyAt(view, at);
    if (key.type !== itemType.chunk) damaged('the system chunk array has a key of the wrong type');
    const itemBytes = headerBytes + view.getUint16(at + keyBytes + 44, true) * stripeBytes;
    at += keyBytes + itemBytes;
    chunks.push(parseChunk(key.offset, array.subarray(at - itemBytes, Math.min(at, array.length)), deviceId));
  }
  return chunks;
}

/** The range of keys of chunks in the chunk tree. */
export const chunkKeys: readonly [first: Key, last: Key] = [
  { objectid: 256, type: itemType.chunk, offset: 0 },
  { objectid: 256, type: itemType.chunk, offset: Number.MAX_SAFE_INTEGER },
];

export class ChunkMap {
  readonly #chunks: readonly Chunk[];

  /** @throws UnreadableError if they overlap, or there are too many */
  constructor(chunks: readonly Chunk[]) {
    if (chunks.length > mostChunks) unsupported('there are too many chunks to be read');
    this.#chunks = chunks.toSorted((one, other) => one.logical - other.logical);
    let end = 0;
    for (const { logical, length } of this.#chunks) {
      if (logical < end) damaged('chunks overlap');
      end = logical + length;
    }
  }

  /**
   * Where each copy of the bytes at a logical address lies; at least one.
   * @throws UnreadableError if they span several chunks, are on another device, or are striped
   */
  copies(logical: number, length: number): readonly Span[] {
    const chunk = this.#find(logical);
    const within = logical - chunk.logical;
    if (within + length > chunk.length) damaged('a logical address extends past the end of its chunk');
    if (chunk.copies === null) return unsupported('chunks striped over several devices are not supported');
    if (chunk.copies.length === 0) unsupported('a part of the file system is on another device');
    return chunk.copies.map((start) => ({ offset: start + within, length }));
  }

  #find(logical: number): Chunk {
    let low = 0;
    for (let high = this.#chunks.length; low < high;) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#chunks[middle]?.logical ?? 0) <= logical) low = middle + 1;
      else high = middle;
    }
    const chunk = this.#chunks[low - 1];
    return chunk !== undefined && logical < chunk.logical + chunk.length
      ? chunk
      : damaged('a logical address is in no chunk');
  }
}
