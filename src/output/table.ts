// Tables for people: aligned by display width, as wide as the terminal allows, whole where there is no terminal.
import type { Column, Row } from './columns.ts';
import { escapeControls } from './escape.ts';
import type { Style } from './style.ts';
import { toText } from './text.ts';
import { createRuler, type Ruler } from './width.ts';

export interface TableOptions {
  /** Cells of the terminal; null if there is none and nothing is cut. */
  readonly width: number | null;
  readonly style: Style;
}

const gap = '  ';
/** Rows that decide how wide columns are; those after them are fitted in, so that memory stays bounded. */
const measuredRows = 500;
/** A column is not cut below this. */
const leastCells = 8;

interface Layout {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
  readonly ruler: Ruler;
}

/** The lines of a table, as rows come. Nothing at all without rows. */
export async function* renderTable(
  pages: AsyncIterable<readonly Row[]>,
  columns: readonly Column[],
  options: TableOptions,
): AsyncGenerator<string> {
  let waiting: Row[] = [];
  let layout: Layout | null = null;
  for await (const page of pages) {
    if (layout !== null) {
      yield rowsText(page, layout, options);
      continue;
    }
    waiting.push(...page);
    if (waiting.length < measuredRows) continue;
    layout = await measure(waiting, columns, options.width);
    yield headText(layout, options) + rowsText(waiting, layout, options);
    waiting = [];
  }
  if (layout === null && waiting.length > 0) {
    layout = await measure(waiting, columns, options.width);
    yield headText(layout, options) + rowsText(waiting, layout, options);
  }
}

/** The text of a cell. */
export function cellText(column: Column, row: Row): string {
  const value = row[column.key];
  const text = column.show === undefined || value === null ? toText(value) : column.show(value, row);
  return text === '' ? '-' : escapeControls(text);
}

async function measure(rows: readonly Row[], columns: readonly Column[], width: number | null): Promise<Layout> {
  const texts = rows.map((row) => columns.map((column) => cellText(column, row)));
  const ruler = await createRuler(texts.flat());
  const natural = columns.map((column, index) =>
    texts.reduce((widest, line) => Math.max(widest, ruler.width(line[index] ?? '')), column.label.length),
  );
  return { ...fit(columns, natural, width), ruler };
}

/** Drops columns by priority until the rest fits, then cuts the widest that can be cut. */
function fit(columns: readonly Column[], natural: readonly number[], width: number | null): Omit<Layout, 'ruler'> {
  if (width === null) return { columns, widths: natural };
  const kept = columns.map((column, index) => ({
    column,
    cells: natural[index] ?? 0,
    least: leastWidth(column, natural[index] ?? 0),
  }));
  const total = (key: 'cells' | 'least'): number =>
    kept.reduce((sum, entry) => sum + entry[key] + gap.length, -gap.length);
  while (kept.length > 1 && total('least') > width) {
    const yielding = kept.reduce((worst, entry) => (entry.column.priority >= worst.column.priority ? entry : worst));
    if (yielding.column.priority === 1) break;
    kept.splice(kept.indexOf(yielding), 1);
  }
  for (let excess = total('cells') - width; excess > 0; excess--) {
    const widest = kept
      .filter(({ cells, least }) => cells > least)
      .toSorted((left, right) => right.cells - left.cells)[0];
    if (widest === undefined) break;
    widest.cells--;
  }
  return { columns: kept.map(({ column }) => column), widths: kept.map(({ cells }) => cells) };
}

/** Ids and numbers are shown whole or not at all. */
function leastWidth(column: Column, natural: number): number {
  return column.align === 'right' || column.whole === true
    ? natural
    : Math.min(natural, Math.max(leastCells, column.label.length));
}

function headText({ columns, widths, ruler }: Layout, { style }: TableOptions): string {
  const cells = columns.map((column, index) =>
    ruler.pad(column.label.toUpperCase(), widths[index] ?? 0, column.align ?? 'left'),
  );
  return `${style.bold(cells.join(gap).trimEnd())}\n`;
}

function rowsText(rows: readonly Row[], { columns, widths, ruler }: Layout, { style, width }: TableOptions): string {
  const lines = rows.map((row) => {
    const cells = columns.map((column, index) => {
      const room = widths[index] ?? 0;
      const whole = cellText(column, row);
      const text = width === null ? whole : ruler.cut(whole, room);
      const padded = ruler.pad(text, room, column.align ?? 'left');
      const shown = index === columns.length - 1 ? padded.trimEnd() : padded;
      return column.paint?.(shown, row[column.key], style) ?? shown;
    });
    return `${cells.join(gap)}\n`;
  });
  return lines.join('');
}
