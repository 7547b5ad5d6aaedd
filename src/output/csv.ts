// CSV according to RFC 4180, but with line feeds, as OpenStack's clients write it. Cells that a spreadsheet would take
// for a formula stay as they are unless requested otherwise: a program that reads the data back must get exactly what
// the server has.
import { toText } from './text.ts';

/**
 * One line, with its line feed. Null is an empty cell; objects and lists are compact JSON.
 * @param safe whether to put `'` before anything that a spreadsheet would take for a formula
 */
export function csvLine(values: readonly unknown[], safe = false): string {
  const line = values.map((value) => (safe ? quoteSafely(value) : quote(toText(value)))).join(',');
  // Readers skip a blank line instead of taking it for a record.
  return line === '' && values.length === 1 ? '""\n' : `${line}\n`;
}

/**
 * The beginnings of a formula in spreadsheets, full-width forms included, possibly after white space.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const formula = /^\s*[=+\-@\uff0b\uff0d\uff1d\uff20]|^[\t\r\n]/;

/**
 * In some countries, `;` or a tab separates cells, so texts that contain one are quoted. Numbers stay as they are, negative
 * ones too.
 */
function quoteSafely(value: unknown): string {
  const text = toText(value);
  const shown = typeof value === 'string' && formula.test(text) ? `'${text}` : text;
  return /[;\t]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : quote(shown);
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}
