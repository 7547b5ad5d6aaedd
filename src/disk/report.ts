// The report: what the bytes are, what the metadata says they are, and whether the image is safe.
import { countOf } from '../text/count.ts';
import type { Contents } from './contents/contents.ts';
import { compareEncryption } from './encryption.ts';
import type { DiskFinding, PartitionTable } from './parsing/finding.ts';
import type { Target } from './target/judge.ts';
import { cutText } from './parsing/bytes.ts';
import { containerOf } from './detect.ts';
import { hazard, type Hazard } from './parsing/hazards.ts';

/** What the metadata declares; all null for a file without metadata. */
export interface Declared {
  readonly disk_format: string | null;
  readonly container_format: string | null;
  /** Bytes. */
  readonly virtual_size: number | null;
  /** GiB. */
  readonly min_disk: number | null;
}

/** Metadata that declares nothing. */
export const undeclared: Declared = { disk_format: null, container_format: null, virtual_size: null, min_disk: null };

/** The keys of a report, in printing order. Public interface. */
export const reportKeys = [
  'id',
  'name',
  'path',
  'format',
  'container_format',
  'size',
  'virtual_size',
  'backing_file',
  'data_file',
  'encrypted',
  'snapshots',
  'features',
  'partitions',
  'details',
  'declared',
  'hazards',
  'safe',
  'bytes_read',
  'error',
  'contents',
  'target',
] as const;

/** One report; unset is null. */
export type Report = Record<(typeof reportKeys)[number], unknown> & {
  readonly id: string | null;
  readonly name: string | null;
  readonly path: string | null;
  readonly format: string | null;
  /** Bytes of image data; null if unknown. */
  readonly size: number | null;
  /** Bytes of the disk once expanded; null if the format does not give it. */
  readonly virtual_size: bigint | null;
  /** Null if there is no table, or if that is unknown. */
  readonly partitions: PartitionTable | null;
  readonly declared: Declared;
  readonly hazards: readonly Hazard[];
  /** Null if the image could not be read. */
  readonly safe: boolean | null;
  readonly bytes_read: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** The contents of the disk; null if not asked for, or not readable at all. */
  readonly contents: Contents | null;
  /** Whether a Glance of the requested release would accept it; null if not asked for, or not readable at all. */
  readonly target: Target | null;
};

/** What a report is about, for people. Not escaped. */
export function subjectOf({ name, id, path }: Pick<Report, 'name' | 'id' | 'path'>): string {
  return name ?? id ?? path ?? 'standard input';
}

export interface Inspected {
  readonly id: string | null;
  readonly name: string | null;
  readonly path: string | null;
  /** Bytes of image data. */
  readonly size: number | null;
  readonly declared: Declared;
  /** Properties in its record, by name. Absent: it has no record. */
  readonly properties?: Readonly<Record<string, string | null>>;
}

/** Creates the report from a finding. */
export function createReport(inspected: Inspected, finding: DiskFinding, bytesRead: number): Report {
  const encryption = compareEncryption(inspected.properties ?? {}, finding);
  const hazards = [...finding.hazards, ...compare(inspected, finding), ...(encryption === null ? [] : [encryption])];
  return {
    ...common(inspected, bytesRead),
    format: finding.format,
    container_format: containerOf(finding.format),
    virtual_size: finding.virtualSize,
    backing_file: finding.backingFile,
    data_file: finding.dataFile,
    encrypted: finding.encrypted,
    snapshots: finding.snapshots,
    features: finding.features,
    partitions: finding.partitions,
    details: finding.details,
    hazards,
    safe: hazards.every(({ severity }) => severity !== 'unsafe'),
    error: null,
  };
}

/** The contents of an image, and what else was learned of its disk. */
export interface FoundInside {
  readonly contents: Contents;
  readonly partitions: PartitionTable | null;
  readonly hazards: readonly Hazard[];
}

/** Adds contents to a report. Their hazards never make an image unsafe. */
export function addContents(report: Report, { contents, partitions, hazards }: FoundInside): Report {
  return {
    ...report,
    partitions: joinTables(report.partitions, partitions),
    hazards: [...report.hazards, ...hazards],
    contents,
  };
}

/**
 * For a raw disk, the first table is known, though without logical partitions; for all other formats, only the second one is.
 */
