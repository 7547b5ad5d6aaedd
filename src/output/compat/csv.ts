// CSV as Python's `csv.writer` writes it with `\` as its escape character, which is how cliff uses it.
import { isDict, isList, type PythonValue, str } from './python.ts';

/** What to quote: everything, what needs it, nothing, or everything except numbers and booleans. */
export type CsvQuote = 'all' | 'minimal' | 'none' | 'nonnumeric';

/** One line, with its line feed. Null is an empty cell; lists and dictionaries are text as in Python. */
export function dumpCsvLine(values: readonly PythonValue[], quote: CsvQuote): string {
  const line = values.map((value) => writeCell(value, quote)).join(',');
  // A single empty cell is quoted, because a blank line would not be a record.
  return line === '' && values.length === 1 && quote === 'minimal' ? '""\n' : `${line}\n`;
}

function writeCell(value: PythonValue, quote: CsvQuote): string {
  const text = value === null ? '' : str(value);
  if (quote === 'none') return text.replace(/[,"\\\n]/g, String.raw`\$&`);
  const inner = text.replaceAll('\\', '\\\\').replaceAll('"', '""');
  const isQuoted = quote === 'all' || (quote === 'nonnumeric' && !isNumber(value)) || /[,"\n]/.test(text);
  return isQuoted ? `"${inner}"` : inner;
}

/** Booleans are numbers in Python. */
function isNumber(value: PythonValue): boolean {
  return value !== null && typeof value !== 'string' && !isList(value) && !isDict(value);
}
