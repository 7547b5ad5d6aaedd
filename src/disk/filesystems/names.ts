// What directories of several file systems have in common: types and names of their entries, and looking at all of them.
import { damaged, type Reads } from '../blocks/reading.ts';
import { exactText } from '../parsing/bytes.ts';
import type { DirectoryEntry, DirectoryPage, FileKind, FileRef, GuestFiles } from './guest-files.ts';

const kinds: readonly (FileKind | null)[] = [null, 'file', 'directory', 'other', 'other', 'other', 'other', 'link'];

/** Of the type that directories of ext, XFS and btrfs note with a name; null where it does not say. */
export function kindOfType(type: number): FileKind | null {
  return kinds[type] ?? null;
}

const mostNameBytes = 255;
const slash = 0x2f;

/** The text of a name of Linux; what is no UTF-8 is replaced. @throws UnreadableError for what can be none */
export function nameOf(bytes: Uint8Array): string {
  const isName = bytes.length > 0 && bytes.length <= mostNameBytes && !bytes.includes(slash) && !bytes.includes(0);
  return isName ? exactText(bytes) : damaged('a directory entry whose name cannot be');
}

/** A name of elsewhere, without what no name of ours may have in it. */
export function withoutSlashes(name: string): string {
  return name.replaceAll(/[/\0]/g, '\ufffd');
}

/** The first entry of a directory that is sought, by listing it; null if there is none. @throws UnreadableError */
export function* search(
  files: Pick<GuestFiles, 'list'>,
  directory: FileRef,
  isSought: (entry: DirectoryEntry) => boolean,
): Reads<DirectoryEntry | null> {
  let from: DirectoryPage['next'] = null;
  do {
    const page: DirectoryPage = yield* files.list(directory, from);
    const found = page.entries.find(isSought);
    if (found !== undefined) return found;
    from = page.next;
  } while (from !== null);
  return null;
}
