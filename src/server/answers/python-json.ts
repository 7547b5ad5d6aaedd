// JSON as Python's json.dumps writes it, so that answers equal those of a real Glance byte for byte.

/** A value that can be written. */
export type Json = string | number | boolean | null | readonly Json[] | JsonRecord;

/** A JSON object. */
export type JsonRecord = { readonly [key: string]: Json };

/**
 * Writes ASCII only, a space after `,` and `:`, and keys in the given order.
 * @see https://docs.python.org/3/library/json.html
 */
export function toPythonJson(value: Json): string {
  return write(value, toAsciiString);
}

/** Like {@link toPythonJson}, without escaping text outside ASCII. */
export function toUnicodeJson(value: Json): string {
  return write(value, JSON.stringify);
}

/** A list within a record whose items are created one by one as they are written. */
export class LazyList {
  readonly items: Iterable<Json>;

  private constructor(items: Iterable<Json>) {
    this.items = items;
  }

  static of<T>(items: Iterable<T>, toJson: (item: T) => Json): LazyList {
    return new LazyList(mapEach(items, toJson));
  }
}

function* mapEach<T>(items: Iterable<T>, toJson: (item: T) => Json): Generator<Json> {
  for (const item of items) yield toJson(item);
}

/** A record whose lists need not be in memory as a whole. */
export type LazyRecord = Readonly<Record<string, Json | LazyList>>;

/** The text of a record in pieces of at most one list item each. */
export function* writePieces(record: LazyRecord, toText: (value: Json) => string): Generator<string> {
  let before = '{';
  for (const [key, value] of Object.entries(record)) {
    yield `${before}${toText(key)}: `;
    if (value instanceof LazyList) yield* writeItems(value, toText);
    else yield toText(value);
    before = ', ';
  }
  yield before === '{' ? '{}' : '}';
}

function* writeItems({ items }: LazyList, toText: (value: Json) => string): Generator<string> {
  let before = '';
  yield '[';
  for (const item of items) {
    yield before + toText(item);
    before = ', ';
  }
  yield ']';
}

function write(value: Json, writeText: (text: string) => string): string {
  if (typeof value === 'string') return writeText(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map((item) => write(item, writeText)).join(', ')}]`;
  const members = Object.entries(value).map(([key, member]) => `${writeText(key)}: ${write(member, writeText)}`);
  return `{${members.join(', ')}}`;
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

const ascii = /^[\0-\x7e]*$/;
const hexDigits = Buffer.from('0123456789abcdef');
/** Bytes in `\uXXXX`. */
const escapeLength = 6;

/** Writes into bytes: replacing each character separately takes ten times as long, and records can be large. */
function toAsciiString(text: string): string {
  const json = JSON.stringify(text);
  if (ascii.test(json)) return json;
  const bytes = Buffer.allocUnsafe(json.length * escapeLength);
  let length = 0;
  for (let index = 0; index < json.length; index += 1) {
    const code = json.charCodeAt(index);
    if (code < 0x7f) bytes[length++] = code;
    else length = writeEscape(bytes, length, code);
  }
  return bytes.toString('latin1', 0, length);
}

/** @returns the position after the escape */
function writeEscape(bytes: Buffer, start: number, code: number): number {
  bytes[start] = 0x5c;
  bytes[start + 1] = 0x75;
  for (let [digit, rest] = [3, code]; digit >= 0; digit -= 1) {
    bytes[start + 2 + digit] = hexDigits[rest % 16] ?? 0;
    rest = Math.floor(rest / 16);
  }
  return start + escapeLength;
}
