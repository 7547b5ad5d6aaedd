// Tables for people: aligned by display width, fitted to the terminal, complete if there is none.
import type { Column, Row } from './columns.ts';
import { isDigestText } from '../text/digest-text.ts';
import { escapeControls } from '../text/escape.ts';
import { fitColumns, gap } from './fit.ts';
import type { Style } from './style.ts';
import { toReadable } from './text.ts';
import { createRuler, type Ruler } from './width.ts';
import { wrapText } from './wrap-text.ts';

export interface TableOptions {
  /** Cells of the terminal; null if there is none, so that nothing is cut. */
  readonly width: number | null;
  readonly style: Style;
  /** False omits the line of column names, and the headings of a record's groups. */
  readonly headers?: boolean;
  /** CSV: whether to put `'` before cells that a spreadsheet would take for a formula. Absent: false. */
  readonly csvSafe?: boolean;
  /** Shows every column in full, however wide the terminal is; in a record, unset values too. */
  readonly wide?: boolean;
  /**
   * How many rows decide the widths of columns. Later rows are fitted in, so that memory stays bounded. Absent: 500.
   */
  readonly measuredRows?: number;
}

const defaultMeasuredRows = 500;

/** A column as it is printed. */
interface Slot {
  readonly column: Column;
  readonly label: string;
  readonly align: 'left' | 'right';
  readonly cells: number;
}

/** The lines of a table, as rows arrive. Nothing at all without rows. */
export async function* renderTable(
  pages: AsyncIterable<readonly Row[]>,
  columns: readonly Column[],
  choice: TableOptions,
): AsyncGenerator<string> {
  const options = choice.wide === true ? { ...choice, width: null } : choice;
  const shown = columns.filter(({ extra }) => choice.wide === true || extra !== true);
  let waiting: readonly Row[] = [];
  let slots: readonly Slot[] | null = null;
  for await (const page of pages) {
    if (slots !== null) {
      yield await rowsText(page, slots, options);
      continue;
    }
    waiting = waiting.length === 0 ? page : waiting.concat(page);
    if (waiting.length < (options.measuredRows ?? defaultMeasuredRows)) continue;
    slots = await measure(waiting, shown, options);
    yield (await headText(slots, options)) + (await rowsText(waiting, slots, options));
    waiting = [];
  }
  if (slots === null && waiting.length > 0) {
    slots = await measure(waiting, shown, options);
    yield (await headText(slots, options)) + (await rowsText(waiting, slots, options));
  }
}

/** The text of a cell; null if there is nothing to show. */
function cellText({ key, show }: Column, row: Row): string | null {
  const value = row[key] ?? null;
  const text = value === null ? '' : (show ?? toReadable)(value, row);
  return text === '' ? null : escapeControls(text);
}

async function measure(
  rows: readonly Row[],
  columns: readonly Column[],
  { width, headers }: TableOptions,
): Promise<Slot[]> {
  const labels = columns.map((column) => (headers === false ? '' : headLabel(column)));
  const texts = columns.map((column) => rows.map((row) => cellText(column, row) ?? '-'));
  const ruler = await createRuler([...labels, ...texts.flat()]);
  const slots = columns.map((column, index) => {
    const label = labels[index] ?? '';
    const cells = (texts[index] ?? []).reduce(
      (widest, text) => Math.max(widest, ruler.width(text)),
      ruler.width(label),
    );
    const align = column.align ?? (hasNumbers(column, rows) ? 'right' : 'left');
    // A single name that looks like a digest must not keep other names from being cut.
    const filled = (texts[index] ?? []).filter((text) => text !== '-');
    const whole = column.whole === true || (filled.length > 0 && filled.every(isDigestText));
    return { column: { ...column, whole }, label, align, cells } as const;
  });
  return width === null ? slots : fitColumns(slots, width);
}

/** Keys of properties are shown as they are, since their case matters. */
function headLabel({ label }: Column): string {
  return escapeControls(label.includes('.') ? label : label.toUpperCase());
}

function hasNumbers({ key }: Column, rows: readonly Row[]): boolean {
  const types = new Set(rows.map((row) => row[key] ?? null).map((value) => (value === null ? 'null' : typeof value)));
  return (types.has('number') || types.has('bigint')) && !types.has('string') && !types.has('object');
}

async function headText(slots: readonly Slot[], { style, width, headers }: TableOptions): Promise<string> {
  if (headers === false) return '';
  const ruler = await createRuler(slots.map(({ label }) => label));
  const labels = slots.map(({ label, align, cells }) =>
    ruler.pad(width === null ? label : ruler.cut(label, cells), cells, align),
  );
  return `${style.bold(labels.join(gap).trimEnd())}\n`;
}

async function rowsText(rows: readonly Row[], slots: readonly Slot[], options: TableOptions): Promise<string> {
  const texts = rows.map((row) => slots.map(({ column }) => cellText(column, row)));
  const ruler = await createRuler(texts.flat().filter((text) => text !== null));
  return rows.map((row, index) => lineText(row, texts[index] ?? [], slots, ruler, options)).join('');
}

function lineText(
  row: Row,
  texts: readonly (string | null)[],
  slots: readonly Slot[],
  ruler: Ruler,
  { style, width }: TableOptions,
): string {
  const cells = slots.map(({ column, align, cells: room }, index) => {
    const whole = texts[index] ?? null;
    const isLast = index === slots.length - 1;
    if (column.wraps === true && isLast && width !== null && whole !== null) {
      const before = slots.slice(0, index).reduce((sum, slot) => sum + slot.cells + gap.length, 0);
      const lines = wrapText(whole, room, ruler).map((line) => column.paint?.(line, row[column.key], style) ?? line);
      return lines.join(`\n${' '.repeat(before)}`);
    }
    const text = fitText(
      whole ?? '-',
      room,
      ruler,
      width !== null && column.whole !== true && align === 'left',
      isLast,
    );
    const space = ' '.repeat(Math.max(0, room - ruler.width(text)));
    const painted = whole === null ? style.dim(text) : (column.paint?.(text, row[column.key], style) ?? text);
    if (align === 'right') return space + painted;
    return isLast ? painted : painted + space;
  });
  return `${cells.join(gap).trimEnd()}\n`;
}

function fitText(text: string, room: number, ruler: Ruler, mayCut: boolean, isLast: boolean): string {
  const fitted = mayCut ? ruler.cut(text, room) : text;
  return isLast ? fitted.trimEnd() : fitted;
}
