// The files of an ext2, ext3 or ext4 file system. Its journal is not read, so recent changes may be missing from a `dirty` one.
import { damaged, type Reads, unsupported } from '../../blocks/reading.ts';
import { textOf } from '../../parsing/bytes.ts';
import type { DirectoryEntry, DirectoryPage, FileFacts, FileRef, GuestFiles, VolumeFacts } from '../guest-files.ts';
import { search } from '../names.ts';
import { readBlocks, readData } from './data.ts';
import { parseEntries } from './directory-entries.ts';
import type { Inode } from './inode.ts';
import { Inodes } from './inodes.ts';
import { inlinePieces } from './inline-data.ts';
import { lookUp } from './name-index.ts';
import type { Volume } from './volume.ts';

/** Bytes of a directory to read at once. */
const pageBytes = 16_384;
const maxLinkBytes = 4096;
const maxNameBytes = 255;
/** i_block holds the target of a link that is shorter than i_block. */
const blockBytes = 60;
/** The inode number of the parent, which replaces `..` in a directory stored in its inode. */
const parentBytes = 4;

export class ExtFiles implements GuestFiles {
  readonly facts: VolumeFacts;
  readonly root = 2;
  readonly #volume: Volume;
  readonly #inodes: Inodes;

  constructor(volume: Volume) {
    this.#volume = volume;
    this.#inodes = new Inodes(volume);
    const { type, label, uuid, blockSize, blockCount, freeBlocks, state } = volume.superblock;
    const free = freeBlocks === null ? null : freeBlocks * blockSize;
    this.facts = { type, label, uuid, size: blockCount * blockSize, free, state };
  }

  *stat(file: FileRef): Reads<FileFacts> {
    const { kind, size, mode, uid, gid, mtime } = yield* this.#inodes.get(file);
    return { kind, size, mode, uid, gid, mtime };
  }

  *list(directory: FileRef, from: number | string | null): Reads<DirectoryPage> {
    const inode = yield* this.#directory(directory);
    if (inode.isInline) return { entries: this.#inlineEntries(inode), next: null };
    const { blockSize } = this.#volume.superblock;
    const total = Math.ceil(inode.size / blockSize);
    const first = typeof from === 'number' ? from : 0;
    const end = Math.min(total, first + Math.max(1, pageBytes / blockSize));
    if (first >= end) return { entries: [], next: null };
    const blocks = yield* readBlocks(this.#volume, inode, { first, end });
    const entries = blocks.flatMap((block) => parseEntries(block, this.#volume.superblock));
    return { entries, next: end < total ? end : null };
  }

  *find(directory: FileRef, name: string): Reads<DirectoryEntry | null> {
    const inode = yield* this.#directory(directory);
    // Neither length nor hash of a name that is not UTF-8 can be computed from its replaced text.
    const isExact = !name.includes('\uFFFD');
    if (isExact && Buffer.byteLength(name) > maxNameBytes) return null;
    const { superblock } = this.#volume;
    if (superblock.hasIndexes && inode.isIndexed && !inode.isInline && !inode.isCasefolded && isExact) {
      const found = yield* lookUp(
        {
          superblock,
          blockCount: Math.ceil(inode.size / superblock.blockSize),
          blockAt: (index) => this.#blockAt(inode, index),
        },
        name,
      );
      if (found !== 'no index') return found;
    }
    const folded = inode.isCasefolded ? foldCase(name) : null;
    return yield* search(this, directory, (entry) => entry.name === name || foldCase(entry.name) === folded);
  }

  *read(file: FileRef, offset: number, length: number): Reads<Uint8Array> {
    const inode = yield* this.#inodes.get(file);
    if (inode.kind !== 'file') damaged('it is not a regular file');
    return yield* readData(this.#volume, inode, offset, length);
  }

  *readLink(file: FileRef): Reads<string> {
    const inode = yield* this.#inodes.get(file);
    if (inode.kind !== 'link') damaged('it is not a symbolic link');
    if (inode.isEncrypted) unsupported('encrypted symbolic links are not supported');
    if (inode.size === 0 || inode.size > maxLinkBytes) damaged('the length of a symbolic link is out of range');
    const isInInode = inode.size < blockBytes && !inode.isInline && !inode.hasExtents;
    if (isInInode) return textOf(inode.block.subarray(0, inode.size));
    return textOf(yield* readData(this.#volume, inode, 0, inode.size));
  }

  /** @throws UnreadableError if it is not a directory, or its names cannot be read */
  *#directory(ref: FileRef): Reads<Inode> {
    const inode = yield* this.#inodes.get(ref);
    if (inode.kind !== 'directory') damaged('it is not a directory');
    if (inode.isEncrypted) unsupported('encrypted directories are not supported');
    const { blockSize, blockCount } = this.#volume.superblock;
    if (inode.size > blockSize * blockCount) damaged('a directory is larger than its file system');
    return inode;
  }

  #inlineEntries(inode: Inode): DirectoryEntry[] {
    const [first, second] = inlinePieces(inode);
    const pieces = [first.subarray(parentBytes), second];
    return pieces.flatMap((piece) => parseEntries(piece, this.#volume.superblock));
  }

  *#blockAt(inode: Inode, index: number): Reads<Uint8Array> {
    const [block] = yield* readBlocks(this.#volume, inode, { first: index, end: index + 1 });
    return block ?? damaged('a directory has a hole');
  }
}

/** Folds case nearly as Unicode does: full folding, with accents separated from their letters. */
function foldCase(name: string): string {
  return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFD');
}
