// A whole disk: a partition table, MBR or GPT, and one partition with what lies on it.
import { crc32 } from 'node:zlib';
import { type DiskContent, type Piece, movePieces, sectorSize } from './content.ts';
import { type VolumeFile, formatFat12 } from './fat12.ts';
import { encodeGuid } from './guid.ts';

export interface PartitionedOptions {
  /** Size of the disk in bytes, a multiple of 512. */
  readonly size: number;
  readonly table: 'mbr' | 'gpt';
  /** First sector of the partition. Default 2048 (1 MiB); at least 1 for MBR, 34 for GPT. */
  readonly firstSector?: number;
  /** Sectors of the partition. Default: all that are left. */
  readonly sectors?: number;
  /** The one file on the partition's FAT12 volume. */
  readonly file: VolumeFile;
}

/** Sectors that a GPT takes at the start (protective MBR, header, entries) and, without the MBR, at the end. */
const gptStart = 34;
const gptEnd = 33;
const gptEntries = 128;
const gptEntrySize = 128;
const diskGuid = '0a9c5c38-2f1e-4c60-9a54-1d6f0b1e2a01';
const partitionGuid = '0a9c5c38-2f1e-4c60-9a54-1d6f0b1e2a02';
/** "Basic data": any FAT or NTFS volume. */
const basicDataGuid = 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7';

interface Partition {
  readonly first: number;
  readonly sectors: number;
}

/**
 * The disk, with one partition. Without `sectors` it reaches to the end of the disk, or of the room that a GPT leaves.
 * @throws RangeError if there is no room for the volume or its file
 */
export function makePartitionedDisk(options: PartitionedOptions): DiskContent {
  const { size, table, file, firstSector: first = 2048 } = options;
  const total = size / sectorSize;
  const room = total - first - (table === 'gpt' ? gptEnd : 0);
  const sectors = options.sectors ?? room;
  if (first < (table === 'gpt' ? gptStart : 1) || sectors < 64 || sectors > room) {
    throw new RangeError('no room for the partition');
  }
  const volume = formatFat12({ sectors, hiddenSectors: first, file });
  const partition = { first, sectors };
  const tables = table === 'gpt' ? writeGpt(total, partition) : [writeMbr(partition)];
  return { size, pieces: [...tables, ...movePieces(volume, first * sectorSize)] };
}

function writeMbr({ first, sectors }: Partition): Piece {
  const sector = Buffer.alloc(sectorSize);
  sector.writeUInt32LE(0x20100203, 440);
  const entry = sector.subarray(446, 462);
  entry.writeUInt8(0x80, 0); // active
  entry.set(encodeChs(first), 1);
  entry.writeUInt8(0x01, 4); // FAT12
  entry.set(encodeChs(first + sectors - 1), 5);
  entry.writeUInt32LE(first, 8);
  entry.writeUInt32LE(sectors, 12);
  sector.set([0x55, 0xaa], 510);
  return { offset: 0, bytes: sector };
}

/** Cylinder, head and sector as an MBR packs them, with 255 heads of 63 sectors. */
function encodeChs(sector: number): readonly number[] {
  const cylinder = Math.floor(sector / (255 * 63));
  if (cylinder > 1023) return [0xfe, 0xff, 0xff];
  const head = Math.floor(sector / 63) % 255;
  return [head, (sector % 63) + 1 + Math.floor(cylinder / 256) * 64, cylinder % 256];
}

/** @see UEFI specification 2.10, chapter 5 */
function writeGpt(total: number, partition: Partition): readonly Piece[] {
  const entries = Buffer.alloc(gptEntries * gptEntrySize);
  entries.set(encodeGuid(basicDataGuid), 0);
  entries.set(encodeGuid(partitionGuid), 16);
  entries.writeBigUInt64LE(BigInt(partition.first), 32);
  entries.writeBigUInt64LE(BigInt(partition.first + partition.sectors - 1), 40);
  entries.write('root', 56, 'utf16le');
  const last = total - 1;
  return [
    writeProtectiveMbr(total),
    { offset: sectorSize, bytes: writeGptHeader({ own: 1, other: last, entriesAt: 2, total }, entries) },
    { offset: 2 * sectorSize, bytes: entries },
    { offset: (total - gptEnd) * sectorSize, bytes: entries },
    {
      offset: last * sectorSize,
      bytes: writeGptHeader({ own: last, other: 1, entriesAt: total - gptEnd, total }, entries),
    },
  ];
}

function writeProtectiveMbr(total: number): Piece {
  const sector = Buffer.alloc(sectorSize);
  sector.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff], 446);
  sector.writeUInt32LE(1, 454);
  sector.writeUInt32LE(Math.min(total - 1, 0xffff_ffff), 458);
  sector.set([0x55, 0xaa], 510);
  return { offset: 0, bytes: sector };
}

/** Places in sectors: this header, the other copy, the entries that belong to it. */
interface GptPlaces {
  readonly own: number;
  readonly other: number;
  readonly entriesAt: number;
  readonly total: number;
}

function writeGptHeader({ own, other, entriesAt, total }: GptPlaces, entries: Buffer): Buffer {
  const header = Buffer.alloc(92);
  header.write('EFI PART', 0, 'latin1');
  header.writeUInt32LE(0x00010000, 8);
  header.writeUInt32LE(header.length, 12);
  header.writeBigUInt64LE(BigInt(own), 24);
  header.writeBigUInt64LE(BigInt(other), 32);
  header.writeBigUInt64LE(BigInt(gptStart), 40);
  header.writeBigUInt64LE(BigInt(total - gptEnd - 1), 48);
  header.set(encodeGuid(diskGuid), 56);
  header.writeBigUInt64LE(BigInt(entriesAt), 72);
  header.writeUInt32LE(gptEntries, 80);
  header.writeUInt32LE(gptEntrySize, 84);
  header.writeUInt32LE(crc32(entries), 88);
  // The checksum is taken over the header with this field still zero.
  header.writeUInt32LE(crc32(header), 16);
  return header;
}
