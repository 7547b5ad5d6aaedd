// The first sector of a FAT volume: where its parts lie.
// @see https://download.microsoft.com/download/1/6/1/161ba512-40e2-4cc9-843a-923143f3456c/fatgen103.doc
import { hasFlag, hasText, viewOf } from '../../parsing/bytes.ts';
import { shortText } from './short-name.ts';

/** Bytes of the boot sector to read, whatever the sector size. */
export const bootSectorBytes = 512;
export const slotBytes = 32;

export interface FatLayout {
  /** Bits of an entry of the table. */
  readonly bits: 12 | 16 | 32;
  readonly clusterBytes: number;
  /** Usable clusters, numbered from 2. */
  readonly clusters: number;
  /** Byte offset of the table that is in use. */
  readonly tableOffset: number;
  readonly tableBytes: number;
  /** Cluster of the root directory; 0 if it has an area of its own (FAT12, FAT16). */
  readonly rootCluster: number;
  /** Byte offset and length of that area; the length is 0 in FAT32. */
  readonly rootOffset: number;
  readonly rootBytes: number;
  /** Byte offset of cluster 2. */
  readonly dataOffset: number;
  /** Size of the whole volume, in bytes. */
  readonly size: number;
  /** Byte offset of FSInfo; null if there is none. */
  readonly infoOffset: number | null;
  /** Serial number, formatted as `1A2B-3C4D`; null if unset. */
  readonly volumeId: string | null;
  /** The volume's name in the boot sector; null if unset. */
  readonly label: string | null;
}

/** Whether it is the first sector of a FAT volume, and not a similar one of another file system. */
export function isBootSector(front: Uint8Array): boolean {
  if (readLayout(front) === null) return false;
  if (hasText(front, 54, 'HPFS') || hasText(front, 54, 'JFS') || hasText(front, 3, 'NTFS    ')) return false;
  const named = hasText(front, 54, 'FAT') || hasText(front, 82, 'FAT32') || hasText(front, 54, 'MSDOS');
  return named || front[0] === 0xeb || front[0] === 0xe9 || (front[510] === 0x55 && front[511] === 0xaa);
}

/** The layout; null if it is not a FAT boot sector, or contradicts itself. */
export function readLayout(sector: Uint8Array): FatLayout | null {
  if (sector.length < bootSectorBytes) return null;
  const view = viewOf(sector);
  const sectorBytes = view.getUint16(11, true);
  const clusterSectors = view.getUint8(13);
  const reserved = view.getUint16(14, true);
  const copies = view.getUint8(16);
  const media = view.getUint8(21);
  const isPlausible =
    [512, 1024, 2048, 4096].includes(sectorBytes) &&
    [1, 2, 4, 8, 16, 32, 64, 128].includes(clusterSectors) &&
    reserved > 0 &&
    copies > 0 &&
    (media >= 0xf8 || media === 0xf0);
  return isPlausible ? readParts(view, { sectorBytes, clusterSectors, reserved, copies }) : null;
}

/** Byte offset of a cluster. */
export function clusterOffset({ dataOffset, clusterBytes }: FatLayout, cluster: number): number {
  return dataOffset + (cluster - 2) * clusterBytes;
}

interface Basics {
  readonly sectorBytes: number;
  readonly clusterSectors: number;
  readonly reserved: number;
  readonly copies: number;
}

function readParts(view: DataView, { sectorBytes, clusterSectors, reserved, copies }: Basics): FatLayout | null {
  const shortTable = view.getUint16(22, true);
  const isLarge = shortTable === 0;
  const tableSectors = isLarge ? view.getUint32(36, true) : shortTable;
  const total = view.getUint16(19, true) || view.getUint32(32, true);
  const rootBytes = isLarge ? 0 : view.getUint16(17, true) * slotBytes;
  const root = reserved + copies * tableSectors;
  const data = root + Math.ceil(rootBytes / sectorBytes);
  const fitting = Math.floor((total - data) / clusterSectors);
  if (tableSectors === 0 || fitting <= 0) return null;
  // The number of clusters distinguishes FAT12 from FAT16. For FAT32 it is reliable only on large volumes: tools also make
  // small ones, which every system reads, and which only the form of the boot sector identifies.
  const bits = isLarge ? 32 : fitting < 4085 ? 12 : 16;
  if (bits === 16 && fitting >= 65_525) return null;
  if (isLarge && view.getUint16(42, true) !== 0) return null;
  const inTable = Math.floor((tableSectors * sectorBytes * 8) / bits) - 2;
  const clusters = Math.min(fitting, inTable, 0x0fff_fff5);
  if (clusters <= 0) return null;
  const table = reserved + (isLarge ? activeTable(view.getUint16(40, true), copies) : 0) * tableSectors;
  const info = isLarge ? view.getUint16(48, true) : 0;
  return {
    bits,
    clusterBytes: clusterSectors * sectorBytes,
    clusters,
    tableOffset: table * sectorBytes,
    tableBytes: tableSectors * sectorBytes,
    rootCluster: isLarge ? view.getUint32(44, true) : 0,
    rootOffset: root * sectorBytes,
    rootBytes,
    dataOffset: data * sectorBytes,
    size: total * sectorBytes,
    infoOffset: info === 0 || info >= reserved ? null : info * sectorBytes,
    ...readIdentity(view, isLarge ? 66 : 38),
  };
}

/** The copy of the table in use, if only one is. */
function activeTable(flags: number, copies: number): number {
  const active = flags % 16;
  return hasFlag(flags, 0x80) && active < copies ? active : 0;
}

/** @param at offset of the signature of the extended fields */
function readIdentity(view: DataView, at: number): Pick<FatLayout, 'volumeId' | 'label'> {
  const signature = view.getUint8(at);
  const serial = view.getUint32(at + 1, true);
  const hex = serial.toString(16).toUpperCase().padStart(8, '0');
  const label =
    signature === 0x29 ? shortText(new Uint8Array(view.buffer, view.byteOffset + at + 5, 11)).trimEnd() : '';
  return {
    volumeId: (signature === 0x28 || signature === 0x29) && serial !== 0 ? `${hex.slice(0, 4)}-${hex.slice(4)}` : null,
    label: label === '' || label === 'NO NAME' ? null : label,
  };
}
