// Partition tables: what makes a raw disk more than bytes. MBR at its first sector, GPT behind it.
// @see https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html
import { countOf } from '../../count.ts';
import { guidOf, hasText, isZero, viewOf } from '../bytes.ts';
import type { Draft } from '../draft.ts';
import type { Partition } from '../finding.ts';
import type { Reading } from '../parser.ts';

const entryBytes = 16;
const firstEntry = 446;
const protective = 0xee;
const maxGptEntries = 128;
const maxGptBytes = 64 * 1024;

/** Whether a first sector ends like a partition table and is none of the things that end so too. */
export function hasPartitionTable(front: Uint8Array): boolean {
  if (front.length < 512 || front[510] !== 0x55 || front[511] !== 0xaa) return false;
  return !isFilesystem(front) && !hasText(front, 0x202, 'HdrS') && !isZero(front.subarray(firstEntry, 510));
}

/** A boot sector of a file system: a jump, and its own parameters where a boot program would be. */
function isFilesystem(front: Uint8Array): boolean {
  const jumps = (front[0] === 0xeb && front[2] === 0x90) || front[0] === 0xe9;
  if (!jumps) return false;
  if (hasText(front, 3, 'NTFS    ') || hasText(front, 3, 'EXFAT   ')) return true;
  const sector = viewOf(front).getUint16(11, true);
  const copies = front[16] ?? 0;
  return [512, 1024, 2048, 4096].includes(sector) && (copies === 1 || copies === 2) && (front[21] ?? 0) >= 0xf0;
}

interface Entry {
  readonly number: number;
  readonly flag: number;
  readonly type: number;
  readonly chs: readonly number[];
  readonly start: number;
  readonly sectors: number;
}

/** Reads the table whose first sector is given. */
export function* readPartitions(draft: Draft, front: Uint8Array): Reading<void> {
  const entries = Array.from({ length: 4 }, (_, index) => readEntry(front, index));
  for (const { number, flag } of entries) {
    if (flag !== 0 && flag !== 0x80) {
      draft.warn('partition_table', `partition ${String(number)} has the boot flag 0x${flag.toString(16)}`);
    }
  }
  const used = entries.filter(({ type }) => type !== 0);
  const isGpt = used.some(({ type }) => type === protective);
  if (isGpt) checkProtective(draft, used);
  if (isGpt && (yield* readGpt(draft))) return;
  draft.partitions = { scheme: 'mbr', entries: used.map(toPartition) };
}

function readEntry(front: Uint8Array, index: number): Entry {
  const at = firstEntry + index * entryBytes;
  const view = viewOf(front);
  return {
    number: index + 1,
    flag: view.getUint8(at),
    chs: [view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3)],
    type: view.getUint8(at + 4),
    start: view.getUint32(at + 8, true),
    sectors: view.getUint32(at + 12, true),
  };
}

function toPartition({ number, type, start, sectors }: Entry): Partition {
  const bytes = (count: number): bigint => BigInt(count) * 512n;
  const name = type.toString(16).padStart(2, '0').toUpperCase();
  return { number, type: name, name: null, start: bytes(start), size: bytes(sectors) };
}

/** An entry that protects a GPT has one form only. */
function checkProtective(draft: Draft, used: readonly Entry[]): void {
  const [first, ...others] = used;
  if (first === undefined) return;
  const problem = (what: string): Draft => draft.warn('partition_table', what);
  if (first.type !== protective || first.number !== 1) problem('the protective entry is not the first');
  if (others.length > 0) problem('there are other entries beside the protective one');
  const [head, sector, cylinder] = first.chs;
  const isUsual = head === 0 && sector === 2 && cylinder === 0;
  if (first.type === protective && (!isUsual || first.start !== 1))
    problem('the protective entry does not begin at sector 1');
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
    draft.require(isSane, `GPT entries of ${countOf(entrySize, 'byte')} at sector ${String(lba)}`);
    draft.detail('sector_size', sectorBytes);
    const length = isSane ? Math.min(count * entrySize, maxGptBytes) : 0;
    // Further away than this nobody puts them, and nothing is read that far.
    const isNear = isSane && Number(lba) * sectorBytes <= 1024 * 1024;
    const table = isNear ? yield { from: 'start', offset: Number(lba) * sectorBytes, length } : null;
    if (isNear && (table === null || table.length < length))
      draft.warn('truncated', 'the data ends within the GPT entries');
    draft.partitions = {
      scheme: 'gpt',
      entries: readGptEntries(table ?? new Uint8Array(), entrySize, BigInt(sectorBytes)),
    };
    return true;
  }
  return false;
}

function readGptEntries(table: Uint8Array, entrySize: number, sectorBytes: bigint): readonly Partition[] {
  const partitions: Partition[] = [];
  const count = entrySize < 128 ? 0 : Math.floor(table.length / entrySize);
  for (let number = 1; number <= count; number++) {
    const at = (number - 1) * entrySize;
    const entry = table.subarray(at, at + 128);
    if (isZero(entry.subarray(0, 16))) continue;
    const view = viewOf(entry);
    const first = view.getBigUint64(32, true);
    const last = view.getBigUint64(40, true);
    const name = new TextDecoder('utf-16le').decode(entry.subarray(56, 128)).replace(/\0.*$/s, '');
    const size = last >= first ? (last - first + 1n) * sectorBytes : 0n;
    partitions.push({ number, type: guidOf(entry.subarray(0, 16)), name, start: first * sectorBytes, size });
  }
  return partitions;
}
