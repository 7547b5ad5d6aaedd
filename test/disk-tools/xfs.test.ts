// XFS as mkfs.xfs makes it, of every block size: what is read is what was put in, and what xfs_db sees.
import { closeSync, mkdirSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../src/disk/blocks/blocks.ts';
import { xfs } from '../../src/disk/filesystems/xfs/xfs.ts';
import { driveFile } from '../support/disk/drive-file.ts';
import { tellingBytes } from '../support/disk/patterns.ts';
import { hasTools, runTool } from '../support/disk/tools.ts';
import { findPath, walk } from '../support/disk/walk.ts';
import { tempDir } from '../support/temp-dir.ts';

const size = 512 * 1024 * 1024;
const large = 1200;

const kinds: readonly (readonly [name: string, options: readonly string[]])[] = [
  ['version 4, blocks of 512 bytes', ['-m', 'crc=0', '-b', 'size=512', '-i', 'size=256', '-n', 'ftype=0']],
  ['version 4, blocks of 2 KiB, no case', ['-m', 'crc=0', '-b', 'size=2048', '-n', 'version=ci']],
  ['version 5, blocks of 1 KiB', ['-b', 'size=1024', '-m', 'rmapbt=1,reflink=1']],
  ['version 5, blocks of 4 KiB', ['-b', 'size=4096', '-l', 'size=64m']],
  ['version 5, directories of 8 KiB', ['-n', 'size=8192', '-i', 'nrext64=1']],
  ['version 5, directories of 64 KiB', ['-n', 'size=65536', '-i', 'size=2048']],
  ['version 5, blocks of 64 KiB', ['-b', 'size=65536']],
  ['version 5, no big times', ['-m', 'bigtime=0,inobtcount=0', '-i', 'sparse=0']],
];

interface Made {
  readonly image: string;
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly links: ReadonlyMap<string, string>;
}

/** @see mkfs.xfs(8), "prototype file" */
function make(folder: string, options: readonly string[]): Made {
  const contents = new Map<string, Uint8Array>();
  // Before 6.10 mkfs.xfs omits the header that long links have in version 5: the kernel cannot read them either.
  const takesLong = options.includes('crc=0') || options.includes('size=2048');
  const links = new Map([
    ['short', 'etc/hostname'],
    ['long', takesLong ? 'x/'.repeat(450) : 'x'],
    ['longest', takesLong ? 'y'.repeat(1023) : 'y'],
  ]);
  mkdirSync(join(folder, 'source'));
  const file = (path: string, bytes: Uint8Array): string => {
    const source = join(folder, 'source', String(contents.size));
    writeFileSync(source, bytes);
    contents.set(path, bytes);
    return `${path.slice(path.lastIndexOf('/') + 1)} ---640 12 34 ${source}`;
  };
  const directory = (name: string, count: number): readonly string[] => [
    `${name} d--755 0 0`,
    ...Array.from({ length: count }, (_, index) =>
      file(`${name}/one-of-the-names-in-a-directory-${String(index)}`, Buffer.from(String(index).repeat(index % 3))),
    ),
    '$',
  ];
  const lines = [
    '/nothing',
    '0 0',
    'd--755 0 0',
    ...[...links].map(([name, target]) => `${name} l--777 0 0 ${target}`),
    file('data', tellingBytes(3_000_000)),
    file('odd', tellingBytes(70_001)),
    ...directory('few', 3),
    ...directory('some', 40),
    ...directory('many', 180),
    ...directory('large', large),
    'null c--666 0 0 1 3',
    '$',
  ];
  writeFileSync(join(folder, 'prototype'), `${lines.join('\n')}\n`);
  const image = join(folder, 'image');
  closeSync(openSync(image, 'w'));
  truncateSync(image, size);
  runTool('mkfs.xfs', ['-q', '-L', 'tools', '-p', join(folder, 'prototype'), ...options, image]);
  return { image, contents, links };
}

/** What xfs_db prints of some fields, by their names. */
function fields(image: string, commands: readonly string[]): Readonly<Record<string, string>> {
  const printed = runTool('xfs_db', ['-r', ...commands.flatMap((command) => ['-c', command]), image]);
  return Object.fromEntries(printed.split('\n').map((line) => line.split(' = ') as [string, string]));
}

describe.skipIf(!hasTools('mkfs.xfs', 'xfs_db'))('an XFS that mkfs.xfs has made', () => {
  it.each(kinds)('%s: has the files that were put in', async (_name, options) => {
    const { image, contents, links } = make(await tempDir(), options);
    const descriptor = openSync(image, 'r');
    const drive: typeof driveFile = (reads) => driveFile(reads, descriptor);
    const files = drive(xfs.open(new FlatBlocks(size)), descriptor);
    const found = drive(walk(files), descriptor);
    expect(found.size).toBe(contents.size + links.size + 5);
    for (const [path, bytes] of contents) {
      expect(Buffer.compare(found.get(path)?.bytes ?? Buffer.from('nothing'), bytes)).toBe(0);
      expect(found.get(path)?.facts).toMatchObject({ mode: 0o640, uid: 12, gid: 34, size: bytes.length });
      expect(drive(findPath(files, path), descriptor)?.ref).toBe(found.get(path)?.entry.ref);
    }
    for (const [path, target] of links) expect(found.get(path)?.target).toBe(target);
    expect(drive(findPath(files, 'large/one-of-the-names'), descriptor)).toBeNull();

    const superblock = fields(image, ['sb 0', 'print blocksize dblocks fdblocks uuid fname rootino']);
    const block = Number(superblock['blocksize']);
    expect(files.facts).toEqual({
      type: 'xfs',
      label: superblock['fname']?.replace(/^"([^\\"]*).*$/, '$1'),
      uuid: superblock['uuid'],
      size: Number(superblock['dblocks']) * block,
      free: Number(superblock['fdblocks']) * block,
      state: 'clean',
    });
    expect(files.root).toBe(Number(superblock['rootino']));
    closeSync(descriptor);
  });
});
