// The packages of Debian and its derivatives.
// @see https://man7.org/linux/man-pages/man1/dpkg.1.html, https://www.debian.org/doc/debian-policy/ch-controlfields.html
import { damaged, type Reads, together } from '../blocks/reading.ts';
import type { GuestTree } from '../contents/guest-tree.ts';
import {
  checkPackageCount,
  type InstalledPackage,
  type PackageDatabase,
  partsOf,
  wordOf,
} from './installed-package.ts';
import { findNames, inTurns } from './many-files.ts';
import { type Fields, readRecords } from './text-records.ts';

const directory = '/var/lib/dpkg';
const form = {
  separator: ': ',
  wanted: new Set(['Package', 'Status', 'Version', 'Architecture', 'Source']),
} as const;
/** In these states, at most the settings of a package are left. */
const gone = new Set(['not-installed', 'config-files']);

/**
 * dpkg's database; null if there is none. Images without dpkg itself keep it in `status.d`.
 * @throws UnreadableError
 */
export function* findDpkg(tree: GuestTree): Reads<PackageDatabase | null> {
  const [status, names] = yield* together([
    tree.find(`${directory}/status`),
    findNames(tree, `${directory}/status.d`, (name) => !name.endsWith('.md5sums')),
  ]);
  const file = status?.kind === 'file' ? status : null;
  if (file === null && names.length === 0) return null;
  const list = function* (): Reads<readonly InstalledPackage[]> {
    let count = 0;
    const make = (fields: Fields): InstalledPackage => {
      checkPackageCount(++count);
      return packageOf(fields);
    };
    const whole =
      file === null ? [] : yield* readRecords(file, form, (fields) => (isThere(fields) ? make(fields) : null));
    const apart = yield* inTurns(names, (name) => readApart(tree, `${directory}/status.d/${name}`, make));
    return [...whole, ...apart.flat()];
  };
  return {
    manager: 'dpkg',
    list,
    *count() {
      return (yield* list()).length;
    },
  };
}

function isThere(fields: Fields): boolean {
  const state = fields.get('Status')?.split(' ').at(-1);
  return state !== undefined && !gone.has(state);
}

function* readApart(
  tree: GuestTree,
  path: string,
  make: (fields: Fields) => InstalledPackage,
): Reads<readonly InstalledPackage[]> {
  const file = yield* tree.find(path);
  return file?.kind === 'file' ? yield* readRecords(file, form, make) : [];
}

function packageOf(fields: Fields): InstalledPackage {
  const name = wordOf(fields.get('Package')) ?? damaged('a package has no name');
  const version = wordOf(fields.get('Version'));
  return {
    manager: 'dpkg',
    name,
    ...partsOf(version),
    architecture: wordOf(fields.get('Architecture')),
    source: sourceOf(fields.get('Source'), name, version),
    licence: null,
  };
}

/** `NAME` or `NAME (VERSION)`; left out if it is the same as the package. */
function sourceOf(text: string | undefined, name: string, version: string | null): InstalledPackage['source'] {
  const source = wordOf(text);
  if (source === null) return { name, version };
  const open = source.indexOf(' (');
  if (open < 0) return { name: source, version };
  const own = source.slice(open + 2, source.endsWith(')') ? -1 : undefined);
  return { name: source.slice(0, open), version: wordOf(own) ?? version };
}
