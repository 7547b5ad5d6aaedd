// VDI, the dynamic kind, as VirtualBox writes it but without the padding between header, map and data.
// @see VirtualBox, src/VBox/Storage/VDICore.h
import { type DiskContent, sectorSize, splitBlocks } from './content.ts';
import { encodeGuid } from './guid.ts';

/** Bytes. The only block size that qemu reads. */
const blockSize = 2 ** 20;
const unallocated = 0xffff_ffff;

/** The image. Blocks of 1 MiB without a piece of content are not in it and read as zeros. @throws RangeError if a piece leaves the disk */
export function writeVdi(content: DiskContent): Buffer {
  const blocks = splitBlocks(content, blockSize);
  const count = Math.ceil(content.size / blockSize);
  const map = Buffer.alloc(Math.ceil((count * 4) / sectorSize) * sectorSize);
  let next = 0;
  for (let block = 0; block < count; block++) map.writeUInt32LE(blocks.has(block) ? next++ : unallocated, block * 4);
  const header = writeHeader({ size: content.size, count, used: blocks.size, dataOffset: sectorSize + map.length });
  return Buffer.concat([header, map, ...blocks.values()]);
}

function writeHeader(facts: { size: number; count: number; used: number; dataOffset: number }): Buffer {
  const header = Buffer.alloc(sectorSize);
  header.write('<<< Oracle VM VirtualBox Disk Image >>>\n', 0, 'latin1');
  header.writeUInt32LE(0xbeda107f, 64);
  header.writeUInt32LE(0x00010001, 68);
  header.writeUInt32LE(400, 72); // bytes of the header from here on
  header.writeUInt32LE(1, 76); // dynamic
  header.writeUInt32LE(sectorSize, 340); // block map
  header.writeUInt32LE(facts.dataOffset, 344);
  header.writeUInt32LE(sectorSize, 360);
  header.writeBigUInt64LE(BigInt(facts.size), 368);
  header.writeUInt32LE(blockSize, 376);
  header.writeUInt32LE(facts.count, 384);
  header.writeUInt32LE(facts.used, 388);
  header.set(encodeGuid('0a9c5c38-2f1e-4c60-9a54-1d6f0b1e2a04'), 392);
  header.set(encodeGuid('0a9c5c38-2f1e-4c60-9a54-1d6f0b1e2a05'), 408);
  return header;
}
