// The limits of a database of packages, logs of SQLite built frame by frame, and packages that are only counted.
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import type { Reads, Span } from '../../../../src/disk/blocks/reading.ts';
import type { GuestFiles } from '../../../../src/disk/filesystems/guest-files.ts';
import { openFile } from '../../../../src/disk/packages/file-blocks.ts';
import { licenceOf, partsOf, wordOf } from '../../../../src/disk/packages/installed-package.ts';
import { findNames, inTurns } from '../../../../src/disk/packages/many-files.ts';
import { parseHeader } from '../../../../src/disk/packages/rpm/header.ts';
import { openPages } from '../../../../src/disk/packages/sqlite/pages.ts';
import { readLog } from '../../../../src/disk/packages/sqlite/write-ahead-log.ts';
import { readRecords } from '../../../../src/disk/packages/text-records.ts';
import { UsedPages } from '../../../../src/disk/packages/used-pages.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { collectedIn, debian } from '../../../support/disk/guests/guests.ts';
import { MemoryFiles } from '../../../support/disk/guests/memory-files.ts';
import { listedIn } from '../../../support/disk/guests/package-databases.ts';
import { patch, u16be, u32be } from '../../../support/disk/writers.ts';

const { '/var/lib/dpkg/status': _status, '/lib': _lib, ...none } = debian;

/** Checksums of SQLite: words in pairs, in either byte order. */
function sumsOf(bytes: Uint8Array, isLittle: boolean, [first, second]: readonly [number, number] = [0, 0]) {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let [one, other] = [first, second];
  for (let at = 0; at < bytes.length; at += 8) {
    one = (one + words.getUint32(at, isLittle) + other) % 2 ** 32;
    other = (other + words.getUint32(at + 4, isLittle) + one) % 2 ** 32;
  }
  return [one, other] as const;
}

interface Frame {
  readonly page: number;
  /** Pages of the database after a commit; 0 if the transaction continues. */
  readonly commit: number;
  readonly fill: number;
  /** Left from an earlier log, which is being overwritten from its beginning. */
  readonly isOld?: boolean;
}

/** A log of these frames, with pages of 512 bytes unless said otherwise. */
function logOf(frames: readonly Frame[], isLittle = false, pageBytes = 512): Buffer {
  const start = Buffer.concat([
    ...[isLittle ? 0x377f_0682 : 0x377f_0683, 3_007_000, pageBytes, 7].map(u32be),
    Buffer.from('saltsalt'),
  ]);
  let sums = sumsOf(start, isLittle);
  const parts = [start, ...sums.map(u32be)];
  for (const { page, commit, fill, isOld } of frames) {
    const head = Buffer.concat([u32be(page), u32be(commit)]);
    const data = Buffer.alloc(pageBytes, fill);
    sums = sumsOf(data, isLittle, sumsOf(head, isLittle, sums));
    parts.push(head, Buffer.from(isOld === true ? 'saltpepp' : 'saltsalt'), ...sums.map(u32be), data);
  }
  return Buffer.concat(parts);
}

const read = (log: Uint8Array, pageBytes = 512, size = log.length) => {
  const found = driveReads(readLog(new FlatBlocks(size), pageBytes), log);
  return found === null ? null : { pages: found.pages, offsets: Object.fromEntries(found.offsets) };
};

describe.each([true, false])('the log of an SQLite database, little-endian: %s', (isLittle) => {
  const frames: readonly Frame[] = [
    { page: 2, commit: 0, fill: 1 },
    { page: 3, commit: 9, fill: 2 },
    { page: 2, commit: 8, fill: 3 },
    { page: 4, commit: 0, fill: 4 },
  ];
  const log = logOf(frames, isLittle);
  /** Where the page of a frame begins. */
  const at = (frame: number): number => 32 + frame * 536 + 24;

  it('has the last of each page that was committed', () => {
    expect(read(log)).toEqual({ pages: 8, offsets: { 2: at(2), 3: at(1) } });
    expect(read(log.subarray(0, at(2)))).toEqual({ pages: 9, offsets: { 2: at(0), 3: at(1) } });
    expect(read(logOf(frames.slice(0, 1), isLittle))).toBeNull();
    expect(read(logOf([], isLittle))).toBeNull();
  });

  it('ends where a frame belongs to an earlier log, or its checksums are wrong', () => {
    const old = frames.map((frame, index) => ({ ...frame, isOld: index === 2 }));
    expect(read(logOf(old, isLittle))?.pages).toBe(9);
    // Of the third frame: its page, its number, its commit, the first and the second checksum.
    for (const place of [at(2) + 511, at(2) - 21, at(2) - 17, at(2) - 5, at(2) - 1]) {
      expect(read(patch(log, [place, Buffer.of(0x55)]))).toEqual({ pages: 9, offsets: { 2: at(0), 3: at(1) } });
    }
    expect(read(patch(log, [at(0), Buffer.of(0x55)]))).toBeNull();
  });

  it('is not one without a complete header of its own', () => {
    expect(read(log.subarray(0, 31))).toBeNull();
    expect(read(Buffer.alloc(0))).toBeNull();
    for (const place of [0, 3, 12, 23, 27, 31]) expect(read(patch(log, [place, Buffer.of(0x55)]))).toBeNull();
  });

  it('is read in turns of whole frames', () => {
    const pageBytes = 65_536;
    const many = Array.from({ length: 5 }, (_, index): Frame => ({ page: index + 1, commit: index + 1, fill: index }));
    const large = logOf(many, isLittle, pageBytes);
    const turns: number[] = [];
    const found = driveReads(readLog(new FlatBlocks(large.length), pageBytes), large, ([span]) =>
      turns.push(span?.length ?? 0),
    );
    const offsets = many.map((_, index) => 32 + index * (pageBytes + 24) + 24);
    expect([...(found?.offsets.values() ?? [])]).toEqual(offsets);
    expect(turns).toEqual([32, 3 * (pageBytes + 24), 2 * (pageBytes + 24)]);
  });
});

