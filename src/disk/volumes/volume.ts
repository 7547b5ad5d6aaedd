// A part of a disk that may hold a file system.
import type { Blocks } from '../blocks/blocks.ts';

export interface Volume {
  /** The number of a partition as the kernel counts, such as `1`, or `lv GROUP/NAME`; null for a disk without partitions. */
  readonly name: string | null;
  /** MBR: two hex digits, such as `83`. GPT: a GUID in upper case. `lvm`: a logical volume. Null without partitions. */
  readonly type: string | null;
  /** Of what is known of but cannot be read, reading throws why. */
  readonly blocks: Blocks;
}
