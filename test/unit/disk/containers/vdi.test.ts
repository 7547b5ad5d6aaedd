// A VDI built field by field: where its map leads.
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import { openVdi } from '../../../../src/disk/containers/vdi.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { type Change, patch, u32le } from '../../../support/disk/writers.ts';

/** With blocks of 4 KiB and 512 bytes before each: the first one stored second, two not stored, the last one first. */
const blockBytes = 4096;
const stored = 512 + blockBytes;
const file = patch(
  Buffer.alloc(1024 + 2 * stored),
  [76, u32le(1)],
  [340, u32le(512)],
  [344, u32le(1024)],
  [376, u32le(blockBytes)],
  [380, u32le(512)],
  [384, u32le(4)],
  [512, Buffer.concat([u32le(1), u32le(0xffff_ffff), u32le(0xffff_fffe), u32le(0)])],
  [1024 + 512, 'last'],
  [1024 + stored + 512, 'first'],
);

function read(unit: number, changes: readonly Change[] = [], blocks = 4): string {
  const changed = patch(file, ...changes);
  const disk = driveReads(openVdi(new FlatBlocks(changed.length), blocks * blockBytes), changed);
  const [bytes = new Uint8Array()] = driveReads(disk.read([{ offset: unit * blockBytes, length: 5 }]), changed);
  return Buffer.from(bytes).toString('latin1').replace(/\0+$/, '');
}

describe('a VDI', () => {
  it('has its blocks where the map says, each after its own extra data', () => {
    expect([0, 1, 2, 3].map((unit) => read(unit))).toEqual(['first', '', '', 'last']);
    expect([0, 3].map((unit) => read(unit, [[76, u32le(2)]]))).toEqual(['first', 'last']);
  });

  it.each<[string, Change, string | null]>([
    ['of type 0', [76, u32le(0)], 'it holds only the difference from another image'],
    ['of type 3', [76, u32le(3)], 'it holds only the difference from another image'],
    ['with blocks of 2 KiB', [376, u32le(2048)], 'the block size is invalid: 2048 B'],
    ['with blocks of 6 KiB', [376, u32le(6144)], 'the block size is invalid: 6144 B'],
    ['with blocks of 512 MiB', [376, u32le(2 ** 29)], 'the block size is invalid: 536870912 B'],
    ['with part of a sector before blocks', [380, u32le(513)], 'the extra size before each block is invalid: 513 B'],
    ['with more before blocks than in them', [380, u32le(4608)], 'the extra size before each block is invalid: 4608 B'],
    ['with a map of three blocks', [384, u32le(3)], 'the block map is too short for the disk'],
    ['with a block beyond the end', [524, u32le(0xffff_fffd)], 'an offset lies past the end of the image'],
  ])('%s is refused', (_what, change, message) => {
    expect(() => read(3, [change])).toThrow(expect.objectContaining({ name: 'UnreadableError', message }));
  });

  it('may have blocks of up to 256 MiB, and as much before each as in it', () => {
    const nowhere: Change = [512, u32le(0xffff_ffff)];
    expect(read(0, [[376, u32le(2 ** 28)], nowhere])).toBe('');
    expect(read(0, [[380, u32le(4096)], nowhere])).toBe('');
  });
});
