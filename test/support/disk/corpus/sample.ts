// A sample of the corpus, and the content of many of them.
import type { DetectedFormat } from '../../../../src/disk/parsing/finding.ts';
import type { HazardCode } from '../../../../src/disk/parsing/hazards.ts';

export interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  readonly format: DetectedFormat;
  /** Null if the format does not give it. */
  readonly virtualSize: bigint | null;
  /** In any order, each once. */
  readonly codes: readonly HazardCode[];
  readonly backingFile?: string;
}

export const mebibyte = 1024 * 1024;
export const tenMebibytes = BigInt(10 * mebibyte);
export const content = { size: 10 * mebibyte, pieces: [{ offset: mebibyte, bytes: Buffer.alloc(4096, 7) }] };
export const file = { name: 'README.TXT', bytes: Buffer.from('hello') };
