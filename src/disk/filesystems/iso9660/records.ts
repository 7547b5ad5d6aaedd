// Directory records of ISO 9660.
import { damaged } from '../../blocks/reading.ts';
import { hasFlag, viewOf } from '../../parsing/bytes.ts';
import { sectorBytes } from './descriptors.ts';

export const recordFlags = { directory: 0x02, associated: 0x04, multiExtent: 0x80 } as const;

export interface IsoRecord {
  /** Byte offset on the volume. */
  readonly offset: number;
  /** Bytes of the record. */
  readonly length: number;
  /** Byte offset of the data, after any extended attributes. */
  readonly dataOffset: number;
  readonly dataBytes: number;
  /** Unix seconds; null if it is not a valid date. */
  readonly recorded: number | null;
  readonly flags: number;
  readonly isInterleaved: boolean;
  /** As stored; a single byte 0 or 1 for the directory itself or its parent. */
  readonly name: Uint8Array;
  /** Fields of other standards, after the name. */
  readonly systemUse: Uint8Array;
}

/** Bytes of a record before its name. */
const headBytes = 33;

/**
 * The record at an offset in a sector; null if the sector has no more.
 * @param sector its bytes, perhaps without its beginning @param offset of the record on the volume
 * @throws UnreadableError if it contradicts itself
 */
export function readRecord(sector: Uint8Array, at: number, offset: number, blockBytes: number): IsoRecord | null {
  const length = sector[at] ?? 0;
  if (length === 0) return null;
  const bytes = sector.subarray(at, at + length);
  const nameBytes = bytes[32] ?? 0;
  if (bytes.length < length || nameBytes === 0 || headBytes + nameBytes > length)
    damaged('a directory record is truncated');
  const view = viewOf(bytes);
  const systemUse = headBytes + nameBytes + (nameBytes % 2 === 0 ? 1 : 0);
  return {
    offset,
    length,
    dataOffset: (view.getUint32(2, true) + view.getUint8(1)) * blockBytes,
    dataBytes: view.getUint32(10, true),
    recorded: readShortDate(bytes.subarray(18, 25)),
    flags: view.getUint8(25),
    isInterleaved: view.getUint8(26) !== 0 || view.getUint8(27) !== 0,
    name: bytes.subarray(headBytes, headBytes + nameBytes),
    systemUse: bytes.subarray(systemUse),
  };
}

/** The records in whole sectors of a directory. @param offset of the sectors on the volume @throws UnreadableError */
export function readRecords(sectors: Uint8Array, offset: number, blockBytes: number): readonly IsoRecord[] {
  const records: IsoRecord[] = [];
  for (let start = 0; start < sectors.length; start += sectorBytes) {
    const sector = sectors.subarray(start, start + sectorBytes);
    for (let at = 0; at < sector.length;) {
      const record = readRecord(sector, at, offset + start + at, blockBytes);
      if (record === null) break;
      records.push(record);
      at += record.length;
    }
  }
  return records;
}

export function isDirectory({ flags }: IsoRecord): boolean {
  return hasFlag(flags, recordFlags.directory);
}

/** Whether it stands for the directory itself or its parent. */
export function isDot({ name }: IsoRecord): boolean {
  return name.length === 1 && (name[0] === 0 || name[0] === 1);
}

/** Seven bytes: years since 1900, month, day, hour, minute, second, quarters of an hour from UTC. */
export function readShortDate(bytes: Uint8Array): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zone = 0] = bytes;
  return toSeconds([1900 + year, month, day, hour, minute, second], zone);
}

/** Sixteen digits up to hundredths of a second, and the zone. */
export function readLongDate(bytes: Uint8Array): number | null {
  const digits = Buffer.from(bytes.subarray(0, 14)).toString('latin1');
  if (!/^\d{14}$/.test(digits)) return null;
  const rest = Array.from({ length: 5 }, (_, index) => Number(digits.slice(4 + index * 2, 6 + index * 2)));
  return toSeconds([Number(digits.slice(0, 4)), ...rest], bytes[16] ?? 0);
}

function toSeconds(
  [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0]: readonly number[],
  zone: number,
): number | null {
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return null;
  const quarters = zone >= 0x80 ? zone - 0x100 : zone;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - quarters * 900;
}
