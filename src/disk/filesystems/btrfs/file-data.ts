// Reads the bytes of a file from all its pieces. Checksums of data are not verified.
import { type Blocks, readAll } from '../../blocks/blocks.ts';
import { damaged, type Reads, type Span, unsupported } from '../../blocks/reading.ts';
import { remember } from '../../blocks/remember.ts';
import type { ChunkMap } from './chunks.ts';
import { decompress } from './compression.ts';
import { itemType, type Key, type TreeRoot } from './fields.ts';
import { type CompressedPiece, type FileExtent, parseFileExtent } from './file-extent.ts';
import type { Superblock } from './superblock.ts';
import type { Trees } from './trees.ts';

/** Bytes per read, since all of it, holes included, is allocated at once. */
const mostAtOnce = 256 * 1024 * 1024;
/** Compressed pieces, of 128 KiB each, that are read at once and that are kept unpacked. */
const batch = 32;
const mostKept = 8;

export interface Volume {
  readonly blocks: Blocks;
  readonly superblock: Superblock;
  readonly chunks: ChunkMap;
  readonly trees: Trees;
}

/** A file of any kind. */
interface FileOfTree {
  readonly tree: TreeRoot;
  readonly inode: number;
  /** Bytes. */
  readonly size: number;
}

/** Where the bytes of a file are copied to. */
interface Target {
  readonly bytes: Uint8Array;
  /** Position of its first byte in the file. */
  readonly start: number;
}

export class FileData {
  readonly #volume: Volume;
  /** Unpacked pieces by address: small reads of one file need the same piece again. */
  readonly #kept = new Map<number, { readonly stored: number; readonly size: number; readonly bytes: Uint8Array }>();

  constructor(volume: Volume) {
    this.#volume = volume;
  }

  /** Bytes of a file, fewer where it ends first. @throws UnreadableError */
  *read(file: FileOfTree, offset: number, length: number): Reads<Uint8Array> {
    const end = Math.min(offset + length, file.size);
    if (offset >= end) return new Uint8Array();
    if (end - offset > mostAtOnce) unsupported('too much of a file is requested at once');
    const extents = yield* this.#extents(file, offset, end);
    const target = { bytes: new Uint8Array(end - offset), start: offset };
    this.#copyInline(extents, target);
    yield* this.#readPlain(extents, target);
    yield* this.#readCompressed(extents, target);
    return target.bytes;
  }

  /** The pieces in a range, in order; gaps between them are zeros. */
  *#extents({ tree, inode }: FileOfTree, start: number, end: number): Reads<readonly FileExtent[]> {
    const { trees, superblock } = this.#volume;
    const keyOf = (offset: number): Key => ({
      objectid: inode,
      type: itemType.extentData,
      offset,
    });
    const before = yield* trees.floor(tree, keyOf(start));
    const isOfFile = before?.key.objectid === inode && before.key.type === itemType.extentData;
    const from = isOfFile ? before.key.offset : start;
    const most = Math.ceil((end - start) / superblock.sectorBytes) + 2;
    const items = yield* trees.range(tree, keyOf(from), keyOf(end - 1), most);
    const extents = items.map((item) => parseFileExtent(item, superblock.sectorBytes));
    extents.forEach(({ offset }, index) => {
      const last = extents[index - 1];
      if (last !== undefined && last.offset + last.length > offset) damaged('the extents of a file overlap');
    });
    return extents;
  }

  #copyInline(extents: readonly FileExtent[], target: Target): void {
    for (const extent of extents) {
      if (extent.content.kind !== 'inline') continue;
      const { data, compression } = extent.content;
      const { sectorBytes } = this.#volume.superblock;
      copyTo(target, extent, compression === null ? data : decompress(data, compression, extent.length, sectorBytes));
    }
  }

  /** Reads all uncompressed pieces at once. */
  *#readPlain(extents: readonly FileExtent[], { bytes, start }: Target): Reads<void> {
    const spans: Span[] = [];
    const places: number[] = [];
    for (const { offset, length, content } of extents) {
      if (content.kind !== 'plain') continue;
      const from = Math.max(offset, start);
      const to = Math.min(offset + length, start + bytes.length);
      if (from >= to) continue;
      spans.push(this.#physical(content.logical + from - offset, to - from));
      places.push(from - start);
    }
    if (spans.length === 0) return;
    const read = yield* readAll(this.#volume.blocks, spans);
    for (const [index, piece] of read.entries()) bytes.set(piece, places[index]);
  }

  *#readCompressed(extents: readonly FileExtent[], target: Target): Reads<void> {
    const all = extents.flatMap((extent) => {
      const isWanted = extent.offset + extent.length > target.start;
      return isWanted && extent.content.kind === 'compressed' ? [{ extent, piece: extent.content.piece }] : [];
    });
    for (let at = 0; at < all.length; at += batch) {
      const some = all.slice(at, at + batch);
      const unpacked = yield* this.#unpack(some.map(({ piece }) => piece));
      for (const { extent, piece } of some) {
        const bytes = unpacked.get(piece.logical)?.subarray(piece.from, piece.from + extent.length);
        copyTo(target, extent, bytes ?? new Uint8Array());
      }
    }
  }

  /** The unpacked pieces by address; those not in the cache are read in one turn. */
  *#unpack(pieces: readonly CompressedPiece[]): Reads<ReadonlyMap<number, Uint8Array>> {
    const found = new Map<number, Uint8Array>();
    const missing = new Map<number, CompressedPiece>();
    for (const piece of pieces) {
      const { logical, stored, size } = piece;
      const same = missing.get(logical);
      if (same !== undefined && (same.stored !== stored || same.size !== size))
        damaged('two extents of a file disagree about the size of the same data');
      const kept = this.#kept.get(logical);
      if (kept?.stored === stored && kept.size === size) found.set(logical, kept.bytes);
      else missing.set(logical, piece);
    }
    const wanted = [...missing.values()];
    const spans = wanted.map(({ logical, stored }) => this.#physical(logical, stored));
    const read = spans.length === 0 ? [] : yield* readAll(this.#volume.blocks, spans);
    for (const [index, { logical, compression, stored, size }] of wanted.entries()) {
      const { sectorBytes } = this.#volume.superblock;
      const bytes = decompress(read[index] ?? new Uint8Array(), compression, size, sectorBytes);
      found.set(logical, bytes);
      remember(this.#kept, logical, { stored, size, bytes }, mostKept);
    }
    return found;
  }

  #physical(logical: number, length: number): Span {
    const [first] = this.#volume.chunks.copies(logical, length);
    return first ?? damaged('an extent of a file has no location');
  }
}

/** Copies the wanted part of a piece. @param content its bytes; missing ones are zeros */
function copyTo({ bytes, start }: Target, { offset, length }: FileExtent, content: Uint8Array): void {
  const from = Math.max(0, start - offset);
  const to = Math.min(length, content.length, start + bytes.length - offset);
  if (from < to) bytes.set(content.subarray(from, to), offset + from - start);
}
