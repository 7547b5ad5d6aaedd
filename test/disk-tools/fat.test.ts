// FAT volumes made by mkfs.fat and mtools, read and compared with what was put in and with what these tools say.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FlatBlocks } from '../../src/disk/blocks/blocks.ts';
import { fat } from '../../src/disk/filesystems/fat/fat.ts';
import { driveFile } from '../support/disk/drive-file.ts';
import { type FatVolumeOptions, makeFatVolume, runMtool } from '../support/disk/volumes/fat-volumes.ts';
import { guestTime, guestTree, writeGuestTree } from '../support/disk/volumes/guest-tree.ts';
import { hasTools, runTool } from '../support/disk/tools.ts';
import { findPath, walk } from '../support/disk/walk.ts';
import { tempDir } from '../support/temp-dir.ts';

const mebibyte = 1024;

const cases: readonly (FatVolumeOptions & { readonly name: string })[] = [
  { name: 'FAT12 of a floppy disk', bits: 12, kibibytes: 1440 },
  { name: 'FAT12 of sectors of 4096 bytes', bits: 12, kibibytes: 4 * mebibyte, more: ['-S', '4096', '-s', '1'] },
  { name: 'FAT12 of one table', bits: 12, kibibytes: 2 * mebibyte, more: ['-f', '1', '-s', '2'] },
  { name: 'FAT16', bits: 16, kibibytes: 16 * mebibyte },
  { name: 'FAT16 of sectors of 1024 bytes', bits: 16, kibibytes: 32 * mebibyte, more: ['-S', '1024', '-s', '2'] },
  { name: 'FAT16 of 65,524 clusters', bits: 16, kibibytes: 128 * mebibyte, more: ['-s', '4', '-r', '512'] },
  { name: 'FAT32', bits: 32, kibibytes: 64 * mebibyte, more: ['-s', '1'] },
  { name: 'FAT32 of sectors of 2048 bytes', bits: 32, kibibytes: 300 * mebibyte, more: ['-S', '2048', '-s', '2'] },
  { name: 'FAT32 of sectors of 4096 bytes', bits: 32, kibibytes: 512 * mebibyte, more: ['-S', '4096', '-s', '1'] },
  { name: 'FAT32 of clusters of 64 KiB', bits: 32, kibibytes: 4400 * mebibyte, more: ['-s', '128'] },
];

function blkid(image: string): Record<string, string> {
  const lines = runTool('blkid', ['-p', '-o', 'udev', image]).trim().split('\n');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

describe.skipIf(!hasTools('mkfs.fat', 'mcopy', 'mdel', 'mdir', 'minfo', 'blkid'))('a volume of mkfs.fat', () => {
  it.each(cases)('is read completely: $name', async (options) => {
    const directory = await tempDir();
    const tree = join(directory, 'tree');
    writeGuestTree(tree);
    const image = join(directory, 'image');
    makeFatVolume(image, tree, options);
    const file = openSync(image, 'r');
    onTestFinished(() => closeSync(file));
    const front = Buffer.alloc(128 * 1024);
    readSync(file, front, 0, front.length, 0);
    expect(fat.recognise(front)).toBe(true);
    const files = driveFile(fat.open(new FlatBlocks(statSync(image).size)), file);

    const said = blkid(image);
    const { type, label, uuid, size, free } = files.facts;
    expect({ type, label, uuid }).toEqual({
      type: said['ID_FS_TYPE'],
      label: said['ID_FS_LABEL_ENC']?.replaceAll('\\x20', ' '),
      uuid: said['ID_FS_UUID'],
    });
    expect(size).toBeLessThanOrEqual(statSync(image).size);
    const listed = /([\d ]+) bytes free/.exec(runMtool('mdir', image, '::/'))?.[1] ?? '';
    expect(free).toBe(Number(listed.replaceAll(' ', '')));

    const expected = new Map(guestTree()).set(
      'pieces.bin',
      guestTree().get('EFI/debian/grubx64.efi') ?? new Uint8Array(),
    );
    const found = driveFile(walk(files), file);
    const kept = [...found].filter(([, { facts }]) => facts.kind === 'file');
    expect(kept.map(([path]) => path).toSorted()).toEqual([...expected.keys()].toSorted());
    const wrong = [...expected].filter(([path, bytes]) => {
      const { bytes: read, facts } = found.get(path) ?? {};
      return !read || Buffer.compare(read, bytes) !== 0 || facts?.mtime !== guestTime;
    });
    expect(wrong.map(([path]) => path)).toEqual([]);
    const paths = runMtool('mdir', image, '-b', '-/', '-a', '::/').trim().split('\n');
    const walked = [...found].map(([path, { facts }]) => `::/${path}${facts.kind === 'directory' ? '/' : ''}`);
    expect(walked.toSorted()).toEqual(paths.toSorted());
    const refs = [...expected.keys()].map((path) => {
      const inCapitals = path.toUpperCase().replace('SS', 'ß');
      return driveFile(findPath(files, inCapitals), file)?.ref;
    });
    expect(refs).toEqual([...expected.keys()].map((path) => found.get(path)?.entry.ref));
  });
});
