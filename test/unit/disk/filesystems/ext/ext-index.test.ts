import { describe, expect, it } from 'vitest';
import { hashName, nameHashOf } from '../../../../../src/disk/filesystems/ext/name-hash.ts';
import { lookUp } from '../../../../../src/disk/filesystems/ext/name-index.ts';
import type { Reads } from '../../../../../src/disk/blocks/reading.ts';
import { parseSuperblock } from '../../../../../src/disk/filesystems/ext/superblock.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { readExtFixture } from '../../../../support/disk/volumes/ext-checks.ts';

const blockSize = 1024;
const superblock = parseSuperblock(readExtFixture('ext4-half_md4-signed').subarray(1024, 2048));
const hash = nameHashOf(1, false) ?? { kind: 'tea', isUnsigned: true };
const hashOf = (name: string): number => hashName(Buffer.from(name), hash, superblock.hashSeed);

/** A block of an index: in the root 32 bytes precede its entries, in the others 8. */
function indexBlock(start: 32 | 8, entries: readonly (readonly [hash: number, block: number])[], levels = 0): Buffer {
  const block = Buffer.alloc(blockSize);
  block.writeUInt8(1, 28);
  block.writeUInt8(8, 29);
  block.writeUInt8(levels, 30);
  for (const [index, [value, child]] of entries.entries()) {
    block.writeUInt32LE(value, start + index * 8);
    block.writeUInt32LE(child, start + index * 8 + 4);
  }
  block.writeUInt16LE(100, start);
  block.writeUInt16LE(entries.length, start + 2);
  return block;
}

/** A block with one name, or none. */
function leaf(name: string | null, inode = 12): Buffer {
  const block = Buffer.alloc(blockSize);
  block.writeUInt32LE(name === null ? 0 : inode, 0);
  block.writeUInt16LE(blockSize, 4);
  block.writeUInt8(name?.length ?? 0, 6);
  block.write(name ?? '', 8);
  return block;
}

/** @returns what is found, and which blocks were read */
function find(blocks: readonly Buffer[], name: string, hasLargeDirectories = false) {
  const read: number[] = [];
  // oxlint-disable-next-line require-yield -- all is there
  function* blockAt(index: number): Reads<Uint8Array> {
    read.push(index);
    return blocks[index] ?? Buffer.alloc(blockSize);
  }
  const directory = { superblock: { ...superblock, hasLargeDirectories }, blockCount: blocks.length, blockAt };
  const found = driveReads(lookUp(directory, name), new Uint8Array());
  return { found: found === null || found === 'no index' ? found : found.name, read };
}

describe('the index of a directory', () => {
  const middle = hashOf('wanted');

  it('leads to the block whose hashes begin at or before the name', () => {
    const blocks = [
      indexBlock(32, [
        [0, 1],
        [middle, 2],
        [middle + 2, 3],
      ]),
      leaf('before'),
      leaf('wanted'),
      leaf('behind'),
    ];
    expect(find(blocks, 'wanted')).toEqual({ found: 'wanted', read: [0, 2] });
  });

  it('leads to all blocks with names of the same hash, across its own blocks', () => {
    const blocks = [
      indexBlock(
        32,
        [
          [0, 1],
          [middle + 1, 2],
          [middle + 1, 3],
          [middle + 2, 4],
        ],
        1,
      ),
      indexBlock(8, [
        [0, 5],
        [middle, 6],
      ]),
      indexBlock(8, [[0, 5]]),
      indexBlock(8, [
        [0, 7],
        [middle + 1, 8],
        [middle + 2, 5],
      ]),
      indexBlock(8, [[0, 5]]),
      leaf(null),
      leaf('other'),
      leaf('another'),
      leaf('wanted'),
    ];
    expect(find(blocks, 'wanted')).toEqual({ found: 'wanted', read: [0, 1, 2, 3, 6, 5, 7, 8] });
    expect(find(blocks, 'missing').found).toBeNull();
  });

  it('has three levels if directories may be large, otherwise two', () => {
    const blocks = [indexBlock(32, [[0, 1]], 2), indexBlock(8, [[0, 2]]), indexBlock(8, [[0, 3]]), leaf('wanted')];
    expect(find(blocks, 'wanted', true)).toEqual({ found: 'wanted', read: [0, 1, 2, 3] });
    expect(find(blocks, 'wanted')).toEqual({ found: 'no index', read: [0] });
  });

  it('is ignored if everything has the same hash', () => {
    const entries = Array.from({ length: 100 }, (_, index): [number, number] => [index === 0 ? 0 : middle + 1, 1]);
    expect(find([indexBlock(32, entries), leaf(null)], 'wanted')).toEqual({ found: 'no index', read: [0] });
    expect(find([indexBlock(32, [[0, 2]]), leaf(null)], 'wanted')).toEqual({ found: 'no index', read: [0] });
  });
});

describe('the hash of a name', () => {
  // As computed by debugfs: dx_hash -h VERSION -s 89abcdef-0123-4567-89ab-cdef01234567 NAME
  const seed = [0xefcd_ab89, 0x6745_2301, 0xefcd_ab89, 0x6745_2301];

  it.each([
    [0, 'äöü', 0xe32d_0194],
    [1, 'äöü', 0xa393_bd7a],
    [2, 'äöü', 0x54e9_52fa],
    [3, 'äöü', 0xd21e_5596],
    [4, 'äöü', 0x4bf0_de48],
    [5, 'äöü', 0x9ec9_055e],
    [1, 'abcd', 0x81bf_c804],
    [2, 'abcd', 0x7ea2_e4e0],
  ])('of version %d, of %s, is that of debugfs', (version, name, expected) => {
    const kind = nameHashOf(version, false);
    expect(kind && hashName(Buffer.from(name), kind, seed)).toBe(expected);
  });

  it('is of unsigned bytes if the superblock says so, and unknown if it says nothing', () => {
    expect(nameHashOf(1, true)).toEqual({ kind: 'half_md4', isUnsigned: true });
    expect(nameHashOf(4, false)).toEqual({ kind: 'half_md4', isUnsigned: true });
    expect(nameHashOf(1, null)).toBeNull();
    expect(nameHashOf(6, true)).toBeNull();
    expect(nameHashOf(255, true)).toBeNull();
  });

  it('has default numbers if the seed is zero', () => {
    const kind = { kind: 'half_md4', isUnsigned: false } as const;
    const own = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    expect(hashName(Buffer.from('a'), kind, [0, 0, 0, 0])).toBe(hashName(Buffer.from('a'), kind, own));
  });
});
