// What a sample of a corpus is, and what many of them hold.
import type { DetectedFormat } from '../../../../src/disk/parsing/finding.ts';
import type { HazardCode } from '../../../../src/disk/parsing/hazards.ts';

export interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  readonly format: DetectedFormat;
  /** Null: not told. */
  readonly virtualSize: bigint | null;
  /** In any order, each once. */
  readonly codes: readonly HazardCode[];
  readonly backingFile?: string;
}

export const mebibyte = 1024 * 1024;
export const tenMebibytes = BigInt(10 * mebibyte);
export const content = { size: 10 * mebibyte, pieces: [{ offset: mebibyte, bytes: Buffer.alloc(4096, 7) }] };
export const file = { name: 'README.TXT', bytes: Buffer.from('hello') };
