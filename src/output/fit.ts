// Chooses which columns of a table fit, and how wide each may be. Pure.
import type { Column } from './columns.ts';

/** What separates two columns. */
export const gap = '  ';

/** A column, and the cells that it needs. */
interface Measured {
  readonly column: Column;
  readonly align: 'left' | 'right';
  /** Cells of its widest text, label included. */
  readonly cells: number;
}

/** No further column is added if a text would have to be cut to less than this. */
const comfortableCells = 16;
/** No text is cut to less than this. */
const leastCells = 8;

/**
 * The columns that fit, and their widths. Columns are taken by priority, and by position if that is equal: each one
 * that fits beside those taken before, with texts cut to a readable width. Then the widest is cut until everything
 * fits. Ids and numbers are shown completely or not at all. Columns of priority 1 are always shown, so a table of those
 * may stay too wide.
 * @param width cells of the terminal
 */
export function fitColumns<T extends Measured>(columns: readonly T[], width: number): T[] {
  let kept: readonly T[] = [];
  for (const each of columns.toSorted((left, right) => left.column.priority - right.column.priority)) {
    const wanted = columns.filter((column) => column === each || kept.includes(column));
    // The first two share the width: even a short name beside an id is better than none.
    const least = wanted.length > 2 ? comfortableCells : leastCells;
    const fits = sum(wanted.map((column) => leastWidth(column, least))) <= width;
    if (fits || kept.length === 0 || each.column.priority === 1) kept = wanted;
  }
  return narrow(kept, width);
}

function narrow<T extends Measured>(columns: readonly T[], width: number): T[] {
  const cells = columns.map((column) => column.cells);
  const least = columns.map((column) => leastWidth(column, leastCells));
  for (let excess = sum(cells) - width; excess > 0; excess--) {
    const widest = cells.reduce<number | null>((best, each, index) => {
      if (each <= (least[index] ?? 0)) return best;
      return best === null || each > (cells[best] ?? 0) ? index : best;
    }, null);
    if (widest === null) break;
    cells[widest] = (cells[widest] ?? 0) - 1;
  }
  return columns.map((column, index) => ({ ...column, cells: cells[index] ?? 0 }));
}

function leastWidth({ column, align, cells }: Measured, least: number): number {
  return align === 'right' || column.whole === true ? cells : Math.min(cells, least);
}

/** Cells of a line with columns of these widths. */
function sum(widths: readonly number[]): number {
  return widths.reduce((total, cells) => total + cells + gap.length, -gap.length);
}
