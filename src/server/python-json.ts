// JSON as Python's json.dumps writes it, so that answers are those of a real Glance byte for byte.

/** What can be written. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** ASCII only, a space after `,` and `:`, keys in the order given. @see https://docs.python.org/3/library/json.html */
export function toPythonJson(value: Json): string {
  return write(value, toAsciiString);
}

/** As {@link toPythonJson}, with what is outside ASCII as it is. */
export function toUnicodeJson(value: Json): string {
  return write(value, JSON.stringify);
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

function toAsciiString(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
