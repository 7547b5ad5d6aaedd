// CSV as RFC 4180 has it, with line feeds as OpenStack's clients write them.
// Cells that a spreadsheet would take for a formula are left as they are: the data is what the server has, and a program
// that reads it back must get just that.
import { toText } from './text.ts';

/** One line, ended. Null is an empty cell; objects and lists are compact JSON. */
export function csvLine(values: readonly unknown[]): string {
  const line = values.map((value) => quote(toText(value))).join(',');
  // A blank line is no record: readers skip it.
  return line === '' && values.length === 1 ? '""\n' : `${line}\n`;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}
