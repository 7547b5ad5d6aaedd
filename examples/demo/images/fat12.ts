// A FAT12 volume with one file in its root directory.
// @see Microsoft, FAT: General Overview of On-Disk Format, version 1.03 (fatgen103)
import { type DiskContent, sectorSize } from './content.ts';

/** A file on the volume. */
export interface VolumeFile {
  /** Up to 8 capital letters and digits, and up to 3 after a dot. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface FatOptions {
  /** Size of the volume in sectors: from 64 to about 260 000. */
  readonly sectors: number;
  /** Sectors before the volume, as the boot sector records them. 0 without a partition table. */
  readonly hiddenSectors?: number;
  readonly file: VolumeFile;
}

const rootEntries = 512;
const rootSectors = (rootEntries * 32) / sectorSize;
const maxClusters = 4084;
const maxClusterSectors = 64;
const label = 'GLANCE DEMO';
/** 3 February 2010, as a directory entry stores it. */
const date = (2010 - 1980) * 512 + 2 * 32 + 3;

interface Layout {
  readonly clusterSectors: number;
  readonly tableSectors: number;
  /** First sector of cluster 2. */
  readonly dataStart: number;
  /** Clusters that a file may use. */
  readonly clusters: number;
}

/**
 * The volume, with offsets from its own start.
 * @throws RangeError if the volume is too large for FAT12 or the file for the volume
 */
export function formatFat12(options: FatOptions): DiskContent {
  const layout = planLayout(options.sectors);
  const { bytes } = options.file;
  const dataOffset = layout.dataStart * sectorSize;
  if (dataOffset + bytes.length > options.sectors * sectorSize)
    throw new RangeError('the file does not fit on its volume');
  const table = writeTable(layout, bytes.length);
  const tableBytes = layout.tableSectors * sectorSize;
  return {
    size: options.sectors * sectorSize,
    pieces: [
      { offset: 0, bytes: writeBootSector(options, layout) },
      { offset: sectorSize, bytes: table },
      { offset: sectorSize + tableBytes, bytes: table },
      { offset: sectorSize + 2 * tableBytes, bytes: writeRoot(options.file) },
      { offset: layout.dataStart * sectorSize, bytes },
    ],
  };
}

function planLayout(sectors: number): Layout {
  const room = sectors - 1 - rootSectors;
  let clusterSectors = 1;
  while (room / clusterSectors > maxClusters) clusterSectors *= 2;
  if (clusterSectors > maxClusterSectors) throw new RangeError(`${String(sectors)} sectors are too many for FAT12`);
  // A little more than needed: the tables take room from the clusters they describe.
  const tableSectors = Math.ceil(((Math.floor(room / clusterSectors) + 2) * 3) / 2 / sectorSize);
  const dataStart = 1 + 2 * tableSectors + rootSectors;
  return { clusterSectors, tableSectors, dataStart, clusters: Math.floor((sectors - dataStart) / clusterSectors) };
}

function clustersOf(bytes: number, layout: Layout): number {
  return Math.ceil(bytes / (layout.clusterSectors * sectorSize));
}

function writeBootSector({ sectors, hiddenSectors = 0 }: FatOptions, layout: Layout): Buffer {
  const sector = Buffer.alloc(sectorSize);
  sector.set([0xeb, 0x3c, 0x90]);
  sector.write('MSWIN4.1', 3, 'latin1');
  sector.writeUInt16LE(sectorSize, 11);
  sector.writeUInt8(layout.clusterSectors, 13);
  sector.writeUInt16LE(1, 14); // reserved: this sector
  sector.writeUInt8(2, 16); // copies of the table
  sector.writeUInt16LE(rootEntries, 17);
  sector.writeUInt16LE(sectors < 0x10000 ? sectors : 0, 19);
  sector.writeUInt8(0xf8, 21); // a fixed disk
  sector.writeUInt16LE(layout.tableSectors, 22);
  sector.writeUInt16LE(63, 24);
  sector.writeUInt16LE(255, 26);
  sector.writeUInt32LE(hiddenSectors, 28);
  sector.writeUInt32LE(sectors < 0x10000 ? 0 : sectors, 32);
  sector.writeUInt8(0x80, 36);
  sector.writeUInt8(0x29, 38); // the next three fields are there
  sector.writeUInt32LE(0x20100203, 39);
  sector.write(label.padEnd(11), 43, 'latin1');
  sector.write('FAT12   ', 54, 'latin1');
  sector.set([0x55, 0xaa], 510);
  return sector;
}

function writeTable(layout: Layout, fileBytes: number): Buffer {
  const used = clustersOf(fileBytes, layout);
  const entries = [0xff8, 0xfff];
  for (let cluster = 0; cluster < used; cluster++) entries.push(cluster + 1 < used ? cluster + 3 : 0xfff);
  const table = Buffer.alloc(layout.tableSectors * sectorSize);
  for (let index = 0; index < entries.length; index += 2) {
    table.writeUIntLE((entries[index] ?? 0) + (entries[index + 1] ?? 0) * 4096, (index / 2) * 3, 3);
  }
  return table;
}

function writeRoot(file: VolumeFile): Buffer {
  const root = Buffer.alloc(rootSectors * sectorSize);
  writeEntry(root.subarray(0, 32), label.padEnd(11), 0x08);
  const [base = '', extension = ''] = file.name.split('.');
  const entry = root.subarray(32, 64);
  writeEntry(entry, base.padEnd(8) + extension.padEnd(3), 0x20);
  entry.writeUInt16LE(file.bytes.length === 0 ? 0 : 2, 26);
  entry.writeUInt32LE(file.bytes.length, 28);
  return root;
}

function writeEntry(entry: Buffer, name: string, attributes: number): void {
  entry.write(name, 0, 11, 'latin1');
  entry.writeUInt8(attributes, 11);
  entry.writeUInt16LE(date, 16);
  entry.writeUInt16LE(date, 18);
  entry.writeUInt16LE(date, 24);
}
