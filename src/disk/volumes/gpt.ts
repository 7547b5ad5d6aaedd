// Partitions of a GPT, from the first table or, if that is damaged, from the copy at the end.
// @see https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html
import { crc32 } from 'node:zlib';
import { type Blocks, PartOfBlocks } from '../blocks/blocks.ts';
import type { Reads, Span } from '../blocks/reading.ts';
import { readGptEntries } from '../formats/partitions.ts';
import { hasText, viewOf } from '../parsing/bytes.ts';
import type { Volume } from './volume.ts';

const headerBytes = 92;
const longestHeader = 512;
const sectorSizes = [512, 4096] as const;
/** Tables usually have room for 128; no program makes one this large. */
const mostEntries = 1024;
const largestEntry = 4096;

interface Header {
  readonly sectorBytes: number;
  readonly entries: Span;
  readonly entryBytes: number;
  readonly checksum: number;
}

/** @returns null if neither table is intact */
export function* findGptVolumes(disk: Blocks): Reads<readonly Volume[] | null> {
  for (const isCopy of [false, true]) {
    const places = sectorSizes.map((sectorBytes) => {
      const sector = isCopy ? Math.floor(disk.size / sectorBytes) - 1 : 1;
      return { sectorBytes, sector };
    });
    const found = yield* disk.read(
      places.map(({ sectorBytes, sector }) => ({ offset: Math.max(0, sector) * sectorBytes, length: longestHeader })),
    );
    for (const [index, { sectorBytes, sector }] of places.entries()) {
      const header = readHeader(found[index] ?? new Uint8Array(), sectorBytes, sector);
      const volumes = header === null ? null : yield* readTable(disk, header);
      if (volumes !== null) return volumes;
    }
  }
  return null;
}

/** Null if it is not intact. */
function readHeader(bytes: Uint8Array, sectorBytes: number, sector: number): Header | null {
  if (bytes.length < headerBytes || !hasText(bytes, 0, 'EFI PART')) return null;
  const view = viewOf(bytes);
  const length = view.getUint32(12, true);
  if (length < headerBytes || length > bytes.length || view.getBigUint64(24, true) !== BigInt(sector)) return null;
  const copy = Uint8Array.from(bytes.subarray(0, length));
  copy.fill(0, 16, 20);
  if (crc32(copy) !== view.getUint32(16, true)) return null;
  const place = view.getBigUint64(72, true) * BigInt(sectorBytes);
  const [count, entryBytes] = [view.getUint32(80, true), view.getUint32(84, true)];
  const isSane = place < 2n ** 52n && count <= mostEntries && entryBytes >= 128 && entryBytes <= largestEntry;
  const entries = { offset: Number(place), length: count * entryBytes };
  return isSane ? { sectorBytes, entries, entryBytes, checksum: view.getUint32(88, true) } : null;
}

function* readTable(disk: Blocks, header: Header): Reads<readonly Volume[] | null> {
  const [table = new Uint8Array()] = yield* disk.read([header.entries]);
  if (table.length < header.entries.length || crc32(table) !== header.checksum) return null;
  return readGptEntries(table, header.entryBytes, BigInt(header.sectorBytes)).map((entry) => {
    // A partition that begins beyond the end of the disk is empty, however far it is.
    const [from, length] = [entry.start, entry.size].map((bytes) =>
      bytes < 2n ** 53n ? Number(bytes) : Number.MAX_SAFE_INTEGER,
    );
    const blocks = new PartOfBlocks(disk, from ?? 0, length ?? 0);
    return { name: String(entry.number), partition: { scheme: 'gpt' as const, entry }, blocks };
  });
}
