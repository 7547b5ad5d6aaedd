// The table that `openstack` prints: PrettyTable's boxes, fitted into a width as cliff does.
import { escapeControls } from '../../text/escape.ts';
import { createRuler } from '../width.ts';
import { compareCodePoints, isDict, isList, type PythonDict, type PythonValue, str } from './python.ts';
import { wrapText } from './wrap.ts';

type Align = 'left' | 'right';
type Measure = (text: string) => number;

interface Box {
  readonly names: readonly string[];
  /** One for each name. */
  readonly aligns: readonly Align[];
  readonly rows: readonly (readonly PythonValue[])[];
}

interface BoxLimits {
  /** Maximum width of the table in cells; null for as many as it needs. */
  readonly maxWidth: number | null;
  /** Minimum width of a wrapped column in cells, even if the table becomes too wide. */
  readonly leastColumn: number;
}

/** The table, with a line feed at the end. Without rows, it is the head and two rules. */
export async function renderBox({ names, aligns, rows }: Box, limits: BoxLimits): Promise<string> {
  const lines = rows.map((row) => row.map(cellLines));
  const measure = await createMeasure(lines.flat(2));
  const wanted = names.map((name, index) => columnWidth(name, lines, index, measure));
  const most =
    limits.maxWidth === null ? new Map<number, number>() : shrink(wanted, limits.maxWidth, limits.leastColumn);
  const widths = names.map((name, index) =>
    Math.max(measure(name), Math.min(wanted[index] ?? 0, most.get(index) ?? Number.POSITIVE_INFINITY)),
  );
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const line = (texts: readonly string[]): string => boxLine(texts, widths, aligns, measure);
  const body = lines.flatMap((row) => toLines(row, widths, measure)).map(line);
  return rule + line(names) + rule + body.join('') + rule;
}

/**
 * A value's lines. Tags and properties are shown in order and readably, everything else as in Python. Unlike with
 * `openstack`, control characters are escaped.
 */
function cellLines(value: PythonValue): string[] {
  const text = showValue(value).replaceAll('\r\n', '\n').replaceAll('\r', ' ');
  return escapeControls(text, { keepNewlines: true }).split('\n');
}

function showValue(value: PythonValue): string {
  if (isList(value)) return value.map(str).toSorted(compareCodePoints).join(', ');
  return isDict(value) ? showDict(value, '') : str(value);
}

/** `key='value', other='value'`, and `key=` for null. */
function showDict(dict: PythonDict, prefix: string): string {
  return [...dict]
    .toSorted(([left], [right]) => compareCodePoints(left, right))
    .map(([key, value]) => {
      if (isDict(value)) return showDict(value, `${prefix}${key}.`);
      return `${prefix}${key}=${value === null ? '' : `'${str(value)}'`}`;
    })
    .join(', ');
}

function columnWidth(
  name: string,
  rows: readonly (readonly (readonly string[])[])[],
  index: number,
  measure: Measure,
): number {
  let widest = measure(name);
  for (const row of rows) for (const line of row[index] ?? []) widest = Math.max(widest, measure(line));
  return widest;
}

/** Counts cells code point by code point, as `wcswidth` does: a family of four takes eight. */
async function createMeasure(texts: readonly string[]): Promise<Measure> {
  const ruler = await createRuler(texts);
  return (text) => {
    if (/^[\x20-\x7e]*$/.test(text)) return text.length;
    let cells = 0;
    for (const character of text) cells += ruler.width(character);
    return cells;
  };
}

/**
 * The widths to which to limit wide columns, by index; columns narrower than an even share keep their width.
 * @see cliff `cliff/formatters/table.py`, `_assign_max_widths`
 */
function shrink(widths: readonly number[], maxWidth: number, least: number): Map<number, number> {
  const most = new Map<number, number>();
  const frame = 1 + 3 * widths.length;
  if (widths.reduce((total, width) => total + width, frame) <= maxWidth) return most;
  const room = Math.max(0, maxWidth - frame);
  const share = Math.floor(room / widths.length);
  const wide = [...widths.keys()].filter((index) => (widths[index] ?? 0) > share);
  let rest = widths.reduce((left, width) => (width > share ? left : left - width), room);
  const each = Math.floor(rest / wide.length);
  for (const index of wide.slice(0, -1)) {
    most.set(index, Math.max(least, each));
    rest -= each;
  }
  for (const index of wide.slice(-1)) most.set(index, Math.max(least, rest));
  return most;
}

/** The lines of a row, one text for each column. */
function toLines(
  row: readonly (readonly string[])[],
  widths: readonly number[],
  measure: Measure,
): (readonly string[])[] {
  const cells = row.map((lines, index) => {
    const width = widths[index] ?? 0;
    return lines.flatMap((line) => (measure(line) > width ? wrapLines(line, width) : [line]));
  });
  const height = cells.reduce((most, lines) => Math.max(most, lines.length), 0);
  return Array.from({ length: height }, (_, index) => cells.map((lines) => lines[index] ?? ''));
}

/** A line of nothing but spaces becomes an empty one. */
function wrapLines(line: string, width: number): string[] {
  const lines = wrapText(line, width);
  return lines.length > 0 ? lines : [''];
}

function boxLine(
  texts: readonly string[],
  widths: readonly number[],
  aligns: readonly Align[],
  measure: Measure,
): string {
  const cells = texts.map((text, index) => {
    const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - measure(text)));
    return aligns[index] === 'right' ? ` ${space}${text} |` : ` ${text}${space} |`;
  });
  return `|${cells.join('')}\n`;
}
