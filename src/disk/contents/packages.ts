// The installed packages, counted or listed.
import { type Reads, together } from '../blocks/reading.ts';
import { findApk } from '../packages/apk.ts';
import { findDpkg } from '../packages/dpkg.ts';
import type { InstalledPackage, PackageDatabase } from '../packages/installed-package.ts';
import { findPacman } from '../packages/pacman.ts';
import { findRpm } from '../packages/rpm/find-rpm.ts';
import type { Packages } from './contents.ts';
import type { GuestTree } from './guest-tree.ts';

/** Called with a package manager that was found, and again with its count. */
type Note = (packages: Packages) => void;

/** Counts the packages of the first manager that has any. @throws UnreadableError once the manager is noted */
export function* countPackages(tree: GuestTree, note: Note): Reads<void> {
  for (const database of yield* findDatabases(tree)) {
    const { manager } = database;
    note({ manager, count: null });
    const count = yield* database.count();
    note({ manager, count });
    if (count > 0) return;
  }
}

/**
 * Lists the packages of every manager, and notes the count of the first that has any.
 * @returns null if there is no package database
 * @throws UnreadableError once the manager is noted
 */
export function* listPackages(tree: GuestTree, note: Note): Reads<readonly InstalledPackage[] | null> {
  let all: readonly InstalledPackage[] | null = null;
  for (const database of yield* findDatabases(tree)) {
    const { manager } = database;
    const isFirst: boolean = all === null || all.length === 0;
    if (isFirst) note({ manager, count: null });
    const packages = yield* database.list();
    if (isFirst) note({ manager, count: packages.length });
    all = [...(all ?? []), ...packages];
  }
  return all;
}

function* findDatabases(tree: GuestTree): Reads<readonly PackageDatabase[]> {
  const found = yield* together([findDpkg(tree), findApk(tree), findPacman(tree), findRpm(tree)]);
  return found.filter((database) => database !== null);
}
