// The packages of Alpine. @see https://wiki.alpinelinux.org/wiki/Apk_spec
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
import { type Fields, readRecords } from './text-records.ts';

const paths = ['/lib/apk/db/installed', '/usr/lib/apk/db/installed'] as const;
const wanted = new Set(['P', 'V', 'A', 'L', 'o']);

/** apk's database; null if there is none. @throws UnreadableError */
export function* findApk(tree: GuestTree): Reads<PackageDatabase | null> {
  for (const path of paths) {
    const file = yield* tree.find(path);
    if (file?.kind !== 'file') continue;
    const list = function* (): Reads<readonly InstalledPackage[]> {
      let count = 0;
      return yield* readRecords(file, { separator: ':', wanted }, (fields) => {
        checkPackageCount(++count);
        return packageOf(fields);
      });
    };
    return {
      manager: 'apk',
      list,
      *count() {
        return (yield* list()).length;
      },
    };
  }
  return null;
}

function packageOf(fields: Fields): InstalledPackage {
  const version = wordOf(fields.get('V'));
  const origin = wordOf(fields.get('o'));
  return {
    manager: 'apk',
    name: wordOf(fields.get('P')) ?? damaged('a package has no name'),
    ...partsOf(version),
    architecture: wordOf(fields.get('A')),
    source: origin === null ? null : { name: origin, version },
    licence: licenceOf(fields.get('L')),
  };
}
