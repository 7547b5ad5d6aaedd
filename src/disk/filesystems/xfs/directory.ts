// Directories of every form: in the inode, one block, blocks with an index.
import { damaged, type Reads, together, unsupported } from '../../blocks/reading.ts';
import { exactText } from '../../parsing/bytes.ts';
import { countOf } from '../../../text/count.ts';
import type { DirectoryEntry, DirectoryPage } from '../guest-files.ts';
import { blockEntries, largestEntry, shortEntries, storedEntry } from './directory-data.ts';
import { findHash, indexOffset } from './directory-index.ts';
import type { Extent } from './extents.ts';
import { findExtents, readExtents, readFork } from './fork.ts';
import type { Inode } from './inode.ts';
import { entryOf, hashName, isDots, sameName, type StoredEntry } from './names.ts';
import type { Volume } from './volume.ts';

/** Bytes of one page, unless a block is larger. */
const pageSize = 16 * 1024;
/** Pages to search for a name without an index: more than a million names. */
const mostPages = 4096;

interface Page {
  readonly entries: readonly StoredEntry[];
  readonly next: number | null;
}

/** A directory of one file system. */
export class Directory {
  readonly #volume: Volume;
  readonly #inode: Inode;

  /** @throws UnreadableError if it is not a directory, or has an impossible size */
  constructor(volume: Volume, inode: Inode) {
    const { kind, size } = inode.facts;
    if (kind !== 'directory') damaged('it is not a directory');
    if (inode.format !== 'local' && (size % volume.superblock.directoryBlockSize !== 0 || size > indexOffset)) {
      damaged(`the size of a directory is invalid: ${countOf(size, 'byte')}`);
    }
    this.#volume = volume;
    this.#inode = inode;
  }

  /** @param from the number of a block of the directory */
  *list(from: number): Reads<DirectoryPage> {
    const { entries, next } = yield* this.#page(from);
    const named = entries.filter(({ name }) => !isDots(name)).map((entry) => entryOf(this.#volume.superblock, entry));
    return { entries: named, next };
  }

  *find(name: string): Reads<DirectoryEntry | null> {
    const wanted = new TextEncoder().encode(name);
    if (isDots(wanted) || wanted.length === 0) return null;
    // Neither length nor hash of a name that is not UTF-8 can be computed from its replaced text.
    const isExact = !name.includes('\uFFFD');
    if (isExact && wanted.length > 255) return null;
    const { caseless, directoryBlockSize } = this.#volume.superblock;
    const isLarge = this.#inode.format !== 'local' && this.#inode.facts.size > directoryBlockSize;
    const found = isLarge && isExact && !caseless ? yield* this.#lookUp(wanted) : yield* this.#search(name, wanted);
    return found === null ? null : entryOf(this.#volume.superblock, found);
  }

  /** Some blocks from a number on; holes are skipped. */
  *#page(from: number): Reads<Page> {
    if (this.#inode.format === 'local')
      return { entries: shortEntries(this.#volume.superblock, this.#inode), next: null };
    const { directoryBlockSize, blockSize } = this.#volume.superblock;
    const each = directoryBlockSize / blockSize;
    const most = Math.max(1, Math.floor(pageSize / directoryBlockSize));
    const count = this.#inode.facts.size / directoryBlockSize;
    const range = { start: from * each, end: count * each };
    const extents = yield* findExtents(this.#volume, this.#inode, range, most * each);
    const numbers = blocksIn(extents, from, each, most);
    const read = numbers.map((number) =>
      readExtents(this.#volume, extents, number * directoryBlockSize, directoryBlockSize),
    );
    const entries = (yield* together(read)).flatMap((block) =>
      blockEntries(this.#volume.superblock, this.#inode, block),
    );
    const next = (numbers.at(-1) ?? count) + 1;
    return { entries, next: next < count ? next : null };
  }

  /** Compares all names as text, since invalid UTF-8 in them was replaced. */
  *#search(name: string, wanted: Uint8Array): Reads<StoredEntry | null> {
    let similar: StoredEntry | null = null;
    let from: number | null = 0;
    for (let pages = 0; from !== null; pages++) {
      if (pages >= mostPages) unsupported('a directory is too large to be searched');
      const { entries, next }: Page = yield* this.#page(from);
      for (const entry of entries) {
        if (exactText(entry.name) === name) return entry;
        if (sameName(this.#volume.superblock, entry.name, wanted)) similar ??= entry;
      }
      from = next;
    }
    return similar;
  }

  *#lookUp(wanted: Uint8Array): Reads<StoredEntry | null> {
    const { directoryBlockSize } = this.#volume.superblock;
    const offsets = yield* findHash(this.#volume, this.#inode, hashName(wanted));
    const read = offsets.map((offset) => {
      if (offset >= this.#inode.facts.size) damaged('an address in a directory index is out of range');
      const length = Math.min(largestEntry, directoryBlockSize - (offset % directoryBlockSize));
      return readFork(this.#volume, this.#inode, offset, length);
    });
    const pieces = yield* together(read);
    for (const [index, bytes] of pieces.entries()) {
      const entry = storedEntry(this.#volume.superblock, bytes, (offsets[index] ?? 0) % directoryBlockSize);
      if (Buffer.compare(entry.name, wanted) === 0) return entry;
    }
    return null;
  }
}

/** Numbers of the first directory blocks within extents. @param each blocks of the file system per directory block */
function blocksIn(extents: readonly Extent[], from: number, each: number, most: number): readonly number[] {
  const numbers: number[] = [];
  let next = from;
  for (const { first, count } of extents) {
    next = Math.max(next, Math.floor(first / each));
    for (; next * each < first + count && numbers.length < most; next++) numbers.push(next);
  }
  return numbers;
}
