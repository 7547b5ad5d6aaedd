// A physical volume of LVM2: its label, and its copy of the group's metadata. Little-endian.
// @see https://github.com/libyal/libvslvm/blob/main/documentation/Logical%20Volume%20Manager%20(LVM)%20format.asciidoc
import { crc32 } from 'node:zlib';
import { type Blocks, readAt } from '../../blocks/blocks.ts';
import { damaged, type Reads, type Span } from '../../blocks/reading.ts';
import { exactText, hasText, viewOf } from '../../parsing/bytes.ts';
import { parseMetadata, type Section } from './metadata-text.ts';

const sectorBytes = 512;
/** The label is in one of the first four sectors. */
export const labelSectors = 4;
const magic = ' LVM2 x[5A%r0N*>';
const initialChecksum = 0xf597_a6cf;
const metadataHeaderBytes = 512;
/** Areas of one kind to read; there can be two of metadata at most. */
const mostAreas = 8;
const longestText = 4 * 1024 * 1024;

export interface PhysicalVolume {
  /** 32 characters. */
  readonly uuid: string;
  readonly blocks: Blocks;
  /** Null if it has no copy: another volume of the group has one. */
  readonly metadata: Section | null;
}

/** Inverts all 32 bits of a number. */
function inverse(value: number): number {
  return 0xffff_ffff - value;
}

/** LVM's CRC-32 has another initial value, and no final inversion. */
function checksumOf(bytes: Uint8Array): number {
  return inverse(crc32(bytes, inverse(initialChecksum)));
}

/** The sector with the label; null if there is none. @param front the first four sectors */
export function findLabel(front: Uint8Array): Uint8Array | null {
  for (let start = 0; start + sectorBytes <= Math.min(front.length, labelSectors * sectorBytes); start += sectorBytes) {
    const sector = front.subarray(start, start + sectorBytes);
    if (hasText(sector, 0, 'LABELONE') && hasText(sector, 24, 'LVM2 001')) return sector;
  }
  return null;
}

/** @throws UnreadableError */
export function* readPhysicalVolume(blocks: Blocks, label: Uint8Array): Reads<PhysicalVolume> {
  const view = viewOf(label);
  if (checksumOf(label.subarray(20)) !== view.getUint32(16, true)) damaged('the LVM label has a bad checksum');
  const start = view.getUint32(20, true);
  if (start < 32 || start + 40 > sectorBytes) damaged('the LVM label is invalid');
  const uuid = Buffer.from(label.subarray(start, start + 32)).toString('latin1');
  const data = readAreas(label, start + 40);
  const areas = readAreas(label, data.end).areas;
  let metadata: Section | null = null;
  for (const area of areas) {
    metadata = yield* readArea(blocks, area);
    if (metadata !== null) break;
  }
  if (areas.length > 0 && metadata === null) damaged('no valid LVM metadata was found');
  return { uuid, blocks, metadata };
}

/** Reads offsets and sizes, up to an offset of 0. */
function readAreas(label: Uint8Array, start: number): { readonly areas: readonly Span[]; readonly end: number } {
  const view = viewOf(label);
  const areas: Span[] = [];
  for (let at = start; at + 16 <= label.length && areas.length <= mostAreas; at += 16) {
    const [offset, length] = [view.getBigUint64(at, true), view.getBigUint64(at + 8, true)];
    if (offset === 0n) return { areas, end: at + 16 };
    if (offset + length >= 2n ** 53n) break;
    areas.push({ offset: Number(offset), length: Number(length) });
  }
  return damaged('the LVM label is invalid');
}

/** Null if the area is unused, or its text is damaged: another area may be intact. */
function* readArea(blocks: Blocks, area: Span): Reads<Section | null> {
  const [header = new Uint8Array()] = yield* blocks.read([{ offset: area.offset, length: metadataHeaderBytes }]);
  if (header.length < metadataHeaderBytes || !hasText(header, 4, magic)) return null;
  const view = viewOf(header);
  if (checksumOf(header.subarray(4)) !== view.getUint32(0, true)) return null;
  const [offset, length] = [view.getBigUint64(40, true), view.getBigUint64(48, true)];
  const isIgnored = view.getUint32(60, true) % 2 === 1;
  const isSane = offset >= BigInt(metadataHeaderBytes) && offset < BigInt(area.length) && length <= BigInt(longestText);
  if (isIgnored || !isSane || length === 0n || length > BigInt(area.length - metadataHeaderBytes)) return null;
  const text = yield* readRing(blocks, area, { offset: Number(offset), length: Number(length) });
  if (checksumOf(text) !== view.getUint32(56, true)) return null;
  const end = text.indexOf(0);
  return parseMetadata(exactText(end < 0 ? text : text.subarray(0, end), 'latin1'));
}

/** A text that reaches the end of its area continues after the header. */
function* readRing(blocks: Blocks, area: Span, { offset, length }: Span): Reads<Uint8Array> {
  const untilEnd = Math.min(length, area.length - offset);
  const first = yield* readAt(blocks, area.offset + offset, untilEnd);
  if (untilEnd === length) return first;
  const rest = yield* readAt(blocks, area.offset + metadataHeaderBytes, length - untilEnd);
  return Buffer.concat([first, rest]);
}
