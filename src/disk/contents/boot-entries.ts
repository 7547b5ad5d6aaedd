// Entries of boot loaders: which kernel is started with which command line.
// @see https://uapi-group.org/specifications/specs/boot_loader_specification/
import { orElse, type Reads, salvage, type Skip } from '../blocks/reading.ts';
import type { DirectoryEntry } from '../filesystems/guest-files.ts';
import type { GuestTree } from './guest-tree.ts';
import { linesOf, valueOf, wordsOf } from './lines.ts';

export interface BootEntry {
  /** Null if the entry has none. */
  readonly version: string | null;
  /** Path of the kernel; null if the entry starts something else. */
  readonly linux: string | null;
  readonly initrd: boolean;
  /** Words of the kernel's command line. */
  readonly options: readonly string[];
}

const mostEntries = 32;
const maxEntryBytes = 16 * 1024;

/** The entries in a directory, 32 at most, without rescue entries. Each is read up to 16 KiB; damaged ones are left out. */
export function* readBootEntries(tree: GuestTree, directory: string, skip: Skip): Reads<readonly BootEntry[]> {
  const listed = yield* orElse<readonly DirectoryEntry[]>([], tree.list(directory), (error) => skip(directory, error));
  const paths = listed
    .map(({ name }) => name)
    .filter((name) => name.endsWith('.conf') && !name.includes('rescue'))
    .slice(0, mostEntries)
    .map((name) => `${directory}/${name}`);
  const texts = yield* salvage(paths, (path) => tree.text(path, maxEntryBytes), skip);
  return texts.filter((text) => text !== null).map(parseEntry);
}

function parseEntry(text: string): BootEntry {
  const lines = linesOf(text).map(wordsOf);
  const word = (key: string): string | undefined => lines.find(([first]) => first === key)?.[1];
  return {
    version: valueOf(word('version')),
    linux: word('linux') ?? null,
    initrd: word('initrd') !== undefined,
    options: lines.flatMap(([first, ...rest]) => (first === 'options' ? rest : [])),
  };
}

/** For sorting: by the numbers in the versions, those without a version first. */
export function compareVersions(left: Pick<BootEntry, 'version'>, right: Pick<BootEntry, 'version'>): number {
  return (left.version ?? '').localeCompare(right.version ?? '', 'en', { numeric: true });
}
