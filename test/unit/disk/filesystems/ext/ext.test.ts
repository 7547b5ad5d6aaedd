import { describe, expect, it } from 'vitest';
import type { Span } from '../../../../../src/disk/blocks/reading.ts';
import { ext } from '../../../../../src/disk/filesystems/ext/ext.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import {
  expectedFiles,
  extFixtures,
  foundFiles,
  inodeOf,
  numbersByName,
  openExt,
  readExtFixture,
} from '../../../../support/disk/volumes/ext-checks.ts';
import { treeTime } from '../../../../support/disk/volumes/ext-tree.ts';
import { label, uuid } from '../../../../support/disk/volumes/ext-volumes.ts';
import { findPath, listAll } from '../../../../support/disk/walk.ts';

describe.each(extFixtures)('an image of $name', (volume) => {
  const data = readExtFixture(volume.name);

  it('is recognised and named as blkid does', () => {
    expect(ext.recognise(data.subarray(0, 131_072))).toBe(true);
    expect(openExt(data).facts).toMatchObject({ type: volume.type, label, uuid, size: data.length });
  });

  it.skipIf(volume.commands !== undefined)('is read as it was written', () => {
    expect(foundFiles(data)).toEqual(expectedFiles(volume));
  });

  it.skipIf(volume.commands !== undefined)('finds each name that it lists', () => {
    const [found, listed] = numbersByName(volume, data);
    expect(found).toEqual(listed);
  });
});

describe('an ext file system', () => {
  const data = readExtFixture('ext4-1k');
  const files = openExt(data);

  it('tells its free space, and that it is clean', () => {
    expect(files.facts).toEqual({
      type: 'ext4',
      label,
      uuid,
      size: 6 * 1024 * 1024,
      free: data.readUInt32LE(1024 + 0xc) * 1024,
      state: 'clean',
    });
  });

  it('reads a piece of a file, up to its end, with holes as zeros', () => {
    const file = inodeOf(data, 'data/gaps');
    const piece = driveReads(files.read(file, 8190, 1100), data);
    expect(Buffer.from(piece).toString('latin1')).toBe(`\0\0${'      8\n'.repeat(128)}${'\0'.repeat(74)}`);
    const { size } = driveReads(files.stat(file), data);
    expect(driveReads(files.read(file, size - 3, 100), data)).toHaveLength(3);
    expect(driveReads(files.read(file, size, 100), data)).toHaveLength(0);
    expect(driveReads(files.read(file, size + 5000, 100), data)).toHaveLength(0);
  });

  it('requests the pieces of a file at once, and nothing else', () => {
    const file = inodeOf(data, 'data/far');
    const turns: (readonly Span[])[] = [];
    driveReads(files.read(file, 0, 2 ** 26), data, (spans) => turns.push(spans));
    // The inode, the leaf of its extents, the data; the group's descriptor is known.
    const lengths = turns.map((spans) => spans.reduce((sum, { length }) => sum + length, 0));
    expect(lengths).toEqual([256, 1024, 4 * 4096]);
  });

  it('lists directories in pieces', () => {
    const many = readExtFixture('ext4-tea-signed');
    const reader = openExt(many);
    const directory = inodeOf(many, 'many');
    const first = driveReads(reader.list(directory, null), many);
    expect(first.next).toBe(16);
    expect(first.entries.length).toBeGreaterThan(300);
    expect(driveReads(listAll(reader, directory), many)).toHaveLength(800);
    expect(driveReads(reader.list(directory, 10_000), many)).toEqual({ entries: [], next: null });
  });

  it('finds nothing for a name that is missing, too long, or a path', () => {
    for (const name of ['nothing', 'n'.repeat(256), '.', '..', '', 'etc/os-release']) {
      expect(driveReads(files.find(files.root, name), data)).toBeNull();
    }
  });

  it('distinguishes kinds even if the directory does not', () => {
    const old = readExtFixture('ext2-no-types');
    const reader = openExt(old);
    expect(driveReads(findPath(reader, 'etc/os-release'), old)?.kind).toBeNull();
    const kinds = ['etc', 'etc/os-release', 'bin/pipe', 'etc/block'].map(
      (path) => driveReads(reader.stat(inodeOf(old, path)), old).kind,
    );
    expect(kinds).toEqual(['directory', 'link', 'other', 'file']);
  });

  it.each(['etc', 'etc/os-release', 'bin/pipe', 'etc/block'])('refuses to read %s as something else', (path) => {
    const file = inodeOf(data, path);
    const { kind } = driveReads(files.stat(file), data);
    if (kind !== 'file') expect(() => driveReads(files.read(file, 0, 1), data)).toThrow('it is not a regular file');
    if (kind !== 'link') expect(() => driveReads(files.readLink(file), data)).toThrow('it is not a symbolic link');
    if (kind !== 'directory') {
      expect(() => driveReads(files.list(file, null), data)).toThrow('it is not a directory');
      expect(() => driveReads(files.find(file, 'a'), data)).toThrow('it is not a directory');
    }
  });
});

