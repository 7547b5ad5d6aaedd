// Long names, stored as pieces of 13 UTF-16 units in the slots before an entry, last piece first.
import { exactText, hasFlag, viewOf } from '../../parsing/bytes.ts';
import { shortNameChecksum } from './short-name.ts';

const lastPiece = 0x40;
/** 255 units in pieces of 13. */
const mostPieces = 20;
/** Where the units of a slot are: offset and length in bytes. */
const unitPlaces = [
  [1, 10],
  [14, 12],
  [28, 4],
] as const;

/** A long name while its slots are read. */
export class LongName {
  readonly #checksum: number;
  readonly #pieces: string[] = [];
  /** Number of the latest piece. */
  #piece: number;

  private constructor(slot: Uint8Array, piece: number) {
    this.#checksum = slot[13] ?? 0;
    this.#piece = piece;
    this.#pieces.push(unitsOf(slot));
  }

  /** The name with another slot added; null if the slot is not part of a name. */
  static next(sofar: LongName | null, slot: Uint8Array): LongName | null {
    const number = slot[0] ?? 0;
    if (hasFlag(number, lastPiece)) {
      const piece = number - lastPiece;
      return piece >= 1 && piece <= mostPieces ? new LongName(slot, piece) : null;
    }
    if (sofar === null || number !== sofar.#piece - 1 || slot[13] !== sofar.#checksum) return null;
    sofar.#piece = number;
    sofar.#pieces.unshift(unitsOf(slot));
    return sofar;
  }

  /** The name; null if it is incomplete, empty, or belongs to another entry. @param shortName its 11 bytes */
  nameFor(shortName: Uint8Array): string | null {
    if (this.#piece !== 1 || shortNameChecksum(shortName) !== this.#checksum) return null;
    const units = this.#pieces.join('');
    const end = units.indexOf('\0');
    const name = end < 0 ? units : units.slice(0, end);
    // Unpaired surrogates are replaced.
    return name === '' ? null : exactText(Buffer.from(name, 'utf16le'), 'utf-16le');
  }
}

function unitsOf(slot: Uint8Array): string {
  const view = viewOf(slot);
  const units: number[] = [];
  for (const [start, length] of unitPlaces) {
    for (let at = start; at < start + length; at += 2) units.push(view.getUint16(at, true));
  }
  return String.fromCharCode(...units);
}
