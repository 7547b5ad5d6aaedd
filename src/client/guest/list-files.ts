// Lists a directory within a disk in bounded memory.
import { orElse, type Reads, together } from '../../disk/blocks/reading.ts';
import type { FoundFile, GuestTree } from '../../disk/contents/guest-tree.ts';
import type { DirectoryEntry, DirectoryPage, FileFacts } from '../../disk/filesystems/guest-files.ts';
import { GlanceError } from '../../errors.ts';
import { countOf } from '../../text/count.ts';
import { type GuestFile, toGuestFile } from './guest-file.ts';
import type { Guest } from './open-guest.ts';

/** Maximum number of names of a directory to sort together; a larger directory comes in batches of this size. */
const mostSorted = 50_000;
/** Files examined and yielded at once. */
const batch = 256;

/**
 * The files in a directory, sorted by name; or the single file at that path. A link to a directory stands for it. A directory
 * with more than 50,000 names comes in batches of 50,000, in the order of the disk, and each batch is sorted. Yields pages of
 * some hundred.
 * @param path from the root, with or without a leading `/`
 * @throws GlanceError `contents.not_found`; `contents.limit`; `contents.unreadable`, also at the end if something about a
 * file could not be read; a request's failure; the signal's reason
 */
export async function* listFiles(guest: Guest, path: string): AsyncGenerator<readonly GuestFile[], void, undefined> {
  const { tree, name } = guest;
  const found = await guest.read(path, findListed(tree, path));
  if (found === null) throw noFile(name, path);
  const unread = { count: 0 };
  if (found.kind !== 'directory') {
    const last = found.path.at(-1) ?? '';
    yield await guest.read(path, describe([{ ...found, name: last }], unread));
  } else yield* listDirectory(guest, found, path, unread);
  if (unread.count === 0) return;
  const text = `${path}: ${countOf(unread.count, 'file')} in it cannot be read: the file system is damaged`;
  throw new GlanceError('contents.unreadable', text);
}

/** The error for a file that the disk does not have. */
export function noFile(name: string, path: string): GlanceError {
  return new GlanceError('contents.not_found', `${name}: there is no file ${path} in it`, {
    hint: 'glance-cli files IMAGE:/DIRECTORY lists what is there',
  });
}

function* findListed(tree: GuestTree, path: string): Reads<FoundFile | null> {
  const found = yield* tree.find(path, false);
  if (found?.kind !== 'link') return found;
  const behind = yield* tree.find(path);
  return behind?.kind === 'directory' ? behind : found;
}

async function* listDirectory(
  guest: Guest,
  directory: FoundFile,
  path: string,
  unread: { count: number },
): AsyncGenerator<readonly GuestFile[], void, undefined> {
  let from: DirectoryPage['next'] = null;
  do {
    const entries: DirectoryEntry[] = [];
    do {
      const page: DirectoryPage = await guest.read(path, directory.files.list(directory.ref, from));
      for (const entry of page.entries) entries.push(entry);
      from = page.next;
    } while (from !== null && entries.length < mostSorted);
    yield* describeSorted(guest, directory, entries, path, unread);
  } while (from !== null);
}

async function* describeSorted(
  guest: Guest,
  directory: FoundFile,
  entries: DirectoryEntry[],
  path: string,
  unread: { count: number },
): AsyncGenerator<readonly GuestFile[], void, undefined> {
  // Inodes with neighbouring numbers are neighbours on the disk, whereas names are in any order.
  entries.sort(({ ref: left }, { ref: right }) => (typeof left === 'number' ? left - Number(right) : 0));
  const files: GuestFile[] = [];
  for (let at = 0; at < entries.length; at += batch) {
    const seen = entries
      .slice(at, at + batch)
      .map((entry) => ({ ...guest.tree.see(directory, entry), name: entry.name }));
    files.push(...(await guest.read(path, describe(seen, unread))));
  }
  files.sort(({ name: left }, { name: right }) => (left < right ? -1 : left > right ? 1 : 0));
  for (let at = 0; at < files.length; at += batch) yield files.slice(at, at + batch);
}

type SeenFile = Omit<FoundFile, 'kind'> & Pick<DirectoryEntry, 'kind' | 'name'>;

/** Describes the files. @param unread counts those about which something cannot be read */
function* describe(seen: readonly SeenFile[], unread: { count: number }): Reads<readonly GuestFile[]> {
  const known = yield* together(seen.map(readFacts));
  for (const { facts, hasTarget } of known) if (facts === null || !hasTarget) unread.count++;
  return seen.map(({ name, kind }, index) => {
    const { facts = null, target = null } = known[index] ?? {};
    return toGuestFile(name, kind, facts, target);
  });
}

interface KnownFacts {
  readonly facts: FileFacts | null;
  readonly target: string | null;
  /** Whether the target is known, if there is one. */
  readonly hasTarget: boolean;
}

function* readFacts({ files, ref }: SeenFile): Reads<KnownFacts> {
  const facts = yield* orElse<FileFacts | null>(null, files.stat(ref));
  if (facts?.kind !== 'link') return { facts, target: null, hasTarget: true };
  const target = yield* orElse<string | null>(null, files.readLink(ref));
  return { facts, target, hasTarget: target !== null };
}
