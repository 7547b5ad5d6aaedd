// From the bytes of an image to the contents of its disk.
import type { Reads } from '../blocks/reading.ts';
import type { DetectedFormat, PartitionTable } from '../parsing/finding.ts';
import type { Volume } from '../volumes/volume.ts';
import { collect, collectSystem, type ContentsDraft, type Expectations, noteTrouble } from './collect.ts';
import { GuestTree } from './guest-tree.ts';
import { findRoot, mountVolumes, readableOf } from './mounts.ts';
import { doubtOf, findDiskVolumes, openVolumes } from './open-volumes.ts';

/**
 * Reads the contents of a disk into the draft, which is usable at any moment.
 * @param size bytes of the image
 */
export function* readDisk(
  format: DetectedFormat,
  size: number,
  draft: ContentsDraft,
  expected: Expectations,
): Reads<void> {
  let volumes: readonly Volume[];
  try {
    volumes = yield* findDiskVolumes(format, size);
  } catch (error) {
    noteTrouble(draft, 'its disk', error);
    return;
  }
  draft.read = true;
  draft.partitions = tableOf(volumes);
  const opened = yield* openVolumes(volumes);
  for (const volume of opened) {
    const doubt = doubtOf(volume);
    if (volume.trouble !== null) noteTrouble(draft, volume.title, volume.trouble);
    if (doubt !== null) draft.troubles.push(doubt);
  }
  draft.filesystems = opened.map(({ facts }) => facts);
  const readable = readableOf(opened);
  const root = yield* findRoot(readable);
  if (root === null) return;
  // The most telling and the cheapest: known even if reading soon has to stop.
  yield* collectSystem(new GuestTree([root]), draft, expected);
  yield* collect(yield* mountVolumes(root, readable), draft, expected);
}

/** Includes logical partitions, but not the extended one around them. */
function tableOf(volumes: readonly Volume[]): PartitionTable | null {
  const found = volumes.flatMap(({ partition }) => (partition === null ? [] : [partition]));
  const [first] = found;
  return first === undefined ? null : { scheme: first.scheme, entries: found.map(({ entry }) => entry) };
}
