// One record for people: one name and value per line, in groups under headings if the record has any.
import type { Row } from './columns.ts';
import { isDigestText } from '../text/digest-text.ts';
import { escapeControls } from '../text/escape.ts';
import { gap } from './fit.ts';
import type { Style } from './style.ts';
import type { TableOptions } from './table.ts';
import { toReadable } from './text.ts';
import { createRuler } from './width.ts';
import { wrapText } from './wrap-text.ts';

/** One line of a record. */
export interface Field {
  readonly key: string;
  /** Empty if unset. */
  readonly text: string;
  /** Colours the value, which is escaped and may be one of several lines. */
  readonly paint?: (text: string, style: Style) => string;
}

/** Fields that belong together. */
export interface FieldGroup {
  readonly title: string;
  readonly fields: readonly Field[];
}

/** A name longer than this moves its own value to the right, but no others. */
const longestName = 32;
/** Minimum width of values in cells, however narrow the terminal is. */
const leastRoom = 16;
/** Indent of a field under a heading. */
const margin = '  ';

/**
 * The lines of one record; nested values have their path as the name. Unset values are shown as `-`. On a terminal,
 * long values continue on the next lines.
 */
export async function renderRecord(row: Row, options: TableOptions): Promise<string> {
  const fields = Object.entries(row).flatMap(([key, value]) => flatten(key, value));
  return (await layOut(fields, '', options, options.style.bold)).join('');
}

/** The lines of a record in groups; without headers, they are a single group. */
export async function renderGroups(groups: readonly FieldGroup[], options: TableOptions): Promise<string> {
  const hasHeads = options.headers !== false;
  const fields = groups.flatMap((group) => group.fields);
  const lines = await layOut(fields, hasHeads ? margin : '', options, (text) => text);
  if (!hasHeads) return lines.join('');
  let taken = 0;
  const texts = groups.map(({ title, fields: { length } }) => {
    taken += length;
    return `${options.style.bold(title)}\n${lines.slice(taken - length, taken).join('')}`;
  });
  return texts.join('\n');
}

/** One text for each field, with a line feed at the end. */
async function layOut(
  raw: readonly Field[],
  before: string,
  { style, width }: TableOptions,
  paintKey: (text: string) => string,
): Promise<string[]> {
  const fields = raw.map((field) => ({ ...field, key: escapeControls(field.key), text: escapeControls(field.text) }));
  const ruler = await createRuler(fields.flatMap(({ key, text }) => [key, text]));
  const widest = fields.reduce((cells, { key }) => Math.max(cells, ruler.width(key)), 0);
  const keyWidth = Math.min(widest, width === null ? longestName : Math.min(longestName, Math.floor(width / 2)));
  const used = before.length + keyWidth + gap.length;
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(leastRoom, width - used);
  const indent = `\n${' '.repeat(used)}`;
  const below = `\n${before}${gap}`;
  // A digest wider than the terminal is left to the terminal, whose line break is not part of the copied text.
  const belongsBelow = (text: string): boolean =>
    width !== null &&
    !text.includes(' ') &&
    ruler.width(text) > room &&
    (isDigestText(text) || ruler.width(text) <= width - before.length - gap.length);
  return fields.map(({ key, text, paint }) => {
    const name = ruler.pad(key, keyWidth, 'left');
    // An id with a line break in it cannot be copied.
    if (belongsBelow(text)) return `${before}${paintKey(key)}${below}${paint?.(text, style) ?? text}\n`;
    const values =
      text === '' ? [style.dim('-')] : wrapText(text, room, ruler).map((line) => paint?.(line, style) ?? line);
    const isLong = width !== null && ruler.width(key) > keyWidth;
    return `${before}${paintKey(name)}${isLong ? indent : gap}${values.join(indent)}\n`;
  });
}

/** One line for each property. */
function flatten(key: string, value: unknown): Field[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [{ key, text: toReadable(value) }];
  const parts = Object.entries(value);
  if (parts.length === 0) return [{ key, text: '' }];
  return parts.map(([inner, text]) => ({ key: `${key}.${inner}`, text: toReadable(text) }));
}
