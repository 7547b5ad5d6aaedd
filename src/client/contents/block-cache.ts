// Keeps the blocks of an image that were read last, and plans which to read for a request.
import type { Span } from '../../disk/blocks/reading.ts';
import { remember } from '../../disk/blocks/remember.ts';

/** All reads begin and end at a multiple of this. */
export const blockBytes = 64 * 1024;
/** Maximum number of blocks to keep: 8 MiB. */
const mostBlocks = 128;
/** Maximum number of blocks in one read: 1 MiB. */
const mostInRun = 16;
/** Reading up to this many unneeded blocks in between is cheaper than a read of its own. */
const widestGap = 1;
/**
 * A read of at least this many blocks (256 KiB) is taken for part of a long file. A read that continues it also reads
 * this many blocks ahead.
 */
const ahead = 4;
const mostEnds = 32;

/** Neighbouring blocks, by number. */
export interface BlockRun {
  readonly first: number;
  /** After the last one. */
  readonly end: number;
}

export class BlockCache {
  readonly #blocks = new Map<number, Uint8Array>();
  /** Where recent reads ended, and how many blocks they had. */
  readonly #ends = new Map<number, number>();
  readonly #count: number;

  /** @param size bytes of the image */
  constructor(size: number) {
    this.#count = Math.ceil(size / blockBytes);
  }

  /** A block; undefined if it is not kept. */
  get(number: number): Uint8Array | undefined {
    const block = this.#blocks.get(number);
    if (block === undefined) return undefined;
    this.#blocks.delete(number);
    this.#blocks.set(number, block);
    return block;
  }

  keep(number: number, block: Uint8Array): void {
    remember(this.#blocks, number, block, mostBlocks);
  }

  /** The reads that fetch these blocks. @param missing sorted */
  runs(missing: readonly number[]): readonly BlockRun[] {
    const runs: { first: number; end: number }[] = [];
    for (const number of missing) {
      const last = runs.at(-1);
      const isNear = last !== undefined && number - last.end <= widestGap && number - last.first < mostInRun;
      if (isNear) last.end = number + 1;
      else runs.push({ first: number, end: number + 1 });
    }
    const [only] = runs;
    if (runs.length === 1 && only !== undefined) this.#lookAhead(only);
    for (const { first, end } of runs) this.#noteEnd(first, end);
    return runs;
  }

  /** Extends a read that continues a long one. */
  #lookAhead(run: { readonly first: number; end: number }): void {
    if ((this.#ends.get(run.first) ?? 0) < ahead) return;
    const end = Math.min(run.end + ahead, run.first + mostInRun, this.#count);
    while (run.end < end && !this.#blocks.has(run.end)) run.end++;
  }

  #noteEnd(first: number, end: number): void {
    this.#ends.delete(first);
    remember(this.#ends, end, end - first, mostEnds);
  }
}

/** The numbers of the blocks that contain a span. */
export function blocksOf({ offset, length }: Span): readonly number[] {
  const first = Math.floor(offset / blockBytes);
  const end = Math.ceil((offset + length) / blockBytes);
  return length === 0 ? [] : Array.from({ length: end - first }, (_, index) => first + index);
}
