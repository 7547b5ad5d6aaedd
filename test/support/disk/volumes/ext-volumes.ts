// File systems of the ext family, made by e2fsprogs from a known tree of files. Some of them are kept as fixtures.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { runTool } from '../tools.ts';
import { modeOf, type TreeEntry, treeOf, type TreeShape, treeTime } from './ext-tree.ts';

export const label = 'a label';
export const uuid = '01234567-89ab-4cde-8f01-23456789abcd';

export interface ExtVolume extends TreeShape {
  readonly name: string;
  readonly type: 'ext2' | 'ext3' | 'ext4';
  /** MiB. */
  readonly size: number;
  /** Options of mke2fs. */
  readonly options: readonly string[];
  /** The hash of directory indexes, and whether it takes bytes as signed. */
  readonly index?: readonly [algorithm: 'legacy' | 'half_md4' | 'tea', sign: 'signed' | 'unsigned'];
  /** Commands for debugfs to run on it at the end. */
  readonly commands?: readonly string[];
  readonly isFixture?: true;
}

const without = (features: string): string[] => ['-O', `^has_journal,${features}`];

export const extVolumes: readonly ExtVolume[] = [
  { name: 'ext2-1k', type: 'ext2', size: 4, options: ['-b', '1024', '-I', '128'], isFixture: true },
  { name: 'ext2-revision-0', type: 'ext2', size: 4, options: ['-r', '0', '-b', '1024'], isFixture: true },
  { name: 'ext2-no-types', type: 'ext2', size: 4, options: ['-b', '2048', '-O', '^filetype'], isFixture: true },
  { name: 'ext2-far', type: 'ext2', size: 4, options: ['-b', '1024'], isFar: true },
  { name: 'ext2-4k', type: 'ext2', size: 8, options: ['-b', '4096'] },
  { name: 'ext3-1k', type: 'ext3', size: 8, options: ['-b', '1024', '-J', 'size=1'], isFixture: true },
  { name: 'ext3-4k', type: 'ext3', size: 16, options: ['-b', '4096', '-J', 'size=4'] },
  { name: 'ext4-1k', type: 'ext4', size: 6, options: ['-b', '1024', ...without('64bit')], isFixture: true },
  { name: 'ext4-2k', type: 'ext4', size: 6, options: ['-b', '2048', ...without('^64bit,^metadata_csum,^flex_bg')] },
  { name: 'ext4-4k', type: 'ext4', size: 16, options: ['-b', '4096', '-J', 'size=4'], isFixture: true },
  { name: 'ext4-64k', type: 'ext4', size: 16, options: ['-b', '65536', ...without('64bit')], isFixture: true },
  { name: 'ext4-32k', type: 'ext4', size: 16, options: ['-b', '32768', ...without('64bit')] },
  { name: 'ext4-no-extents', type: 'ext4', size: 6, options: ['-b', '2048', ...without('^extent,^64bit')] },
  {
    name: 'ext4-inline',
    type: 'ext4',
    size: 6,
    options: ['-b', '1024', '-I', '256', ...without('inline_data')],
    endsInData: true,
    isFixture: true,
  },
  {
    name: 'ext4-inline-1k',
    type: 'ext4',
    size: 16,
    options: ['-b', '4096', '-I', '1024', ...without('inline_data')],
    endsInData: true,
  },
  {
    name: 'ext4-meta-bg',
    type: 'ext4',
    size: 12,
    options: ['-b', '1024', '-g', '256', '-N', '2000', ...without('meta_bg,^resize_inode')],
    isFixture: true,
  },
  {
    name: 'ext4-meta-bg-32bit',
    type: 'ext4',
    size: 20,
    options: ['-b', '1024', '-g', '256', '-N', '4000', ...without('meta_bg,^resize_inode,^64bit,^flex_bg')],
  },
  {
    name: 'ext4-groups',
    type: 'ext4',
    size: 12,
    options: ['-b', '1024', '-g', '256', '-N', '4000', ...without('^resize_inode,^flex_bg')],
  },
  {
    name: 'ext4-bigalloc',
    type: 'ext4',
    size: 12,
    options: ['-b', '1024', '-C', '8192', ...without('bigalloc')],
    isFixture: true,
  },
  {
    name: 'ext4-bigalloc-meta-bg',
    type: 'ext4',
    size: 40,
    options: ['-b', '1024', '-C', '4096', '-g', '1024', ...without('bigalloc,meta_bg,^resize_inode')],
  },
  { name: 'ext4-bigalloc-4k', type: 'ext4', size: 32, options: ['-b', '4096', '-C', '65536', ...without('bigalloc')] },
  {
    name: 'ext4-sparse-super2',
    type: 'ext4',
    size: 12,
    options: ['-b', '1024', '-g', '512', ...without('sparse_super2,meta_bg,^resize_inode')],
  },
  {
    name: 'ext4-others',
    type: 'ext4',
    size: 12,
    options: ['-b', '4096', ...without('ea_inode,large_dir,mmp,project,quota,verity,metadata_csum_seed,stable_inodes')],
  },
  ...(['legacy', 'half_md4', 'tea'] as const).flatMap((algorithm) =>
    (['signed', 'unsigned'] as const).map((sign): ExtVolume => ({
      name: `ext4-${algorithm}-${sign}`,
      type: 'ext4',
      size: 8,
      options: ['-b', '1024', ...without('dir_index')],
      names: 800,
      index: [algorithm, sign],
      ...(sign === 'signed' ? { isFixture: true } : {}),
    })),
  ),
  {
    name: 'ext4-index-4k',
    type: 'ext4',
    size: 16,
    options: ['-b', '4096', ...without('large_dir')],
    names: 3000,
    index: ['half_md4', 'signed'],
  },
  {
    name: 'ext4-flags',
    type: 'ext4',
    size: 6,
    options: ['-b', '1024', '-E', 'encoding=utf8', ...without('casefold,encrypt')],
    commands: [
      'sif deep flags 0x40080000',
      'sif etc/block flags 0x80800',
      'sif etc/long flags 0x80800',
      'sif data flags 0x80800',
      'feature needs_recovery',
    ],
    isFixture: true,
  },
  {
    name: 'ext4-fields',
    type: 'ext4',
    size: 6,
    options: ['-b', '1024', ...without('64bit')],
    commands: [
      'sif etc/block uid 70000',
      'sif etc/block gid 200001',
      'sif etc/block mtime @5',
      'sif etc/block mtime_extra 1',
      'sif etc/59 mtime @0xfffffffe',
      'sif etc/59 mtime_extra 0',
      'sif etc/empty mtime @0xffffffff',
      'fallocate etc/empty 2 9',
      'sif etc/empty size 12000',
    ],
    isFixture: true,
  },
];

