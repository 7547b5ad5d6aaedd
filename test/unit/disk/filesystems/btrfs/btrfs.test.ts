import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../../src/disk/blocks/blocks.ts';
import type { Span } from '../../../../../src/disk/blocks/reading.ts';
import { btrfs } from '../../../../../src/disk/filesystems/btrfs/btrfs.ts';
import { itemType } from '../../../../../src/disk/filesystems/btrfs/fields.ts';
import type { DirectoryEntry, GuestFiles } from '../../../../../src/disk/filesystems/guest-files.ts';
import {
  mendBtrfs,
  namesOfOneHash,
  itemsOf,
  mendBlock,
  nodesOf,
  readBtrfsFixture,
  readGeometry,
  superblockAt,
  treeId,
  writeNumber,
} from '../../../../support/disk/volumes/btrfs-volume.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { findPath, listAll, readWhole, walk } from '../../../../support/disk/walk.ts';

const original = readBtrfsFixture();
const mend = mendBtrfs(original);
let data: Buffer;
beforeEach(() => {
  data = Buffer.from(original);
});

function open(onTurn?: (spans: readonly Span[]) => void): GuestFiles {
  return driveReads(btrfs.open(new FlatBlocks(data.length)), data, onTurn);
}

function find(files: GuestFiles, path: string): DirectoryEntry {
  const entry = driveReads(findPath(files, path), data);
  if (entry === null) throw new Error(`there is no ${path}`);
  return entry;
}

function contentOf(files: GuestFiles, path: string): Buffer {
  return Buffer.from(driveReads(readWhole(files, find(files, path).ref), data));
}

const names = (files: GuestFiles, path: string): string[] =>
  driveReads(listAll(files, path === '' ? files.root : find(files, path).ref), data).map(({ name }) => name);

const numbers = (last: number): Buffer =>
  Buffer.from(Array.from({ length: last }, (_, index) => `${String(index + 1)}\n`).join(''));
const lines = Buffer.from('the same line over and over\n'.repeat(11_000));

