// VMDK monolithicSparse: one file with its descriptor, grain tables twice, and grains.
// @see VMware, Virtual Disk Format 5.0, "Hosted Sparse Extents"
import { type DiskContent, sectorSize, splitBlocks } from './content.ts';

export interface VmdkOptions {
  /** The whole descriptor instead of the usual one, at most 10 240 bytes. */
  readonly descriptor?: string;
}

/** All of these are in sectors. */
const grainSectors = 128;
const descriptorOffset = 1;
const descriptorSectors = 20;
const tableEntries = 512;
const tableSectors = (tableEntries * 4) / sectorSize;
const grainBytes = grainSectors * sectorSize;

/** Where things lie, in sectors. */
interface Layout {
  readonly capacity: number;
  readonly tables: number;
  /** Redundant grain directory; its tables follow it. */
  readonly spare: number;
  /** Grain directory; its tables follow it. */
  readonly main: number;
  /** Sectors of one grain directory. */
  readonly directorySectors: number;
  /** First grain. */
  readonly data: number;
}

/**
 * The image. Grains of 64 KiB without a piece of content are not in it and read as zeros.
 * @throws RangeError if a piece leaves the disk or the descriptor its room
 */
export function writeVmdk(content: DiskContent, options: VmdkOptions = {}): Buffer {
  const grains = splitBlocks(content, grainBytes);
  const layout = planLayout(content.size / sectorSize);
  const descriptor = Buffer.from(options.descriptor ?? writeDescriptor(layout.capacity));
  if (descriptor.length > descriptorSectors * sectorSize) throw new RangeError('the descriptor is too long');
  const file = Buffer.alloc((layout.data + grains.size * grainSectors) * sectorSize);
  writeHeader(file, layout);
  file.set(descriptor, descriptorOffset * sectorSize);
  writeDirectory(file, layout, layout.spare);
  writeDirectory(file, layout, layout.main);
  let next = layout.data;
  for (const [grain, bytes] of grains) {
    for (const directory of [layout.spare, layout.main]) {
      file.writeUInt32LE(next, (directory + layout.directorySectors) * sectorSize + grain * 4);
    }
    file.set(bytes, next * sectorSize);
    next += grainSectors;
  }
  return file;
}

function planLayout(capacity: number): Layout {
  const tables = Math.ceil(capacity / (grainSectors * tableEntries));
  const directorySectors = Math.ceil((tables * 4) / sectorSize);
  const spare = descriptorOffset + descriptorSectors;
  const main = spare + directorySectors + tables * tableSectors;
  const end = main + directorySectors + tables * tableSectors;
  return { capacity, tables, spare, main, directorySectors, data: Math.ceil(end / grainSectors) * grainSectors };
}

function writeHeader(file: Buffer, layout: Layout): void {
  file.write('KDMV', 0, 'latin1');
  file.writeUInt32LE(1, 4);
  file.writeUInt32LE(3, 8); // the line-end test and the redundant tables are valid
  file.writeBigUInt64LE(BigInt(layout.capacity), 12);
  file.writeBigUInt64LE(BigInt(grainSectors), 20);
  file.writeBigUInt64LE(BigInt(descriptorOffset), 28);
  file.writeBigUInt64LE(BigInt(descriptorSectors), 36);
  file.writeUInt32LE(tableEntries, 44);
  file.writeBigUInt64LE(BigInt(layout.spare), 48);
  file.writeBigUInt64LE(BigInt(layout.main), 56);
  file.writeBigUInt64LE(BigInt(layout.data), 64);
  file.write('\n \r\n', 73, 'latin1');
}

/** A directory points to all of its tables, which lie right after it. */
function writeDirectory(file: Buffer, layout: Layout, directory: number): void {
  for (let table = 0; table < layout.tables; table++) {
    const sector = directory + layout.directorySectors + table * tableSectors;
    file.writeUInt32LE(sector, directory * sectorSize + table * 4);
  }
}

function writeDescriptor(capacity: number): string {
  const cylinders = Math.min(16383, Math.floor(capacity / (16 * 63)));
  return [
    '# Disk DescriptorFile',
    'version=1',
    'CID=20100203',
    'parentCID=ffffffff',
    'createType="monolithicSparse"',
    '',
    '# Extent description',
    `RW ${String(capacity)} SPARSE "disk.vmdk"`,
    '',
    '# The Disk Data Base',
    '#DDB',
    '',
    'ddb.virtualHWVersion = "4"',
    `ddb.geometry.cylinders = "${String(cylinders)}"`,
    'ddb.geometry.heads = "16"',
    'ddb.geometry.sectors = "63"',
    'ddb.adapterType = "lsilogic"',
    '',
  ].join('\n');
}