describe('an indexed directory', () => {
  it.each(['legacy', 'half_md4', 'tea'])('finds a name by its hash, reading two or three blocks: %s', (algorithm) => {
    const data = readExtFixture(`ext4-${algorithm}-signed`);
    const files = openExt(data);
    for (const [directory, names] of [
      [inodeOf(data, 'many'), ['name 0 äöü', 'name 799 äöü', 'name 800 äöü', 'nothing']],
      [inodeOf(data, 'long'), [`${'n'.repeat(240)}7`, `${'n'.repeat(240)}80`]],
    ] as const) {
      for (const name of names) {
        let bytes = 0;
        const entry = driveReads(files.find(directory, name), data, (spans) => {
          bytes += spans.reduce((sum, { length }) => sum + length, 0);
        });
        expect(entry?.name ?? null).toBe(/800|80$|nothing/.test(name) ? null : name);
        expect(bytes).toBeLessThanOrEqual(3 * 1024);
      }
    }
  });

  it.each([
    ['a hash that is not known', 28, 6],
    ['flags of a later kind', 29, 9],
    ['too many levels', 30, 2],
    ['no entries', 34, 0],
    ['more entries than there is room for', 34, 255],
    ['a block beyond its end', 37, 255],
  ])('is searched name by name if its index has %s', (_, offset, value) => {
    const data = readExtFixture('ext4-half_md4-signed');
    const files = openExt(data);
    const directory = inodeOf(data, 'many');
    let root = 0;
    driveReads(files.list(directory, null), data, ([first]) => {
      root = first?.offset ?? 0;
    });
    data[root + offset] = value;
    expect(driveReads(files.find(directory, 'name 5 äöü'), data)?.name).toBe('name 5 äöü');
    expect(driveReads(files.find(directory, 'name 800 äöü'), data)).toBeNull();
  });

  it('is searched name by name if it is unknown how bytes are hashed', () => {
    const data = readExtFixture('ext4-half_md4-signed');
    data.writeUInt32LE(0, 1024 + 0x160);
    expect(inodeOf(data, 'many/name 5 äöü')).toBe(inodeOf(data, 'many/name 6 äöü'));
  });
});

describe('an ext file system with features of its own', () => {
  const data = readExtFixture('ext4-flags');
  const files = openExt(data);

  it('is dirty if its journal has to be replayed, or errors were found', () => {
    expect(files.facts.state).toBe('dirty');
    for (const [state, expected] of [
      [1, 'clean'],
      [0, 'dirty'],
      [3, 'dirty'],
      [5, 'clean'],
    ] as const) {
      const other = readExtFixture('ext4-1k');
      other.writeUInt16LE(state, 1024 + 0x3a);
      expect(openExt(other).facts.state).toBe(expected);
    }
  });

  it('finds names without regard to case if the directory says so', () => {
    expect(inodeOf(data, 'deep/er')).toBe(inodeOf(data, 'deep/ER'));
    expect(driveReads(findPath(files, 'Deep'), data)).toBeNull();
  });

  it('does not read encrypted files, but knows their sizes', () => {
    const encrypted = expect.objectContaining({ why: 'unsupported', message: expect.stringContaining('encrypted') });
    const [file, link, directory] = [inodeOf(data, 'etc/block'), inodeOf(data, 'etc/long'), inodeOf(data, 'data')];
    expect(driveReads(files.stat(file), data).size).toBe(1024);
    expect(() => driveReads(files.read(file, 0, 1), data)).toThrow(encrypted);
    expect(() => driveReads(files.readLink(link), data)).toThrow(encrypted);
    expect(() => driveReads(files.list(directory, null), data)).toThrow(encrypted);
    expect(() => driveReads(files.find(directory, 'far'), data)).toThrow(encrypted);
  });
});

describe('an inode', () => {
  const data = readExtFixture('ext4-fields');
  const files = openExt(data);
  const stat = (path: string) => driveReads(files.stat(inodeOf(data, path)), data);

  it('has owners of 32 bits, and times of 34', () => {
    expect(stat('etc/block')).toEqual({
      kind: 'file',
      size: 1024,
      mode: 0o4751,
      uid: 70_000,
      gid: 200_001,
      mtime: 2 ** 32 + 5,
    });
    expect(stat('etc/empty').mtime).toBe(2 ** 32 - 1);
    expect(stat('etc/59').mtime).toBe(-2);
    expect(stat('etc/60').mtime).toBe(treeTime);
  });

  it('has zeros in space that was only reserved', () => {
    const file = inodeOf(data, 'etc/empty');
    // Where the reserved blocks are according to debugfs.
    data.fill('never written', 996 * 1024, 1004 * 1024);
    const bytes = driveReads(files.read(file, 0, 20_000), data);
    expect(bytes).toHaveLength(12_000);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });
});