/** Writes the tree to an empty directory. */
function writeTree(root: string, tree: ReadonlyMap<string, TreeEntry>): void {
  mkdirSync(root);
  const firsts = new Map<string, string>();
  for (const [name, entry] of tree) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    const first = firsts.get(dirname(path));
    const isOneOfMany = name.startsWith('many/') || name.startsWith('long/');
    if (entry.kind === 'link') symlinkSync(entry.target, path);
    else if (entry.kind === 'other') execFileSync('mkfifo', [path]);
    else if (entry.kind === 'file' && isOneOfMany && first !== undefined) linkSync(first, path);
    else if (entry.kind === 'file') writeSparse(path, entry);
    firsts.set(dirname(path), first ?? path);
  }
  for (const [name, { kind }] of tree) {
    if (kind !== 'file') continue;
    chmodSync(join(root, name), modeOf(name));
    utimesSync(join(root, name), treeTime, treeTime);
  }
}

function writeSparse(path: string, { size, pieces }: Extract<TreeEntry, { kind: 'file' }>): void {
  const descriptor = openSync(path, 'w');
  for (const { at, bytes } of pieces) writeSync(descriptor, bytes, 0, bytes.length, at);
  closeSync(descriptor);
  truncateSync(path, size);
}

/** Makes a volume. @param scratch an empty directory. @returns its bytes */
export function makeExtVolume(volume: ExtVolume, scratch: string): Buffer {
  const root = join(scratch, 'root');
  const image = join(scratch, 'image');
  writeTree(root, treeOf(volume));
  writeFileSync(image, '');
  truncateSync(image, volume.size * 1024 * 1024);
  const named = ['-L', label, '-U', uuid, '-E', 'hash_seed=89abcdef-0123-4567-89ab-cdef01234567,lazy_itable_init=1'];
  const options = mergeOptions([...named, ...volume.options]);
  runTool('mke2fs', ['-q', '-F', '-F', '-m', '0', '-t', volume.type, ...options, '-d', root, image]);
  if (volume.index !== undefined) {
    const [algorithm, sign] = volume.index;
    runTool('tune2fs', ['-E', `hash_alg=${algorithm}`, image]);
    runTool('debugfs', ['-w', '-f', '-', image], `ssv flags ${sign === 'signed' ? '1' : '2'}\n`);
    try {
      runTool('e2fsck', ['-fyD', image]);
    } catch (error) {
      // 1 means that errors were corrected, which is also the result if it added indexes.
      if ((error as { status?: unknown }).status !== 1) throw error;
    }
  }
  if (volume.commands !== undefined) runTool('debugfs', ['-w', '-f', '-', image], `${volume.commands.join('\n')}\n`);
  const bytes = readFileSync(image);
  rmSync(root, { recursive: true });
  return bytes;
}

/** Joins several `-E`, since mke2fs uses only the last. */
function mergeOptions(options: readonly string[]): string[] {
  const extended = options.filter((_, index) => options[index - 1] === '-E');
  const rest = options.filter((option, index) => option !== '-E' && options[index - 1] !== '-E');
  return [...rest, '-E', extended.join(',')];
}
