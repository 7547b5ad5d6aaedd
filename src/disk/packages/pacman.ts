// The packages of Arch and its derivatives: a directory for each. @see https://man.archlinux.org/man/pacman.8, alpm-db-desc(5)
import { damaged, type Reads } from '../blocks/reading.ts';
import type { GuestTree } from '../contents/guest-tree.ts';
import {
  checkPackageCount,
  type InstalledPackage,
  licenceOf,
  type PackageDatabase,
  partsOf,
  wordOf,
} from './installed-package.ts';
import { findNames, inTurns } from './many-files.ts';

const directory = '/var/lib/pacman/local';
/** Real descriptions have a kilobyte or two. */
const maxBytes = 64 * 1024;

/** pacman's database; null if there is none. @throws UnreadableError */
export function* findPacman(tree: GuestTree): Reads<PackageDatabase | null> {
  const names = yield* findNames(tree, directory, (name) => name !== 'ALPM_DB_VERSION');
  if (names.length === 0) return null;
  return {
    manager: 'pacman',
    // oxlint-disable-next-line require-yield -- already known
    *count() {
      return names.length;
    },
    *list() {
      checkPackageCount(names.length);
      return yield* inTurns(names, (name) => readPackage(tree, `${directory}/${name}/desc`));
    },
  };
}

function* readPackage(tree: GuestTree, path: string): Reads<InstalledPackage> {
  const text = yield* tree.text(path, maxBytes);
  const sections = sectionsOf(text ?? damaged('a package has no description'));
  const first = (name: string): string | null => wordOf(sections.get(name)?.[0]);
  const version = first('VERSION');
  const base = first('BASE');
  return {
    manager: 'pacman',
    name: first('NAME') ?? damaged('a package has no name'),
    ...partsOf(version),
    architecture: first('ARCH'),
    source: base === null ? null : { name: base, version },
    licence: licenceOf(sections.get('LICENSE')?.join(' AND ')),
  };
}

/** `%NAME%`, then one value per line, then an empty line. */
function sectionsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let values: string[] | null = null;
  for (const line of text.split('\n')) {
    if (line === '') values = null;
    else if (values !== null) values.push(line);
    else if (line.length > 2 && line.startsWith('%') && line.endsWith('%')) {
      values = [];
      sections.set(line.slice(1, -1), values);
    }
  }
  return sections;
}
