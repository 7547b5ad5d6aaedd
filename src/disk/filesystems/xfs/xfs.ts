// XFS, versions 4 and 5. Checksums are not verified, since names and pieces of files are read without the rest of their block;
// damage shows where data contradicts itself.
import { type Blocks, readAt } from '../../blocks/blocks.ts';
import { damaged, type Reads, unsupported } from '../../blocks/reading.ts';
import { remember } from '../../blocks/remember.ts';
import type {
  DirectoryEntry,
  DirectoryPage,
  FileFacts,
  FileRef,
  GuestFiles,
  VolumeFacts,
  VolumeReader,
} from '../guest-files.ts';
import { Directory } from './directory.ts';
import { readFork } from './fork.ts';
import { type Inode, parseInode } from './inode.ts';
import { readLogState } from './log-state.ts';
import { inodeOffset, isXfs, parseSuperblock, type Superblock, superblockSize } from './superblock.ts';
import { readTarget } from './symlink.ts';
import type { Volume } from './volume.ts';

/** Inodes in the cache: each is needed several times on the way to a file. */
const mostKept = 64;

/** Reads XFS of versions 4 and 5. */
export const xfs: VolumeReader = { recognise: isXfs, open: openXfs };

function* openXfs(blocks: Blocks): Reads<GuestFiles> {
  const superblock = parseSuperblock(yield* readAt(blocks, 0, superblockSize));
  inodeOffset(superblock, superblock.rootInode);
  const volume = { superblock, blocks };
  const state = superblock.needsRepair ? 'dirty' : yield* readLogState(volume);
  return new XfsFiles(volume, factsOf(superblock, state));
}

function factsOf(superblock: Superblock, state: 'clean' | 'dirty' | null): VolumeFacts {
  const { label, uuid, blockSize, blocks, freeBlocks, lazyCounts } = superblock;
  const isCounted = freeBlocks <= blocks && !(lazyCounts && state === 'dirty');
  return {
    type: 'xfs',
    label,
    uuid,
    size: blocks * blockSize,
    free: isCounted ? freeBlocks * blockSize : null,
    state,
  };
}

class XfsFiles implements GuestFiles {
  readonly #volume: Volume;
  readonly #kept = new Map<number, Inode>();
  readonly facts: VolumeFacts;
  readonly root: FileRef;

  constructor(volume: Volume, facts: VolumeFacts) {
    this.#volume = volume;
    this.facts = facts;
    this.root = volume.superblock.rootInode;
  }

  *stat(file: FileRef): Reads<FileFacts> {
    return (yield* this.#inode(file)).facts;
  }

  *list(directory: FileRef, from: number | string | null): Reads<DirectoryPage> {
    return yield* (yield* this.#directory(directory)).list(Number(from ?? 0));
  }

  *find(directory: FileRef, name: string): Reads<DirectoryEntry | null> {
    return yield* (yield* this.#directory(directory)).find(name);
  }

  *read(file: FileRef, offset: number, length: number): Reads<Uint8Array> {
    const inode = yield* this.#inode(file);
    const { kind, size } = inode.facts;
    if (kind !== 'file') damaged('it is not a regular file');
    if (inode.realtime) unsupported('files on a real-time device are not supported');
    const wanted = Math.max(0, Math.min(length, size - offset));
    if (wanted === 0) return new Uint8Array();
    return yield* readFork(this.#volume, inode, offset, wanted);
  }

  *readLink(file: FileRef): Reads<string> {
    const inode = yield* this.#inode(file);
    if (inode.facts.kind !== 'link') damaged('it is not a symbolic link');
    return yield* readTarget(this.#volume, inode);
  }

  *#directory(file: FileRef): Reads<Directory> {
    return new Directory(this.#volume, yield* this.#inode(file));
  }

  *#inode(file: FileRef): Reads<Inode> {
    const number = Number(file);
    const kept = this.#kept.get(number);
    if (kept !== undefined) return kept;
    const { superblock, blocks } = this.#volume;
    const bytes = yield* readAt(blocks, inodeOffset(superblock, number), superblock.inodeSize);
    const inode = parseInode(superblock, number, bytes);
    remember(this.#kept, number, inode, mostKept);
    return inode;
  }
}
