// NTFS and exFAT, whose labels lie a little further inside.
import { type Blocks, readAt } from '../../blocks/blocks.ts';
import { orElse, type Reads } from '../../blocks/reading.ts';
import { hasText, viewOf } from '../../parsing/bytes.ts';
import type { VolumeFacts } from '../guest-files.ts';
import { countAt, factsOf, wideLabelOf } from './superblocks.ts';

const bootSectorBytes = 512;
/** Number of the record that describes the volume, in the Master File Table. */
const volumeRecord = 3;
const volumeName = 0x60;

/** @see https://flatcap.github.io/linux-ntfs/ntfs/files/boot.html */
export function* nameNtfs(blocks: Blocks, front: Uint8Array): Reads<VolumeFacts> {
  if (front.length < bootSectorBytes) return factsOf('ntfs');
  const view = viewOf(front);
  const sectorBytes = view.getUint16(11, true);
  const clusterBytes = sectorBytes * powerOrCount(view.getUint8(13));
  const sectors = countAt(front, 40);
  const table = countAt(front, 48);
  const size = view.getInt8(64);
  const recordBytes = size < 0 ? 2 ** -size : size * clusterBytes;
  const uuid = view.getBigUint64(72, true).toString(16).toUpperCase().padStart(16, '0');
  const isSane = table !== null && [512, 1024, 2048, 4096].includes(recordBytes);
  const at = isSane ? table * clusterBytes + volumeRecord * recordBytes : Infinity;
  const record = at + recordBytes <= blocks.size ? yield* orElse(null, readAt(blocks, at, recordBytes)) : null;
  return factsOf('ntfs', {
    uuid,
    size: sectors === null ? null : sectors * sectorBytes,
    label: record === null ? null : findVolumeName(record),
  });
}

/** A count of sectors; values above 0x80 are negated exponents of two. */
function powerOrCount(value: number): number {
  return value > 0x80 ? 2 ** (0x100 - value) : value;
}

/** Attributes follow each other; the name's is stored within the record, in its first sector. */
function findVolumeName(record: Uint8Array): string | null {
  if (!hasText(record, 0, 'FILE')) return null;
  const view = viewOf(record);
  for (let at = view.getUint16(20, true); at + 24 <= record.length;) {
    const length = view.getUint32(at + 4, true);
    if (length < 24 || at + length > record.length) return null;
    if (view.getUint32(at, true) === volumeName) {
      const start = at + view.getUint16(at + 20, true);
      return wideLabelOf(record.subarray(start, Math.min(start + view.getUint32(at + 16, true), at + length)));
    }
    at += length;
  }
  return null;
}

const entryBytes = 32;
const labelEntry = 0x83;
const mostLabelUnits = 11;

/** @see https://learn.microsoft.com/en-us/windows/win32/fileio/exfat-specification */
export function* nameExfat(blocks: Blocks, front: Uint8Array): Reads<VolumeFacts> {
  if (front.length < bootSectorBytes) return factsOf('exfat');
  const view = viewOf(front);
  const sectorShift = view.getUint8(108);
  const clusterShift = sectorShift + view.getUint8(109);
  const serial = view.getUint32(100, true);
  const hex = serial.toString(16).toUpperCase().padStart(8, '0');
  const known = { uuid: serial === 0 ? null : `${hex.slice(0, 4)}-${hex.slice(4)}` };
  if (sectorShift < 9 || sectorShift > 12 || clusterShift > 25) return factsOf('exfat', known);
  const sectors = countAt(front, 72);
  const root = view.getUint32(88, true) * 2 ** sectorShift + (view.getUint32(96, true) - 2) * 2 ** clusterShift;
  // The label is one of the first entries.
  const length = Math.min(2 ** clusterShift, 4096);
  const directory =
    root >= 0 && root + length <= blocks.size ? yield* orElse(null, readAt(blocks, root, length)) : null;
  return factsOf('exfat', {
    ...known,
    size: sectors === null ? null : sectors * 2 ** sectorShift,
    label: directory === null ? null : findLabelEntry(directory),
  });
}

function findLabelEntry(directory: Uint8Array): string | null {
  for (let at = 0; at < directory.length && directory[at] !== 0; at += entryBytes) {
    if (directory[at] !== labelEntry) continue;
    const units = Math.min(directory[at + 1] ?? 0, mostLabelUnits);
    return wideLabelOf(directory.subarray(at + 2, at + 2 + units * 2));
  }
  return null;
}