describe('a btrfs that Linux has written', () => {
  it('is recognised by its magic, and described', () => {
    expect(btrfs.recognise(data.subarray(0, 128 * 1024))).toBe(true);
    expect(btrfs.recognise(data.subarray(0, 64 * 1024))).toBe(false);
    expect(open().facts).toEqual({
      type: 'btrfs',
      label: 'a label',
      uuid: '01234567-89ab-cdef-0123-456789abcdef',
      size: 128 * 1024 * 1024,
      free: 128 * 1024 * 1024 - Number(data.readBigUInt64LE(superblockAt + 0x78)),
      state: 'clean',
    });
  });

  it('is dirty if its log was not replayed', () => {
    data.writeBigUInt64LE(30_408_704n, superblockAt + 0x60);
    mend(data);
    expect(open().facts.state).toBe('dirty');
  });

  it('has the default subvolume as its root', () => {
    const files = open();
    expect(names(files, '').toSorted()).toEqual(
      [
        'inline',
        'empty',
        'plain',
        'etc',
        'link',
        'fifo',
        'übergroß',
        'gr\uFFFDn',
        'same',
        'many',
        'sparse',
        'grown',
        'preallocated',
        'zlib',
        'lzo',
        'zstd',
        'nested',
        'snapshot',
        'read-only',
      ].toSorted(),
    );
    expect(driveReads(files.find(files.root, 'above'), data)).toBeNull();
  });

  it('has the top subvolume as its root if no other is the default', () => {
    for (const { key, data: item } of itemsOf(data, treeId.root, itemType.dirItem)) {
      if (key.objectid === 6) item.set(Buffer.from('another'), 30);
    }
    mend(data);
    const files = open();
    expect(names(files, '')).toEqual(['root', 'home', 'above']);
    expect(contentOf(files, 'above').toString()).toBe('not in the default subvolume\n');
    expect(contentOf(files, 'root/etc/deep/os-release').toString()).toBe('ID=test\n');
    expect(names(files, 'home')).toEqual([]);
  });

  it('gives the same metadata as stat', () => {
    const files = open();
    const facts = (path: string): unknown => driveReads(files.stat(find(files, path).ref), data);
    const mtime = 1_700_000_000;
    expect(facts('inline')).toEqual({ kind: 'file', size: 12, mode: 0o4751, uid: 1000, gid: 1001, mtime });
    expect(facts('link')).toEqual({ kind: 'link', size: 19, mode: 0o777, uid: 0, gid: 0, mtime });
    expect(facts('fifo')).toEqual({ kind: 'other', size: 0, mode: 0o644, uid: 0, gid: 0, mtime });
    expect(facts('sparse')).toEqual({ kind: 'file', size: 3_145_728, mode: 0o644, uid: 0, gid: 0, mtime });
    expect(facts('etc')).toMatchObject({ kind: 'directory', mode: 0o755, mtime });
    const link = find(files, 'link');
    expect(link.kind).toBe('link');
    expect(driveReads(files.readLink(link.ref), data)).toBe('etc/deep/os-release');
  });

  it('has files in leaves and in extents, with holes and unwritten space', () => {
    const files = open();
    expect(contentOf(files, 'inline').toString()).toBe('a few bytes\n');
    expect(contentOf(files, 'empty')).toHaveLength(0);
    expect(contentOf(files, 'plain')).toEqual(numbers(3000));
    const sparse = Buffer.alloc(3_145_728);
    sparse.write('middle\n', 1_050_000);
    expect(contentOf(files, 'sparse').equals(sparse)).toBe(true);
    const grown = Buffer.alloc(100_000);
    grown.write('a few bytes\n');
    expect(contentOf(files, 'grown').equals(grown)).toBe(true);
    const preallocated = Buffer.alloc(65_536);
    preallocated.write('start\n');
    expect(contentOf(files, 'preallocated').equals(preallocated)).toBe(true);
  });

  it.each(['zlib', 'lzo', 'zstd'])('has files compressed with %s', (kind) => {
    const files = open();
    const commas = Array.from({ length: 300 }, (_, index) => String(index + 1)).join(',');
    const letters = commas.replaceAll('0', 'a').replaceAll('1', 'b').replaceAll(/[2-9]/g, 'c');
    expect(contentOf(files, `${kind}/inline`).toString()).toBe(`${letters}\n`);
    expect(contentOf(files, `${kind}/piece`)).toEqual(numbers(2000));
    expect(contentOf(files, `${kind}/pieces`).equals(lines)).toBe(true);
    const patched = Buffer.from(lines);
    numbers(3000).copy(patched, 40_960, 0, 4096);
    expect(contentOf(files, `${kind}/patched`).equals(patched)).toBe(true);
    expect(contentOf(files, `${kind}/shared`).equals(lines.subarray(0, 150_001))).toBe(true);
  });

  it('was indeed written in all these ways', () => {
    const extents = itemsOf(data, treeId.default, itemType.extentData).map(
      (item) => `${String(item.data[16])}/${String(item.data[20])}`,
    );
    expect(new Set(extents)).toEqual(new Set(['0/0', '0/1', '0/2', '1/0', '1/1', '2/0', '2/1', '3/0', '3/1']));
    expect(nodesOf(data).some(({ owner, node }) => owner === treeId.default && node.level === 1)).toBe(true);
  });

  it('gives any range of a file', () => {
    const files = open();
    for (const [path, content] of [
      ['plain', numbers(3000)],
      ['zstd/patched', contentOf(files, 'zstd/patched')],
      ['lzo/inline', contentOf(files, 'lzo/inline')],
    ] as const) {
      const { ref } = find(files, path);
      for (const [offset, length] of [
        [0, 1],
        [1, 4095],
        [4095, 2],
        [4096, 8192],
        [40_000, 10_000],
        [131_071, 140_000],
        [content.length - 1, 100],
        [content.length, 1],
        [content.length + 100_000, 5],
      ] as const) {
        const bytes = driveReads(files.read(ref, offset, length), data);
        expect(Buffer.from(bytes).equals(content.subarray(offset, offset + length)), `${path} ${String(offset)}`).toBe(
          true,
        );
      }
    }
  });

  it('distinguishes names with the same hash', () => {
    const files = open();
    const [one, two] = namesOfOneHash;
    expect(contentOf(files, `same/${one}`).toString()).toBe('one\n');
    expect(contentOf(files, `same/${two}`).toString()).toBe('two\n');
  });

  it('has names that are not UTF-8, but none that are too long', () => {
    const files = open();
    expect(contentOf(files, 'gr\uFFFDn').toString()).toBe('latin');
    expect(driveReads(files.find(files.root, 'no\uFFFD such name'), data)).toBeNull();
    expect(driveReads(files.find(files.root, 'x'.repeat(256)), data)).toBeNull();
    expect(driveReads(files.find(files.root, 'no such name'), data)).toBeNull();
  });

  it('lists a large directory in pages', () => {
    const files = open();
    const { ref } = find(files, 'many');
    const first = driveReads(files.list(ref, null), data);
    const second = driveReads(files.list(ref, first.next), data);
    expect([first.entries.length, second.entries.length, second.next]).toEqual([500, 20, null]);
    expect([...first.entries, ...second.entries].map(({ name }) => Number(name))).toEqual(
      Array.from({ length: 520 }, (_, index) => index + 1),
    );
  });

  it('leads into subvolumes, except from snapshots of what surrounds them', () => {
    const files = open();
    expect(contentOf(files, 'nested/file').toString()).toBe('in the nested one\n');
    expect(contentOf(files, 'nested/deeper/file').toString()).toBe('in the deeper one\n');
    expect(contentOf(files, 'snapshot/etc/deep/os-release').toString()).toBe('ID=test\n');
    expect(contentOf(files, 'read-only/file').toString()).toBe('in the nested one\n');
    for (const path of ['snapshot/nested', 'read-only/deeper']) {
      const entry = find(files, path);
      expect(driveReads(files.stat(entry.ref), data)).toMatchObject({ kind: 'directory', size: 0 });
      expect(names(files, path)).toEqual([]);
      expect(driveReads(files.find(entry.ref, 'file'), data)).toBeNull();
    }
  });

  it('finds each name as it lists it', () => {
    const files = open();
    for (const [path, { entry, facts }] of driveReads(walk(files), data)) {
      const found = driveReads(findPath(files, path), data);
      expect([found?.ref, found?.kind]).toEqual([entry.ref, facts.kind]);
    }
  });
});

