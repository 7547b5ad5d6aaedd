// Discs made by xorriso and genisoimage, read and compared with what was put in, and with what isoinfo and blkid say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../src/disk/blocks/blocks.ts';
import { iso9660 } from '../../src/disk/filesystems/iso9660/iso9660.ts';
import { driveReads } from '../support/disk/drive-reads.ts';
import { guestTime, guestTree, writeGuestTree } from '../support/disk/volumes/guest-tree.ts';
import { addLinks, isoLinks, makeIsoVolume } from '../support/disk/volumes/iso-volumes.ts';
import { hasTools, runTool } from '../support/disk/tools.ts';
import { type WalkedFile, walk } from '../support/disk/walk.ts';
import { tempDir } from '../support/temp-dir.ts';

interface Case {
  readonly tool: 'xorriso' | 'genisoimage';
  readonly options: readonly string[];
  readonly naming: 'rock-ridge' | 'joliet' | 'plain';
  readonly label: string;
}

const cases: readonly Case[] = (['xorriso', 'genisoimage'] as const).flatMap((tool) => {
  // xorriso records Rock Ridge by default; genisoimage leaves out what is deep without it.
  const plain = tool === 'xorriso' ? ['--norock'] : ['-D'];
  return [
    { tool, options: ['-R', '-V', 'Rock_Ridge'], naming: 'rock-ridge', label: 'Rock_Ridge' },
    { tool, options: ['-R', '-J', '-joliet-long', '-V', 'BOTH'], naming: 'rock-ridge', label: 'BOTH' },
    {
      tool,
      options: [...plain, '-J', '-joliet-long', '-V', 'A LABEL OF MANY LETTERS'],
      naming: 'joliet',
      label: 'A LABEL OF MANY LETTERS',
    },
    { tool, options: [...plain, '-iso-level', '1', '-V', 'PLAIN'], naming: 'plain', label: 'PLAIN' },
    { tool, options: [...plain, '-iso-level', '3', '-V', 'PLAIN3'], naming: 'plain', label: 'PLAIN3' },
  ];
});

function open(image: Uint8Array): ReadonlyMap<string, WalkedFile> {
  return driveReads(walk(driveReads(iso9660.open(new FlatBlocks(image.length)), image)), image);
}

function textsOf(files: ReadonlyMap<string, Uint8Array | null>): string[] {
  return [...files].map(([path, bytes]) => `${path}: ${Buffer.from(bytes ?? []).toString()}`).toSorted();
}

describe.skipIf(!hasTools('xorriso', 'genisoimage', 'isoinfo', 'blkid'))('a disc', () => {
  it.each(cases)('of $tool $options is read completely', async ({ tool, options, naming, label }) => {
    const directory = await tempDir();
    const tree = join(directory, 'tree');
    writeGuestTree(tree);
    if (naming === 'rock-ridge') addLinks(tree);
    const image = join(directory, 'image');
    makeIsoVolume(image, tree, tool, options);
    const data = readFileSync(image);
    expect(iso9660.recognise(data.subarray(0, 128 * 1024))).toBe(true);
    const { facts } = driveReads(iso9660.open(new FlatBlocks(data.length)), data);
    const said = runTool('blkid', ['-p', '-o', 'udev', image]);
    expect(said).toContain(`ID_FS_UUID=${String(facts.uuid)}\n`);
    expect(said).toContain(`ID_FS_LABEL_ENC=${String(facts.label).replaceAll(' ', '\\x20')}\n`);
    expect(facts).toMatchObject({ type: 'iso9660', label, free: 0 });

    const found = open(data);
    const contents = new Map([...found].flatMap(([path, { bytes }]) => (bytes === null ? [] : [[path, bytes]])));
    if (naming === 'plain') {
      expect([...contents.values()].map(String).toSorted()).toEqual(
        [...guestTree().values()].map((each) => Buffer.from(each).toString()).toSorted(),
      );
    } else expect(textsOf(contents)).toEqual(textsOf(guestTree()));
    const flag = { 'rock-ridge': ['-R'], joliet: ['-J'], plain: [] }[naming];
    const listed = runTool('isoinfo', ['-i', image, ...flag, '-f'])
      .trim()
      .split('\n');
    const paths = listed.map((path) => path.replace(/;1$/, '').replace(/\.$/, '').slice(1));
    // isoinfo knows neither UTF-8, nor where directories were before they were relocated.
    const isComparable = (path: string): boolean => !/level|rr_moved|bergro/i.test(path);
    expect([...found.keys()].filter(isComparable).toSorted()).toEqual(paths.filter(isComparable).toSorted());
    if (naming !== 'rock-ridge') return;
    const links = [...found].flatMap(([path, { target }]) => (target === null ? [] : [[path, target]]));
    expect(new Map(links as [string, string][])).toEqual(isoLinks);
    expect(found.get('README.TXT')?.facts).toEqual({
      kind: 'file',
      size: 13,
      mode: 0o4751,
      uid: process.getuid?.(),
      gid: process.getgid?.(),
      mtime: guestTime,
    });
  });
});
