// Volume descriptors of ISO 9660: the directory trees of a volume, and its name.
// @see https://ecma-international.org/publications-and-standards/standards/ecma-119/
import { exactText, hasText, textOf, viewOf } from '../../parsing/bytes.ts';

export const sectorBytes = 2048;
/** Where the descriptors begin. */
export const descriptorsOffset = 32 * 1024;
/** Descriptors to read. */
export const mostDescriptors = 16;

const types = { primary: 1, supplementary: 2, terminator: 255 } as const;
/** Escape sequences of UCS-2, which distinguish Joliet from other supplementary volumes. */
const joliet = ['%/@', '%/C', '%/E'];

/** A directory tree, as its descriptor gives it. */
export interface Tree {
  /** Where its root directory begins, in bytes. */
  readonly rootOffset: number;
  readonly blockBytes: number;
}

export interface Descriptors {
  readonly primary: Tree;
  readonly joliet: Tree | null;
  readonly label: string | null;
  /** Formed as blkid does, from the date of modification or else creation; null if neither is set. */
  readonly uuid: string | null;
  /** Bytes of the volume. */
  readonly size: number;
}

/** @param sectors from the first descriptor on. @returns null without a primary descriptor, or if it contradicts itself */
export function readDescriptors(sectors: Uint8Array): Descriptors | null {
  let primary: Uint8Array | null = null;
  let supplementary: Uint8Array | null = null;
  for (let at = 0; at + sectorBytes <= sectors.length; at += sectorBytes) {
    const sector = sectors.subarray(at, at + sectorBytes);
    if (!hasText(sector, 1, 'CD001') || sector[0] === types.terminator) break;
    if (sector[0] === types.primary) primary ??= sector;
    else if (sector[0] === types.supplementary && joliet.some((escape) => hasText(sector, 88, escape))) {
      supplementary ??= sector;
    }
  }
  const tree = primary === null ? null : readTree(primary);
  if (primary === null || tree === null) return null;
  return {
    primary: tree,
    joliet: supplementary === null ? null : readTree(supplementary),
    label: readLabel(primary, supplementary),
    uuid: readUuid(primary, 830) ?? readUuid(primary, 813),
    size: viewOf(primary).getUint32(80, true) * tree.blockBytes,
  };
}

function readTree(sector: Uint8Array): Tree | null {
  const view = viewOf(sector);
  const blockBytes = view.getUint16(128, true);
  if (![512, 1024, 2048].includes(blockBytes)) return null;
  // Only the position of the root's record is used: the first record in the directory itself gives the rest.
  return { rootOffset: (view.getUint32(158, true) + view.getUint8(157)) * blockBytes, blockBytes };
}

/** Joliet's label may contain any letters, but only 16 of them; if the plain label agrees with these, it supplies the rest. */
function readLabel(primary: Uint8Array, supplementary: Uint8Array | null): string | null {
  const plain = textOf(primary.subarray(40, 72)).trimEnd();
  const wide = supplementary === null ? '' : untilNul(exactText(supplementary.subarray(40, 72), 'utf-16be'));
  const isSame =
    plain.length >= wide.length && Array.from(wide).every((letter, at) => isLike(plain.charAt(at), letter));
  const label = wide === '' ? plain : isSame ? wide + plain.slice(wide.length) : wide;
  return label.trimEnd() === '' ? null : label.trimEnd();
}

function untilNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** Whether a letter of the plain label may stand for one of Joliet's. */
function isLike(plain: string, letter: string): boolean {
  return plain === '_' || plain.toUpperCase() === letter.toUpperCase();
}

/** A date of 16 digits, in groups. */
function readUuid(sector: Uint8Array, at: number): string | null {
  const digits = textOf(sector.subarray(at, at + 16));
  if (!/^\d{16}$/.test(digits) || /^0+$/.test(digits)) return null;
  const pairs = Array.from({ length: 6 }, (_, index) => digits.slice(4 + index * 2, 6 + index * 2));
  return [digits.slice(0, 4), ...pairs].join('-');
}
