// Fields of binary headers. Callers make sure that the bytes are there.

/** A view for reading fields of either byte order. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether the bytes at `offset` are this text, one byte a character. */
export function hasText(bytes: Uint8Array, offset: number, text: string): boolean {
  if (bytes.length < offset + text.length) return false;
  for (let index = 0; index < text.length; index++) {
    if (bytes[offset + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** All bytes as text. A byte order mark is kept, as it may be part of a name; invalid characters are replaced. */
export function exactText(bytes: Uint8Array, encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1' = 'utf-8'): string {
  return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
}

/** The text up to the first NUL, or all of it; invalid UTF-8 is replaced. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return exactText(end < 0 ? bytes : bytes.subarray(0, end));
}

/** The beginning of a text that is too long, never ending within a character. */
export function cutText(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Whether bit `index` of a field is set. */
export function hasBit(value: bigint, index: number): boolean {
  return (value / 2n ** BigInt(index)) % 2n === 1n;
}

/** Whether the bit of `flag` is set. @param flag a power of two, up to 2^31 */
export function hasFlag(value: number, flag: number): boolean {
  return Math.floor(value / flag) % 2 === 1;
}

export function isPowerOfTwo(number: number): boolean {
  return number > 0 && Number.isInteger(Math.log2(number));
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** 2^63: anything from here on is not a size. */
export const sizeLimit = 2n ** 63n;

/** A GUID whose first three fields are stored little-endian, as in VHDX and GPT: upper case, with dashes. */
export function guidOf(bytes: Uint8Array): string {
  const hex = (from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString('hex').toUpperCase();
  const swapped = (from: number, to: number): string =>
    Buffer.from(bytes.subarray(from, to).toReversed()).toString('hex').toUpperCase();
  return `${swapped(0, 4)}-${swapped(4, 6)}-${swapped(6, 8)}-${hex(8, 10)}-${hex(10, 16)}`;
}

/** A UUID stored in the order in which it is written, as in most file systems: lower case, with dashes; null if all zero. */
export function uuidOf(bytes: Uint8Array): string | null {
  if (isZero(bytes)) return null;
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
