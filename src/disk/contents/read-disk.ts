// From the bytes of an image to what is in its disk.
import { type Blocks, FlatBlocks } from '../blocks/blocks.ts';
import { type Reads, together } from '../blocks/reading.ts';
import { openContainer } from '../containers/open-container.ts';
import type { GuestFiles } from '../filesystems/guest-files.ts';
import { nameFileSystem } from '../filesystems/named/name-file-system.ts';
import type { DetectedFormat } from '../parsing/finding.ts';
import { findVolumes } from '../volumes/find-volumes.ts';
import type { Volume } from '../volumes/volume.ts';
import { collect, collectSystem, type ContentsDraft, type Expectations, noteTrouble } from './collect.ts';
import type { FileSystem } from './contents.ts';
import { GuestTree } from './guest-tree.ts';
import { findRoot, mountVolumes, type ReadableVolume } from './mounts.ts';
import { readers } from './readers.ts';

/** More partitions than that are not looked into. */
const mostVolumes = 64;
const frontBytes = 128 * 1024;

/**
 * Reads what is in a disk into the draft, which is good at any time.
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
    volumes = (yield* findVolumes(yield* openContainer(format, new FlatBlocks(size)))).slice(0, mostVolumes);
  } catch (error) {
    noteTrouble(draft, 'its disk', error);
    return;
  }
  draft.isLooked = true;
  const opened = yield* together(volumes.map((volume) => openVolume(volume, draft)));
  draft.filesystems = opened.map(({ facts }) => facts);
  const readable = opened.flatMap(({ facts, files }): ReadableVolume[] => (files === null ? [] : [{ facts, files }]));
  const root = yield* findRoot(readable);
  if (root === null) return;
  // It tells most for least: it is known even where reading has to end soon.
  yield* collectSystem(new GuestTree([root]), draft, expected);
  yield* collect(yield* mountVolumes(root, readable), draft, expected);
}

interface OpenedVolume {
  readonly facts: FileSystem;
  readonly files: GuestFiles | null;
}

const nameless = { type: null, label: null, uuid: null, size: null, free: null, read: false } as const;

function* openVolume({ name, blocks }: Volume, draft: ContentsDraft): Reads<OpenedVolume> {
  const unnamed: FileSystem = { partition: name, ...nameless, size: blocks.size };
  try {
    const front = yield* readFront(blocks);
    const reader = readers.find(({ recognise }) => recognise(front));
    if (reader === undefined) {
      const named = yield* nameFileSystem(blocks, front);
      return { facts: { ...unnamed, ...named, size: named?.size ?? blocks.size }, files: null };
    }
    const files = yield* reader.open(blocks);
    const { type, label, uuid, size, free, state } = files.facts;
    if (state === 'dirty')
      draft.troubles.push(`${nameOf(name)}: it was not unmounted, so what was written last may be missing`);
    return { facts: { partition: name, type, label, uuid, size, free, read: true }, files };
  } catch (error) {
    noteTrouble(draft, nameOf(name), error);
    return { facts: unnamed, files: null };
  }
}

function nameOf(name: string | null): string {
  if (name === null) return 'its file system';
  return name.startsWith('lv ') ? name : `partition ${name}`;
}

function* readFront(blocks: Blocks): Reads<Uint8Array> {
  const [front = new Uint8Array()] = yield* blocks.read([{ offset: 0, length: Math.min(frontBytes, blocks.size) }]);
  return front;
}
