// The files of a btrfs. Its log tree is not read, so recent changes may be missing from a `dirty` one.
import { damaged, type Reads, together } from '../../blocks/reading.ts';
import { textOf } from '../../parsing/bytes.ts';
import type { DirectoryEntry, DirectoryPage, FileFacts, FileRef, GuestFiles, VolumeFacts } from '../guest-files.ts';
import { search } from '../names.ts';
import { type DirItem, hashName, parseDirItems } from './dir-items.ts';
import { itemType, type Key, lastOffset, type TreeRoot } from './fields.ts';
import { FileData, type Volume } from './file-data.ts';
import { parseInode } from './inode.ts';
import { type Subvolumes, topSubvolume } from './subvolumes.ts';

const pageEntries = 500;
const mostNameBytes = 255;
const mostLinkBytes = 4096;
/** The inode of the top directory of every subvolume. */
const topDirectory = 256;
/** Stands for a subvolume that is not in this tree: BTRFS_EMPTY_SUBVOL_DIR_OBJECTID. */
const emptyDirectory = 2;
const emptyFacts: FileFacts = { kind: 'directory', size: 0, mode: 0o755, uid: null, gid: null, mtime: null };

/** A file, by subvolume and inode; written as a reference with a slash between them. */
interface Place {
  readonly subvolume: number;
  readonly inode: number;
}

interface Found extends Place {
  readonly tree: TreeRoot;
  readonly facts: FileFacts;
}

export class BtrfsFiles implements GuestFiles {
  readonly facts: VolumeFacts;
  readonly root: FileRef;
  readonly top = refOf({ subvolume: topSubvolume, inode: topDirectory });
  readonly #volume: Volume;
  readonly #subvolumes: Subvolumes;
  readonly #data: FileData;

  /** @param defaultId the subvolume whose top directory is the root */
  constructor(volume: Volume, subvolumes: Subvolumes, defaultId: number) {
    this.#volume = volume;
    this.#subvolumes = subvolumes;
    this.#data = new FileData(volume);
    const { label, uuid, totalBytes, bytesUsed, isDirty } = volume.superblock;
    const free = Math.max(0, totalBytes - bytesUsed);
    this.facts = { type: 'btrfs', label, uuid, size: totalBytes, free, state: isDirty ? 'dirty' : 'clean' };
    this.root = refOf({ subvolume: defaultId, inode: topDirectory });
  }

  *stat(file: FileRef): Reads<FileFacts> {
    const place = placeOf(file);
    return place.inode === emptyDirectory ? emptyFacts : (yield* this.#find(place)).facts;
  }

  *list(directory: FileRef, from: number | string | null): Reads<DirectoryPage> {
    const place = placeOf(directory);
    if (place.inode === emptyDirectory) return { entries: [], next: null };
    const { tree } = yield* this.#directory(place);
    const keyOf = (offset: number): Key => ({
      objectid: place.inode,
      type: itemType.dirIndex,
      offset,
    });
    const first = typeof from === 'number' ? from : 0;
    const items = yield* this.#volume.trees.range(tree, keyOf(first), keyOf(lastOffset), pageEntries);
    const entries = items.flatMap(({ data }) => parseDirItems(data)).map((item) => this.#entry(place, item));
    const last = items.length < pageEntries ? undefined : items.at(-1)?.key.offset;
    return { entries: yield* together(entries), next: last === undefined || last >= lastOffset ? null : last + 1 };
  }

  *find(directory: FileRef, name: string): Reads<DirectoryEntry | null> {
    const place = placeOf(directory);
    if (place.inode === emptyDirectory) return null;
    const { tree } = yield* this.#directory(place);
    // The hash of a name that is not UTF-8 cannot be computed from its replaced text.
    if (name.includes('\uFFFD')) return yield* search(this, directory, (entry) => entry.name === name);
    if (Buffer.byteLength(name) > mostNameBytes) return null;
    const key = { objectid: place.inode, type: itemType.dirItem, offset: hashName(name) };
    const item = yield* this.#volume.trees.find(tree, key);
    const found = item === null ? undefined : parseDirItems(item.data).find((entry) => entry.name === name);
    return found === undefined ? null : yield* this.#entry(place, found);
  }

  *read(file: FileRef, offset: number, length: number): Reads<Uint8Array> {
    const { tree, inode, facts } = yield* this.#find(placeOf(file));
    if (facts.kind !== 'file') damaged('it is not a regular file');
    return yield* this.#data.read({ tree, inode, size: facts.size }, offset, length);
  }

  *readLink(file: FileRef): Reads<string> {
    const { tree, inode, facts } = yield* this.#find(placeOf(file));
    if (facts.kind !== 'link') damaged('it is not a symbolic link');
    if (facts.size === 0 || facts.size > mostLinkBytes) damaged('the length of a symbolic link is out of range');
    return textOf(yield* this.#data.read({ tree, inode, size: facts.size }, 0, facts.size));
  }

  *#find({ subvolume, inode }: Place): Reads<Found> {
    const tree = yield* this.#subvolumes.tree(subvolume);
    const item = yield* this.#volume.trees.find(tree, { objectid: inode, type: itemType.inode, offset: 0 });
    if (item === null) return damaged('a file has no inode item');
    return { subvolume, inode, tree, facts: parseInode(item.data) };
  }

  *#directory(place: Place): Reads<Found> {
    const found = yield* this.#find(place);
    return found.facts.kind === 'directory' ? found : damaged('it is not a directory');
  }

  *#entry({ subvolume, inode }: Place, { name, kind, location }: DirItem): Reads<DirectoryEntry> {
    if (location.type === itemType.inode) {
      return { name, kind, ref: refOf({ subvolume, inode: location.objectid }) };
    }
    if (location.type !== itemType.root)
      damaged('the location of a directory entry is neither an inode nor a subvolume');
    const other = location.objectid;
    const isEntered = yield* this.#subvolumes.isEntered(other, { subvolume, directory: inode, name });
    const place = isEntered ? { subvolume: other, inode: topDirectory } : { subvolume, inode: emptyDirectory };
    return { name, kind: 'directory', ref: refOf(place) };
  }
}

function refOf({ subvolume, inode }: Place): FileRef {
  return `${String(subvolume)}/${String(inode)}`;
}

function placeOf(file: FileRef): Place {
  const [subvolume = '', inode = ''] = String(file).split('/');
  return { subvolume: Number(subvolume), inode: Number(inode) };
}
