// From the bytes of an image to the file systems of its disk, opened where they can be read.
import { type Blocks, FlatBlocks } from '../blocks/blocks.ts';
import { type Reads, together, UnreadableError } from '../blocks/reading.ts';
import { openContainer } from '../containers/open-container.ts';
import type { GuestFiles } from '../filesystems/guest-files.ts';
import { nameFileSystem } from '../filesystems/named/name-file-system.ts';
import type { DetectedFormat } from '../parsing/finding.ts';
import { findVolumes } from '../volumes/find-volumes.ts';
import type { Volume } from '../volumes/volume.ts';
import type { FileSystem } from './contents.ts';
import { readers } from './readers.ts';

/** Any further partitions are ignored. */
const mostVolumes = 64;
const frontBytes = 128 * 1024;

/** A part of a disk that was examined. */
export interface OpenedVolume {
  /** Its name in texts for people. */
  readonly title: string;
  readonly facts: FileSystem;
  /** Null if its files cannot be read. */
  readonly files: GuestFiles | null;
  /** The reason, if it is of a kind that should be readable. */
  readonly trouble: UnreadableError | null;
}

/**
 * The parts of the disk in an image that may hold file systems.
 * @param size bytes of the image
 * @throws UnreadableError
 */
export function* findDiskVolumes(format: DetectedFormat, size: number): Reads<readonly Volume[]> {
  return yield* findVolumes(yield* openContainer(format, new FlatBlocks(size)));
}

/** Opens the first of them, in order. The result includes damaged ones. */
export function* openVolumes(volumes: readonly Volume[]): Reads<readonly OpenedVolume[]> {
  return yield* together(volumes.slice(0, mostVolumes).map(openVolume));
}

/** Why readable files may be incomplete, for people; null if there is no doubt. Not escaped. */
export function doubtOf({ title, files }: OpenedVolume): string | null {
  return files?.facts.state === 'dirty'
    ? `${title}: it was not unmounted, so what was written last may be missing`
    : null;
}

const nameless = { type: null, label: null, uuid: null, size: null, free: null, read: false } as const;

function* openVolume({ name, blocks }: Volume): Reads<OpenedVolume> {
  const title = titleOf(name);
  const unnamed: FileSystem = { partition: name, ...nameless, size: blocks.size };
  try {
    const front = yield* readFront(blocks);
    const reader = readers.find(({ recognise }) => recognise(front));
    if (reader === undefined) {
      const named = yield* nameFileSystem(blocks, front);
      const facts = { ...unnamed, ...named, size: named?.size ?? blocks.size };
      return { title, facts, files: null, trouble: null };
    }
    const files = yield* reader.open(blocks);
    const { type, label, uuid, size, free } = files.facts;
    return { title, facts: { partition: name, type, label, uuid, size, free, read: true }, files, trouble: null };
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return { title, facts: unnamed, files: null, trouble: error };
  }
}

function titleOf(name: string | null): string {
  if (name === null) return 'its file system';
  return name.startsWith('lv ') ? name : `partition ${name}`;
}

function* readFront(blocks: Blocks): Reads<Uint8Array> {
  const [front = new Uint8Array()] = yield* blocks.read([{ offset: 0, length: Math.min(frontBytes, blocks.size) }]);
  return front;
}
