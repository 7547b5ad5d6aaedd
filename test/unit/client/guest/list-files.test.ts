// Listing directories of any size, and files that make no sense.
import { describe, expect, it } from 'vitest';
import { BlockReader } from '../../../../src/client/contents/block-reader.ts';
import type { GuestFile } from '../../../../src/client/guest/guest-file.ts';
import { listFiles } from '../../../../src/client/guest/list-files.ts';
import { Guest } from '../../../../src/client/guest/open-guest.ts';
import { findWithin } from '../../../../src/client/guest/read-file.ts';
import type { Reads } from '../../../../src/disk/blocks/reading.ts';
import { GuestTree } from '../../../../src/disk/contents/guest-tree.ts';
import type { DirectoryPage, FileFacts, GuestFiles } from '../../../../src/disk/filesystems/guest-files.ts';
import { GlanceError } from '../../../../src/errors.ts';
import { type MemoryTree, MemoryFiles } from '../../../support/disk/guests/memory-files.ts';

const limits = { bytes: 1024, requests: 10 };

/** A guest with files that need no bytes of a disk. */
function guestOf(files: GuestFiles, more: readonly { at: readonly string[]; files: GuestFiles }[] = []): Guest {
  const source = { size: 0, read: () => Promise.resolve(null) };
  const bytes = { name: 'an image', format: 'raw', source, close: () => Promise.resolve() } as const;
  const mounts = [{ at: [], files, root: files.root }, ...more.map((mount) => ({ ...mount, root: mount.files.root }))];
  return new Guest(bytes, new BlockReader(source, limits, new AbortController().signal), limits, new GuestTree(mounts));
}

async function listed(guest: Guest, path = '/'): Promise<{ files: GuestFile[]; error: unknown }> {
  const files: GuestFile[] = [];
  try {
    for await (const page of listFiles(guest, path)) files.push(...page);
    return { files, error: null };
  } catch (error) {
    return { files, error: error instanceof GlanceError ? error.code : error };
  }
}

/** One directory with that many files, in reverse order of their names. */
class ManyFiles implements GuestFiles {
  readonly facts = { type: 'ext4', label: null, uuid: null, size: null, free: null };
  readonly root = 'root';
  readonly #count: number;
  stats = 0;

  constructor(count: number) {
    this.#count = count;
  }

  *stat(): Reads<FileFacts> {
    yield [];
    this.stats++;
    return { kind: 'file', size: 0, mode: 0o600, uid: 1, gid: 2, mtime: -1 };
  }

  *list(_directory: unknown, from: number | string | null): Reads<DirectoryPage> {
    yield [];
    const start = Number(from ?? 0);
    const end = Math.min(this.#count, start + 1000);
    const entries = Array.from({ length: end - start }, (_, index) => {
      const ref = this.#count - 1 - start - index;
      return { name: String(ref).padStart(6, '0'), ref, kind: 'file' as const };
    });
    return { entries, next: end < this.#count ? end : null };
  }

  find = nothing;
  read = nothing;
  readLink = nothing;
}

// oxlint-disable-next-line require-yield -- nobody comes here
function* nothing(): Reads<never> {
  throw new Error('not asked for');
}

describe('a directory', () => {
  it('is listed by name, with metadata in ISO and octal form', async () => {
    const { files, error } = await listed(guestOf(new ManyFiles(3)));
    expect(error).toBeNull();
    expect(files.map(({ name }) => name)).toEqual(['000000', '000001', '000002']);
    expect(files[0]).toEqual({
      name: '000000',
      type: 'file',
      size: 0,
      mode: '0600',
      uid: 1,
      gid: 2,
      modified_at: '1969-12-31T23:59:59Z',
      target: null,
    });
  });

  it('of more than 50,000 names is returned in portions, each sorted by name, and read no further than requested', async () => {
    const many = new ManyFiles(60_000);
    const names: string[] = [];
    for await (const page of listFiles(guestOf(many), '/')) {
      if (names.length === 0) expect(many.stats).toBe(50_000);
      names.push(...page.map(({ name }) => name));
    }
    expect([names.length, new Set(names).size]).toEqual([60_000, 60_000]);
    expect([0, 49_999, 50_000, 59_999].map((at) => names[at])).toEqual(['010000', '059999', '000000', '009999']);
  });

  it('shows what is mounted in it, and damaged files without metadata', async () => {
    const tree: MemoryTree = { broken1: { damaged: true }, fine: 'text', 'mounted/hidden': '' };
    const other = new MemoryFiles({ inside: '' });
    const guest = guestOf(new MemoryFiles(tree), [{ at: ['mounted'], files: other }]);
    const { files, error } = await listed(guest);
    expect(error).toBe('contents.unreadable');
    expect(files.map(({ name, type, size }) => [name, type, size])).toEqual([
      ['broken1', 'file', null],
      ['fine', 'file', 4],
      ['mounted', 'directory', 0],
    ]);
    expect((await listed(guest, 'mounted')).files.map(({ name }) => name)).toEqual(['inside']);
  });
});

describe('a path', () => {
  const tree: MemoryTree = {
    file: 'text',
    'directory/': '',
    loop: { link: 'loop' },
    out: { link: '../../../file' },
    nowhere: { link: '/none' },
    into: { link: 'directory' },
    'bad\uFFFDname': 'text',
  };
  const guest = guestOf(new MemoryFiles(tree));

  it.each(['loop', 'nowhere', 'out'])(
    'of a link to something other than a directory is the link itself: %s',
    async (path) => {
      expect((await listed(guest, path)).files.map(({ name, type }) => [name, type])).toEqual([[path, 'link']]);
    },
  );

  it('leads no further up than the root, and follows links', async () => {
    const text = async (path: string): Promise<string> => {
      const pieces: Uint8Array[] = [];
      for await (const chunk of (await findWithin(guest, path)).chunks()) pieces.push(chunk);
      return Buffer.concat(pieces).toString();
    };
    expect(await Promise.all(['out', '/../..//./file', 'file', 'bad\uFFFDname'].map(text))).toEqual(
      Array.from({ length: 4 }, () => 'text'),
    );
    expect((await listed(guest, 'into')).files).toEqual([]);
  });

  it.each(['loop', 'nowhere', 'directory', 'into', 'none', 'file/more', '/'])('%s has no bytes', async (path) => {
    await expect(findWithin(guest, path)).rejects.toMatchObject({ code: 'contents.not_found' });
  });

  it.each(['none', 'loop/x', 'file/more'])('%s is not found', async (path) => {
    expect(await listed(guest, path)).toEqual({ files: [], error: 'contents.not_found' });
  });
});