function joinTables(first: PartitionTable | null, second: PartitionTable | null): PartitionTable | null {
  if (first === null || first.entries === null || second === null) return second ?? first;
  const known = new Set(first.entries.map(({ number }) => number));
  const added = (second.entries ?? []).filter(({ number }) => !known.has(number));
  return first.scheme === second.scheme ? { ...first, entries: [...first.entries, ...added] } : first;
}

/** The report on an image that could not be read. */
export function failedReport(inspected: Inspected, error: { readonly code: string; readonly message: string }): Report {
  return {
    ...common(inspected, 0),
    format: null,
    container_format: null,
    virtual_size: null,
    backing_file: null,
    data_file: null,
    encrypted: false,
    snapshots: null,
    features: [],
    partitions: null,
    details: {},
    hazards: [],
    safe: null,
    error: { code: error.code, message: error.message },
  };
}

function common(
  { id, name, path, size, declared }: Inspected,
  bytesRead: number,
): Pick<Report, 'id' | 'name' | 'path' | 'size' | 'declared' | 'bytes_read' | 'contents' | 'target'> {
  return { id, name, path, size, declared, bytes_read: bytesRead, contents: null, target: null };
}

/** Containers for which the declared disk format is that of the data inside. */
const containers = new Set(['compressed', 'ova', 'docker']);
/** Kernels and initial RAM disks are compressed anyway. */
const compressedByNature = new Set(['aki', 'ari']);
const kernelFormats = new Set(['aki', 'ari', 'ami']);
const gibibyte = 1024n ** 3n;

function compare({ declared, size }: Inspected, finding: DiskFinding): readonly Hazard[] {
  const hazards: Hazard[] = [];
  const container = containerOf(finding.format);
  const { disk_format: disk, container_format: wanted, virtual_size: virtualSize, min_disk: minDisk } = declared;
  const isByNature = [disk, wanted].some((each) => each !== null && compressedByNature.has(each));
  if (container === 'compressed' && wanted !== 'compressed' && !isByNature) {
    hazards.push(hazard('compressed', `the data is ${finding.format}, which the container format does not say`));
  }
  const isContained = wanted !== null && containers.has(wanted);
  const agrees = isContained ? container === wanted : disk === null || agreesWith(disk, finding);
  if (!agrees) {
    const said = isContained ? wanted : disk;
    const reason = isContained ? whyNoOva(wanted, finding) : '';
    hazards.push(hazard('format_mismatch', `it is declared as ${String(said)}, but is ${finding.format}${reason}`));
  }
  const actual = finding.virtualSize;
  const isKnown = agrees && !isContained && !isUnsettled(disk, finding);
  if (isKnown && virtualSize !== null && actual !== null && BigInt(virtualSize) !== actual) {
    // If a volume is taken as the raw disk that it is declared to be, its virtual size is that of its data.
    const isWhole = (finding.format === 'iso' || finding.format === 'luks') && virtualSize === size;
    const text = `its declared virtual size is ${countOf(virtualSize, 'byte')}, but the real one is ${String(actual)}`;
    if (!isWhole) hazards.push(hazard('virtual_size_mismatch', text));
  }
  if (minDisk !== null && minDisk > 0 && actual !== null && actual > BigInt(minDisk) * gibibyte) {
    hazards.push(hazard('min_disk', `the disk has ${countOf(actual, 'byte')}, min_disk allows ${String(minDisk)} GiB`));
  }
  return hazards;
}

/** A tar is an OVA only if its first member is an OVF descriptor. */
function whyNoOva(wanted: string, { format, details }: DiskFinding): string {
  const { first_member: first, descriptor } = details;
  if (wanted !== 'ova' || format !== 'tar' || typeof first !== 'string') return '';
  const isLater = typeof descriptor === 'string';
  return isLater
    ? `: its OVF descriptor, ${cutText(descriptor, 100)}, is not the first member, which is ${cutText(first, 100)}`
    : `: its first member, ${cutText(first, 100)}, is not an OVF descriptor`;
}

function agreesWith(disk: string, finding: DiskFinding): boolean {
  const { format } = finding;
  if (disk === 'raw') return format === 'raw' || format === 'luks';
  if (kernelFormats.has(disk)) return format === 'raw' || containerOf(format) === 'compressed';
  return disk === format || isUnsettled(disk, finding);
}

/** A fixed VHD starts like a raw disk: while its end is unread, nothing contradicts it. */
function isUnsettled(disk: string | null, { format, hazards }: DiskFinding): boolean {
  return disk === 'vhd' && format === 'raw' && hazards.some(({ code }) => code === 'end_unread');
}
