// Partition tables, which make a raw disk more than bytes: an MBR in the first sector, a GPT behind it.
// @see https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html
import { countOf } from '../../text/count.ts';
import { exactText, guidOf, hasText, isZero, viewOf } from '../parsing/bytes.ts';
import type { Draft } from '../parsing/draft.ts';
import type { Partition } from '../parsing/finding.ts';
import type { Reading, Supply } from '../parsing/parser.ts';

const entryBytes = 16;
const firstEntry = 446;
/** The MBR type of the entry that protects a GPT. */
export const protective = 0xee;
const maxGptEntries = 128;
const maxGptBytes = 64 * 1024;

/** Whether a first sector ends like one with a partition table, and is not something else with the same ending. */
export function hasTableSignature(front: Uint8Array): boolean {
  if (front.length < 512 || front[510] !== 0x55 || front[511] !== 0xaa) return false;
  return volumeOf(front) === null && !hasText(front, 0x202, 'HdrS') && !isZero(front.subarray(firstEntry, 510));
}

/**
 * Whether a first sector has a partition table. Boot programs, compressed data and random bytes can end with the same two bytes,
 * so the would-be entries have to make sense together.
 * @param size bytes of all the data; null if unknown
 */
export function hasPartitionTable(front: Uint8Array, size: number | null): boolean {
  if (!hasTableSignature(front)) return false;
  const entries = readMbrEntries(front);
  const used = entries.filter(({ type, sectors }) => type !== 0 && sectors !== 0);
  if (used.length === 0) return false;
  // A strange flag in an otherwise valid table is a hazard. With all four entries in use, it could not be told from random bytes.
  const unused = entries.filter(({ type }) => type === 0);
  const isTidy = unused.length > 0 && unused.every(({ bytes }) => isZero(bytes));
  if (!isTidy && entries.some(({ flag }) => !isBootFlag(flag))) return false;
  const inside = used.filter(({ start }) => size === null || start * 512 < size);
  // If the disk is cut off, some begin past the end.
  const isInside = inside.length === used.length || (isTidy && inside.length > 0);
  return isInside && !overlap(used.filter(({ type }) => type !== protective));
}

function overlap(entries: readonly MbrEntry[]): boolean {
  const inOrder = entries.toSorted((left, right) => left.start - right.start);
  return inOrder.some(({ start, sectors }, index) => start + sectors > (inOrder[index + 1]?.start ?? Infinity));
}

function isBootFlag(flag: number): boolean {
  return flag === 0 || flag === 0x80;
}

/** The file system whose boot sector this is: a jump, and parameters where a boot program would be. */
export function volumeOf(front: Uint8Array): 'ntfs' | 'exfat' | 'fat' | null {
  const jumps = (front[0] === 0xeb && front[2] === 0x90) || front[0] === 0xe9;
  if (!jumps || front.length < 512) return null;
  if (hasText(front, 3, 'NTFS    ')) return 'ntfs';
  if (hasText(front, 3, 'EXFAT   ')) return 'exfat';
  const sector = viewOf(front).getUint16(11, true);
  const copies = front[16] ?? 0;
  const isFat = [512, 1024, 2048, 4096].includes(sector) && (copies === 1 || copies === 2) && (front[21] ?? 0) >= 0xf0;
  return isFat ? 'fat' : null;
}

/** One entry of an MBR. */
export interface MbrEntry {
  readonly number: number;
  readonly flag: number;
  readonly type: number;
  readonly chs: readonly number[];
  /** Sectors. */
  readonly start: number;
  readonly sectors: number;
  readonly bytes: Uint8Array;
}

/** Warns of partitions that begin past the end. @param size bytes of all the data; null if unknown */
export function checkEnd(draft: Draft, size: number | null): void {
  for (const { number, type, start } of draft.partitions?.entries ?? []) {
    if (size === null || start < BigInt(size) || type === 'EE') continue;
    const place = `begins at byte ${String(start)}, but the data ends at ${String(size)}`;
    draft.warn('truncated', `partition ${String(number)} ${place}`);
  }
}

/** Reads the table whose first sector is given. */
export function* readPartitions(draft: Draft, front: Uint8Array): Reading<void> {
  const entries = readMbrEntries(front);
  for (const { number, flag } of entries) {
    if (!isBootFlag(flag)) {
      draft.warn('partition_table', `partition ${String(number)} has the boot flag 0x${flag.toString(16)}`);
    }
  }
  const used = entries.filter(({ type }) => type !== 0);
  const isGpt = used.some(({ type }) => type === protective);
  if (isGpt) checkProtective(draft, used);
  if (isGpt && (yield* readGpt(draft))) return;
  draft.partitions = { scheme: 'mbr', entries: used.map(toPartition) };
}

