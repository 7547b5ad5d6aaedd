// The members of a tar by any writer: v7, ustar, pax and GNU, whose headers of type x, g, L and K describe the member that
// follows and are not members themselves.
// @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
// @see https://www.gnu.org/software/tar/manual/html_node/Standard.html
import { exactText, hasText, isZero, textOf, viewOf } from '../parsing/bytes.ts';
import type { Reading } from '../parsing/parser.ts';

const blockBytes = 512;
/** Headers beyond this are not read. */
export const mostTarBytes = 1024 * 1024;
const mostHeaders = 100;

/** A member, from its header. */
export interface TarMember {
  readonly name: string;
  /** One character; `0` for every kind of regular file. */
  readonly type: string;
  /** Byte offset and length of its data. */
  readonly offset: number;
  readonly size: number;
}

/** The result of walking the headers. */
interface TarWalk {
  readonly members: readonly TarMember[];
  /** What is wrong with the headers; null if nothing is wrong. */
  readonly problem: string | null;
  /** Whether the data ends before its first member does. */
  readonly isCut: boolean;
}

/**
 * Whether a block is a member's header: its checksum is right, over signed or unsigned bytes. Before POSIX, headers had no
 * `ustar`; those must have a type of that time, and a name.
 */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < blockBytes) return false;
  const stored = numberOf(block.subarray(148, 156));
  let unsigned = 0;
  let signed = 0;
  for (let index = 0; index < blockBytes; index++) {
    const byte = index >= 148 && index < 156 ? 32 : (block[index] ?? 0);
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  if (stored === null || (stored !== unsigned && stored !== signed)) return false;
  return hasText(block, 257, 'ustar') || (`\u000001234567DMS${headerTypes}`.includes(typeOf(block)) && block[0] !== 0);
}

/** Reads the members whose headers are near the start, up to the first that `isWanted` accepts. */
export function* readMembers(isWanted: (member: TarMember) => boolean): Reading<TarWalk> {
  const members: TarMember[] = [];
  let said: Extended = {};
  let offset = 0;
  const end = (problem: string | null = null, isCut = false): TarWalk => ({ members, problem, isCut });
  for (let count = 0; count < mostHeaders; count++) {
    const isFirst = members.length === 0;
    if (offset + blockBytes > mostTarBytes) return end(isFirst ? 'its first member is too far into the data' : null);
    const supply = yield { from: 'start', offset, length: blockBytes, optional: !isFirst };
    if (supply === null || !isTarHeader(supply)) {
      if (!isFirst || supply === null) return end();
      if (supply.length < blockBytes) return end(null, true);
      // An empty archive may still have headers.
      return end(isZero(supply) ? null : 'no member follows its headers');
    }
    const header = Uint8Array.from(supply);
    const data = offset + blockBytes;
    const size = (isHeader(typeOf(header)) ? null : said.size) ?? numberOf(header.subarray(124, 136));
    if (size === null) return end(isFirst ? 'the size of its first member is not a number' : null);
    if (isHeader(typeOf(header))) {
      const read = yield* readExtended(typeOf(header), data, size, said);
      if (read === null) return end('the header of a member is not understood');
      said = read;
    } else {
      const member = { name: said.path ?? nameOf(header), type: kindOf(header), offset: data, size };
      members.push(member);
      if (isWanted(member)) return end();
      said = { ...said, ...nothing, ...said.global };
    }
    offset = data + Math.ceil(size / blockBytes) * blockBytes;
  }
  return end(members.length === 0 ? 'too many headers before its first member' : null);
}

/** What headers say about the next member, or about all that follow. */
interface Extended {
  readonly path?: string | undefined;
  readonly size?: number | undefined;
  readonly global?: { readonly path?: string; readonly size?: number };
}

const nothing: Extended = { path: undefined, size: undefined };

function typeOf(header: Uint8Array): string {
  return String.fromCharCode(header[156] ?? 0);
}

/** pax (x, g; X on Solaris), GNU's long names (L, K; formerly N), a volume label (V). */
const headerTypes = 'xgXLKNV';

function isHeader(type: string): boolean {
  return headerTypes.includes(type);
}

/** A regular file is `0`, NUL before POSIX, or 7 if it was contiguous. */
function kindOf(header: Uint8Array): string {
  const type = typeOf(header);
  return type === '\0' || type === '7' ? '0' : type;
}

/** Includes the prefix that POSIX added. */
function nameOf(header: Uint8Array): string {
  const name = textOf(header.subarray(0, 100));
  const prefix = hasText(header, 257, 'ustar\0') ? textOf(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** @returns null if it is too long or cannot be interpreted */
function* readExtended(type: string, offset: number, size: number, said: Extended): Reading<Extended | null> {
  if (offset + size > mostTarBytes) return null;
  if (!'xgXL'.includes(type)) return said;
  const bytes = yield { from: 'start', offset, length: size };
  if (bytes === null || bytes.length < size) return null;
  if (type === 'L') return { ...said, path: textOf(bytes) };
  const records = readPax(bytes);
  if (records === null) return null;
  return type === 'g' ? { ...said, ...records, global: { ...said.global, ...records } } : { ...said, ...records };
}

/** Repeated `LENGTH KEY=VALUE\n`; the length in bytes covers the whole record. */
function readPax(bytes: Uint8Array): { path?: string; size?: number } | null {
  const found: { path?: string; size?: number } = {};
  for (let at = 0; at < bytes.length && bytes[at] !== 0;) {
    const digits = textOf(bytes.subarray(at, at + 9)).split(' ', 1)[0] ?? '';
    const length = Number(digits);
    const end = at + length;
    const isWhole = /^\d{1,8}$/.test(digits) && length > digits.length + 2 && end <= bytes.length;
    if (!isWhole || bytes[end - 1] !== 0x0a) return null;
    const record = bytes.subarray(at + digits.length + 1, end - 1);
    const path = valueOf(record, 'path');
    const size = valueOf(record, 'size');
    if (path !== null && path !== '') found.path = path;
    if (size !== null && size !== '') {
      if (!/^\d{1,15}$/.test(size)) return null;
      found.size = Number(size);
    }
    at = end;
  }
  return found;
}

function valueOf(record: Uint8Array, key: string): string | null {
  if (!hasText(record, 0, `${key}=`)) return null;
  return exactText(record.subarray(key.length + 1));
}

/** Octal digits between spaces and NULs, or GNU's base 256; null for anything else, and from 2^52. */
function numberOf(field: Uint8Array): number | null {
  if ((field[0] ?? 0) >= 0x80) return binaryOf(field);
  const [digits = ''] = Buffer.from(field).toString('latin1').trimStart().split(/[ \0]/, 1);
  if (digits === '') return 0;
  return /^[0-7]{1,12}$/.test(digits) ? Number.parseInt(digits, 8) : null;
}

function binaryOf(field: Uint8Array): number | null {
  if (field[0] !== 0x80 || field.length < 12) return null;
  const isSmall = isZero(field.subarray(1, 4));
  const value = viewOf(field).getBigUint64(4);
  return isSmall && value < 2n ** 52n ? Number(value) : null;
}
