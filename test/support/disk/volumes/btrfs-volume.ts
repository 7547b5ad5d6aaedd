// A btrfs that was written by a kernel and then made small, and functions to change it: see test/disk/make-btrfs-fixture.mjs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import {
  type Chunk,
  chunkKeys,
  ChunkMap,
  parseChunk,
  parseSysChunkArray,
} from '../../../../src/disk/filesystems/btrfs/chunks.ts';
import { itemType, keyAt } from '../../../../src/disk/filesystems/btrfs/fields.ts';
import { type Item, type Node, parseNode } from '../../../../src/disk/filesystems/btrfs/node.ts';
import { readSuperblock, type Superblock } from '../../../../src/disk/filesystems/btrfs/superblock.ts';
import { Trees } from '../../../../src/disk/filesystems/btrfs/trees.ts';
import { viewOf } from '../../../../src/disk/parsing/bytes.ts';
import { crc32c } from '../../../../src/disk/parsing/crc32c.ts';
import { driveReads } from '../drive-reads.ts';

/** A new copy of the fixture's volume, which the caller may change. */
export function readBtrfsFixture(): Buffer {
  return gunzipSync(readFileSync(join(import.meta.dirname, '../../../fixtures/disk/file-systems/btrfs.gz')));
}

export const superblockAt = 64 * 1024;
/** Offset of a mirror of the superblock, which lies within a chunk. */
const mirrorAt = 64 * 1024 * 1024;
const superblockBytes = 4096;
const sector = 4096;

/** Two names with the same hash. */
export const namesOfOneHash = ['hwpvcnxfu', 'uxrhrvmwn'] as const;

/** Ids of trees. */
export const treeId = { root: 1, chunk: 3, default: 256 } as const;

export function readGeometry(bytes: Uint8Array): {
  readonly superblock: Superblock;
  readonly chunks: readonly Chunk[];
} {
  const blocks = new FlatBlocks(bytes.length);
  const superblock = driveReads(readSuperblock(blocks), bytes);
  const first = new ChunkMap(parseSysChunkArray(superblock.sysChunkArray, superblock.deviceId));
  const trees = new Trees(blocks, first, superblock);
  const items = driveReads(trees.range(superblock.chunkRoot, ...chunkKeys, 1000), bytes);
  return { superblock, chunks: items.map(({ key, data }) => parseChunk(key.offset, data, superblock.deviceId)) };
}

export interface StoredNode {
  /** Offset in the image. */
  readonly at: number;
  readonly owner: number;
  /** Its items are views of the image and can be written to. */
  readonly node: Node;
}

/** All tree nodes: every copy, and also nodes that are no longer used. */
export function nodesOf(bytes: Uint8Array): readonly StoredNode[] {
  const { superblock, chunks } = readGeometry(bytes);
  const { nodeBytes } = superblock;
  const view = viewOf(bytes);
  return chunks.flatMap(({ logical, length, copies }) =>
    (copies ?? []).flatMap((start) => {
      const places = Array.from({ length: Math.floor(length / nodeBytes) }, (_, index) => index * nodeBytes);
      return places.flatMap((from) => {
        const at = start + from;
        const isNode = at + nodeBytes <= bytes.length && view.getBigUint64(at + 48, true) === BigInt(logical + from);
        if (!isNode || view.getUint32(at, true) !== crc32c(bytes.subarray(at + 32, at + nodeBytes))) return [];
        const node = parseNode(bytes.subarray(at, at + nodeBytes), logical + from, 0);
        return [{ at, owner: Number(view.getBigUint64(at + 88, true)), node }];
      });
    }),
  );
}

/** The items of one type that a tree has or had, in every copy. */
export function itemsOf(bytes: Uint8Array, owner: number, type: number): readonly Item[] {
  return nodesOf(bytes)
    .filter((stored) => stored.owner === owner)
    .flatMap(({ node }) => node.items)
    .filter(({ key }) => key.type === type);
}

/** Reads a little-endian number of eight bytes. */
export function readNumber(bytes: Uint8Array, at: number): number {
  return Number(viewOf(bytes).getBigUint64(at, true));
}

/** Writes a little-endian number. @param length bytes, up to 8 */
export function writeNumber(bytes: Uint8Array, at: number, length: number, value: number | bigint): void {
  const number = new DataView(new ArrayBuffer(8));
  number.setBigUint64(0, BigInt(value), true);
  bytes.set(new Uint8Array(number.buffer, 0, length), at);
}

/** Corrects the checksum of a superblock or a node. */
export function mendBlock(block: Uint8Array): void {
  writeNumber(block, 0, 4, crc32c(block.subarray(32)));
}

/** Corrects the checksums of the superblock and nodes that were changed. @param original the volume before the changes */
export function mendBtrfs(original: Uint8Array): (bytes: Uint8Array) => void {
  const kept = Buffer.from(original);
  const { nodeBytes } = readGeometry(kept).superblock;
  const nodes = nodesOf(kept).map(({ at }) => [at, nodeBytes] as const);
  return (bytes) => {
    for (const [at, length] of [[superblockAt, superblockBytes] as const, ...nodes]) {
      if (at + length > bytes.length || kept.compare(bytes, at, at + length, at, at + length) === 0) continue;
      mendBlock(bytes.subarray(at, at + length));
    }
  };
}

/** The same file system, made small: without holes between chunks, and with each chunk cut after its last used byte. */
export function compactBtrfs(image: Uint8Array): Uint8Array {
  const { chunks, superblock } = readGeometry(image);
  const mend = mendBtrfs(image);
  image.fill(0, mirrorAt, mirrorAt + superblockBytes);
  let size = superblockAt + superblockBytes;
  const pieces: Uint8Array[] = [image.subarray(0, size)];
  const moved = new Map<number, { readonly used: number; readonly starts: readonly number[] }>();
  for (const { logical, length, copies } of chunks) {
    const [first = 0] = copies ?? [];
    const isUnused = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
    let used = length;
    while (used > sector && isUnused(image.subarray(first + used - sector, first + used))) used -= sector;
    const starts = (copies ?? []).map((_, index) => size + index * used);
    for (const _ of starts) pieces.push(image.subarray(first, first + used));
    size += starts.length * used;
    moved.set(logical, { used, starts });
  }
  for (const { key, data } of [
    ...itemsOf(image, treeId.chunk, itemType.chunk),
    ...sysChunks(superblock.sysChunkArray),
  ]) {
    const { used = 0, starts = [] } = moved.get(key.offset) ?? {};
    writeNumber(data, 0, 8, used);
    for (const [index, start] of starts.entries()) writeNumber(data, 56 + 32 * index, 8, start);
  }
  mend(image);
  return Buffer.concat(pieces);
}

/** The chunk items in the superblock. */
function sysChunks(array: Uint8Array): readonly Item[] {
  const view = viewOf(array);
  const found: Item[] = [];
  for (let at = 0; at < array.length;) {
    const end = at + 17 + 48 + 32 * view.getUint16(at + 61, true);
    found.push({ key: keyAt(view, at), data: array.subarray(at + 17, end) });
    at = end;
  }
  return found;
}
