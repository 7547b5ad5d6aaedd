// Blocks with a cache: for the tables of a container, which are read in small pieces over and over.
import { type Blocks, within } from './blocks.ts';
import type { Reads, Span } from './reading.ts';
import { remember } from './remember.ts';

const keptBytes = 4 * 1024 * 1024;

/** Reads whole pages, and keeps the most recently used ones, 4 MiB in all. */
export class PagedBlocks implements Blocks {
  readonly #blocks: Blocks;
  readonly #pages = new Map<number, Uint8Array>();
  readonly #pageBytes: number;
  readonly size: number;

  /** @param pageBytes a few hundred KiB where most of the data will be wanted */
  constructor(blocks: Blocks, pageBytes = 64 * 1024) {
    this.#blocks = blocks;
    this.#pageBytes = pageBytes;
    this.size = blocks.size;
  }

  *read(spans: readonly Span[]): Reads<readonly Uint8Array[]> {
    const inside = spans.map((span) => within(span, this.size));
    const pages = yield* this.#fetch(new Set(inside.flatMap((span) => pagesOf(span, this.#pageBytes))));
    return inside.map((span) => cut(span, pages, this.#pageBytes));
  }

  /** All of these pages; those not in the cache are read in one turn. */
  *#fetch(numbers: ReadonlySet<number>): Reads<ReadonlyMap<number, Uint8Array>> {
    const pages = new Map<number, Uint8Array>();
    const missing: number[] = [];
    for (const number of numbers) {
      const page = this.#pages.get(number);
      if (page === undefined) missing.push(number);
      else pages.set(number, page);
    }
    const length = this.#pageBytes;
    const wanted = missing.map((number) => within({ offset: number * length, length }, this.size));
    const read = wanted.length === 0 ? [] : yield* this.#blocks.read(wanted);
    for (const [index, number] of missing.entries()) pages.set(number, read[index] ?? new Uint8Array());
    for (const [number, page] of pages) remember(this.#pages, number, page, Math.ceil(keptBytes / length));
    return pages;
  }
}

function pagesOf({ offset, length }: Span, pageBytes: number): readonly number[] {
  const first = Math.floor(offset / pageBytes);
  const end = Math.ceil((offset + length) / pageBytes);
  return length === 0 ? [] : Array.from({ length: end - first }, (_, index) => first + index);
}

function cut({ offset, length }: Span, pages: ReadonlyMap<number, Uint8Array>, pageBytes: number): Uint8Array {
  const pieces = pagesOf({ offset, length }, pageBytes).map((number) => {
    const start = offset - number * pageBytes;
    return (pages.get(number) ?? new Uint8Array()).subarray(Math.max(0, start), Math.max(0, start + length));
  });
  const [only = new Uint8Array(), ...others] = pieces;
  return others.length === 0 ? only : Buffer.concat(pieces);
}