/** The four entries in a sector of 512 bytes or more. */
export function readMbrEntries(front: Uint8Array): readonly MbrEntry[] {
  return Array.from({ length: 4 }, (_, index) => readEntry(front, index));
}

function readEntry(front: Uint8Array, index: number): MbrEntry {
  const at = firstEntry + index * entryBytes;
  const view = viewOf(front);
  return {
    number: index + 1,
    flag: view.getUint8(at),
    chs: [view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3)],
    type: view.getUint8(at + 4),
    start: view.getUint32(at + 8, true),
    sectors: view.getUint32(at + 12, true),
    bytes: front.subarray(at, at + entryBytes),
  };
}

/** Converts an entry of an MBR. */
export function toPartition({ number, type, start, sectors }: MbrEntry): Partition {
  const bytes = (count: number): bigint => BigInt(count) * 512n;
  const name = type.toString(16).padStart(2, '0').toUpperCase();
  return { number, type: name, name: null, start: bytes(start), size: bytes(sectors) };
}

/** The entry that protects a GPT has only one valid form. */
function checkProtective(draft: Draft, used: readonly MbrEntry[]): void {
  const [first, ...others] = used;
  if (first === undefined) return;
  const problem = (what: string): Draft => draft.warn('partition_table', what);
  const entry = used.find(({ type }) => type === protective) ?? first;
  if (first.type !== protective || first.number !== 1) problem('the protective entry is not the first');
  if (others.length > 0) problem('there are other entries beside the protective one');
  if (entry.start !== 1) problem(`the protective entry begins at sector ${String(entry.start)} instead of 1`);
  const chs = entry.chs.join('/');
  if (chs === '0/2/0') return;
  const said = `the protective entry has the start CHS bytes ${chs} instead of 0/2/0`;
  if (entry.start === 1) draft.warn('partition_table', `${said}, though it begins at sector 1`, 'warning');
  else problem(said);
}

/** @returns whether there is one */
function* readGpt(draft: Draft): Reading<boolean> {
  for (const sectorBytes of [512, 4096]) {
    const header = yield { from: 'start', offset: sectorBytes, length: 92 };
    if (header === null || header.length < 92 || !hasText(header, 0, 'EFI PART')) continue;
    const view = viewOf(header);
    const entrySize = view.getUint32(84, true);
    const count = Math.min(view.getUint32(80, true), maxGptEntries);
    const lba = view.getBigUint64(72, true);
    const isSane = entrySize >= 128 && entrySize <= 4096 && lba >= 2n && lba < 2n ** 32n;
    draft.require(
      isSane,
      `the size or place of GPT entries is invalid: ${countOf(entrySize, 'byte')} at sector ${String(lba)}`,
    );
    draft.detail('sector_size', sectorBytes);
    const length = Math.min(count * entrySize, maxGptBytes);
    const place = { offset: Number(lba) * sectorBytes, length };
    const table = isSane ? yield* readGptTable(draft, place) : null;
    const isKnown = table !== null && (length === 0 || table.length >= entrySize);
    draft.partitions = {
      scheme: 'gpt',
      entries: isKnown ? readGptEntries(table, entrySize, BigInt(sectorBytes)) : null,
    };
    return true;
  }
  return false;
}

/** Some boards keep a boot loader before the entries, which then lie megabytes further on. */
function* readGptTable(draft: Draft, { offset, length }: { offset: number; length: number }): Reading<Supply> {
  const table = yield { from: 'start', offset, length, optional: true };
  const isMissing = table === null || (table.length === 0 && length > 0);
  if (isMissing)
    draft.warn('partitions_unread', `its GPT entries are at byte ${String(offset)}, which could not be read`);
  if (table !== null && table.length < length) draft.warn('truncated', 'the data ends within the GPT entries');
  return table;
}

/** The entries in use. @param entrySize bytes, at least 128 */
export function readGptEntries(table: Uint8Array, entrySize: number, sectorBytes: bigint): readonly Partition[] {
  const partitions: Partition[] = [];
  const count = Math.floor(table.length / entrySize);
  for (let number = 1; number <= count; number++) {
    const at = (number - 1) * entrySize;
    const entry = table.subarray(at, at + 128);
    if (isZero(entry.subarray(0, 16))) continue;
    const view = viewOf(entry);
    const first = view.getBigUint64(32, true);
    const last = view.getBigUint64(40, true);
    const name = exactText(entry.subarray(56, 128), 'utf-16le').split('\0', 1)[0] ?? '';
    const size = last >= first ? (last - first + 1n) * sectorBytes : 0n;
    partitions.push({ number, type: guidOf(entry.subarray(0, 16)), name, start: first * sectorBytes, size });
  }
  return partitions;
}
