// Splits a disk into volumes that may hold file systems: its partitions and their logical volumes, or the whole disk.
import type { Blocks } from '../blocks/blocks.ts';
import { damaged, type Reads } from '../blocks/reading.ts';
import { hasPartitionTable, hasTableSignature, protective, readMbrEntries } from '../formats/partitions.ts';
import { hasText } from '../parsing/bytes.ts';
import { findGptVolumes } from './gpt.ts';
import { addLogicalVolumes } from './lvm/logical-volumes.ts';
import { findMbrVolumes } from './mbr.ts';
import type { Volume } from './volume.ts';

/** Includes the descriptor of an ISO 9660, which may coexist with a partition table. */
const frontBytes = 34 * 1024;
const isoDescriptor = 32 * 1024;

/**
 * The volumes of a disk, in the order of its partitions; then logical volumes. Physical volumes of LVM are included.
 * @throws UnreadableError if it has a GPT but neither copy is intact
 */
export function* findVolumes(disk: Blocks): Reads<readonly Volume[]> {
  const [front = new Uint8Array()] = yield* disk.read([{ offset: 0, length: frontBytes }]);
  const whole: Volume = { name: null, partition: null, blocks: disk };
  const isIso = hasText(front, isoDescriptor + 1, 'CD001');
  // An ISO's partitions may overlap: one may span the whole disc, and another lie within.
  const hasTable = isIso ? hasTableSignature(front) : hasPartitionTable(front, disk.size);
  if (!hasTable) return yield* addLogicalVolumes([whole]);
  const partitions = yield* findPartitions(disk, front);
  return yield* addLogicalVolumes(isIso ? [whole, ...partitions] : partitions);
}

function* findPartitions(disk: Blocks, front: Uint8Array): Reads<readonly Volume[]> {
  const types = readMbrEntries(front).map(({ type }) => type);
  if (!types.includes(protective)) return yield* findMbrVolumes(disk, front);
  const volumes = yield* findGptVolumes(disk);
  if (volumes !== null) return volumes;
  const isAlone = types.every((type) => type === protective || type === 0);
  return isAlone ? damaged('neither the primary nor the backup GPT is valid') : yield* findMbrVolumes(disk, front);
}