describe('the log of an SQLite database', () => {
  const log = logOf([{ page: 1, commit: 1, fill: 0 }]);

  it.each([
    ['of another version', log, 512, undefined, 'the version of the write-ahead log is not supported', 4],
    [
      'with other pages',
      log,
      1024,
      undefined,
      'the page size of the write-ahead log differs from that of its database',
      null,
    ],
    [
      'of more than 256 MiB',
      log,
      512,
      2 ** 28 + 1,
      'the write-ahead log of the database is too large to be read',
      null,
    ],
    ['of 256 MiB that are not there', log, 512, 2 ** 28, 'the disk ends too soon', null],
  ] as const)('%s is refused', (_what, bytes, pageBytes, size, message, changed) => {
    const data = changed === null ? bytes : patch(bytes, [changed, Buffer.of(0x55)]);
    expect(() => read(data, pageBytes, size)).toThrow(message);
  });

  it('takes precedence, page by page', () => {
    const database = patch(
      Buffer.concat([0, 1, 2, 3].map((fill) => Buffer.alloc(512, fill))),
      [0, 'SQLite format 3\0'],
      [16, u16be(512)],
      [18, Buffer.of(2, 2, 0)],
      [56, u32be(1)],
    );
    const newer = logOf([
      { page: 4, commit: 0, fill: 0x44 },
      { page: 2, commit: 5, fill: 0x22 },
      { page: 5, commit: 5, fill: 0x55 },
    ]);
    // Both in one buffer: the log comes after the database.
    const both = Buffer.concat([database, newer]);
    const logBlocks = {
      size: newer.length,
      *read(spans: readonly Span[]): Reads<readonly Uint8Array[]> {
        return yield spans.map(({ offset, length }) => ({ offset: database.length + offset, length }));
      },
    };
    const pages = driveReads(openPages(new FlatBlocks(database.length), logBlocks), both);
    expect([pages.count, pages.usableBytes]).toEqual([5, 512]);
    expect(driveReads(pages.read([5, 3, 2, 4]), both).map((page) => page[100])).toEqual([0x55, 2, 0x22, 0x44]);
    expect(driveReads(pages.read([3]), both).map((page) => page[100])).toEqual([2]);
    const alone = driveReads(openPages(new FlatBlocks(database.length), null), both);
    expect(driveReads(alone.read([4, 2]), both).map((page) => page[100])).toEqual([3, 1]);
    expect(alone.count).toBe(4);
  });
});

describe('the pages of an SQLite database', () => {
  it.each([
    [512, 512],
    [4096, 4096],
    [1, 65_536],
  ])('whose stored size is %i have %i bytes', (stored, bytes) => {
    const header = patch(
      Buffer.alloc(100),
      [0, 'SQLite format 3\0'],
      [16, u16be(stored)],
      [20, Buffer.of(32)],
      [56, u32be(1)],
    );
    const pages = driveReads(openPages(new FlatBlocks(3 * 65_536), null), header);
    expect([pages.pageBytes, pages.usableBytes, pages.count]).toEqual([bytes, bytes - 32, (3 * 65_536) / bytes]);
  });
});

