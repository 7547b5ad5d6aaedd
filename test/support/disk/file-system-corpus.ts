// File systems that were made by the tools of their own, kept compressed: see test/disk/make-file-system-fixtures.mjs.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fat } from '../../../src/disk/filesystems/fat/fat.ts';
import type { VolumeReader } from '../../../src/disk/filesystems/guest-files.ts';

export interface FileSystemSample {
  /** Of its fixture as well. */
  readonly name: string;
  readonly reader: VolumeReader;
  /** Puts right what a change of the bytes has made wrong, such as checksums. */
  readonly mend?: (bytes: Uint8Array) => void;
}

export const fileSystemSamples: readonly FileSystemSample[] = [
  { name: 'fat12', reader: fat },
  { name: 'fat16', reader: fat },
  { name: 'fat32', reader: fat },
];

/** @param folder of the fixtures; where this module is bundled it is elsewhere */
export function readSample(
  name: string,
  folder = new URL('../../fixtures/disk/file-systems/', import.meta.url),
): Uint8Array {
  return gunzipSync(readFileSync(new URL(`${name}.gz`, folder)));
}
