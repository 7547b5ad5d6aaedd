import { deflateSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../../src/disk/blocks/blocks.ts';
import type { UnreadableError } from '../../../../../src/disk/blocks/reading.ts';
import { btrfs } from '../../../../../src/disk/filesystems/btrfs/btrfs.ts';
import { itemType } from '../../../../../src/disk/filesystems/btrfs/fields.ts';
import type { GuestFiles } from '../../../../../src/disk/filesystems/guest-files.ts';
import {
  itemsOf,
  mendBtrfs,
  nodesOf,
  readBtrfsFixture,
  readGeometry,
  readNumber,
  type StoredNode,
  superblockAt,
  treeId,
  writeNumber,
} from '../../../../support/disk/volumes/btrfs-volume.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { findPath, listAll, walk } from '../../../../support/disk/walk.ts';

const original = readBtrfsFixture();
const mend = mendBtrfs(original);
let data: Buffer;
beforeEach(() => {
  data = Buffer.from(original);
});

/** The outcome: the result, or why it cannot be read. */
function outcome(what: (files: GuestFiles) => unknown, size = data.length): unknown {
  mend(data);
  const disk = data.subarray(0, size);
  try {
    return what(driveReads(btrfs.open(new FlatBlocks(disk.length)), disk));
  } catch (error) {
    const { name, why, message } = error as UnreadableError;
    return `${name} ${why}: ${message}`;
  }
}

const damaged = (message: string): string => `UnreadableError damaged: ${message}`;
const unsupported = (message: string): string => `UnreadableError unsupported: ${message}`;
const ok = (): string => 'it is read';

const refOf = (files: GuestFiles, path: string): number | string => driveReads(findPath(files, path), data)?.ref ?? '';
const read =
  (path: string, offset = 0, length = 10_000_000) =>
  (files: GuestFiles): Uint8Array =>
    driveReads(files.read(refOf(files, path), offset, length), data);
const list =
  (path: string) =>
  (files: GuestFiles): unknown =>
    driveReads(listAll(files, path === '' ? files.root : refOf(files, path)), data);

/** The inode of a path before anything is changed. */
function inodeOf(path: string): number {
  const files = driveReads(btrfs.open(new FlatBlocks(original.length)), original);
  return Number(String(driveReads(findPath(files, path), original)?.ref).split('/')[1]);
}

/** Changes the items of an inode with this type, in each copy. */
function change(path: string, type: number, how: (item: Uint8Array) => void): void {
  const inode = path === '' ? 256 : inodeOf(path);
  const items = itemsOf(data, treeId.default, type).filter(({ key }) => key.objectid === inode);
  expect(items.length).toBeGreaterThan(0);
  for (const item of items) how(item.data);
  mend(data);
}

/** Nodes above the leaves of the default subvolume's tree that are in use, each copy. */
function tops(): readonly StoredNode[] {
  const [item] = itemsOf(data, treeId.root, itemType.root)
    .filter(({ key }) => key.objectid === treeId.default)
    .toSorted((one, other) => readNumber(other.data, 160) - readNumber(one.data, 160));
  const bytenr = item === undefined ? 0 : readNumber(item.data, 176);
  return nodesOf(data).filter(({ node }) => node.bytenr === bytenr);
}

describe('a superblock of btrfs', () => {
  it.each<[what: string, offset: number, length: number, value: number, expected: string]>([
    ['nodes of no bytes', 0x94, 4, 0, damaged('the sector or node size in the superblock is invalid')],
    ['nodes of an odd size', 0x94, 4, 5000, damaged('the sector or node size in the superblock is invalid')],
    ['nodes of 128 KiB', 0x94, 4, 131_072, damaged('the sector or node size in the superblock is invalid')],
    ['sectors of 512 bytes', 0x90, 4, 512, damaged('the sector or node size in the superblock is invalid')],
    ['a tree that is too high', 0xc6, 1, 8, damaged('the level of a tree is out of range')],
    ['another level than its root tree', 0xc6, 1, 0, damaged('a tree node has the wrong level')],
    ['another generation than its root tree', 0x48, 8, 1, damaged('a tree node has the wrong generation')],
    ['a root beyond all chunks', 0x50, 8, 2 ** 50, damaged('a logical address is in no chunk')],
    ['a root between sectors', 0x50, 8, 30_408_705, damaged('a block pointer is not aligned to a sector')],
    ['a root from 2^53 on', 0x57, 1, 1, damaged('a number is out of range')],
    ['another place than its own', 0x30, 8, 0, damaged('no copy of the superblock is valid')],
    ['another magic number', 0x40, 1, 0, damaged('no copy of the superblock is valid')],
    ['too many chunks', 0xa0, 4, 2049, damaged('the size of the system chunk array is out of range')],
    ['half a chunk', 0xa0, 4, 40, damaged('the system chunk array is truncated')],
    ['a chunk cut off', 0xa0, 4, 100, damaged('the length of a chunk item is invalid')],
    ['no chunk', 0xa0, 4, 0, damaged('a logical address is in no chunk')],
    ['something other than a chunk', 0x32b + 8, 1, 1, damaged('the system chunk array has a key of the wrong type')],
    ['unknown checksums', 0xc4, 2, 4, unsupported('checksum type 4 of btrfs is not supported')],
    ['zones', 0xbd, 1, 0x10, unsupported('btrfs has unknown incompatible features: 0x1041')],
    ['metadata only', 0x3c, 4, 2, unsupported('it is a dump of metadata, without the data of files')],
    ['another device', 0xc9, 8, 2, unsupported('a part of the file system is on another device')],
  ])('with %s is refused', (_what, offset, length, value, expected) => {
    writeNumber(data, superblockAt + offset, length, value);
    const found = outcome(ok);
    expect(String(found).replace(/: 0x\w+/, ': 0x1041')).toBe(expected);
  });

  it('may have checksums that are not verified', () => {
    writeNumber(data, superblockAt + 0xc4, 2, 1);
    mend(data);
    data.fill(0, superblockAt, superblockAt + 4);
    const files = driveReads(btrfs.open(new FlatBlocks(data.length)), data);
    expect(Buffer.from(read('inline')(files)).toString()).toBe('a few bytes\n');
  });

  it('is refused if the disk ends before it', () => {
    expect(outcome(ok, superblockAt + 100)).toBe(damaged('no copy of the superblock is valid'));
    expect(outcome(ok, superblockAt + 4096)).toBe(damaged('the disk ends too soon'));
  });
});

describe('chunks of btrfs', () => {
  it.each<[what: string, offset: number, length: number, value: number | bigint, expected: string]>([
    ['of no bytes', 0, 8, 0, damaged('the size of a chunk is out of range')],
    ['that overlap', 0, 8, 2 ** 40, damaged('chunks overlap')],
    ['of 2^53 bytes', 0, 8, 2n ** 53n, damaged('a number is out of range')],
    ['that end at 2^53', 0, 8, 2n ** 53n - 1n, damaged('the size of a chunk is out of range')],
    ['of no stripes', 44, 2, 0, damaged('the length of a chunk item is invalid')],
    ['of more stripes than there are', 44, 2, 65_535, damaged('the length of a chunk item is invalid')],
    ['of RAID0', 24, 8, 1 + 8, unsupported('chunks striped over several devices are not supported')],
    ['of RAID6', 24, 8, 1 + 256, unsupported('chunks striped over several devices are not supported')],
    ['of RAID1 whose other half is elsewhere', 24, 8, 1 + 16, 'numbers'],
    ['on another device', 48, 8, 2, unsupported('a part of the file system is on another device')],
    ['beyond the end of the disk', 56, 8, 2 ** 50, damaged('the disk ends too soon')],
  ])('%s are refused, or read from what is here', (_what, offset, length, value, expected) => {
    const { chunks } = readGeometry(data);
    // The first one contains only data.
    for (const { key, data: item } of itemsOf(data, treeId.chunk, itemType.chunk)) {
      if (key.offset === chunks[0]?.logical) writeNumber(item, offset, length, value);
    }
    const found = outcome((files) => Buffer.from(read('plain')(files)).toString().startsWith('1\n2\n') && 'numbers');
    expect(found).toBe(expected);
  });
});

describe('a tree of btrfs', () => {
  const leaf = (): readonly StoredNode[] => {
    const bytenr = tops()[0]?.node.pointers[0]?.bytenr;
    return nodesOf(data).filter(({ node }) => node.bytenr === bytenr);
  };

  it('is refused if a node points to itself', () => {
    for (const { at, node } of tops()) writeNumber(data, at + 101 + 17, 8, node.bytenr);
    expect(outcome(list(''))).toBe(damaged('a tree node has the wrong level'));
  });

  it('is refused if two pointers lead to one node', () => {
    for (const { at, node } of tops()) {
      writeNumber(data, at + 101 + 17, 8, node.pointers[1]?.bytenr ?? 0);
      writeNumber(data, at + 101 + 25, 8, node.pointers[1]?.generation ?? 0);
    }
    expect(outcome(list(''))).toBe(damaged('the keys of a tree node are outside the range of its parent'));
  });

  it.each<[what: string, at: number, length: number, value: number, expected: string]>([
    ['says it is elsewhere', 48, 8, 4096, 'a tree node has the wrong address'],
    ['is of another generation', 80, 8, 1, 'a tree node has the wrong generation'],
    ['is too high', 100, 1, 200, 'the level of a tree is out of range'],
    ['has too many items', 96, 4, 2 ** 32 - 1, 'the item count of a tree node is out of range'],
    ['is empty', 96, 4, 0, 'a tree node is empty'],
    ['has keys out of order', 101 + 25, 8, 1, 'the keys of a tree node are out of order'],
    ['has an item that overlaps its keys', 101 + 17, 4, 0, 'an item lies outside its leaf'],
    ['has an item beyond its end', 101 + 21, 4, 2 ** 32 - 1, 'an item lies outside its leaf'],
  ])('is refused if a leaf %s', (_what, offset, length, value, expected) => {
    for (const { at } of leaf()) writeNumber(data, at + offset, length, value);
    expect(outcome(list(''))).toBe(damaged(expected));
  });

  it('is refused if a node points nowhere', () => {
    for (const { at } of tops()) writeNumber(data, at + 96, 4, 0);
    expect(outcome(list(''))).toBe(damaged('a tree node has no block pointers'));
  });

  it('is refused if each copy has a wrong checksum', () => {
    mend(data);
    for (const { at } of leaf()) data[at + 200] = 255 - (data[at + 200] ?? 0);
    const files = driveReads(btrfs.open(new FlatBlocks(data.length)), data);
    expect(() => list('')(files)).toThrow('a tree node has a bad checksum');
  });
});

describe('subvolumes of btrfs', () => {
  it('that lead back to an earlier one are that directory again', () => {
    const entries = [itemType.dirItem, itemType.dirIndex]
      .flatMap((type) => itemsOf(data, treeId.default, type))
      .filter((item) => Buffer.from(item.data.subarray(30)).toString() === 'nested');
    const [id = 0] = entries.map((item) => readNumber(item.data, 0));
    for (const item of entries) writeNumber(item.data, 0, 8, treeId.default);
    mend(data);
    for (const { at, owner, node } of nodesOf(data)) {
      for (const [index, { key }] of node.items.entries()) {
        const isReference = owner === treeId.root && key.objectid === treeId.default && key.type === itemType.rootRef;
        if (isReference && key.offset === id) writeNumber(data, at + 101 + index * 25 + 9, 8, treeId.default);
      }
    }
    const found = outcome((files) => [
      refOf(files, 'nested') === files.root,
      refOf(files, 'nested/nested/etc') === refOf(files, 'etc'),
    ]);
    expect(found).toEqual([true, true]);
    expect(outcome((files) => driveReads(walk(files), data).has('nested/etc'))).toBe(false);
  });

  it.each(['3/256', '999/256', '18446744073709551607/256', 'x', '256/99999'])(
    'that do not exist, as %s, are refused',
    (ref) => {
      expect(outcome((files) => driveReads(files.stat(ref), data))).toMatch(
        /^UnreadableError damaged: (the id of a subvolume|a subvolume|a file) /,
      );
    },
  );

  it('are refused if deleted, or of an odd length', () => {
    for (const { key, data: item } of itemsOf(data, treeId.root, itemType.root)) {
      if (key.objectid === treeId.default) writeNumber(item, 216, 4, 0);
    }
    expect(outcome(list(''))).toBe(damaged('a subvolume is deleted'));
  });
});

describe('an inode of btrfs', () => {
  it.each<[what: string, at: number, length: number, value: number | bigint, expected: string]>([
    ['of an unknown kind', 52, 4, 0o170000, damaged('the file type of an inode is invalid')],
    ['of 2^63 bytes', 16, 8, 2n ** 63n, damaged('a number is out of range')],
    ['that is a link', 52, 4, 0o120777, damaged('it is not a regular file')],
    ['that is a directory', 52, 4, 0o040755, damaged('it is not a regular file')],
  ])('%s is refused', (_what, at, length, value, expected) => {
    change('inline', itemType.inode, (item) => writeNumber(item, at, length, value));
    expect(outcome(read('inline'))).toBe(expected);
  });

  it('of a file that is almost one hole is read in parts', () => {
    change('sparse', itemType.inode, (item) => writeNumber(item, 16, 8, 2 ** 52));
    expect(outcome(read('sparse', 2 ** 51, 1000))).toEqual(new Uint8Array(1000));
    expect(outcome(read('sparse', 0, 2 ** 52))).toBe(unsupported('too much of a file is requested at once'));
  });

  it('with an impossible time has none', () => {
    change('inline', itemType.inode, (item) => writeNumber(item, 136, 8, 2n ** 62n));
    expect(outcome((files) => driveReads(files.stat(refOf(files, 'inline')), data))).toMatchObject({ mtime: null });
  });

  it('of a link has a target of 1 to 4096 bytes', () => {
    for (const size of [0, 4097]) {
      change('link', itemType.inode, (item) => writeNumber(item, 16, 8, size));
      const found = outcome((files) => driveReads(files.readLink(refOf(files, 'link')), data));
      expect(found).toBe(damaged('the length of a symbolic link is out of range'));
    }
  });

  it('is only what it is', () => {
    expect(outcome(list('inline'))).toBe(damaged('it is not a directory'));
    expect(outcome(read('etc'))).toBe(damaged('it is not a regular file'));
    const link = (files: GuestFiles): string => driveReads(files.readLink(refOf(files, 'inline')), data);
    expect(outcome(link)).toBe(damaged('it is not a symbolic link'));
    expect(outcome((files) => driveReads(files.find(refOf(files, 'inline'), 'x'), data))).toBe(
      damaged('it is not a directory'),
    );
  });
});

describe('a directory of btrfs', () => {
  it.each<[what: string, at: number, length: number, value: number, expected: string]>([
    ['that leads to no file', 8, 1, 84, 'the location of a directory entry is neither an inode nor a subvolume'],
    ['with a slash', 30, 1, 0x2f, 'the name in a directory entry is invalid'],
    ['with a NUL', 30, 1, 0, 'the name in a directory entry is invalid'],
    ['without a name', 27, 2, 0, 'the name in a directory entry is invalid'],
    ['with a name that is too long', 27, 2, 65_535, 'a directory entry is truncated'],
    ['with data that is too long', 25, 2, 65_535, 'a directory entry is truncated'],
  ])('with an entry %s is refused', (_what, at, length, value, expected) => {
    change('etc', itemType.dirIndex, (item) => writeNumber(item, at, length, value));
    expect(outcome(list('etc'))).toBe(damaged(expected));
    change('etc', itemType.dirItem, (item) => writeNumber(item, at, length, value));
    expect(outcome((files) => driveReads(files.find(refOf(files, 'etc'), 'deep'), data))).toBe(damaged(expected));
  });
});

describe('a piece of a file of btrfs', () => {
  it.each<[what: string, at: number, length: number, value: number | bigint, expected: string]>([
    ['of an unknown kind', 20, 1, 3, damaged('the type of a file extent is invalid')],
    ['said to be in a leaf, and is not', 20, 1, 0, damaged('the length of an inline extent is wrong')],
    ['compressed in an unknown way', 16, 1, 4, unsupported('compression type 4 of btrfs is not supported')],
    ['encrypted', 17, 1, 1, unsupported('encrypted files are not supported')],
    ['of no bytes', 45, 8, 0, damaged('a file extent is not aligned to sectors')],
    ['of half a sector', 45, 8, 2048, damaged('a file extent is not aligned to sectors')],
    ['between sectors', 21, 8, 13_631_489, damaged('a file extent is not aligned to sectors')],
    ['longer than what is stored', 45, 8, 2 ** 30, damaged('a file extent extends past the end of its stored data')],
    ['outside all chunks', 21, 8, 2 ** 50, damaged('a logical address is in no chunk')],
    ['compressed and too long', 16, 1, 1, damaged('compressed data cannot be decompressed')],
  ])('that is %s is refused', (_what, at, length, value, expected) => {
    change('plain', itemType.extentData, (item) => writeNumber(item, at, length, value));
    expect(outcome(read('plain'))).toBe(expected);
  });

  it('is refused if it leads out of its chunk', () => {
    const { chunks } = readGeometry(data);
    const end = (chunks[0]?.logical ?? 0) + (chunks[0]?.length ?? 0);
    change('plain', itemType.extentData, (item) => writeNumber(item, 21, 8, end - 4096));
    expect(outcome(read('plain'))).toBe(damaged('a logical address extends past the end of its chunk'));
  });

  it('is refused if it overlaps the next', () => {
    const inode = inodeOf('zlib/pieces');
    for (const { at, node } of nodesOf(data)) {
      for (const [index, { key }] of node.items.entries()) {
        if (key.objectid === inode && key.type === itemType.extentData && key.offset === 131_072) {
          writeNumber(data, at + 101 + index * 25 + 9, 8, 126_976);
        }
      }
    }
    expect(outcome(read('zlib/pieces'))).toBe(damaged('the extents of a file overlap'));
  });

  it.each(['zlib', 'lzo', 'zstd'])('that is a bomb of %s is refused', (kind) => {
    change(`${kind}/pieces`, itemType.extentData, (item) => writeNumber(item, 8, 8, 2 ** 40));
    expect(outcome(read(`${kind}/pieces`))).toBe(damaged('a compressed file extent is too long'));
    change(`${kind}/pieces`, itemType.extentData, (item) => writeNumber(item, 8, 8, 4096));
    change(`${kind}/pieces`, itemType.extentData, (item) => writeNumber(item, 45, 8, 4096));
    const found = outcome((files) => driveReads(files.read(refOf(files, `${kind}/pieces`), 0, 4096), data));
    if (kind === 'lzo') {
      // Its parts have one sector each, and those after the first are not looked at.
      expect(found).toHaveLength(4096);
    } else {
      expect(found).toMatch(/^UnreadableError damaged: (compressed data cannot|decompressed data is longer)/);
    }
  });

  it('is refused if it holds a bomb in a leaf', () => {
    const bomb = deflateSync(Buffer.alloc(1_000_000));
    change('zlib/inline', itemType.extentData, (item) => {
      item.fill(0, 21);
      item.set(bomb.subarray(0, item.length - 21), 21);
    });
    expect(outcome(read('zlib/inline'))).toBe(damaged('compressed data cannot be decompressed'));
    change('zlib/inline', itemType.extentData, (item) => writeNumber(item, 8, 8, 2 ** 31));
    expect(outcome(read('zlib/inline'))).toBe(damaged('a file extent is too long'));
  });
});
