// The file systems that can be read, and those that are only named.
import { btrfs } from '../filesystems/btrfs/btrfs.ts';
import { ext } from '../filesystems/ext/ext.ts';
import { xfs } from '../filesystems/xfs/xfs.ts';
import type { VolumeFacts, VolumeReader } from '../filesystems/guest-files.ts';

/** In the order in which they are tried. */
export const readers: readonly VolumeReader[] = [ext, xfs, btrfs];

/** What a volume begins with, where it is of no kind that is read; null if nothing is recognised. */
export function nameFileSystem(_front: Uint8Array, _size: number): VolumeFacts | null {
  return null;
}
