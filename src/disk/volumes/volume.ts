// A part of a disk that may hold a file system.
import type { Blocks } from '../blocks/blocks.ts';
import type { Partition, PartitionTable } from '../parsing/finding.ts';

export interface Volume {
  /** The number of a partition as the kernel counts, such as `1`, or `lv GROUP/NAME`; null for a disk without partitions. */
  readonly name: string | null;
  /** Its entry in the partition table; null for a logical volume, and for a disk without partitions. */
  readonly partition: TableEntry | null;
  /** If the volume cannot be read, reading throws the reason. */
  readonly blocks: Blocks;
}

/** An entry of a partition table. */
interface TableEntry {
  readonly scheme: PartitionTable['scheme'];
  readonly entry: Partition;
}
