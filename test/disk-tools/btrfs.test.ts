// File systems that mkfs.btrfs makes from a directory, with many sets of options: every file is compared with what was put in,
// and their metadata with what btrfs-progs report. One that Linux has written is compared with what `btrfs restore` extracts
// from it.
import { createHash } from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';
import { statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FlatBlocks } from '../../src/disk/blocks/blocks.ts';
import type { Reads } from '../../src/disk/blocks/reading.ts';
import { btrfs } from '../../src/disk/filesystems/btrfs/btrfs.ts';
import type { FileFacts } from '../../src/disk/filesystems/guest-files.ts';
import { readBtrfsFixture } from '../support/disk/volumes/btrfs-volume.ts';
import { driveFile } from '../support/disk/drive-file.ts';
import { writeGuestTree } from '../support/disk/volumes/guest-tree.ts';
import { tellingBytes } from '../support/disk/patterns.ts';
import { hasTools, runTool } from '../support/disk/tools.ts';
import { findPath, walk } from '../support/disk/walk.ts';
import { tempDir } from '../support/temp-dir.ts';

const isPossible = hasTools('mkfs.btrfs', 'btrfs', 'blkid');
const digest = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** The tree that all file systems are made from, and files that are long, sparse or numerous. */
function writeTree(directory: string): void {
  mkdirSync(directory);
  writeGuestTree(directory);
  writeFileSync(join(directory, 'long'), tellingBytes(3_000_001));
  writeFileSync(join(directory, 'sparse'), 'start');
  truncateSync(join(directory, 'sparse'), 5_000_000);
  symlinkSync('boot/grub', join(directory, 'link'));
  mkdirSync(join(directory, 'numbers'));
  for (let number = 0; number < 3000; number++) writeFileSync(join(directory, `numbers/number ${String(number)}`), '');
}

/** Everything below a directory by its path: its kind and its content. Names need not be UTF-8. */
function contentOf(directory: Uint8Array, above = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(Buffer.from(directory), { encoding: 'buffer' })) {
    const full = Buffer.concat([directory, Buffer.from('/'), name]);
    const path = `${above}${new TextDecoder().decode(name)}`;
    const stats = lstatSync(full);
    if (stats.isFile()) found.set(path, `file ${digest(readFileSync(full))}`);
    if (stats.isSymbolicLink()) found.set(path, `link ${readlinkSync(full)}`);
    if (!stats.isDirectory()) continue;
    found.set(path, 'directory');
    for (const [below, content] of contentOf(full, `${path}/`)) found.set(below, content);
  }
  return found;
}

const options: readonly (readonly string[])[] = [
  [],
  ['-n', '4096'],
  ['-n', '65536', '-m', 'single'],
  ['-m', 'dup', '-d', 'dup'],
  ['-M'],
  ['-O', '^no-holes,^extref,^skinny-metadata', '-R', '^free-space-tree'],
  ['--csum', 'xxhash'],
  ['--csum', 'sha256'],
  ['--csum', 'blake2', '-m', 'single', '--shrink'],
];

describe.skipIf(!isPossible)('what mkfs.btrfs makes', () => {
  it.each(options.map((some) => ({ some, name: some.join(' ') })))(
    'has the files that were put in: $name',
    async ({ some }) => {
      const scratch = await tempDir();
      const [image, tree] = [join(scratch, 'image'), join(scratch, 'tree')];
      writeTree(tree);
      const file = openSync(image, 'w+');
      onTestFinished(() => closeSync(file));
      ftruncateSync(file, 600 * 1024 * 1024);
      runTool('mkfs.btrfs', ['-q', '-L', 'ein Name', '--rootdir', tree, ...some, image]);
      const drive = <T>(reads: Reads<T>): T => driveFile(reads, file);
      const files = drive(btrfs.open(new FlatBlocks(statSync(image).size)));

      const found = [...drive(walk(files))];
      expect(new Map(found.map(([path, { facts, bytes, target }]) => [path, described(facts, bytes, target)]))).toEqual(
        contentOf(Buffer.from(tree)),
      );
      for (const [path, { entry, facts }] of found) {
        const { mode, mtimeMs, uid, gid } = lstatSync(join(tree, path));
        expect(drive(findPath(files, path))?.ref).toBe(entry.ref);
        expect([facts.mode, facts.mtime, facts.uid, facts.gid]).toEqual([
          mode % 0o10000,
          Math.floor(mtimeMs / 1000),
          uid,
          gid,
        ]);
      }

      const said = runTool('btrfs', ['inspect-internal', 'dump-super', image]);
      const number = (title: string): number => Number(new RegExp(`^${title}\\s+(\\d+)`, 'm').exec(said)?.[1]);
      const [type, label, uuid] = ['TYPE', 'LABEL', 'UUID'].map((tag) =>
        runTool('blkid', ['-p', '-o', 'value', '-s', tag, image]).trimEnd(),
      );
      const size = number('total_bytes');
      expect(files.facts).toEqual({ type, label, uuid, size, free: size - number('bytes_used'), state: 'clean' });
      const inodes = runTool('btrfs', ['inspect-internal', 'dump-tree', '-t', '5', image]).match(
        / INODE_ITEM 0\) itemoff/g,
      );
      expect(inodes).toHaveLength(found.length + 1);
    },
  );
});

function described({ kind }: FileFacts, bytes: Uint8Array | null, target: string | null): string {
  if (kind === 'directory') return kind;
  return `${kind} ${target ?? digest(bytes ?? new Uint8Array())}`;
}

describe.skipIf(!isPossible)('what Linux has written', () => {
  it('has the files that btrfs-progs restores, including compressed files and subvolumes', async () => {
    const scratch = await tempDir();
    const [image, out] = [join(scratch, 'image'), join(scratch, 'out')];
    const data = readBtrfsFixture();
    writeFileSync(image, data);
    truncateSync(image, 128 * 1024 * 1024);
    mkdirSync(out);
    runTool('btrfs', ['restore', '-sS', image, out]);
    const file = openSync(image, 'r');
    onTestFinished(() => closeSync(file));
    const files = driveFile(btrfs.open(new FlatBlocks(statSync(image).size)), file);
    const found = [...driveFile(walk(files), file)].filter(
      ([, { facts }]) => facts.kind === 'file' || facts.kind === 'link',
    );
    // In a snapshot, Linux shows the subvolumes of the original as empty directories; they are restored all the same.
    const others = /^(?:snapshot\/nested|read-only\/deeper)\//;
    const restored = [...contentOf(Buffer.from(join(out, 'root')))].filter(
      ([path, content]) => content !== 'directory' && !others.test(path),
    );
    expect(new Map(found.map(([path, { facts, bytes, target }]) => [path, described(facts, bytes, target)]))).toEqual(
      new Map(restored),
    );
  });
});
