import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { GuestFiles } from '../../../../../src/disk/filesystems/guest-files.ts';
import { hashName } from '../../../../../src/disk/filesystems/xfs/names.ts';
import { xfs } from '../../../../../src/disk/filesystems/xfs/xfs.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { findPath, listAll, readWhole, walk } from '../../../../support/disk/walk.ts';
import {
  changedXfs,
  listedFiles,
  openXfs,
  readXfs,
  withExtentTree,
  xfsNames,
} from '../../../../support/disk/volumes/xfs-volumes.ts';

/** Larger ones are holes except for a few bytes. */
const mostBytes = 2 ** 26;

function contentOf(files: GuestFiles, inode: number, image: Uint8Array): string {
  const { kind, size } = driveReads(files.stat(inode), image);
  if (kind === 'link') return driveReads(files.readLink(inode), image);
  if (kind !== 'file' || size >= mostBytes) return '-';
  const bytes = driveReads(readWhole(files, inode, { readBytes: 5000, fileBytes: mostBytes }), image);
  return createHash('sha256').update(bytes).digest('hex');
}

describe.each(xfsNames)('%s', (name) => {
  const image = readXfs(name);
  const files = openXfs(image);

  it('has the files that the kernel put there, with metadata and contents', () => {
    const listed = listedFiles(name);
    const found = driveReads(walk(files, { entries: 10_000, pages: 100, readBytes: mostBytes, fileBytes: 0 }), image);
    expect([...found.keys()].toSorted()).toEqual(listed.map(({ path }) => path).toSorted());
    for (const { path, inode, kind, size, mode, uid, gid, mtime } of listed) {
      const file = found.get(path);
      expect({ path, ref: file?.entry.ref }).toEqual({ path, ref: inode });
      expect(file?.facts).toEqual({ kind, size: kind === 'other' ? 0 : size, mode, uid, gid, mtime });
      expect([null, kind]).toContain(file?.entry.kind);
    }
    const contents = new Map(listed.map(({ inode, content }) => [inode, content]));
    for (const [inode, content] of contents) expect(contentOf(files, inode, image)).toBe(content);
  });

  it('finds exactly the names in its listing', () => {
    // For large directories every seventh name is enough.
    const some = listedFiles(name).filter(({ path }) => Number(/\d*$/.exec(path)?.[0]) % 7 === 0);
    for (const { path, inode } of some) {
      expect({ path, ref: driveReads(findPath(files, path), image)?.ref }).toEqual({ path, ref: inode });
      expect(driveReads(findPath(files, `${path}-`), image)).toBeNull();
    }
  });
});

