// Reads a directory piece by piece, along its chain of clusters.
import { type Blocks, readAll } from '../../blocks/blocks.ts';
import { damaged, type Reads } from '../../blocks/reading.ts';
import { clusterOffset, type FatLayout, slotBytes } from './boot-sector.ts';
import { SlotReader } from './slots.ts';
import type { ClusterTable } from './table.ts';

/** A directory has no more than 65,536 slots. */
const mostDirectoryBytes = 65_536 * slotBytes;
/** Bytes to read at once: far more than the slots of one name. */
const pageBytes = 16 * 1024;

/** A place in a directory. */
export interface Place {
  /** 0 for a root directory with an area of its own. */
  readonly cluster: number;
  /** Number of clusters before it. */
  readonly index: number;
  /** Bytes to skip in the cluster. */
  readonly skip: number;
}

/** @param from the first cluster of a directory, or a result of `textOfPlace` */
export function placeOf(from: number | string): Place {
  const [cluster = 0, index = 0, skip = 0] = String(from).split(':').map(Number);
  return { cluster, index, skip };
}

export function textOfPlace({ cluster, index, skip }: Place): string {
  return [cluster, index, skip].join(':');
}

/** Slots that were read, and where to go on: null after the last. */
interface SlotPage {
  readonly reader: SlotReader;
  readonly next: Place | null;
}

/** A piece of a directory within one cluster. */
interface Piece {
  readonly place: Place;
  readonly offset: number;
  readonly length: number;
}

export class SlotPages {
  readonly #blocks: Blocks;
  readonly #layout: FatLayout;
  readonly #table: ClusterTable;

  constructor(blocks: Blocks, layout: FatLayout, table: ClusterTable) {
    this.#blocks = blocks;
    this.#layout = layout;
    this.#table = table;
  }

  /** @throws UnreadableError */
  *read(from: Place): Reads<SlotPage> {
    const pieces: Piece[] = [];
    let rest: Place | null = from;
    let left = pageBytes;
    while (rest !== null && left > 0) {
      const place: Place = rest;
      const { offset, length } = this.#extentOf(place.cluster);
      const taken = Math.min(length - place.skip, left);
      pieces.push({ place, offset: offset + place.skip, length: taken });
      left -= taken;
      rest = place.skip + taken < length ? { ...place, skip: place.skip + taken } : yield* this.#after(place);
    }
    const reader = new SlotReader();
    const read = yield* readAll(this.#blocks, pieces);
    for (const [index, { offset }] of pieces.entries()) reader.take(read[index] ?? new Uint8Array(), offset);
    if (rest === null || reader.ended) return { reader, next: null };
    // A name whose entry has not come yet is read again from its first slot.
    return { reader, next: reader.waiting === 0 ? rest : backFrom(pieces, reader.waiting * slotBytes) };
  }

  #extentOf(cluster: number): { readonly offset: number; readonly length: number } {
    const { rootOffset, rootBytes, clusterBytes } = this.#layout;
    if (cluster === 0 && rootBytes > 0) return { offset: rootOffset, length: rootBytes };
    if (!this.#table.has(cluster)) damaged(`the cluster of a directory is out of range: ${String(cluster)}`);
    return { offset: clusterOffset(this.#layout, cluster), length: clusterBytes };
  }

  *#after({ cluster, index }: Place): Reads<Place | null> {
    if (cluster === 0) return null;
    const next = yield* this.#table.next(cluster);
    if (next === null) return null;
    if ((index + 1) * this.#layout.clusterBytes >= mostDirectoryBytes)
      damaged('a directory has more than 65,536 entries');
    return { cluster: next, index: index + 1, skip: 0 };
  }
}

/** The place this many bytes before the end of the pieces. */
function backFrom(pieces: readonly Piece[], bytes: number): Place | null {
  let left = bytes;
  for (const { place, length } of pieces.toReversed()) {
    if (length >= left) return { ...place, skip: place.skip + length - left };
    left -= length;
  }
  return null;
}
