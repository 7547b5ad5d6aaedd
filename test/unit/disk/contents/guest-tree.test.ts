// Paths within a disk.
import { expect, it } from 'vitest';
import { GuestTree } from '../../../../src/disk/contents/guest-tree.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { MemoryFiles, type MemoryTree } from '../../../support/disk/guests/memory-files.ts';

function textAt(tree: MemoryTree, path: string, other?: MemoryTree): string | null {
  const files = new MemoryFiles(tree);
  const mounts = [{ at: [], files, root: files.root }];
  const mounted = new MemoryFiles(other ?? {});
  const guest = new GuestTree(
    other === undefined ? mounts : [...mounts, { at: ['mnt'], files: mounted, root: mounted.root }],
  );
  return driveReads(guest.text(path, 100), Buffer.alloc(0));
}

const tree: MemoryTree = {
  '/a/b/file': 'text',
  '/a/relative': { link: 'b/./file' },
  '/a/up': { link: '../a/../../../a/b/file' },
  '/a/absolute': { link: '/a/b/file' },
  '/a/directory': { link: '/a//b/' },
  '/loop/a': { link: 'b' },
  '/loop/b': { link: 'a' },
  '/long': { link: `${'a/../'.repeat(600)}a/b/file` },
  '/mnt/hidden': 'below',
  '/a/out': { link: '/mnt/../mnt/inside' },
};

it.each([
  '/a/b/file',
  'a/b/file',
  '/a/relative',
  '/a/up',
  '/a/absolute',
  '/a/directory/file',
  '/../../a/./b/file',
  '/a/directory/../b/file',
])('finds the file by %s', (path) => {
  expect(textAt(tree, path)).toBe('text');
});

it.each(['/a/b', '/a/b/file/more', '/a/b/file/..', '/none', '/a/none/../b/file', '/loop/a', '/long', '/'])(
  'finds no file by %s',
  (path) => {
    expect(textAt(tree, path)).toBeNull();
  },
);

it('shows what is mounted in a directory, and not what is below it', () => {
  expect(textAt(tree, '/a/out', { '/inside': 'mounted', '/back': { link: '../a/b/file' } })).toBe('mounted');
  expect(textAt(tree, '/mnt/hidden', { '/inside': 'mounted' })).toBeNull();
  expect(textAt(tree, '/mnt/back', { '/back': { link: '../a/b/file' } })).toBe('text');
});

it('lists a very large directory only up to a limit', () => {
  const files = new MemoryFiles(
    Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`/d/${String(index)}`, ''])),
  );
  const guest = new GuestTree([{ at: [], files, root: files.root }]);
  expect(driveReads(guest.list('/d'), Buffer.alloc(0))).toHaveLength(400);
});
