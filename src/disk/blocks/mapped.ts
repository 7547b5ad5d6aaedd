// A disk stored in units, each of which may be anywhere in a file, nowhere, or compressed.
import { type Blocks, within } from './blocks.ts';
import { damaged, type Reads, type Span } from './reading.ts';
import { remember } from './remember.ts';

/** Where a unit is stored: uncompressed from this byte on; nowhere, so it is zeros; or in compressed data. */
export type Place = number | 'zeros' | Packed;

export interface Packed {
  /** Where the compressed data lies in the file; it may end sooner. */
  readonly span: Span;
  /** Where the unit begins in the unpacked data. */
  readonly skip: number;
  /** Upper bound of the unpacked data, in bytes. */
  readonly most: number;
  readonly unpack: (bytes: Uint8Array) => Uint8Array;
}

export interface BlockMap {
  /** Size of the disk in bytes. */
  readonly size: number;
  readonly unitBytes: number;
  /** Places of units, numbered from 0. @throws UnreadableError */
  locate(units: readonly number[]): Reads<readonly Place[]>;
}

/** A part of one unit, and where it goes in the answer. */
interface Piece {
  readonly unit: number;
  /** Bytes from the start of the unit. */
  readonly start: number;
  readonly length: number;
  readonly into: Uint8Array;
}

/** Unpacked bytes kept for later reads. */
const mostKept = 4 * 1024 * 1024;

export class MappedBlocks implements Blocks {
  readonly #file: Blocks;
  readonly #map: BlockMap;
  /** Keyed by where the compressed data lies. */
  readonly #unpacked = new Map<number, Uint8Array>();
  readonly size: number;

  constructor(file: Blocks, map: BlockMap) {
    this.#file = file;
    this.#map = map;
    this.size = map.size;
  }

  *read(spans: readonly Span[]): Reads<readonly Uint8Array[]> {
    const inside = spans.map((span) => within(span, this.size));
    const results = inside.map(({ length }) => new Uint8Array(length));
    const pieces = inside.flatMap((span, index) =>
      cutUp(span, this.#map.unitBytes, results[index] ?? new Uint8Array()),
    );
    const units = [...new Set(pieces.map(({ unit }) => unit))];
    const located = units.length === 0 ? [] : yield* this.#map.locate(units);
    const places = new Map(units.map((unit, index) => [unit, located[index] ?? 'zeros']));
    const plain = new Runs();
    const packed = new Map<number, Group>();
    for (const piece of pieces) {
      const place = places.get(piece.unit) ?? 'zeros';
      if (typeof place === 'number') plain.add(place + piece.start, piece);
      else if (place !== 'zeros') addTo(packed, place, piece);
    }
    const groups = [...packed.values()].map((group) => ({
      ...group,
      kept: this.#unpacked.get(group.place.span.offset),
    }));
    const missing = groups.filter(({ kept }) => kept === undefined);
    const wanted = [...plain.spans(), ...missing.map(({ place }) => within(place.span, this.#file.size))];
    const read = wanted.length === 0 ? [] : yield* this.#file.read(wanted);
    plain.fill(read);
    const compressed = read.slice(plain.count).values();
    // One at a time, so that at most one that is not cached is in memory.
    for (const { place, pieces: own, kept } of groups) {
      const bytes = kept ?? place.unpack(compressed.next().value ?? new Uint8Array());
      for (const { skip, piece } of own) fillFrom(bytes, skip, piece);
      remember(this.#unpacked, place.span.offset, bytes, Math.floor(mostKept / place.most));
    }
    return results;
  }
}

function cutUp({ offset, length }: Span, unitBytes: number, result: Uint8Array): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let done = 0; done < length;) {
    const unit = Math.floor((offset + done) / unitBytes);
    const start = offset + done - unit * unitBytes;
    const part = Math.min(length - done, unitBytes - start);
    pieces.push({ unit, start, length: part, into: result.subarray(done, done + part) });
    done += part;
  }
  return pieces;
}

/** Pieces that come out of the same compressed data. */
interface Group {
  readonly place: Packed;
  readonly pieces: { readonly skip: number; readonly piece: Piece }[];
}

function addTo(groups: Map<number, Group>, place: Packed, piece: Piece): void {
  const group = groups.get(place.span.offset) ?? { place, pieces: [] };
  group.pieces.push({ skip: place.skip, piece });
  groups.set(place.span.offset, group);
}

function fillFrom(bytes: Uint8Array, skip: number, { start, length, into }: Piece): void {
  const part = bytes.subarray(skip + start, skip + start + length);
  if (part.length < length) damaged('decompressed data is shorter than expected');
  into.set(part);
}

interface Run {
  readonly offset: number;
  length: number;
  readonly pieces: Uint8Array[];
}

/** Pieces as they lie in the file; adjacent ones are read together. */
class Runs {
  readonly #runs: Run[] = [];

  get count(): number {
    return this.#runs.length;
  }

  add(offset: number, { into }: Piece): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && last.offset + last.length === offset) {
      last.length += into.length;
      last.pieces.push(into);
    } else this.#runs.push({ offset, length: into.length, pieces: [into] });
  }

  spans(): readonly Span[] {
    return this.#runs.map(({ offset, length }) => ({ offset, length }));
  }

  /** @throws UnreadableError if the file ends first */
  fill(read: readonly Uint8Array[]): void {
    for (const [index, { length, pieces }] of this.#runs.entries()) {
      const bytes = read[index] ?? new Uint8Array();
      if (bytes.length < length) damaged('an offset lies past the end of the image');
      let done = 0;
      for (const piece of pieces) {
        piece.set(bytes.subarray(done, done + piece.length));
        done += piece.length;
      }
    }
  }
}