describe('the header of a package', () => {
  const header = (
    tags: readonly (readonly [tag: number, value: string])[],
    counted = tags.length,
    longer = 0,
  ): Buffer => {
    const data = tags.map(([, value]) => `${value}\0`);
    let at = 0;
    const index = tags.flatMap(([tag], position) => {
      const entry = [tag, 6, at, 1].map(u32be);
      at += data[position]?.length ?? 0;
      return entry;
    });
    return Buffer.concat([u32be(counted), u32be(at + longer), ...index, Buffer.from(data.join(''))]);
  };
  const named = [
    [1000, 'bash'],
    [1001, '5.2'],
  ] as const;

  it.each([
    ['bash-5.2-3.fc41.src.rpm', { name: 'bash', version: '5.2-3.fc41' }],
    ['gcc-c++-14.1-1.nosrc.rpm', { name: 'gcc-c++', version: '14.1-1' }],
    ['a-1-2.src.rpm', { name: 'a', version: '1-2' }],
    ['-1-2.src.rpm', { name: '-1-2', version: null }],
    ['bash-5.src.rpm', { name: 'bash-5', version: null }],
    ['bash.src.rpm', { name: 'bash', version: null }],
    ['bash-5.2-3.rpm', null],
    ['(none)', null],
  ])('tells its source by the name %s', (file, source) => {
    expect(parseHeader(header([...named, [1044, file]])).source).toEqual(source);
  });

  it('is read from the first of each tag, up to 65,535 of them', () => {
    expect(parseHeader(header([...named, [1000, 'zsh'], [5000, 'other']])).name).toBe('bash');
    const many = patch(
      Buffer.alloc(8 + 65_536 * 16 + 9),
      [0, u32be(65_535)],
      [4, u32be(9)],
      [8, header(named).subarray(8, 40)],
    );
    expect(parseHeader(patch(many, [8 + 65_535 * 16, 'bash\u00005.2\0'])).version).toBe('5.2');
    expect(() => parseHeader(patch(many, [0, u32be(65_536)]))).toThrow('longer than its data');
  });

  it('is refused if it is cut off, or longer than its data', () => {
    const whole = header(named);
    for (const length of [0, 7])
      expect(() => parseHeader(whole.subarray(0, length))).toThrow('the header of a package is truncated');
    expect(() => parseHeader(whole.subarray(0, 8))).toThrow('longer than its data');
    expect(() => parseHeader(Buffer.alloc(8))).toThrow('a package has no name');
    expect(() => parseHeader(whole.subarray(0, -1))).toThrow('longer than its data');
    expect(() => parseHeader(header(named, 2, 1))).toThrow('longer than its data');
    expect(() => parseHeader(header(named, 3))).toThrow('longer than its data');
  });
});

describe('texts of packages', () => {
  it('are as long as real ones, and not much longer', () => {
    expect(wordOf(` ${'w'.repeat(1000)} `)).toHaveLength(1000);
    expect(() => wordOf('w'.repeat(1001))).toThrow('the name or version of a package is too long');
    expect([wordOf(undefined), wordOf(' '), licenceOf(' ')]).toEqual([null, null, null]);
    expect(licenceOf('l'.repeat(5000))).toBe(`${'l'.repeat(4096)}…`);
  });

  it.each([
    ['1:2.0-3', 1, '3'],
    ['2.0', null, null],
    ['2.0-', null, null],
    ['-3', null, '3'],
    ['1-2-3', null, '3'],
    ['0:1', 0, null],
    ['x:1', null, null],
    ['1234567890:1', null, null],
  ])('have parts: %s', (version, epoch, release) => {
    expect(partsOf(version)).toEqual({ version, epoch, release });
  });

  const records = (text: string): readonly unknown[] => {
    const files = new MemoryFiles({ '/file': text });
    const ref = driveReads(files.find(files.root, 'file'), new Uint8Array())?.ref ?? 0;
    const file = { files, ref, kind: 'file', path: ['file'] } as const;
    const wanted = new Set(['A', 'B']);
    return driveReads(
      readRecords(file, { separator: ': ', wanted }, (fields) => Object.fromEntries(fields)),
      new Uint8Array(),
    );
  };

  it('are records of lines, of which the first with a key counts', () => {
    expect(records('A: 1\nA: 2\nC: 3\n: 4\n B: 5\nno key\n\n \n\nC: 6\n\nB: 7')).toEqual([{ A: '1' }, { B: '7' }]);
  });

  it('may be read in pieces, within a line and within a character', () => {
    const filler = `C: ${'c'.repeat(1000)}\n`.repeat(300).slice(0, 262_144 - 4);
    expect(records(`${filler}\nA: ä\n\nB: ${'b'.repeat(9)}`)).toEqual([{ A: 'ä' }, { B: 'bbbbbbbbb' }]);
    expect(records(`${filler}xxxxxxxx\nB: 1`)).toEqual([{ B: '1' }]);
    expect(records(`${'x'.repeat(262_143)}ä\nB: 1`)).toEqual([{ B: '1' }]);
  });

  it('have no wanted line of 16 KiB or more', () => {
    const line = (length: number): string => `A: ${'a'.repeat(length - 3)}`;
    expect(records(`${line(16_383)}\n`)).toHaveLength(1);
    for (const length of [16_384, 300_000]) {
      expect(() => records(line(length))).toThrow('a line of the package database is too long');
      expect(records(line(length).replace('A', 'C'))).toEqual([]);
    }
  });
});

