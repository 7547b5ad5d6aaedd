// Package databases changed at random over and over: they must be listed and counted, or refused, within limits.
import { basename } from 'node:path';
import { UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { findApk } from '../../../../src/disk/packages/apk.ts';
import { findDpkg } from '../../../../src/disk/packages/dpkg.ts';
import { findPacman } from '../../../../src/disk/packages/pacman.ts';
import { findRpm } from '../../../../src/disk/packages/rpm/find-rpm.ts';
import { GuestTree } from '../../../../src/disk/contents/guest-tree.ts';
import { driveReads } from '../drive-reads.ts';
import { MemoryFiles, type MemoryTree } from '../guests/memory-files.ts';
import { rpmDatabases } from '../guests/package-databases.ts';
import { randomFrom } from '../../random.ts';
import { Victim } from './victim.ts';

export interface PackageOutcome {
  readonly failures: readonly string[];
  /** Inputs whose packages could be listed. */
  readonly listed: number;
  /** Milliseconds of the slowest input. */
  readonly mostTime: number;
}

/** A tree whose files are bytes; the file at `path` is changed. */
export interface PackageSample {
  readonly name: string;
  readonly tree: MemoryTree;
  readonly path: string;
}

export const packageSamples: readonly PackageSample[] = [
  ...Object.entries(rpmDatabases).flatMap(([name, tree]) =>
    Object.keys(tree).map((path) => ({ name: `${name}: ${basename(path)}`, tree, path })),
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

export function mutatePackages({ name, tree, path }: PackageSample, count: number, seed: number): PackageOutcome {
  const random = randomFrom(seed);
  const bytes = Buffer.from(tree[path] as Uint8Array | string);
  const places = [
    { offset: 0, length: Math.min(bytes.length, 512) },
    { offset: 0, length: bytes.length },
    { offset: 0, length: bytes.length },
  ];
  const victim = new Victim(bytes, places, random, false);
  const failures: string[] = [];
  let listed = 0;
  let mostTime = 0;
  for (let input = 0; input < count && failures.length < 10; input++) {
    for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) victim.change();
    const length = random() < 0.1 ? Math.floor(random() * bytes.length) : bytes.length;
    const began = process.cpuUsage();
    try {
      if (isListed({ ...tree, [path]: bytes.subarray(0, length) })) listed++;
    } catch (error) {
      failures.push(`${name}, seed ${String(seed)}, input ${String(input)}: ${String(error)}`);
    }
    const { user, system } = process.cpuUsage(began);
    mostTime = Math.max(mostTime, (user + system) / 1000);
    victim.restore();
  }
  return { failures, listed, mostTime };
}

/** Whether packages could be listed. */
export function isListed(tree: MemoryTree): boolean {
  const files = new MemoryFiles(tree);
  const guest = new GuestTree([{ at: [], files, root: files.root }]);
  let listed = false;
  for (const find of [findDpkg, findApk, findPacman, findRpm]) {
    const database = driveReads(find(guest), Buffer.alloc(0));
    if (database === null) continue;
    for (const reads of [database.count(), database.list()]) {
      try {
        listed = Array.isArray(driveReads<unknown>(reads, Buffer.alloc(0)));
      } catch (error) {
        if (!(error instanceof UnreadableError)) throw error;
      }
    }
  }
  return listed;
}
