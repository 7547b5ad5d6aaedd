// Kernels that a guest can boot: in /boot, named by boot entries, or beside their modules.
// @see https://uapi-group.org/specifications/specs/boot_loader_specification/
import { type Reads, together } from '../blocks/reading.ts';
import type { DirectoryEntry } from '../filesystems/guest-files.ts';
import type { Kernel } from './contents.ts';
import type { GuestTree } from './guest-tree.ts';
import { linesOf, valueOf, wordsOf } from './lines.ts';

const kernelNames = ['vmlinuz', 'vmlinux', 'kernel', 'Image', 'bzImage', 'zImage'] as const;
const initrdNames = ['initrd.img', 'initramfs', 'initrd'] as const;
const mostKernels = 64;
const mostEntries = 32;
const maxEntryBytes = 16 * 1024;

/** The kernels, newest last, without rescue kernels. @throws UnreadableError */
export function* readKernels(tree: GuestTree): Reads<readonly Kernel[]> {
  const [inBoot, moduleDirectories, entryFiles] = yield* together([
    tree.list('/boot'),
    tree.list('/lib/modules'),
    tree.list('/boot/loader/entries'),
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
  for (const kernel of yield* readEntries(tree, namesOf(entryFiles))) add(kernel);
  for (const kernel of yield* readModules(tree, versions, found.size > 0)) add(kernel);
  return [...found.values()].toSorted((left, right) =>
    (left.version ?? '').localeCompare(right.version ?? '', 'en', { numeric: true }),
  );
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

/** Kernels that boot entries start, even from outside /boot. */
function* readEntries(tree: GuestTree, names: readonly string[]): Reads<readonly Kernel[]> {
  const files = names.filter((name) => name.endsWith('.conf') && !name.includes('rescue')).slice(0, mostEntries);
  const texts = yield* together(files.map((name) => tree.text(`/boot/loader/entries/${name}`, maxEntryBytes)));
  return texts.flatMap((text) => {
    const lines = linesOf(text ?? '').map(wordsOf);
    const word = (key: string): string | undefined => lines.find(([first]) => first === key)?.[1];
    const version = valueOf(word('version'));
    return word('linux') === undefined || version === null || !isVersion(version)
      ? []
      : [{ version, initrd: word('initrd') !== undefined }];
  });
}

/** If /boot has none: a kernel beside its modules, or modules as the only sign of one. */
function* readModules(tree: GuestTree, versions: readonly string[], hasKernels: boolean): Reads<readonly Kernel[]> {
  if (hasKernels) return [];
  const some = versions.slice(0, mostKernels);
  const have = yield* together(some.map((version) => tree.has(`/lib/modules/${version}/modules.dep`)));
  return some.filter((_, index) => have[index] === true).map((version) => ({ version, initrd: false }));
}
