// JSON as Python's json.dumps writes it, so that answers are those of a real Glance byte for byte.

/** What can be written. */
export type Json = string | number | boolean | null | readonly Json[] | JsonRecord;

/** An object of JSON. */
export type JsonRecord = { readonly [key: string]: Json };

/** ASCII only, a space after `,` and `:`, keys in the order given. @see https://docs.python.org/3/library/json.html */
export function toPythonJson(value: Json): string {
  return write(value, toAsciiString);
}

/** As {@link toPythonJson}, with what is outside ASCII as it is. */
export function toUnicodeJson(value: Json): string {
  return write(value, JSON.stringify);
}

/** A list within a record, of items that are made when their turn comes. */
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

/** A record with lists that need not be in memory at once. */
export type LazyRecord = Readonly<Record<string, Json | LazyList>>;

/** The text of a record in pieces, at most an item of a list each. */
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

/** By code unit. To make each anew takes longer than all else of a list. */
const escapes: Record<string, string> = {};

function toAsciiString(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\uffff]/g,
    (character) => (escapes[character] ??= `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
