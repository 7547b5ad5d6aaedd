// Kernels that a guest can boot: in /boot, named by boot entries, or beside their modules.
import { type Reads, type Skip, together } from '../blocks/reading.ts';
import type { DirectoryEntry } from '../filesystems/guest-files.ts';
import { type BootEntry, compareVersions, readBootEntries } from './boot-entries.ts';
import type { Kernel } from './contents.ts';
import type { GuestTree } from './guest-tree.ts';
import { linkOf } from './ostree.ts';

const kernelNames = ['vmlinuz', 'vmlinux', 'kernel', 'Image', 'bzImage', 'zImage'] as const;
const initrdNames = ['initrd.img', 'initramfs', 'initrd'] as const;
const mostKernels = 64;

/** The kernels, newest last, without rescue kernels. @throws UnreadableError */
export function* readKernels(tree: GuestTree, skip: Skip): Reads<readonly Kernel[]> {
  const [inBoot, moduleDirectories, entries] = yield* together([
    tree.list('/boot'),
    tree.list('/lib/modules'),
    readBootEntries(tree, '/boot/loader/entries', skip),
  ]);
  const names = namesOf(inBoot);
  const versions = namesOf(moduleDirectories).filter(isVersion);
  const found = new Map<string, Kernel>();
  const add = (kernel: Kernel, key = kernel.version ?? ''): void => {
    const known = found.get(key);
    if (found.size < mostKernels) found.set(key, known?.initrd === true ? known : kernel);
  };
  for (const name of names) {
    const suffix = suffixOf(name, kernelNames);
    if (suffix !== null) add({ version: versionOf(suffix, versions), initrd: hasInitrd(suffix, names) }, suffix);
  }
  for (const kernel of entries.map(kernelOf)) if (kernel !== null) add(kernel);
  for (const kernel of yield* readModules(tree, versions, found.size > 0)) add(kernel);
  return [...found.values()].toSorted(compareVersions);
}

function namesOf(entries: readonly DirectoryEntry[]): readonly string[] {
  return entries.map(({ name }) => name);
}

/** Directories of modules have names that begin with a digit. */
function isVersion(name: string): boolean {
  const first = name.charAt(0);
  return first >= '0' && first <= '9' && name.length <= 128;
}

/** `6.1.0-13-amd64` of `vmlinuz-6.1.0-13-amd64`; null for other names, rescue kernels, backups and checksums. */
function suffixOf(name: string, prefixes: readonly string[]): string | null {
  const prefix = prefixes.find((each) => name === each || name.startsWith(`${each}-`));
  if (prefix === undefined || name.length > 160) return null;
  const suffix = name.slice(prefix.length + 1);
  const isNone =
    suffix.startsWith('0-rescue') || suffix.endsWith('.old') || suffix.endsWith('.hmac') || suffix.endsWith('.sig');
  return isNone ? null : suffix;
}

/** Alpine and Arch name kernels by flavour, such as `virt`, which is also how their directory of modules ends. */
function versionOf(suffix: string, versions: readonly string[]): string | null {
  if (isVersion(suffix)) return suffix;
  const flavour = suffix === 'linux' ? '' : suffix.replace(/^linux-/, '');
  const candidates = versions.filter((version) => version.endsWith(flavour));
  return candidates.length === 1 || (versions.length === 1 && suffix === '')
    ? (candidates[0] ?? versions[0] ?? null)
    : null;
}

function hasInitrd(suffix: string, names: readonly string[]): boolean {
  const tail = suffix === '' ? '' : `-${suffix}`;
  return names.some((name) => initrdNames.some((prefix) => name === prefix + tail || name === `${prefix}${tail}.img`));
}

/** The kernel that a boot entry starts, even from outside /boot; null if its version is not known. */
function kernelOf({ version, linux, initrd, options }: BootEntry): Kernel | null {
  if (linux === null) return null;
  // The version of an OSTree's entry is the rank of its deployment; the kernel's is in the name of its file.
  const known = linkOf(options) === null ? version : suffixOf(linux.slice(linux.lastIndexOf('/') + 1), kernelNames);
  return known === null || !isVersion(known) ? null : { version: known, initrd };
}

/** If /boot has none: a kernel beside its modules, or modules as the only sign of one. */
function* readModules(tree: GuestTree, versions: readonly string[], hasKernels: boolean): Reads<readonly Kernel[]> {
  if (hasKernels) return [];
  const some = versions.slice(0, mostKernels);
  const have = yield* together(some.map((version) => tree.has(`/lib/modules/${version}/modules.dep`)));
  return some.filter((_, index) => have[index] === true).map((version) => ({ version, initrd: false }));
}
