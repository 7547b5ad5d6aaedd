// Python's values and their text form: `openstack` prints lists and dictionaries as Python shows them.

/** A Python value. A number is an `int`; a `float` is wrapped, since 1 and 1.0 are printed differently. */
export type PythonValue = null | boolean | number | bigint | string | PythonFloat | readonly PythonValue[] | PythonDict;

interface PythonFloat {
  readonly float: number;
}

/** A dictionary with its order. A map, because an object would put keys such as `7` first. */
export type PythonDict = ReadonlyMap<string, PythonValue>;

/** A JSON value as Python's parser returns it: numbers that are not whole are floats. */
export function toPython(value: unknown): PythonValue {
  if (typeof value === 'number') return Number.isInteger(value) ? value : { float: value };
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (Array.isArray(value)) return value.map(toPython);
  if (typeof value !== 'object' || value === null) return null;
  return new Map(Object.entries(value).map(([key, part]) => [key, toPython(part)]));
}

export function isDict(value: PythonValue): value is PythonDict {
  return value instanceof Map;
}

export function isList(value: PythonValue): value is readonly PythonValue[] {
  return Array.isArray(value);
}

/** Python's `str(value)`: text as it is, everything else like {@link repr}. */
export function str(value: PythonValue): string {
  return typeof value === 'string' ? value : repr(value);
}

/** Python's `repr(value)`: `'text'`, `None`, `True`, `['a', 1]`, `{'key': 1.0}`. */
export function repr(value: PythonValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return reprText(value);
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (isList(value)) return `[${value.map(repr).join(', ')}]`;
  if (isDict(value)) return `{${[...value].map(([key, part]) => `${reprText(key)}: ${repr(part)}`).join(', ')}}`;
  return reprFloat(value.float);
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

/** Characters that `str.isprintable` rejects, and the backslash; the ordinary space is printable. */
const unprintable = /[\p{C}\p{Z}\\]/gu;

function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(unprintable, (character) =>
    character === ' ' ? ' ' : (shortEscapes[character] ?? escapeCodePoint(character)),
  );
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

function escapeCodePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** The shortest digits that parse to the same number, with an exponent below 1e-4 and from 1e16. */
export function reprFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', power = ''] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const digits = mantissa.replace(/[-.]/g, '');
  const sign = value < 0 ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

const surrogate = /[\ud800-\udfff]/;

/** Compares two texts by code point, like Python. Negative, zero or positive. */
export function compareCodePoints(left: string, right: string): number {
  // Without surrogates, the order of UTF-16 is the same.
  if (!surrogate.test(left) && !surrogate.test(right)) return left < right ? -1 : Number(left > right);
  const [some, others] = [Array.from(left), Array.from(right)];
  const length = Math.min(some.length, others.length);
  for (let index = 0; index < length; index++) {
    const difference = (some[index]?.codePointAt(0) ?? 0) - (others[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return some.length - others.length;
}
