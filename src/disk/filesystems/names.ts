// What directories of several file systems have in common: file types, names, and searching by listing.
import { damaged, type Reads } from '../blocks/reading.ts';
import { exactText } from '../parsing/bytes.ts';
import type { DirectoryEntry, DirectoryPage, FileKind, FileRef, GuestFiles } from './guest-files.ts';

const kinds: readonly (FileKind | null)[] = [null, 'file', 'directory', 'other', 'other', 'other', 'other', 'link'];

/** The kind for the type that directories of ext, XFS and btrfs store with a name; null if unknown. */
export function kindOfType(type: number): FileKind | null {
  return kinds[type] ?? null;
}

const mostNameBytes = 255;
const slash = 0x2f;

/** Decodes a Linux file name; invalid UTF-8 is replaced. @throws UnreadableError for an impossible name */
export function nameOf(bytes: Uint8Array): string {
  const isName = bytes.length > 0 && bytes.length <= mostNameBytes && !bytes.includes(slash) && !bytes.includes(0);
  return isName ? exactText(bytes) : damaged('the name in a directory entry is invalid');
}

/** A name from a foreign system, without the characters that names here cannot have. */
export function withoutSlashes(name: string): string {
  return name.replaceAll(/[/\0]/g, '\ufffd');
}

/** The first matching entry of a directory, found by listing it; null if there is none. @throws UnreadableError */
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
