// JSON as Python's `json.dump` writes it: ASCII only; on one line, with a space after each comma and colon.
import { isDict, isList, type PythonValue, reprFloat } from './python.ts';

/** A value as JSON, with a line feed at the end. Indented by two spaces, or on one line with `--noindent`. */
export function dumpJson(value: PythonValue, indent: boolean): string {
  return `${write(value, indent ? '\n' : null)}\n`;
}

/** @param margin a line feed and the indent of the line on which `value` starts; null for a single line */
function write(value: PythonValue, margin: string | null): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return writeText(value);
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const inner = margin === null ? null : `${margin}  `;
  if (isList(value)) {
    const items = value.map((item) => write(item, inner));
    return enclose('[', items, ']', margin);
  }
  if (isDict(value)) {
    const members = [...value].map(([key, part]) => `${writeText(key)}: ${write(part, inner)}`);
    return enclose('{', members, '}', margin);
  }
  return writeFloat(value.float);
}

function enclose(open: string, parts: readonly string[], close: string, margin: string | null): string {
  if (parts.length === 0) return open + close;
  if (margin === null) return open + parts.join(', ') + close;
  return `${open}${margin}  ${parts.join(`,${margin}  `)}${margin}${close}`;
}

function writeFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return reprFloat(value);
  return value > 0 ? 'Infinity' : '-Infinity';
}

function writeText(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
