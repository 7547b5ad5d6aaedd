// Where a disk's file systems are mounted: the root by its os-release, the others by its fstab, or else by their contents.
import { orElse, type Reads, together } from '../blocks/reading.ts';
import type { FileRef, GuestFiles } from '../filesystems/guest-files.ts';
import type { FileSystem } from './contents.ts';
import { isSource, parseFstab } from './fstab.ts';
import { GuestTree, type Mount } from './guest-tree.ts';
import type { OpenedVolume } from './open-volumes.ts';
import { osReleasePaths } from './os-release.ts';
import { BootPartitions, findDeployment } from './ostree.ts';

/** A file system whose files can be read. */
export interface ReadableVolume {
  readonly facts: FileSystem;
  readonly files: GuestFiles;
}

/** The volumes whose files can be read. */
export function readableOf(opened: readonly OpenedVolume[]): readonly ReadableVolume[] {
  return opened.flatMap(({ facts, files }) => (files === null ? [] : [{ facts, files }]));
}

/** Directories that may be the root: the top, and subvolumes by the names that distributions give them. */
const rootNames = ['', '@', 'root', '@rootfs', '@/.snapshots/1/snapshot'] as const;
const maxFstabBytes = 64 * 1024;
/** Mount points to assume without an fstab entry, and what such a file system contains. */
const others: readonly { readonly at: string; readonly has: readonly string[] }[] = [
  { at: 'boot', has: ['grub', 'grub2', 'loader', 'extlinux'] },
  { at: 'usr', has: ['lib/os-release', 'bin/env'] },
  { at: 'var', has: ['lib/dpkg', 'lib/rpm', 'lib/cloud', 'lib/pacman'] },
];

/** All file systems of a guest, mounted below its root. Damaged parts are left out. */
export function* mountVolumes(root: Mount, volumes: readonly ReadableVolume[]): Reads<GuestTree> {
  const tree = new GuestTree([root]);
  const listed = yield* mountListed(tree, root, volumes);
  const rest = volumes.filter(({ files }) => files !== root.files && !listed.some((mount) => mount.files === files));
  return new GuestTree([root, ...listed, ...(yield* mountOthers(new GuestTree([root, ...listed]), rest))]);
}

/** The root of a guest: the first with an os-release, or else the first with an fstab or a passwd; null if there is none. */
export function* findRoot(volumes: readonly ReadableVolume[]): Reads<Mount | null> {
  const partitions = new BootPartitions(volumes.map(({ files }) => files));
  for (const signs of [[...osReleasePaths], ['/etc/fstab', '/etc/passwd']]) {
    for (const { files } of volumes) {
      for (const name of files.facts.type === 'btrfs' ? rootNames : ['']) {
        const ref = yield* orElse(null, findDirectory(files, files.root, name));
        if (ref === null) continue;
        const top: Mount = { at: [], files, root: ref };
        if (yield* hasOne(new GuestTree([top]), signs)) return top;
        const deployed = yield* orElse(null, findDeployment(top, partitions));
        if (deployed !== null && (yield* hasOne(new GuestTree([deployed]), signs))) return deployed;
      }
    }
  }
  return null;
}

function* findDirectory(files: GuestFiles, from: FileRef, path: string): Reads<FileRef | null> {
  const found = yield* new GuestTree([{ at: [], files, root: from }]).find(path);
  return found?.kind === 'directory' ? found.ref : null;
}

function* mountListed(tree: GuestTree, root: Mount, volumes: readonly ReadableVolume[]): Reads<readonly Mount[]> {
  const text = yield* orElse(null, tree.text('/etc/fstab', maxFstabBytes));
  const mounts: Mount[] = [];
  for (const { source, at, subvolume } of parseFstab(text ?? '')) {
    const volume = volumes.find(({ facts }) => isSource(source, facts));
    if (volume === undefined || at.length === 0) continue;
    const { files } = volume;
    const ref =
      subvolume === null ? files.root : yield* orElse(null, findDirectory(files, files.top ?? files.root, subvolume));
    const isItself = files === root.files && ref === root.root;
    if (ref !== null && !isItself) mounts.push({ at, files, root: ref });
  }
  return mounts;
}

/** Mounts what no fstab entry names, as in a guest that finds its root by the number of a partition. */
function* mountOthers(tree: GuestTree, volumes: readonly ReadableVolume[]): Reads<readonly Mount[]> {
  const mounts: Mount[] = [];
  for (const { at, has } of others) {
    const paths = has.map((name) => `/${at}/${name}`);
    if (yield* hasOne(tree, paths)) continue;
    for (const { files } of volumes) {
      const mount = { at: [at], files, root: files.root };
      if (mounts.some((each) => each.files === files) || !(yield* hasOne(new GuestTree([mount, rootOf(mount)]), paths)))
        continue;
      mounts.push(mount);
      break;
    }
  }
  return mounts;
}

/** The mount as a root of its own. */
function rootOf(mount: Mount): Mount {
  return { ...mount, at: [] };
}

function* hasOne(tree: GuestTree, paths: readonly string[]): Reads<boolean> {
  const have = yield* together(paths.map((path) => orElse(false, tree.has(path))));
  return have.includes(true);
}