describe('what is asked for', () => {
  it('takes four reads in sequence to open, and two more for a file', () => {
    let turns = 0;
    const count = (): void => {
      turns++;
    };
    const files = open(count);
    expect(turns).toBe(4);
    const entry = driveReads(findPath(files, 'etc/deep/os-release'), data, count);
    driveReads(files.read(entry?.ref ?? '', 0, 1000), data, count);
    expect(turns).toBeLessThanOrEqual(10);
  });

  it('does not include a compressed piece twice', () => {
    const files = open();
    const { ref } = find(files, 'zlib/pieces');
    driveReads(files.read(ref, 0, 1), data);
    let asked = 0;
    for (let at = 0; at < 131_072; at += 1024) driveReads(files.read(ref, at, 1024), data, () => asked++);
    expect(asked).toBe(0);
  });

  it('includes all pieces of a file at once', () => {
    const files = open();
    const { ref } = find(files, 'lzo/pieces');
    driveReads(files.read(ref, 0, 1), data);
    const turns: number[] = [];
    driveReads(files.read(ref, 0, lines.length), data, (spans) => turns.push(spans.length));
    expect(turns).toEqual([2]);
  });
});

describe('copies', () => {
  const everything = (): Map<string, unknown> =>
    new Map(
      [...driveReads(walk(open()), data)].map(([path, { entry, facts, bytes, target }]) => [
        path,
        [entry.ref, facts.size, bytes === null ? null : createHash('md5').update(bytes).digest('hex'), target],
      ]),
    );

  it('are read if the first one is damaged', () => {
    const before = everything();
    const { chunks } = readGeometry(data);
    const firsts = chunks.flatMap(({ length, copies }) =>
      copies?.length === 2 ? [{ start: copies[0] ?? 0, end: (copies[0] ?? 0) + length }] : [],
    );
    for (const { at } of nodesOf(data)) {
      if (firsts.some(({ start, end }) => at >= start && at < end)) data.fill(0xaa, at + 2000, at + 2100);
    }
    expect(everything()).toEqual(before);
  });

  it('of the superblock are read if the first one is damaged, newest first', () => {
    const [near, far] = [64 * 1024 * 1024, 65 * 1024 * 1024];
    const larger = Buffer.alloc(far);
    data.copy(larger);
    const block = larger.subarray(near, near + 4096);
    data.copy(block, 0, superblockAt, superblockAt + 4096);
    block.writeBigUInt64LE(BigInt(near), 48);
    block.write('of the mirror\0', 0x12b);
    data = larger;
    writeNumber(data, superblockAt + 0x12c, 1, 1);
    expect(() => open()).toThrow('no copy of the superblock is valid');
    mend(data.subarray(0, original.length));
    expect(open().facts.label).not.toBe('of the mirror');
    writeNumber(data, superblockAt + 0x12c, 1, 2);
    mendBlock(block);
    expect(open().facts.label).toBe('of the mirror');
    expect(contentOf(open(), 'inline').toString()).toBe('a few bytes\n');
  });
});
