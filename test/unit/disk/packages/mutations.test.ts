import { describe, expect, it } from 'vitest';
import { rpmDatabases } from '../../../support/disk/package-databases.ts';
import { mutatePackages, type PackageSample } from '../../../support/disk/package-mutations.ts';
import { worlds } from '../../../support/thoroughness.ts';

const samples: readonly PackageSample[] = [
  ...Object.entries(rpmDatabases).flatMap(([name, tree]) =>
    Object.keys(tree).map((path) => ({ name: `${name}: ${path}`, tree, path })),
  ),
  {
    name: 'dpkg',
    tree: { '/var/lib/dpkg/status': 'Package: a\nStatus: i o installed\nVersion: 1\nSource: b (2)\n\n'.repeat(20) },
    path: '/var/lib/dpkg/status',
  },
  {
    name: 'apk',
    tree: { '/lib/apk/db/installed': 'P:a\nV:1-r0\nA:x\nL:MIT\no:b\n\n'.repeat(20) },
    path: '/lib/apk/db/installed',
  },
  {
    name: 'pacman',
    tree: { '/var/lib/pacman/local/a-1/desc': '%NAME%\na\n\n%VERSION%\n1-1\n\n%LICENSE%\nMIT\n\n' },
    path: '/var/lib/pacman/local/a-1/desc',
  },
];

describe('a data base of packages that is changed at random', () => {
  it.each(samples)('is read or refused, within bounds: $name', (sample) => {
    const count = worlds(40, 2000);
    const { failures, listed } = mutatePackages(sample, count, 22);
    expect(failures).toEqual([]);
    expect(listed).toBeGreaterThan(0);
  });
});
