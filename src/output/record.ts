// One record for people: a name and a value a line, nested ones below with their path.
import type { Row } from './columns.ts';
import { escapeControls } from './escape.ts';
import type { TableOptions } from './table.ts';
import { toText } from './text.ts';
import { createRuler } from './width.ts';

/** The lines of one record. Unset values are shown as `-`; on a terminal long values go on below themselves. */
export async function renderRecord(row: Row, { style, width }: TableOptions): Promise<string> {
  const lines = Object.entries(row).flatMap(([key, value]) => flatten(key, value));
  const ruler = await createRuler(lines.flat());
  const keyWidth = lines.reduce((widest, [key]) => Math.max(widest, ruler.width(key)), 0);
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(16, width - keyWidth - 2);
  const indent = `\n${' '.repeat(keyWidth + 2)}`;
  return lines
    .map(([key, text]) => {
      const shown = text === '' ? style.dim('-') : wrap(text, room, ruler.width).join(indent);
      return `${style.bold(ruler.pad(key, keyWidth, 'left'))}  ${shown}\n`;
    })
    .join('');
}

function flatten(key: string, value: unknown): [key: string, text: string][] {
  if (Array.isArray(value)) return [[key, value.map((item) => escapeControls(toText(item))).join(', ')]];
  if (typeof value !== 'object' || value === null) return [[key, escapeControls(toText(value))]];
  return Object.entries(value).map(([inner, text]) => [
    `${key}.${escapeControls(inner)}`,
    escapeControls(toText(text)),
  ]);
}

/** Splits at blanks where there are some, else where the room ends; nothing is lost. */
function wrap(text: string, room: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<= )/)) {
    if (line !== '' && measure(line + word.trimEnd()) > room) {
      lines.push(line.trimEnd());
      line = '';
    }
    for (const character of word) {
      if (measure(line + character) > room && character !== ' ') {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  return [...lines, line.trimEnd()];
}
