// Disks with a guest on them, made by the tools of file systems and partition tables.
import { mkdirSync, readdirSync, readlinkSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { groupText, writePhysical } from '../volumes/lvm.ts';
import type { MemoryTree } from './memory-files.ts';
import { runTool } from '../tools.ts';

const mebibyte = 1024 * 1024;
/** Size of a file system; an XFS needs at least 300 MiB. */
const volumeBytes = 512 * mebibyte;
const startOfRoot = 16 * mebibyte;
const extentBytes = 4096;
const physicalHeader = 65_536;

/** Writes the tree below a directory. */
export function writeMemoryTree(root: string, tree: MemoryTree): void {
  for (const [path, node] of Object.entries(tree)) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    if (typeof node === 'string' || node instanceof Uint8Array) writeFileSync(target, node);
    else if ('link' in node) symlinkSync(node.link, target);
  }
}

export const rootTypes = ['ext4', 'xfs', 'btrfs'] as const;
export type RootType = (typeof rootTypes)[number];

/** Makes a file system from a directory. @param image its path, where no file exists yet */
export function makeRoot(type: RootType, tree: string, image: string): void {
  makeEmpty(image, volumeBytes);
  if (type === 'ext4') runTool('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', tree, image]);
  else if (type === 'btrfs') runTool('mkfs.btrfs', ['-q', '--rootdir', tree, image]);
  else {
    const prototype = `${image}.prototype`;
    writeFileSync(prototype, ['/nothing', '0 0', ...prototypeOf('', tree), ''].join('\n'));
    runTool('mkfs.xfs', ['-q', '-p', prototype, image]);
  }
}

/** @see mkfs.xfs(8), "prototype file" */
function prototypeOf(name: string, directory: string): readonly string[] {
  const entries = readdirSync(directory, { withFileTypes: true }).flatMap((entry): readonly string[] => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return prototypeOf(entry.name, path);
    if (entry.isSymbolicLink()) return [`${entry.name} l--777 0 0 ${readlinkSync(path)}`];
    return [`${entry.name} ---644 0 0 ${path}`];
  });
  return [`${name} d--755 0 0`.trimStart(), ...entries, '$'];
}

export const layouts = ['no table', 'MBR', 'logical partition of an MBR', 'GPT', 'LVM2'] as const;
export type Layout = (typeof layouts)[number];

const tables: Readonly<Record<Exclude<Layout, 'no table'>, string>> = {
  MBR: `label: dos\nsize=14M, type=c\nstart=16M, type=83\n`,
  'logical partition of an MBR': `label: dos\nsize=12M, type=c\nstart=13M, type=5\nstart=14M, size=1M\nstart=16M\n`,
  GPT: `label: gpt\nsize=14M, type=U\nstart=16M, type=L\n`,
  LVM2: `label: gpt\nsize=14M, type=U\nstart=16M, type=V\n`,
};

/** Makes a disk with this root file system. @param disk its path, where no file exists yet */
export function makeDisk(layout: Layout, root: string, disk: string): void {
  if (layout === 'no table') return copyInto(root, disk, 0);
  makeEmpty(disk, volumeBytes + 32 * mebibyte);
  runTool('sfdisk', ['-q', disk], tables[layout]);
  if (layout !== 'LVM2') return copyInto(root, disk, startOfRoot);
  const text = groupText({ root: [{ from: 0, count: volumeBytes / extentBytes }] });
  writeFileSync(`${disk}.physical`, writePhysical({ text }).subarray(0, physicalHeader));
  copyInto(`${disk}.physical`, disk, startOfRoot);
  copyInto(root, disk, startOfRoot + physicalHeader);
}

function makeEmpty(path: string, bytes: number): void {
  writeFileSync(path, '');
  truncateSync(path, bytes);
}

/** Holes stay holes. */
function copyInto(from: string, to: string, offset: number): void {
  runTool('dd', [`if=${from}`, `of=${to}`, 'bs=64k', `seek=${String(offset / 65_536)}`, 'conv=notrunc,sparse']);
}
