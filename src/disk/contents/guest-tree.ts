// The files of a guest as the guest sees them: several file systems mounted on each other's directories, and symbolic links
// that never lead out of the disk.
import { damaged, type Reads } from '../blocks/reading.ts';
import type { DirectoryEntry, DirectoryPage, FileKind, FileRef, GuestFiles } from '../filesystems/guest-files.ts';

/** A file system, or one of its directories, and its mount point. */
export interface Mount {
  /** Path components from the root down; empty for the root. */
  readonly at: readonly string[];
  readonly files: GuestFiles;
  readonly root: FileRef;
}

/** A file found by its path. */
export interface FoundFile {
  readonly files: GuestFiles;
  readonly ref: FileRef;
  readonly kind: FileKind;
  /** Its real path, with all links resolved. */
  readonly path: readonly string[];
}

/** The same limit as in Linux. @see https://man7.org/linux/man-pages/man7/path_resolution.7.html */
const mostLinks = 40;
/** Components of a path, with all links followed. */
const mostSteps = 1000;
const mostEntries = 20_000;
const mostPages = 200;

export class GuestTree {
  readonly #mounts = new Map<string, Mount>();

  constructor(mounts: readonly Mount[]) {
    for (const mount of mounts) this.#mounts.set(mount.at.join('/'), mount);
  }

  /**
   * The file at a path, links followed; null if there is none.
   * @param path from the root; `..` above the root stays there
   * @param followsLast false: if the path is a link, returns the link itself
   * @throws UnreadableError
   */
  *find(path: string, followsLast = true): Reads<FoundFile | null> {
    const trail = this.#root();
    const pending = namesOf(path);
    let links = 0;
    for (let steps = 0; pending.length > 0; steps++) {
      if (steps + pending.length > mostSteps) return null;
      const name = pending.pop() ?? '';
      const here = trail.at(-1);
      if (here?.kind !== 'directory') return null;
      if (name === '..') {
        if (trail.length > 1) trail.pop();
        continue;
      }
      const next = yield* this.#step(here, name);
      if (next?.kind !== 'link' || (pending.length === 0 && !followsLast)) {
        if (next === null) return null;
        trail.push(next);
        continue;
      }
      links++;
      if (links > mostLinks) return null;
      const target = yield* next.files.readLink(next.ref);
      if (target.startsWith('/')) trail.splice(0, trail.length, ...this.#root());
      pending.push(...namesOf(target));
    }
    return trail.at(-1) ?? null;
  }

  /** Whether anything exists at a path, links followed. @throws UnreadableError */
  *has(path: string): Reads<boolean> {
    return (yield* this.find(path)) !== null;
  }

  /**
   * The names in a directory, 20,000 at most; empty if there is no such directory.
   * @throws UnreadableError
   */
  *list(path: string): Reads<readonly DirectoryEntry[]> {
    const found = yield* this.find(path);
    if (found?.kind !== 'directory') return [];
    const entries: DirectoryEntry[] = [];
    let from: DirectoryPage['next'] = null;
    for (let pages = 0; pages < mostPages && entries.length < mostEntries; pages++) {
      const page: DirectoryPage = yield* found.files.list(found.ref, from);
      for (const entry of page.entries) if (entries.length < mostEntries) entries.push(entry);
      from = page.next;
      if (from === null) break;
    }
    return entries;
  }

  /** Size of a file in bytes; null if there is none at that path. @throws UnreadableError */
  *size(path: string): Reads<number | null> {
    const found = yield* this.find(path);
    return found?.kind === 'file' ? (yield* found.files.stat(found.ref)).size : null;
  }

  /**
   * The start of a file; null if there is none at that path.
   * @param most bytes
   * @throws UnreadableError
   */
  *bytes(path: string, most: number): Reads<Uint8Array | null> {
    const found = yield* this.find(path);
    return found?.kind === 'file' ? yield* found.files.read(found.ref, 0, most) : null;
  }

  /** The start of a file as text, invalid UTF-8 replaced; null if there is none at that path. @throws UnreadableError */
  *text(path: string, most: number): Reads<string | null> {
    const bytes = yield* this.bytes(path, most);
    return bytes === null ? null : new TextDecoder().decode(bytes);
  }

  /**
   * What a name in a directory stands for: whatever is mounted there, or the file itself. Includes its kind if the directory
   * states it.
   */
  see(
    { files, path }: FoundFile,
    { name, ref, kind }: DirectoryEntry,
  ): Omit<FoundFile, 'kind'> & Pick<DirectoryEntry, 'kind'> {
    const longer = [...path, name];
    return this.#mounted(longer) ?? { files, ref, kind, path: longer };
  }

  #root(): FoundFile[] {
    const root = this.#mounted([]);
    return root === null ? [] : [root];
  }

  /** The root of the file system mounted at a path; null if there is none. */
  #mounted(path: readonly string[]): FoundFile | null {
    const mount = this.#mounts.get(path.join('/'));
    return mount === undefined ? null : { files: mount.files, ref: mount.root, kind: 'directory', path };
  }

  *#step({ files, ref, path }: FoundFile, name: string): Reads<FoundFile | null> {
    const longer = [...path, name];
    const mounted = this.#mounted(longer);
    if (mounted !== null) return mounted;
    const entry = yield* files.find(ref, name);
    if (entry === null) return null;
    const kind = entry.kind ?? (yield* files.stat(entry.ref)).kind;
    return { files, ref: entry.ref, kind, path: longer };
  }
}

/** The components of a path, last first, so that they can be popped. */
function namesOf(path: string): string[] {
  if (path.length > 65_536) damaged('a path is too long');
  return path
    .split('/', mostSteps + 2)
    .filter((name) => name !== '' && name !== '.')
    .toReversed();
}
