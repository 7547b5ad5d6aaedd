// CSV as RFC 4180 has it, with line feeds as OpenStack's clients write them.
// Cells that a spreadsheet would take for a formula are left as they are unless that is asked for: the data is what the
// server has, and a program that reads it back must get just that.
import { toText } from './text.ts';

/**
 * One line, ended. Null is an empty cell; objects and lists are compact JSON.
 * @param safe whether no spreadsheet may take a cell for a formula: `'` stands before what looks like one
 */
export function csvLine(values: readonly unknown[], safe = false): string {
  const line = values.map((value) => (safe ? quoteSafely(value) : quote(toText(value)))).join(',');
  // A blank line is no record: readers skip it.
  return line === '' && values.length === 1 ? '""\n' : `${line}\n`;
}

/**
 * What spreadsheets begin a formula with, full-width forms too, also behind blanks.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const formula = /^\s*[=+\-@\uff0b\uff0d\uff1d\uff20]|^[\t\r\n]/;

/** In some countries cells end at `;` or a tab: what has one is quoted. A number stays one, below zero as well. */
function quoteSafely(value: unknown): string {
  const text = toText(value);
  const shown = typeof value === 'string' && formula.test(text) ? `'${text}` : text;
  return /[;\t]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : quote(shown);
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}
