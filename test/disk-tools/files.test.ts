// Files within volumes of FAT and discs of ISO 9660, as files and cat see them: compared with what their own tools put there.
import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFatVolume } from '../support/disk/volumes/fat-volumes.ts';
import { guestTime, guestTree, writeGuestTree } from '../support/disk/volumes/guest-tree.ts';
import { type SeenFile, walkGuest, withGuest } from '../support/disk/guests/guest-walk.ts';
import { addLinks, isoLinks, makeIsoVolume } from '../support/disk/volumes/iso-volumes.ts';
import { hasTools, runTool } from '../support/disk/tools.ts';
import { tempDir } from '../support/temp-dir.ts';

const time = new Date(guestTime * 1000).toISOString().replace('.000Z', 'Z');
const files = [...guestTree()].map(([path, bytes]): [string, number, string] => [
  path,
  bytes.length,
  createHash('sha256').update(bytes).digest('hex'),
]);

/** What can be seen of the files of the tree, in the order of the tree. */
function ofTree(seen: ReadonlyMap<string, SeenFile>): unknown {
  return files.map(([path]) => [path, seen.get(path)?.size, seen.get(path)?.content]);
}

async function treeDirectory(): Promise<string> {
  const directory = join(await tempDir(), 'tree');
  mkdirSync(directory);
  writeGuestTree(directory);
  return directory;
}

describe.skipIf(!hasTools('mkfs.fat', 'mcopy', 'mdel', 'qemu-img'))('a FAT', () => {
  it.each([
    [12, 4096],
    [16, 16_384],
    [32, 65_536],
  ] as const)('of %s bits, in a qcow2, has each file with its bytes and its time', async (bits, kibibytes) => {
    const tree = await treeDirectory();
    const [volume, image] = [`${tree}.fat`, `${tree}.qcow2`];
    makeFatVolume(volume, tree, { bits, kibibytes });
    runTool('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', volume, image]);
    const seen = await withGuest(image, walkGuest, { contentsLimit: 2 ** 30 });
    expect(ofTree(seen)).toEqual(files);
    expect(seen.get('README.TXT')).toMatchObject({ modified_at: time, mode: null, uid: null });
  });
});

describe.skipIf(!hasTools('xorriso', 'genisoimage'))('a disc', () => {
  it.each([
    ['xorriso', '-R'],
    ['genisoimage', '-R'],
    ['xorriso', '-R', '-J'],
  ])('of %s %s has each file with its bytes, and each link', async (tool, ...options) => {
    const tree = await treeDirectory();
    addLinks(tree);
    const image = `${tree}.iso`;
    makeIsoVolume(image, tree, tool, options);
    expect(statSync(image).size).toBeGreaterThan(0);
    const seen = await withGuest(image, walkGuest, { contentsLimit: 2 ** 30 });
    expect(ofTree(seen)).toEqual(files);
    expect([...isoLinks].map(([path]) => [path, seen.get(path)?.target])).toEqual([...isoLinks]);
    expect(seen.get('README.TXT')).toMatchObject({ modified_at: time, mode: '4751' });
  });
});
