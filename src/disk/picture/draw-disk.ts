// A disk as a picture, in the form of values: what lies where, to scale as far as it can be seen.
import type { FileSystem } from '../contents/contents.ts';
import type { Partition } from '../parsing/finding.ts';
import type { Report } from '../report.ts';
import { isExtended, partitionKindOf } from './partition-kinds.ts';

/** One segment of a disk. */
export interface Part {
  /** `whole`: a disk without a partition table. `free`: space between, before or after partitions. */
  readonly kind: 'partition' | 'whole' | 'free';
  /** As the kernel numbers it; null if it is not a partition. */
  readonly number: number | null;
  /** Its purpose, such as `EFI system`, or its type if that is unknown; null if it is not a partition. */
  readonly purpose: string | null;
  /** Its name in a GPT; null if it has none. Not escaped. */
  readonly name: string | null;
  /** Bytes, as in its table. */
  readonly start: bigint;
  readonly size: bigint;
  /** Share of the picture's width, from 0 to 1; all parts add up to 1. */
  readonly share: number;
  /** Its contents; null if unknown, or empty. */
  readonly filesystem: FileSystem | null;
  /** Share of it in use, from 0 to 1; null if unknown. */
  readonly used: number | null;
  /** `overlaps`: begins before the previous one ends. `beyond`: ends after the disk does. */
  readonly fault: 'overlaps' | 'beyond' | null;
}

export interface Picture {
  /** Null if the disk has no partition table, or if that is unknown. */
  readonly scheme: 'mbr' | 'gpt' | null;
  /** Bytes of the disk, > 0. */
  readonly size: bigint;
  /** Bytes declared in its record; null if none are declared, or if they are the real size. */
  readonly declared: bigint | null;
  /** In their order on the disk; at least one. */
  readonly parts: readonly Part[];
  /** Whether all widths are true to scale. Otherwise parts too narrow to be seen are widened. */
  readonly isToScale: boolean;
  /** Logical volumes, each in one or more partitions. */
  readonly volumes: readonly FileSystem[];
  /** Number of partitions left out because there are too many. */
  readonly omitted: number;
}

/** More parts than this could not be told apart. */
const mostParts = 64;
/** Minimum width of a part, as a share; less if there is no room for all. */
const leastShare = 0.025;
/** Smaller gaps are due to alignment, or hold the tables. */
const smallestGap = 4n * 1024n * 1024n;

/** A part, and the bytes by which its width is computed. */
interface Unscaled {
  readonly part: Omit<Part, 'share'>;
  readonly drawn: bigint;
}

/** The disk of a report as a picture; null if its size is unknown, or nothing on it is known. */
export function drawDisk(report: Report): Picture | null {
  const size = report.virtual_size ?? 0n;
  if (size <= 0n) return null;
  const { partitions, contents, declared } = report;
  const filesystems = contents?.filesystems ?? [];
  const entries = (partitions?.entries ?? []).filter(({ size: bytes }) => bytes > 0n);
  const hasLogical = entries.some(({ number }) => number > 4);
  const shown = entries.filter((entry) => !(hasLogical && partitions?.scheme === 'mbr' && isExtended(entry)));
  const inOrder = shown.toSorted((left, right) => Number(left.start - right.start) || left.number - right.number);
  const parts =
    inOrder.length === 0 ? [wholeDisk(size, filesystems)] : placeParts(inOrder.slice(0, mostParts), size, filesystems);
  if (parts.every(({ part }) => part.number === null && part.filesystem === null)) return null;
  const wanted = declared.virtual_size === null ? null : BigInt(declared.virtual_size);
  return {
    scheme: partitions?.scheme ?? null,
    size,
    declared: wanted === size ? null : wanted,
    ...scale(parts),
    volumes: filesystems.filter(({ partition }) => partition?.startsWith('lv ') === true),
    omitted: Math.max(0, inOrder.length - mostParts),
  };
}

function wholeDisk(size: bigint, filesystems: readonly FileSystem[]): Unscaled {
  const filesystem = filesystems.find(({ partition }) => partition === null) ?? null;
  const nameless = { number: null, purpose: null, name: null, fault: null };
  return { part: { kind: 'whole', ...nameless, start: 0n, size, ...insideOf(filesystem) }, drawn: size };
}

function placeParts(entries: readonly Partition[], size: bigint, filesystems: readonly FileSystem[]): Unscaled[] {
  const parts: Unscaled[] = [];
  let end = 0n;
  for (const entry of entries) {
    if (entry.start - end >= smallestGap && entry.start <= size) parts.push(freePart(end, entry.start));
    const from = entry.start > end ? entry.start : end;
    const own = entry.start + entry.size;
    const to = own < size ? own : size;
    const isBeyond = own > size;
    const filesystem = filesystems.find(({ partition }) => partition === String(entry.number)) ?? null;
    const part = {
      kind: 'partition',
      number: entry.number,
      purpose: partitionKindOf(entry),
      name: entry.name === '' ? null : entry.name,
      start: entry.start,
      size: entry.size,
      ...insideOf(filesystem),
      fault: isBeyond ? 'beyond' : entry.start < end ? 'overlaps' : null,
    } as const;
    parts.push({ part, drawn: to > from ? to - from : 0n });
    if (to > end) end = to;
  }
  if (size - end >= smallestGap) parts.push(freePart(end, size));
  return parts;
}

function freePart(start: bigint, end: bigint): Unscaled {
  const nothing = { number: null, purpose: null, name: null, filesystem: null, used: null, fault: null };
  return { part: { kind: 'free', ...nothing, start, size: end - start }, drawn: end - start };
}

function insideOf(filesystem: FileSystem | null): Pick<Part, 'filesystem' | 'used'> {
  if (filesystem === null) return { filesystem, used: null };
  const { type, size, free } = filesystem;
  const used = size === null || free === null || size <= 0 ? null : Math.min(1, Math.max(0, 1 - free / size));
  return { filesystem: type === null ? null : filesystem, used };
}

/** Computes widths: parts too narrow to be seen are widened at the cost of the others. */
function scale(parts: readonly Unscaled[]): Pick<Picture, 'parts' | 'isToScale'> {
  const least = Math.min(leastShare, 1 / (2 * parts.length));
  const total = Number(parts.reduce((sum, { drawn }) => sum + drawn, 0n));
  const shares = parts.map(({ drawn }) => (total === 0 ? 1 / parts.length : Number(drawn) / total));
  const isWide = shares.map((share) => share >= least);
  // Widening some may make others too narrow, so repeat until all fit.
  let unit = 1;
  for (let again = true; again;) {
    const narrow = isWide.filter((wide) => !wide).length;
    const rest = shares.reduce((sum, share, index) => sum + (isWide[index] === true ? share : 0), 0);
    unit = rest === 0 ? 0 : (1 - narrow * least) / rest;
    again = false;
    for (const [index, share] of shares.entries()) {
      if (isWide[index] !== true || share * unit >= least) continue;
      isWide[index] = false;
      again = true;
    }
  }
  return {
    parts: parts.map(({ part }, index) => ({
      ...part,
      share: isWide[index] === true ? (shares[index] ?? 0) * unit : least,
    })),
    isToScale: isWide.every(Boolean),
  };
}
