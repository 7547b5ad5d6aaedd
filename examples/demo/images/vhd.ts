// VHD, fixed and dynamic.
// @see Microsoft, Virtual Hard Disk Image Format Specification 1.0
import { type DiskContent, sectorSize, splitBlocks, writeRaw } from './content.ts';

export interface VhdOptions {
  /** Bytes of a block of a dynamic disk, a power of two ≥ 512. Default 2 MiB. */
  readonly blockSize?: number;
  /** Four characters. Default `win `: readers then trust the size; for unknown creators some take the geometry instead. */
  readonly creator?: string;
}

const footerSize = 512;
const headerSize = 1024;
const none = 0xffff_ffff_ffff_ffffn;
const unallocated = 0xffff_ffff;
const uuid = Buffer.from('0a9c5c382f1e4c609a541d6f0b1e2a03', 'hex');

/** A fixed disk: the raw data and a footer, which is all there is to it. @throws RangeError if a piece leaves the disk */
export function writeFixedVhd(content: DiskContent, options: Pick<VhdOptions, 'creator'> = {}): Buffer {
  return Buffer.concat([writeRaw(content), writeFooter(content.size, { type: 2, dataOffset: none }, options.creator)]);
}

/**
 * A dynamic disk. Blocks without a piece of content are not in it and read as zeros.
 * @throws RangeError if a piece leaves the disk
 */
export function writeDynamicVhd(content: DiskContent, options: VhdOptions = {}): Buffer {
  const blockSize = options.blockSize ?? 2 ** 21;
  const blocks = splitBlocks(content, blockSize);
  const entries = Math.ceil(content.size / blockSize);
  const tableOffset = footerSize + headerSize;
  const table = Buffer.alloc(alignToSector(entries * 4), 0xff);
  // One bit for each sector of the block, all set: the sector is in this file.
  const bitmap = Buffer.alloc(alignToSector(blockSize / sectorSize / 8), 0xff);
  const data: Buffer[] = [];
  let next = tableOffset + table.length;
  for (let entry = 0; entry < entries; entry++) {
    const bytes = blocks.get(entry);
    table.writeUInt32BE(bytes === undefined ? unallocated : next / sectorSize, entry * 4);
    if (bytes === undefined) continue;
    data.push(bitmap, bytes);
    next += bitmap.length + blockSize;
  }
  const footer = writeFooter(content.size, { type: 3, dataOffset: BigInt(footerSize) }, options.creator);
  return Buffer.concat([footer, writeHeader({ tableOffset, entries, blockSize }), table, ...data, footer]);
}

function writeFooter(size: number, kind: { type: number; dataOffset: bigint }, creator = 'win '): Buffer {
  const footer = Buffer.alloc(footerSize);
  footer.write('conectix', 0, 'latin1');
  footer.writeUInt32BE(2, 8); // reserved bit that is always set
  footer.writeUInt32BE(0x00010000, 12);
  footer.writeBigUInt64BE(kind.dataOffset, 16);
  footer.write(creator, 28, 4, 'latin1');
  footer.writeUInt32BE(0x00060001, 32);
  footer.write('Wi2k', 36, 'latin1');
  footer.writeBigUInt64BE(BigInt(size), 40);
  footer.writeBigUInt64BE(BigInt(size), 48);
  const [cylinders, heads, sectors] = geometryOf(size / sectorSize);
  footer.writeUInt16BE(cylinders, 56);
  footer.writeUInt8(heads, 58);
  footer.writeUInt8(sectors, 59);
  footer.writeUInt32BE(kind.type, 60);
  footer.set(uuid, 68);
  footer.writeUInt32BE(checksumOf(footer), 64);
  return footer;
}

function writeHeader(facts: { tableOffset: number; entries: number; blockSize: number }): Buffer {
  const header = Buffer.alloc(headerSize);
  header.write('cxsparse', 0, 'latin1');
  header.writeBigUInt64BE(none, 8);
  header.writeBigUInt64BE(BigInt(facts.tableOffset), 16);
  header.writeUInt32BE(0x00010000, 24);
  header.writeUInt32BE(facts.entries, 28);
  header.writeUInt32BE(facts.blockSize, 32);
  header.writeUInt32BE(checksumOf(header), 36);
  return header;
}

/** Ones' complement of the sum of all bytes, taken while the checksum's own field is zero. */
function checksumOf(bytes: Buffer): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return 0xffff_ffff - sum;
}

/** Cylinders, heads and sectors a track. @see the appendix "CHS Calculation" of the specification */
function geometryOf(diskSectors: number): readonly [number, number, number] {
  const total = Math.min(diskSectors, 65535 * 16 * 255);
  if (total >= 65535 * 16 * 63) return [Math.floor(total / 255 / 16), 16, 255];
  let sectors = 17;
  let heads = Math.max(4, Math.ceil(Math.floor(total / 17) / 1024));
  for (const more of [31, 63]) {
    if (Math.floor(total / sectors) < heads * 1024 && heads <= 16) break;
    sectors = more;
    heads = 16;
  }
  return [Math.floor(Math.floor(total / sectors) / heads), heads, sectors];
}

function alignToSector(bytes: number): number {
  return Math.ceil(bytes / sectorSize) * sectorSize;
}
