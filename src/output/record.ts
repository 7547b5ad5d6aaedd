// One record for people: a name and a value a line, nested ones below with their path.
import type { Row } from './columns.ts';
import { escapeControls } from './escape.ts';
import { gap } from './fit.ts';
import type { TableOptions } from './table.ts';
import { toReadable } from './text.ts';
import { createRuler, type Ruler, splitGraphemes } from './width.ts';

/** A longer name pushes its own value to the right, and no other. */
const longestName = 32;
/** Cells that values have at least, however narrow the terminal. */
const leastRoom = 16;

/** The lines of one record. Unset values are shown as `-`; on a terminal long values go on below themselves. */
export async function renderRecord(row: Row, { style, width }: TableOptions): Promise<string> {
  const lines = Object.entries(row).flatMap(([key, value]) => flatten(key, value));
  const ruler = await createRuler(lines.flat());
  const widest = lines.reduce((cells, [key]) => Math.max(cells, ruler.width(key)), 0);
  const keyWidth = Math.min(widest, width === null ? longestName : Math.min(longestName, Math.floor(width / 2)));
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(leastRoom, width - keyWidth - gap.length);
  const indent = `\n${' '.repeat(keyWidth + gap.length)}`;
  return lines
    .map(([key, text]) => {
      const values = text === '' ? [style.dim('-')] : wrap(text, room, ruler);
      const isLong = width !== null && ruler.width(key) > keyWidth;
      const name = style.bold(ruler.pad(key, keyWidth, 'left'));
      return `${name}${isLong ? indent : gap}${values.join(indent)}\n`;
    })
    .join('');
}

/** Names and texts, both escaped; a property a line. */
function flatten(key: string, value: unknown): [key: string, text: string][] {
  const name = escapeControls(key);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[name, escapeControls(toReadable(value))]];
  }
  const parts = Object.entries(value);
  if (parts.length === 0) return [[name, '']];
  return parts.map(([inner, text]) => [`${name}.${escapeControls(inner)}`, escapeControls(toReadable(text))]);
}

/** Splits at blanks where there are some, else where the room ends; nothing but blanks at the ends is lost. */
function wrap(text: string, room: number, ruler: Ruler): string[] {
  if (room === Number.POSITIVE_INFINITY || ruler.width(text) <= room) return [text];
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const add = (part: string, cells: number): void => {
    if (used > 0 && used + cells > room) {
      lines.push(line.trimEnd());
      line = '';
      used = 0;
    }
    line += part;
    used += ruler.width(part);
  };
  for (const word of text.split(/(?<= )/)) {
    const cells = ruler.width(word.trimEnd());
    if (cells <= room) add(word, cells);
    else for (const part of splitGraphemes(word)) add(part, ruler.width(part));
  }
  return [...lines, line.trimEnd()];
}
