// The file systems that can be read.
import { btrfs } from '../filesystems/btrfs/btrfs.ts';
import { ext } from '../filesystems/ext/ext.ts';
import { fat } from '../filesystems/fat/fat.ts';
import type { VolumeReader } from '../filesystems/guest-files.ts';
import { iso9660 } from '../filesystems/iso9660/iso9660.ts';
import { xfs } from '../filesystems/xfs/xfs.ts';

/** In the order in which they are tried. */
export const readers: readonly VolumeReader[] = [ext, xfs, btrfs, fat, iso9660];
