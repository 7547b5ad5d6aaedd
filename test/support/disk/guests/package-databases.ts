// Package databases that are kept as fixtures, and what is read from them. Made by test/disk/make-package-fixtures.sh.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { collectedIn } from './guests.ts';
import type { MemoryTree } from './memory-files.ts';
import type { ContentsDraft } from '../../../../src/disk/contents/collect.ts';
import type { InstalledPackage } from '../../../../src/disk/packages/installed-package.ts';

const folder = new URL('../../../fixtures/disk/packages/', import.meta.url);

function kept(name: string): Buffer {
  return gunzipSync(readFileSync(new URL(`${name}.gz`, folder)));
}

/** The rpm databases: for each its files by path, first the one that is read first. */
export const rpmDatabases: Readonly<Record<string, Readonly<Record<string, Buffer>>>> = {
  sqlite: { '/usr/lib/sysimage/rpm/rpmdb.sqlite': kept('rpmdb.sqlite') },
  'sqlite with a log': {
    '/var/lib/rpm/rpmdb.sqlite': kept('logged.sqlite'),
    '/var/lib/rpm/rpmdb.sqlite-wal': kept('logged.sqlite-wal'),
  },
  ndb: { '/var/lib/rpm/Packages.db': kept('packages.db') },
  berkeley: { '/var/lib/rpm/Packages': kept('berkeley') },
  'berkeley of the other byte order': { '/var/lib/rpm/Packages': kept('berkeley-big-endian') },
};

/** The packages as rpm lists them, sorted, one `NAME|EVR|RELEASE|ARCH|SOURCERPM|LICENSE` each. */
export const rpmList = readFileSync(new URL('packages.txt', folder), 'utf8').trimEnd().split('\n');

/** A package in the form of {@link rpmList}. */
export function describeRpm({ name, version, release, architecture, source, licence }: InstalledPackage): string {
  const file = source === null ? '(none)' : `${source.name}-${String(source.version)}.src.rpm`;
  return [name, version, release, architecture, file, licence].join('|');
}

/** What is collected from a tree when packages are listed. */
export function listedIn(tree: MemoryTree): ContentsDraft {
  return collectedIn(tree, { listsPackages: true });
}
