// File systems made by mke2fs with many sets of options: every file compared with the original, and its metadata with debugfs.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashName } from '../../src/disk/filesystems/ext/name-hash.ts';
import { driveReads } from '../support/disk/drive-reads.ts';
import { expectedFiles, foundFiles, numbersByName, openExt } from '../support/disk/volumes/ext-checks.ts';
import { extVolumes, makeExtVolume } from '../support/disk/volumes/ext-volumes.ts';
import { hasTools, runTool } from '../support/disk/tools.ts';
import { walk } from '../support/disk/walk.ts';
import { tempDir } from '../support/temp-dir.ts';

const isPossible = hasTools('mke2fs', 'tune2fs', 'e2fsck', 'debugfs', 'blkid');

describe.skipIf(!isPossible).each(extVolumes)('an image of $name', (volume) => {
  it('has the files that were written, as debugfs shows them', async () => {
    const scratch = await tempDir();
    const data = makeExtVolume(volume, scratch);
    if (volume.commands === undefined) {
      expect(foundFiles(data)).toEqual(expectedFiles(volume));
      const [found, listed] = numbersByName(volume, data);
      expect(found).toEqual(listed);
    }
    const image = join(scratch, 'image');
    writeFileSync(image, data);
    const { facts } = openExt(data);
    expect(factsOfTools(image)).toEqual([facts.type, facts.label, facts.uuid, facts.size, facts.free]);
    if (volume.name !== 'ext4-flags') compareNumbers(data, image);
  });
});

function factsOfTools(image: string): unknown[] {
  const header = runTool('debugfs', ['-R', 'stats -h', image]);
  const number = (title: string): number => Number(new RegExp(`^${title}: +(\\d+)`, 'm').exec(header)?.[1]);
  const [type, label, uuid] = ['TYPE', 'LABEL', 'UUID'].map((tag) =>
    runTool('blkid', ['-p', '-o', 'value', '-s', tag, image]).trimEnd(),
  );
  return [
    type,
    label,
    uuid,
    number('Block count') * number('Block size'),
    number('Free blocks') * number('Block size'),
  ];
}

/** Owners, permissions, times, sizes and inode numbers of all files. */
function compareNumbers(data: Uint8Array, image: string): void {
  const files = [...driveReads(walk(openExt(data)), data)];
  const commands = files.map(([, { entry }]) => `stat <${String(entry.ref)}>\n`).join('');
  const said = runTool('debugfs', ['-f', '-', image], commands)
    .split(/^debugfs: stat .*\n/m)
    .slice(1);
  const numbers = said.map((text) => {
    const [, ref, mode, uid, gid, size, mtime, extra] =
      /^Inode: (\d+).*Mode: +(\d+).*\n.*\nUser: +(\d+) +Group: +(\d+).*Size: (\d+)[^]*?^ *mtime: 0x([0-9a-f]+)(?::([0-9a-f]+))?/m.exec(
        text.replace(/^(Inode: .*Mode: .*\n)(?!Generation)/m, '$1\n'),
      ) ?? [];
    const time = Number.parseInt(mtime ?? '', 16);
    const epoch = extra === undefined ? 0 : Number.parseInt(extra, 16) % 4;
    return [
      Number(ref),
      Number.parseInt(mode ?? '', 8),
      Number(uid),
      Number(gid),
      Number(size),
      (time >= 2 ** 31 ? time - 2 ** 32 : time) + epoch * 2 ** 32,
    ];
  });
  expect(
    files.map(([, { entry, facts }]) => [entry.ref, facts.mode, facts.uid, facts.gid, facts.size, facts.mtime]),
  ).toEqual(numbers);
}

describe.skipIf(!isPossible)('the hash of a name', () => {
  const names = [
    'a',
    'abcd',
    'name',
    'a name of more than thirty-two bytes',
    'äöü',
    'x'.repeat(255),
    '日本語のとても長い名前です',
  ];
  const seed = '89abcdef-0123-4567-89ab-cdef01234567';
  const words = [0xefcd_ab89, 0x6745_2301, 0xefcd_ab89, 0x6745_2301];

  it.each(['legacy', 'half_md4', 'tea'] as const)('is what debugfs says: %s', (kind) => {
    for (const isUnsigned of [false, true]) {
      // For debugfs, hashes of unsigned bytes have numbers but no names.
      const version = ['legacy', 'half_md4', 'tea'].indexOf(kind) + (isUnsigned ? 3 : 0);
      const commands = names.map((name) => `dx_hash -h ${String(version)} -s ${seed} "${name}"\n`).join('');
      const said = runTool('debugfs', ['-f', '-'], commands);
      const hashes = [...said.matchAll(/is 0x([0-9a-f]+)/g)].map(([, hash]) => Number.parseInt(hash ?? '', 16));
      expect(names.map((name) => hashName(Buffer.from(name), { kind, isUnsigned }, words))).toEqual(hashes);
    }
  });
});
