// What a parser found in the bytes, before it is compared with the metadata.
import type { Hazard } from './hazards.ts';

/** Formats that can be detected. */
export type DetectedFormat =
  | 'raw'
  | 'qcow2'
  | 'qcow'
  | 'vmdk'
  | 'vhd'
  | 'vhdx'
  | 'vdi'
  | 'iso'
  | 'luks'
  | 'qed'
  | 'ploop'
  | 'ova'
  | 'tar'
  | 'gzip'
  | 'bzip2'
  | 'xz'
  | 'zstd'
  | 'lz4'
  | 'lzma'
  | 'lzip'
  | 'lzop'
  | 'compress'
  | '7z'
  | 'zip';

/** One entry of a partition table; sizes in bytes. */
export interface Partition {
  /** From 1, as the kernel numbers them. */
  readonly number: number;
  /** MBR: two hex digits, such as `83`. GPT: the type's GUID in upper case. */
  readonly type: string;
  /** GPT only; null in an MBR. */
  readonly name: string | null;
  readonly start: bigint;
  readonly size: bigint;
}

export interface PartitionTable {
  readonly scheme: 'mbr' | 'gpt';
  /** Null if they could not be read; a hazard says why. */
  readonly entries: readonly Partition[] | null;
}

/** A value of `details`. */
export type Detail = string | number | bigint | boolean | null | readonly Detail[] | { readonly [key: string]: Detail };

/** The result of one format's parser. */
export interface DiskFinding {
  readonly format: DetectedFormat;
  /** Bytes of the disk once expanded, exact up to 2^63 − 1; null if the format gives none, or an invalid one. */
  readonly virtualSize: bigint | null;
  /** The name in the header; null if there is none, or it cannot be read (a hazard says so). */
  readonly backingFile: string | null;
  /** qcow2's external data file; '' if the bit is set and no name is stored; null if there is none. */
  readonly dataFile: string | null;
  readonly encrypted: boolean;
  /** Number of internal snapshots; null if the format has none. */
  readonly snapshots: number | null;
  readonly features: readonly string[];
  readonly partitions: PartitionTable | null;
  /** Anything else from the header; an open set, snake_case keys. */
  readonly details: Readonly<Record<string, Detail>>;
  /** In the order in which they were found. */
  readonly hazards: readonly Hazard[];
}

/** A finding with nothing but the format; parsers fill in the rest. */
export function plainFinding(format: DetectedFormat): DiskFinding {
  return {
    format,
    virtualSize: null,
    backingFile: null,
    dataFile: null,
    encrypted: false,
    snapshots: null,
    features: [],
    partitions: null,
    details: {},
    hazards: [],
  };
}