describe('what is known of a file system', () => {
  const uuid = (text: string): unknown => expect.stringMatching(text);

  it('includes its label, its UUID, sizes, and whether it was unmounted', () => {
    expect(openXfs(readXfs('xfs-v5')).facts).toEqual({
      type: 'xfs',
      label: 'v5',
      uuid: '01234567-89ab-cdef-0123-456789abcdef',
      size: 16 * 1024 * 1024,
      free: expect.any(Number),
      state: 'clean',
    });
    const v4 = openXfs(readXfs('xfs-v4')).facts;
    expect(v4).toMatchObject({
      label: 'v4',
      uuid: uuid('^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
      state: 'clean',
    });
    expect(openXfs(readXfs('xfs-caseless')).facts).toMatchObject({ label: null, state: 'clean' });
  });

  it('does not include free space if that is counted only on unmount', () => {
    const image = readXfs('xfs-dirty');
    const files = openXfs(image);
    expect(files.facts).toMatchObject({ free: null, state: 'dirty' });
    // The kernel had a file there, but had only written it to the log.
    expect(listedFiles('xfs-dirty').map(({ path }) => path)).toEqual(['hello']);
    expect(driveReads(listAll(files, files.root), image)).toEqual([]);
  });

  it('says nothing about a log that is external or empty', () => {
    const image = readXfs('xfs-v5');
    const elsewhere = changedXfs(image, (view) => view.setBigUint64(48, 0n));
    expect(openXfs(elsewhere).facts.state).toBeNull();
    const view = new DataView(image.buffer, image.byteOffset);
    const start = Number(view.getBigUint64(48)) * 1024;
    const empty = new Uint8Array(image).fill(0, start, start + view.getUint32(96) * 1024);
    expect(openXfs(empty).facts.state).toBeNull();
  });

  it('includes dirty if xfs_repair did not finish', () => {
    const unfinished = changedXfs(readXfs('xfs-v5'), (view) => view.setUint32(216, view.getUint32(216) + 0x10));
    expect(openXfs(unfinished).facts.state).toBe('dirty');
  });

  it('takes few turns and bytes', () => {
    let turns = 0;
    let bytes = 0;
    openXfs(readXfs('xfs-v5'), (spans) => {
      turns += 1;
      bytes += spans.reduce((sum, { length }) => sum + length, 0);
    });
    expect(turns).toBeLessThan(10);
    expect(bytes).toBeLessThan(80_000);
  });
});

describe('a name in a large directory', () => {
  it.each(['xfs-v5', 'xfs-v4'] as const)('is found by its hash, not by listing (%s)', (name) => {
    const image = readXfs(name);
    const files = openXfs(image);
    const directory = driveReads(findPath(files, 'tree'), image)?.ref ?? -1;
    let bytes = 0;
    let turns = 0;
    const found = driveReads(files.find(directory, 'a-name-in-a-large-directory-876'), image, (spans) => {
      turns += 1;
      bytes += spans.reduce((sum, { length }) => sum + length, 0);
    });
    expect(found?.name).toBe('a-name-in-a-large-directory-876');
    expect(turns).toBeLessThanOrEqual(10);
    expect(bytes).toBeLessThan(26_000);
    expect(driveReads(listAll(files, directory), image)).toHaveLength(900);
  });

  it.each(['xfs-v5', 'xfs-v4'] as const)('is found if the extents of its directory are in a tree (%s)', (name) => {
    const original = readXfs(name);
    const directory = driveReads(findPath(openXfs(original), 'tree'), original)?.ref ?? -1;
    const image = withExtentTree(original, Number(directory));
    const files = openXfs(image);
    const listed = driveReads(listAll(files, directory), image);
    expect(listed).toEqual(driveReads(listAll(openXfs(original), directory), original));
    expect(listed).toHaveLength(900);
    for (const entry of listed.filter((_, index) => index % 7 === 0)) {
      expect(driveReads(files.find(directory, entry.name), image)).toEqual(entry);
    }
    expect(driveReads(files.find(directory, 'nothing'), image)).toBeNull();
  });

  it('has the hash that the kernel computes', () => {
    // What `xfs_db -c 'hash NAME'` prints.
    expect(
      ['a', 'ab', 'abc', 'abcd', 'hello', 'a-name-in-a-large-directory-876'].map((text) =>
        hashName(Buffer.from(text)).toString(16),
      ),
    ).toEqual(['61', '30e2', '187163', 'c38b1e4', '8cbb3669', 'ab618182']);
  });

  it('may differ by case if the file system says so, and is given as stored', () => {
    const image = readXfs('xfs-caseless');
    const files = openXfs(image);
    const find = (path: string): string | undefined => driveReads(findPath(files, path), image)?.name;
    expect(find('LARGE/a-name-in-a-large-DIRECTORY-77')).toBe('A-Name-In-A-Large-Directory-77');
    expect(find('Large/A-Name-In-A-Large-Directory-777')).toBeUndefined();
    const strict = readXfs('xfs-v4');
    expect(driveReads(findPath(openXfs(strict), 'HELLO'), strict)).toBeNull();
  });
});

describe('a piece of a file', () => {
  const image = readXfs('xfs-v5');
  const files = openXfs(image);
  const block = 1024;
  const read = (path: string, offset: number, length: number): Uint8Array => {
    const file = driveReads(findPath(files, path), image);
    return driveReads(files.read(file?.ref ?? -1, offset, length), image);
  };

  it('is zeros in a hole, even far into the file', () => {
    expect([...read('scattered', 2 * block - 1, 3)]).toEqual([0, 2, 2]);
    expect([...read('scattered', 3 * block - 1, 2)]).toEqual([2, 0]);
    expect([...read('far', 4_398_046_511_103, 3)]).toEqual([0, 70, 70]);
    expect([...read('far', 2 ** 40, 4)]).toEqual([0, 0, 0, 0]);
  });

  it('is zeros in its own unwritten blocks', () => {
    expect([...read('unwritten', 3 * block - 2, 4)]).toEqual([0, 0, 65, 65]);
    expect([...read('unwritten', 4 * block + 98, 4)]).toEqual([65, 65, 0, 0]);
  });

  it('is right if blocks are shared with another file', () => {
    expect([...read('original', 2 * block, 2)]).toEqual([67, 67]);
    expect([...read('shared', 2 * block + 18, 4)]).toEqual([69, 69, 67, 67]);
  });

  it('ends with the file', () => {
    expect(read('tail', 3 * block, 100)).toHaveLength(17);
    expect(read('tail', 3 * block + 17, 1)).toHaveLength(0);
    expect(read('tail', 2 ** 52, 1)).toHaveLength(0);
  });
});

describe('a reader of XFS', () => {
  it('only accepts what begins like it', () => {
    expect(xfs.recognise(readXfs('xfs-v4'))).toBe(true);
    expect(xfs.recognise(Buffer.from('XFS'))).toBe(false);
    expect(xfs.recognise(new Uint8Array(4096))).toBe(false);
  });
});
