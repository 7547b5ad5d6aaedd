// What a parser found in the bytes, before it is compared with what the metadata says.
import type { Hazard } from './hazards.ts';

/** What bytes can be. */
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

/** One entry of a partition table; bytes. */
export interface Partition {
  /** From 1, as the kernel counts. */
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
  /** Null if they could not be read; a hazard tells why. */
  readonly entries: readonly Partition[] | null;
}

/** A value of `details`. */
export type Detail = string | number | bigint | boolean | null | readonly Detail[] | { readonly [key: string]: Detail };

/** What one format's parser says about the bytes. */
export interface Finding {
  readonly format: DetectedFormat;
  /** Bytes of the disk once expanded, exact up to 2^63 − 1; null where the format does not say, or says nonsense. */
  readonly virtualSize: bigint | null;
  /** The name in the header as text; null if there is none or it cannot be read (a hazard tells). */
  readonly backingFile: string | null;
  /** qcow2's external data file; '' if the bit is set and no name is stored; null if there is none. */
  readonly dataFile: string | null;
  readonly encrypted: boolean;
  /** Internal snapshots; null where the format has none. */
  readonly snapshots: number | null;
  readonly features: readonly string[];
  readonly partitions: PartitionTable | null;
  /** What else the format says; an open set, snake_case keys. */
  readonly details: Readonly<Record<string, Detail>>;
  /** In the order in which they were noticed. */
  readonly hazards: readonly Hazard[];
}

/** A finding that says nothing but the format; parsers fill in what they know. */
export function plainFinding(format: DetectedFormat): Finding {
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
