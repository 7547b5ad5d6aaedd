// A row of an SQLite table. @see https://www.sqlite.org/fileformat2.html#record_format
import { damaged } from '../../blocks/reading.ts';

/** No table that is read here has more columns. */
const mostColumns = 64;

/** A number in one to nine bytes, and where it ends. @throws UnreadableError */
export function readVarint(bytes: Uint8Array, at: number): readonly [value: number, end: number] {
  let value = 0;
  for (let index = 0; index < 8; index++) {
    const byte = bytes[at + index] ?? damaged('a number in the database is truncated');
    value = value * 128 + (byte % 128);
    if (byte < 128) return [value, at + index + 1];
  }
  // Eight bytes of seven bits and one of eight: more than any real length or row number.
  return [value * 256 + (bytes[at + 8] ?? damaged('a number in the database is truncated')), at + 9];
}

/** The bytes of each column; null for SQL's null. Numbers stay encoded. @throws UnreadableError */
export function columnsOf(row: Uint8Array): readonly (Uint8Array | null)[] {
  const [headerEnd, start] = readVarint(row, 0);
  if (headerEnd > row.length) damaged('a row of the database is truncated');
  const columns: (Uint8Array | null)[] = [];
  let at = start;
  let data = headerEnd;
  while (at < headerEnd) {
    const [type, next] = readVarint(row, at);
    const length = lengthOf(type);
    if (columns.length >= mostColumns || data + length > row.length) damaged('the header of a database row is invalid');
    columns.push(type === 0 ? null : row.subarray(data, data + length));
    data += length;
    at = next;
  }
  return columns;
}

function lengthOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  const length = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0][type];
  return length ?? damaged('the type of a database column is invalid');
}

/** Decodes a whole number. */
export function numberOf(column: Uint8Array): number {
  return column.reduce((sum, byte) => sum * 256 + byte, 0);
}
