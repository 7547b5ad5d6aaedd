// Volumes of which only the name is read, made by their own tools, and compared with blkid.
import { closeSync, openSync, readSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FlatBlocks } from '../../src/disk/blocks/blocks.ts';
import { nameFileSystem } from '../../src/disk/filesystems/named/name-file-system.ts';
import { driveFile } from '../support/disk/drive-file.ts';
import { hasTools, runTool } from '../support/disk/tools.ts';
import { tempDir } from '../support/temp-dir.ts';

const mebibyte = 1024 * 1024;

interface Case {
  readonly name: string;
  readonly tool: string;
  /** Its arguments. */
  readonly args: (image: string, folder: string) => readonly string[];
  readonly input?: string;
}

const luks = ['--batch-mode', '--pbkdf-force-iterations', '1000', '--pbkdf', 'pbkdf2'];
const cases: readonly Case[] = [
  { name: 'NTFS', tool: 'mkfs.ntfs', args: (image) => ['-F', '-Q', '-q', '-L', 'A label', image] },
  {
    name: 'NTFS of clusters of 64 KiB',
    tool: 'mkfs.ntfs',
    args: (image) => ['-FQq', '-c', '65536', '-L', 'übergroß', image],
  },
  { name: 'exFAT', tool: 'mkfs.exfat', args: (image) => ['-L', 'EX LABEL', image] },
  { name: 'f2fs', tool: 'mkfs.f2fs', args: (image) => ['-q', '-l', 'flash', image] },
  { name: 'swap', tool: 'mkswap', args: (image) => ['-L', 'swap space', image] },
  { name: 'swap of pages of 64 KiB', tool: 'mkswap', args: (image) => ['-p', '65536', '-L', 'swap space', image] },
  {
    name: 'squashfs',
    tool: 'mksquashfs',
    args: (image, folder) => [folder, image, '-quiet', '-no-progress', '-noappend'],
  },
  { name: 'erofs', tool: 'mkfs.erofs', args: (image, folder) => ['--quiet', image, folder] },
  {
    name: 'LUKS1',
    tool: 'cryptsetup',
    args: (image) => [...luks, 'luksFormat', '--type', 'luks1', image],
    input: 'secret',
  },
  {
    name: 'LUKS2',
    tool: 'cryptsetup',
    args: (image) => [...luks, 'luksFormat', '--type', 'luks2', '--label', 'vault', image],
    input: 'secret',
  },
];

describe.skipIf(!hasTools('blkid'))('a volume of which only the name is read', () => {
  it.each(cases)('has the name that blkid gives: $name', async ({ tool, args, input }) => {
    if (!hasTools(tool)) return;
    const directory = await tempDir();
    const folder = join(directory, 'folder');
    await mkdir(folder);
    writeFileSync(join(folder, 'file'), 'content');
    const image = join(directory, 'image');
    writeFileSync(image, '');
    truncateSync(image, 64 * mebibyte);
    runTool(tool, args(image, folder), input);
    const file = openSync(image, 'r');
    onTestFinished(() => closeSync(file));
    const { size } = statSync(image);
    const front = Buffer.alloc(Math.min(128 * 1024, size));
    readSync(file, front, 0, front.length, 0);
    const facts = driveFile(nameFileSystem(new FlatBlocks(size), front), file);
    const said = new Map(
      runTool('blkid', ['-p', '-o', 'export', image])
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const label = runTool('blkid', ['-p', '-o', 'value', '-s', 'LABEL', image]).trim();
    expect({ type: facts?.type, uuid: facts?.uuid, label: facts?.label ?? '' }).toEqual({
      type: said.get('TYPE'),
      uuid: said.get('UUID') ?? null,
      label,
    });
    expect(facts?.size ?? 0).toBeLessThanOrEqual(size);
  });
});
