// Writers of partition tables: MBR with logical partitions, GPT in sectors of any size.
import { crc32 } from 'node:zlib';
import { encodeGuid } from '../../../../examples/demo/images/guid.ts';

/** Type, first sector and number of sectors, as in the table. */
export type MbrRow = readonly [type: number, start: number, sectors: number];

/** A sector with these entries: an MBR, or a link in the chain of logical partitions. */
export function mbrSector(rows: readonly MbrRow[]): Buffer {
  const sector = Buffer.alloc(512);
  for (const [index, [type, start, sectors]] of rows.entries()) {
    const at = 446 + index * 16;
    sector.writeUInt8(type, at + 4);
    sector.writeUInt32LE(start, at + 8);
    sector.writeUInt32LE(sectors, at + 12);
  }
  sector.set([0x55, 0xaa], 510);
  return sector;
}

export interface GptOptions {
  readonly sectorBytes?: number;
  /** First and last sector of each partition. */
  readonly partitions: readonly (readonly [first: bigint, last: bigint])[];
}

export const linuxGuid = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';
const entryBytes = 128;
const entries = 128;

/** Writes both tables and the protective MBR to a disk; the sectors between them stay as they are. */
export function writeGpt(disk: Buffer, { sectorBytes = 512, partitions }: GptOptions): void {
  const table = Buffer.alloc(entries * entryBytes);
  for (const [index, [first, last]] of partitions.entries()) {
    const at = index * entryBytes;
    table.set(encodeGuid(linuxGuid), at);
    table.set(Buffer.alloc(16, index + 1), at + 16);
    table.writeBigUInt64LE(first, at + 32);
    table.writeBigUInt64LE(last, at + 40);
  }
  const total = Math.floor(disk.length / sectorBytes);
  const tableSectors = table.length / sectorBytes;
  disk.set(mbrSector([[0xee, 1, Math.min(total - 1, 0xffff_ffff)]]), 0);
  for (const [own, other, at] of [
    [1, total - 1, 2],
    [total - 1, 1, total - 1 - tableSectors],
  ] as const) {
    disk.set(table, at * sectorBytes);
    disk.set(gptHeader({ own, other, at, total, tableSectors }, table), own * sectorBytes);
  }
}

interface Places {
  readonly own: number;
  readonly other: number;
  readonly at: number;
  readonly total: number;
  readonly tableSectors: number;
}

function gptHeader({ own, other, at, total, tableSectors }: Places, table: Buffer): Buffer {
  const header = Buffer.alloc(92);
  header.write('EFI PART', 0, 'latin1');
  header.writeUInt32LE(0x00010000, 8);
  header.writeUInt32LE(header.length, 12);
  for (const [offset, sector] of [
    [24, own],
    [32, other],
    [40, 2 + tableSectors],
    [48, total - 2 - tableSectors],
    [72, at],
  ] as const) {
    header.writeBigUInt64LE(BigInt(sector), offset);
  }
  header.writeUInt32LE(entries, 80);
  header.writeUInt32LE(entryBytes, 84);
  header.writeUInt32LE(crc32(table), 88);
  header.writeUInt32LE(crc32(header), 16);
  return header;
}
