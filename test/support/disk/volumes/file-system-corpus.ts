// File systems that were made by their own tools, kept compressed: see test/disk/make-*.mjs.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { btrfs } from '../../../../src/disk/filesystems/btrfs/btrfs.ts';
import { ext } from '../../../../src/disk/filesystems/ext/ext.ts';
import { fat } from '../../../../src/disk/filesystems/fat/fat.ts';
import { xfs } from '../../../../src/disk/filesystems/xfs/xfs.ts';
import type { VolumeReader } from '../../../../src/disk/filesystems/guest-files.ts';
import { mendBtrfs } from './btrfs-volume.ts';
import { iso9660 } from '../../../../src/disk/filesystems/iso9660/iso9660.ts';

export interface FileSystemSample {
  /** Also the name of its fixture. */
  readonly name: string;
  readonly reader: VolumeReader;
  /** Repairs what a change of the bytes breaks, such as checksums. */
  readonly mend?: (bytes: Uint8Array) => void;
  /** The same, if the original bytes are needed for it. */
  readonly makeMend?: (original: Uint8Array) => (bytes: Uint8Array) => void;
}

export const fileSystemSamples: readonly FileSystemSample[] = [
  { name: 'ext2-1k', reader: ext },
  { name: 'ext4-1k', reader: ext },
  { name: 'ext4-inline', reader: ext },
  { name: 'ext4-meta-bg', reader: ext },
  { name: 'ext4-half_md4-signed', reader: ext },
  { name: 'btrfs', reader: btrfs, makeMend: mendBtrfs },
  { name: 'fat12', reader: fat },
  { name: 'fat16', reader: fat },
  { name: 'fat32', reader: fat },
  { name: 'xfs-v4', reader: xfs },
  { name: 'xfs-v5', reader: xfs },
  { name: 'xfs-caseless', reader: xfs },
  { name: 'iso-rock-ridge', reader: iso9660 },
  { name: 'iso-joliet', reader: iso9660 },
  { name: 'iso-plain', reader: iso9660 },
];

export function readSample(name: string): Uint8Array {
  return gunzipSync(readFileSync(new URL(`../../../fixtures/disk/file-systems/${name}.gz`, import.meta.url)));
}