describe('files of packages', () => {
  const files = (kind: 'file' | 'link', size: number): GuestFiles =>
    Object.assign(new MemoryFiles({}), {
      // oxlint-disable-next-line require-yield -- all is known
      *stat() {
        return { kind, size, mode: 0, uid: 0, gid: 0, mtime: null };
      },
    });
  const open = (kind: 'file' | 'link', size: number): number =>
    driveReads(openFile({ files: files(kind, size), ref: 1, kind: 'file', path: [] }), new Uint8Array()).size;

  it('are files of up to 2 GiB', () => {
    expect(open('file', 2 ** 31)).toBe(2 ** 31);
    expect(() => open('file', 2 ** 31 + 1)).toThrow('the package database is too large to be read');
    expect(() => open('link', 1)).toThrow('the package database is not a regular file');
  });

  it('are fewer than 20,000, which are read 64 at a time, in their order', () => {
    const names = (count: number): readonly string[] => {
      const entries = Array.from({ length: count }, (_, index) => ({
        name: String(count - index),
        ref: 1,
        kind: null,
      }));
      const tree = {
        // oxlint-disable-next-line require-yield -- all is known
        *list() {
          return entries;
        },
      } as unknown as Parameters<typeof findNames>[0];
      return driveReads(
        findNames(tree, '/', (name) => name !== '1'),
        new Uint8Array(),
      );
    };
    expect(names(3)).toEqual(['2', '3']);
    expect(names(19_999)).toHaveLength(19_998);
    expect(() => names(20_000)).toThrow('there are too many packages to be read');
    const turns: number[] = [];
    const all = Array.from({ length: 130 }, (_, index) => String(index));
    const reads = inTurns(all, function* (name) {
      yield [{ offset: 0, length: 1 }];
      return `${name}!`;
    });
    expect(driveReads(reads, new Uint8Array(), (spans) => turns.push(spans.length))).toEqual(
      all.map((name) => `${name}!`),
    );
    expect(turns).toEqual([64, 64, 2]);
    expect(
      driveReads(
        inTurns([], () => reads),
        new Uint8Array(),
      ),
    ).toEqual([]);
  });

  it('have pages that are used once', () => {
    const used = new UsedPages(3);
    used.take(0);
    used.take(2);
    expect(() => used.take(2)).toThrow('is used twice');
    for (const page of [-1, 3])
      expect(() => used.take(page)).toThrow('a page number in the package database is out of range');
  });
});

describe('packages that are counted', () => {
  const line = 'Package: a\nStatus: install ok installed\nVersion: 1\n\n';
  const desc = '%NAME%\na\n\n%VERSION%\n1\n';
  it.each([
    ['dpkg', 2, { '/var/lib/dpkg/status': line + line }],
    ['dpkg', 3, { '/var/lib/dpkg/status': line, '/var/lib/dpkg/status.d/a': 'Package: a\n\nPackage: b\n' }],
    ['apk', 2, { '/lib/apk/db/installed': 'P:a\nV:1\n\nP:b\nV:1\n' }],
    ['pacman', 2, { '/var/lib/pacman/local/a-1/desc': desc, '/var/lib/pacman/local/b-1/desc': desc }],
    ['rpm', 0, { '/var/lib/rpm/Packages': '' }],
  ])('of %s are %i', (manager, count, files) => {
    expect(collectedIn({ ...none, ...files })).toMatchObject({ packages: { manager, count }, installed: null });
  });

  it.each([
    ['a line of signs', '%\n\n%%\n\n%NAME%\nb\n', 'b'],
    ['a section that does not end', '%NAME\nx\n\n%NAME%\nb\n', 'b'],
    ['a section that does not begin', 'NAME%\nx\n\n%NAME%\nb\n', 'b'],
    ['an odd value', '%NAME%\n%x%\n', '%x%'],
  ])('of pacman are described in sections: %s', (_what, text, name) => {
    expect(listedIn({ ...none, '/var/lib/pacman/local/a-1/desc': text }).installed).toMatchObject([{ name }]);
  });
});
