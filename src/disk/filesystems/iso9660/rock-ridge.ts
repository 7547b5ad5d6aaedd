// Rock Ridge: POSIX names, modes, times and links in the fields of the System Use Sharing Protocol.
// @see http://aminet.net/package/docs/misc/RRIP
import { damaged } from '../../blocks/reading.ts';
import { exactText, hasFlag, hasText, viewOf } from '../../parsing/bytes.ts';
import { readLongDate, readShortDate } from './records.ts';
import type { UseField } from './system-use.ts';

/** The Rock Ridge fields of one record. Unset is null. */
export interface RockRidge {
  readonly name: string | null;
  readonly posix: { readonly mode: number; readonly uid: number; readonly gid: number } | null;
  readonly mtime: number | null;
  readonly target: string | null;
  /** New block of a directory that was relocated from here. */
  readonly childBlock: number | null;
  /** Whether it is a relocated directory in its new place. */
  readonly isRelocated: boolean;
  /** Bytes of a file that is stored compressed (zisofs). */
  readonly unpackedBytes: number | null;
}

/** Limits of a name and of the target of a link: longer than any system allows. */
const mostNameBytes = 1024;
const mostTargetBytes = 8192;

/** Bytes before the fields of each record; null if the root directory does not announce any fields. */
export function findSkipped(systemUse: Uint8Array): number | null {
  // Records of CD-ROM XA begin with 14 bytes of their own.
  const at = [0, 14].find((start) => hasText(systemUse, start, 'SP\u0007\u0001\u00be\u00ef'));
  return at === undefined ? null : (systemUse[at + 6] ?? 0);
}

const identifiers = ['RRIP_1991A', 'IEEE_P1282', 'IEEE_1282'];

/** Whether these fields of the root directory announce Rock Ridge. */
export function hasRockRidge(fields: readonly UseField[]): boolean {
  return fields.some(
    ({ signature, bytes }) =>
      signature === 'PX' ||
      signature === 'RR' ||
      (signature === 'ER' && identifiers.some((id) => hasText(bytes, 8, id))),
  );
}

/** @throws UnreadableError if a name or link is too long */
export function readRockRidge(fields: readonly UseField[]): RockRidge {
  const of = (signature: string, bytes: number): DataView | null => {
    const field = fields.find((each) => each.signature === signature && each.bytes.length >= bytes);
    return field === undefined ? null : viewOf(field.bytes);
  };
  const posix = of('PX', 36);
  const child = of('CL', 12);
  const packed = of('ZF', 16);
  return {
    name: readName(fields),
    posix:
      posix === null
        ? null
        : { mode: posix.getUint32(4, true), uid: posix.getUint32(20, true), gid: posix.getUint32(28, true) },
    mtime: readTime(fields),
    target: readTarget(fields),
    childBlock: child === null ? null : child.getUint32(4, true),
    isRelocated: of('RE', 4) !== null,
    unpackedBytes: packed === null ? null : packed.getUint32(8, true),
  };
}

function readName(fields: readonly UseField[]): string | null {
  const pieces = fields.filter(({ signature, bytes }) => signature === 'NM' && bytes.length >= 5);
  if (pieces.length === 0) return null;
  return decode(
    pieces.map(({ bytes }) => bytes.subarray(5)),
    mostNameBytes,
    'a name',
  );
}

function decode(pieces: readonly Uint8Array[], most: number, what: string): string {
  const bytes = Buffer.concat(pieces);
  return bytes.length > most ? damaged(`${what} is too long`) : exactText(bytes);
}

const timeFlags = { creation: 0x01, modify: 0x02, long: 0x80 } as const;

/** Times are stored in the order of their flags: creation, then modification. */
function readTime(fields: readonly UseField[]): number | null {
  for (const { signature, bytes } of fields) {
    const flags = bytes[4] ?? 0;
    if (signature !== 'TF' || !hasFlag(flags, timeFlags.modify)) continue;
    const length = hasFlag(flags, timeFlags.long) ? 17 : 7;
    const at = 5 + (hasFlag(flags, timeFlags.creation) ? length : 0);
    const stamp = bytes.subarray(at, at + length);
    if (stamp.length < length) return null;
    return length === 17 ? readLongDate(stamp) : readShortDate(stamp);
  }
  return null;
}

const componentFlags = { goesOn: 0x01, current: 0x02, parent: 0x04, root: 0x08 } as const;

/** Joins the parts of a path, each with flags, some continued in the next. */
function readTarget(fields: readonly UseField[]): string | null {
  const links = fields.filter(({ signature, bytes }) => signature === 'SL' && bytes.length >= 5);
  if (links.length === 0) return null;
  const slash = Buffer.from('/');
  const pieces: Uint8Array[] = [];
  let separates = false;
  for (const { bytes } of links) {
    for (let at = 5; at + 2 <= bytes.length;) {
      const [flags = 0, length = 0] = bytes.subarray(at, at + 2);
      if (separates) pieces.push(slash);
      if (hasFlag(flags, componentFlags.root)) pieces.push(slash);
      else if (hasFlag(flags, componentFlags.current)) pieces.push(Buffer.from('.'));
      else if (hasFlag(flags, componentFlags.parent)) pieces.push(Buffer.from('..'));
      else pieces.push(bytes.subarray(at + 2, at + 2 + length));
      separates = !hasFlag(flags, componentFlags.goesOn) && !hasFlag(flags, componentFlags.root);
      at += 2 + length;
    }
  }
  return decode(pieces, mostTargetBytes, 'the target of a symbolic link');
}
