// The rows of an SQLite table: a tree of pages, and chains of overflow pages for long rows.
// @see https://www.sqlite.org/fileformat2.html#b_tree_pages
import { damaged, type Reads } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import { UsedPages } from '../used-pages.ts';
import { databaseHeaderBytes, type Pages } from './pages.ts';
import { readVarint } from './record.ts';

const kinds = { interior: 5, leaf: 13 } as const;
/** The same limit as in SQLite. */
const maxDepth = 20;
/** Pages to read in one turn. */
const turnPages = 32;

/** How rows are read. */
interface RowReading {
  /** Bytes; longer rows are taken as damage. */
  readonly maxBytes: number;
  /** Called with each row, in order; with null if `isCounting`. */
  readonly keep: (row: Uint8Array | null) => void;
  /** Whether rows are only counted, so that overflow pages are not read. */
  readonly isCounting?: boolean;
}

/** A cell of a leaf: the part on its page, and where it continues. */
interface Cell {
  readonly length: number;
  readonly here: Uint8Array;
  /** The first overflow page; 0 if there is none. */
  readonly next: number;
}

/** Reads every row of a table. @param root its first page. @throws UnreadableError */
export function* readRows(pages: Pages, root: number, reading: RowReading): Reads<void> {
  const used = new UsedPages(pages.count + 1);
  used.take(0);
  yield* readLevel({ pages, used, reading }, [root], 0);
}

interface Walk {
  readonly pages: Pages;
  readonly used: UsedPages;
  readonly reading: RowReading;
}

function* readLevel(walk: Walk, numbers: readonly number[], depth: number): Reads<void> {
  if (depth > maxDepth) damaged('a B-tree of the database is too deep');
  for (let start = 0; start < numbers.length; start += turnPages) {
    const turn = numbers.slice(start, start + turnPages);
    for (const number of turn) walk.used.take(number);
    const pages = yield* walk.pages.read(turn);
    for (const [index, page] of pages.entries()) {
      const node = parseNode(page, turn[index] === 1 ? databaseHeaderBytes : 0, walk.pages.usableBytes);
      if ('children' in node) yield* readLevel(walk, node.children, depth + 1);
      else yield* readCells(walk, node.cells);
    }
  }
}

function* readCells({ pages, used, reading }: Walk, cells: readonly Cell[]): Reads<void> {
  const { keep, maxBytes, isCounting } = reading;
  for (const { length, here, next } of cells) {
    if (length > maxBytes) damaged('a row of the database is too long');
    if (isCounting === true) {
      keep(null);
      continue;
    }
    if (next === 0) {
      keep(here);
      continue;
    }
    const bytes = new Uint8Array(length);
    bytes.set(here);
    let done = here.length;
    for (let number = next; done < length;) {
      used.take(number);
      const [page = new Uint8Array()] = yield* pages.read([number]);
      const part = page.subarray(4, Math.min(pages.usableBytes, 4 + length - done));
      bytes.set(part, done);
      done += part.length;
      number = viewOf(page).getUint32(0);
    }
    keep(bytes);
  }
}

type Node = { readonly children: readonly number[] } | { readonly cells: readonly Cell[] };

/** @param start offset of the node in its page */
function parseNode(page: Uint8Array, start: number, usableBytes: number): Node {
  const view = viewOf(page);
  const kind = page[start];
  if (kind !== kinds.interior && kind !== kinds.leaf) return damaged('a page of a database table has the wrong type');
  const pointers = start + (kind === kinds.interior ? 12 : 8);
  const count = view.getUint16(start + 3);
  if (pointers + 2 * count > usableBytes) return damaged('the cell count of a database page is out of range');
  const places = Array.from({ length: count }, (_, index) => {
    const at = view.getUint16(pointers + 2 * index);
    return at < pointers || at + 4 > usableBytes ? damaged('a cell pointer of a database page is out of range') : at;
  });
  if (kind === kinds.interior)
    return { children: [...places.map((at) => view.getUint32(at)), view.getUint32(start + 8)] };
  const cells = places.map((at) => parseCell(page.subarray(0, usableBytes), at));
  if (cells.reduce((sum, { here }) => sum + here.length, 0) > usableBytes) damaged('rows of the database overlap');
  return { cells };
}

function parseCell(page: Uint8Array, at: number): Cell {
  const [length, afterLength] = readVarint(page, at);
  const [, start] = readVarint(page, afterLength);
  const local = localBytes(length, page.length);
  const isWhole = local === length;
  if (start + local + (isWhole ? 0 : 4) > page.length) damaged('a row of the database is truncated');
  const here = page.subarray(start, start + local);
  return { length, here, next: isWhole ? 0 : viewOf(page).getUint32(start + local) };
}

/** How much of a row is stored on its leaf. */
function localBytes(length: number, usable: number): number {
  if (length <= usable - 35) return length;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const some = least + ((length - least) % (usable - 4));
  return some <= usable - 35 ? some : least;
}
