// Walks a file system within a disk: every file, as its reader shows it.
import type { Reads } from '../../../src/disk/blocks/reading.ts';
import type { DirectoryEntry, FileFacts, FileRef, GuestFiles } from '../../../src/disk/filesystems/guest-files.ts';

/** A file of any kind. */
export interface WalkedFile {
  readonly entry: DirectoryEntry;
  readonly facts: FileFacts;
  /** For regular files; null for all others. */
  readonly bytes: Uint8Array | null;
  /** For links; null for all others. */
  readonly target: string | null;
}

export interface WalkLimits {
  /** Most entries to look at; others are left out. */
  readonly entries: number;
  /** Most pages of one directory; more are an error. */
  readonly pages: number;
  /** Bytes of a file to read at once, and at most. */
  readonly readBytes: number;
  readonly fileBytes: number;
}

export const plenty: WalkLimits = { entries: 100_000, pages: 10_000, readBytes: 1024 * 1024, fileBytes: 2 ** 32 };

/** All entries of a directory. @throws if it has more pages than `pages` */
export function* listAll(files: GuestFiles, directory: FileRef, pages = plenty.pages): Reads<DirectoryEntry[]> {
  const entries: DirectoryEntry[] = [];
  let from: number | string | null = null;
  for (let page = 0; page === 0 || from !== null; page++) {
    if (page >= pages) throw new Error('a directory has no end');
    const { entries: some, next }: { entries: readonly DirectoryEntry[]; next: number | string | null } =
      yield* files.list(directory, from);
    entries.push(...some);
    from = next;
  }
  return entries;
}

/** All bytes of a file, read in pieces. */
export function* readWhole(
  files: GuestFiles,
  file: FileRef,
  { readBytes, fileBytes }: Pick<WalkLimits, 'readBytes' | 'fileBytes'> = plenty,
): Reads<Uint8Array> {
  const { size } = yield* files.stat(file);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < Math.min(size, fileBytes); at += readBytes) {
    const piece = yield* files.read(file, at, readBytes);
    if (piece.length !== Math.min(readBytes, size - at)) throw new Error(`${String(piece.length)} bytes of a file`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** The entry at a path below the root, by `find`; null if there is none. */
export function* findPath(files: GuestFiles, path: string): Reads<DirectoryEntry | null> {
  let entry: DirectoryEntry | null = { name: '', ref: files.root, kind: 'directory' };
  for (const name of path.split('/')) {
    if (entry !== null) entry = yield* files.find(entry.ref, name);
  }
  return entry;
}

/**
 * Every file by its path below the root. A directory that appears again is not entered again.
 * @param attempt runs each step; it may turn an error into null, or throw it
 */
export function* walk(
  files: GuestFiles,
  limits: WalkLimits = plenty,
  attempt: <T>(reads: Reads<T>) => Reads<T | null> = (reads) => reads,
  root = files.root,
): Reads<Map<string, WalkedFile>> {
  const found = new Map<string, WalkedFile>();
  const seen = new Set<FileRef>([root]);
  const waiting: [path: string, directory: FileRef][] = [['', root]];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [path, directory] = next;
    for (const entry of (yield* attempt(listAll(files, directory, limits.pages))) ?? []) {
      if (found.size >= limits.entries) return found;
      const facts = yield* attempt(files.stat(entry.ref));
      if (facts === null) continue;
      const bytes = facts.kind === 'file' ? yield* attempt(readWhole(files, entry.ref, limits)) : null;
      const target = facts.kind === 'link' ? yield* attempt(files.readLink(entry.ref)) : null;
      found.set(`${path}${entry.name}`, { entry, facts, bytes, target });
      if (facts.kind !== 'directory' || seen.has(entry.ref)) continue;
      seen.add(entry.ref);
      waiting.push([`${path}${entry.name}/`, entry.ref]);
    }
  }
  return found;
}
