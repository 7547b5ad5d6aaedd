// Databases of packages built field by field: what is read of them, and the last value of each field that is accepted.
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../src/disk/blocks/blocks.ts';
import { UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { openBerkeley } from '../../../../src/disk/packages/rpm/berkeley.ts';
import { parseHeader } from '../../../../src/disk/packages/rpm/header.ts';
import type { HeaderStore } from '../../../../src/disk/packages/rpm/header-store.ts';
import { openNdb } from '../../../../src/disk/packages/rpm/ndb.ts';
import { openPages } from '../../../../src/disk/packages/sqlite/pages.ts';
import { columnsOf, numberOf, readVarint } from '../../../../src/disk/packages/sqlite/record.ts';
import { readRows } from '../../../../src/disk/packages/sqlite/table.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { type Change, patch, u16be, u16le, u32be, u32le } from '../../../support/disk/writers.ts';

/** Why it is refused; null if it is read. */
function refusal(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof UnreadableError) return `${error.why}: ${error.message}`;
    throw error;
  }
}

function headersIn(store: HeaderStore, data: Uint8Array): string[] {
  const texts: string[] = [];
  driveReads(
    store.read((header) => texts.push(Buffer.from(header).toString('latin1'))),
    data,
  );
  return texts;
}

const badBlob = 'damaged: a blob of the rpm database has a bad header';
const badOverflow = 'damaged: an overflow page of the rpm database has a bad header';

describe('an ndb', () => {
  /** A page of slots, and two packages of 20 and 4 bytes in three and two blocks of 16 bytes. The second slot is unused. */
  const data = patch(
    Buffer.alloc(4096 + 5 * 16),
    [0, 'RpmP'],
    [12, u32le(1)],
    ...Array.from({ length: 254 }, (_, index): Change => [32 + index * 16, 'Slot']),
    [32 + 4, Buffer.concat([u32le(0x0102), u32le(258), u32le(3)])],
    [64 + 4, Buffer.concat([u32le(0x0304), u32le(256), u32le(2)])],
    [4096, Buffer.concat([Buffer.from('BlbS'), u32le(0x0304), u32le(0), u32le(4), Buffer.from('four')])],
    [
      4128,
      Buffer.concat([Buffer.from('BlbS'), u32le(0x0102), u32le(0), u32le(20), Buffer.from('twenty bytes of them')]),
    ],
  );
  const open = (...changes: readonly Change[]): string[] => {
    const changed = patch(data, ...changes);
    return headersIn(driveReads(openNdb(new FlatBlocks(changed.length)), changed), changed);
  };
  const outside = 'damaged: the offset or length in a slot of the rpm database is out of range';

  it('has its packages where the slots say, in the order of their offsets', () => {
    expect(open()).toEqual(['four', 'twenty bytes of them']);
    expect(driveReads(driveReads(openNdb(new FlatBlocks(data.length)), data).count(), data)).toBe(2);
  });

  it('may have a package that fills its room to the last byte', () => {
    expect(open([4096 + 12, u32le(32 - 16 - 12)])).toEqual(['four', 'twenty bytes of them']);
    expect(refusal(() => open([4096 + 12, u32le(32 - 16 - 12 + 1)]))).toBe(badBlob);
    expect(open([4128 + 12, u32le(0)])).toEqual(['four', '']);
  });

  it.each<readonly [string, Change, string]>([
    ['of another kind', [3, 'Q'], 'damaged: it is not an rpm database'],
    ['of another version', [4, u32le(1)], 'unsupported: the version of the rpm database is not supported'],
    ['with 4097 pages of slots', [12, u32le(4097)], 'damaged: the slot page count of the rpm database is out of range'],
    ['with 4096 of them, which are not there', [12, u32le(4096)], 'damaged: the disk ends too soon'],
    ['whose last slot is invalid', [4080, 'slot'], 'damaged: a slot of the rpm database has a bad magic number'],
    ['with a package among the slots', [72, u32le(255)], outside],
    ['with a package past the end', [44, u32le(4)], outside],
    ['with a package of one block', [76, u32le(1)], outside],
    ['with a package that begins in another', [40, u32le(257)], 'damaged: two slots of the rpm database overlap'],
    ['with a package of another number', [36, u32le(0x0103)], badBlob],
    ['with a package of an unknown kind', [4096, 'Blbs'], badBlob],
  ])('%s is refused', (_what, change, message) => {
    expect(refusal(() => open(change))).toBe(message);
  });

  it('is read a mebibyte at a time', () => {
    // Three packages of 512 KiB: two are read at once, the third after them.
    const blocks = 2 ** 15;
    const large = patch(
      Buffer.alloc(4096 + 3 * blocks * 16),
      [0, data.subarray(0, 4096)],
      ...[0, 1, 2].flatMap((index): Change[] => [
        [32 + index * 16 + 4, Buffer.concat([u32le(index), u32le(256 + index * blocks), u32le(blocks)])],
        [
          4096 + index * blocks * 16,
          Buffer.concat([Buffer.from('BlbS'), u32le(index), u32le(0), u32le(1), Buffer.from('abc'[index] ?? '')]),
        ],
      ]),
    );
    const store = driveReads(openNdb(new FlatBlocks(large.length)), large);
    const found: string[] = [];
    const turns: number[] = [];
    driveReads(
      store.read((header) => found.push(Buffer.from(header).toString())),
      large,
      (spans) => turns.push(spans.length),
    );
    expect([found, turns]).toEqual([
      ['a', 'b', 'c'],
      [2, 1],
    ]);
  });
});

describe.each([true, false])('a hash of BerkeleyDB, little-endian: %s', (isLittle) => {
  const u16 = isLittle ? u16le : u16be;
  const u32 = isLittle ? u32le : u32be;
  const page = (number: number, type: number, next: number, ...changes: readonly Change[]): Buffer =>
    patch(Buffer.alloc(512), [8, u32(number)], [16, u32(next)], [25, Buffer.of(type)], ...changes);
  const key = (number: number): Buffer => Buffer.concat([Buffer.of(1), u32(number)]);
  /** A bucket: keys and values are filled in from the end of the page. */
  const bucket = (number: number, next: number, items: readonly Buffer[], type = 13): Buffer => {
    let end = 512;
    const starts = items.map((item) => (end -= item.length));
    return page(
      number,
      type,
      next,
      [20, u16(items.length)],
      [26, Buffer.concat(starts.map((start) => u16(start)))],
      [end, Buffer.concat(items.toReversed())],
    );
  };
  /** The value of 500 bytes on two pages of its own. */
  const elsewhere = Buffer.concat([Buffer.of(3, 0, 0, 0), u32(4), u32(500)]);
  const meta = patch(
    Buffer.alloc(512),
    [12, u32(0x061561)],
    [16, u32(9)],
    [20, u32(512)],
    [72, u32(1)],
    // Bucket 0 begins at page 1, bucket 1 at page 1 + 1.
    [96, Buffer.concat([u32(1), u32(1)])],
  );
  const data = Buffer.concat([
    meta,
    bucket(1, 3, [key(0), Buffer.from('\u0001next number'), key(7), Buffer.from('\u0001seven')]),
    bucket(2, 0, [key(8), elsewhere], 2),
    bucket(3, 0, [key(9), Buffer.from('\u0001nine')]),
    page(4, 7, 5, [22, u16(486)], [26, 'x'.repeat(486)]),
    page(5, 7, 0, [22, u16(14)], [26, 'y'.repeat(14)]),
  ]);
  const open = (...changes: readonly Change[]): string[] => {
    const changed = patch(data, ...changes);
    return headersIn(driveReads(openBerkeley(new FlatBlocks(changed.length)), changed), changed);
  };
  const long = `${'x'.repeat(486)}${'y'.repeat(14)}`;

  it('has its packages in buckets, the pages that continue them, and pages of their own', () => {
    expect(open()).toEqual(['seven', long, 'nine']);
    const store = driveReads(openBerkeley(new FlatBlocks(data.length)), data);
    expect(driveReads(store.count(), data)).toBe(3);
  });

  it('may have a bucket that was never written, and one that is empty', () => {
    expect(open([2 * 512, Buffer.alloc(512)])).toEqual(['seven', 'nine']);
    expect(open([2 * 512, bucket(2, 0, [])])).toEqual(['seven', 'nine']);
  });

  it('has as many buckets as there are pages after the first, which are read in turns', () => {
    const count = 200;
    // Bucket n is page n + 1: all but the last were never written.
    const spares = Buffer.concat(Array.from({ length: 9 }, () => u32(1)));
    const last = bucket(count, 0, [key(1), Buffer.from('\u0001last')]);
    const many = Buffer.concat([
      patch(meta, [72, u32(count - 1)], [96, spares]),
      Buffer.alloc((count - 1) * 512),
      last,
    ]);
    expect(headersIn(driveReads(openBerkeley(new FlatBlocks(many.length)), many), many)).toEqual(['last']);
  });

  it.each([8, 9, 10])('is read of version %i', (version) => {
    expect(open([16, u32(version)])).toHaveLength(3);
  });

  const other = 'unsupported: the Berkeley DB version of the rpm database is not supported';
  const closed = 'unsupported: an rpm database that is encrypted or has checksums is not supported';
  const sizes = 'damaged: the page size of the rpm database is invalid';
  const nonsense = 'damaged: a bucket page of the rpm database has the wrong number or type';
  const notThere = 'damaged: a page number in the package database is out of range';
  const twice = 'damaged: a page of the package database is used twice';
  const pointer = 'damaged: an item offset in a bucket page of the rpm database is out of range';
  const room = 'damaged: the item count of a bucket page of the rpm database is invalid';
  const valueless = 'damaged: a value in the rpm database has the wrong type or length';
  it.each<readonly [string, Change, string]>([
    ['that is not one', [12, u32(0x061562)], 'unsupported: the rpm database is not a Berkeley DB hash'],
    ['of version 7', [16, u32(7)], other],
    ['of version 11', [16, u32(11)], other],
    ['that is encrypted', [24, Buffer.of(1)], closed],
    ['with checksums', [26, Buffer.of(3)], closed],
    ['with pages of 256 bytes', [20, u32(256)], sizes],
    ['with pages of 768 bytes', [20, u32(768)], sizes],
    ['with pages of 128 KiB', [20, u32(131_072)], sizes],
    ['with a bucket for each page and one more', [72, u32(6)], 'damaged: the rpm database has more buckets than pages'],
    ['with a bucket past the end', [100, u32(5)], notThere],
    ['with a bucket on the first page', [96, u32(0)], twice],
    ['with two buckets on a page', [100, u32(0)], twice],
    ['with a page that says it is another', [512 + 8, u32(2)], nonsense],
    ['with a bucket that is a page of a value', [512 + 25, Buffer.of(7)], nonsense],
    ['with a bucket that continues with itself', [512 + 16, u32(1)], twice],
    ['with a key that has no value', [512 + 20, u16(3)], room],
    ['with more entries than there is room', [512 + 20, u16(244)], room],
    ['with an item in the list of items', [512 + 26 + 6, u16(33)], pointer],
    ['with an item past the one before it', [512 + 28, u16(507)], pointer],
    ['with a key of six bytes', [512 + 26, u16(506)], 'damaged: a key of the rpm database is not a number'],
    [
      'with a key that lies elsewhere',
      [2 * 512 + 507, Buffer.of(3)],
      'damaged: a key of the rpm database is not a number',
    ],
    ['with a value of an unknown kind', [2 * 512 + 495, Buffer.of(2)], valueless],
    ['with a place of a value that is too short', [2 * 512 + 28, u16(496)], valueless],
    [
      'with a value of more than it holds',
      [2 * 512 + 503, u32(6 * 512 + 1)],
      'damaged: a package in the rpm database is too large',
    ],
    ['with a value on the page of another kind', [4 * 512 + 25, Buffer.of(13)], badOverflow],
    ['with a value on a page of another number', [4 * 512 + 8, u32(5)], badOverflow],
    ['with a value in no bytes', [4 * 512 + 22, u16(0)], badOverflow],
    ['with a value in more bytes than a page has', [4 * 512 + 22, u16(487)], badOverflow],
    ['with a value that is longer than stated', [5 * 512 + 22, u16(15)], badOverflow],
    ['with a value that continues where it was', [4 * 512 + 16, u32(4)], twice],
  ])('%s is refused', (_what, change, message) => {
    expect(refusal(() => open(change))).toBe(message);
  });
});

describe('the header of a package of rpm', () => {
  /** Of tags with their types, and where they point to in the data. */
  const header = (data: string, ...tags: readonly (readonly [tag: number, type: number, offset: number])[]): Buffer =>
    Buffer.concat([
      u32be(tags.length),
      u32be(data.length),
      ...tags.flatMap(([tag, type, offset]) => [tag, type, offset, 1].map((number) => u32be(number))),
      Buffer.from(data, 'latin1'),
    ]);
  const [name, version, licence] = [[1000, 6, 1] as const, [1001, 6, 5] as const, [1014, 6, 0] as const];

  it('has texts up to their ends, of which one may be empty', () => {
    const parsed = parseHeader(header('\0bash\u00005.2\0', name, [1001, 6, 6], licence));
    expect(parsed).toMatchObject({ name: 'bash', version: '5.2', epoch: null, release: null, licence: null });
    expect(parseHeader(header('\0bas\u00005\0', name, version))).toMatchObject({ name: 'bas', version: '5' });
  });

  it('is refused with a text without an end, or a tag that points past the data', () => {
    const odd = 'damaged: a tag of a package has the wrong type or lies outside the header';
    expect(refusal(() => parseHeader(header('\0bas\u00005', name, version)))).toBe(
      'damaged: a string in the header of a package is not terminated',
    );
    expect(refusal(() => parseHeader(header('\0bas\u0000', name, version)))).toBe(odd);
    expect(refusal(() => parseHeader(header('\0bas\u00005\0', name, [1001, 4, 5])))).toBe(odd);
    const outside = header('\0bas\u00005\0AB', name, version, [1003, 4, 6]);
    expect(refusal(() => parseHeader(outside))).toBe('damaged: a tag lies outside the header of its package');
  });
});

describe('a database of SQLite', () => {
  const usable = 512;
  const varint = (value: number): Buffer =>
    value < 128 ? Buffer.of(value) : Buffer.of(128 + Math.floor(value / 128), value % 128);
  /** A cell of a leaf. @param local the bytes on the leaf @param next the page on which it continues */
  const cell = (length: number, local: string, next?: number): Buffer =>
    Buffer.concat([varint(length), varint(5), Buffer.from(local), next === undefined ? Buffer.alloc(0) : u32be(next)]);
  const node = (kind: number, cells: readonly Buffer[], last = 0, start = 0): Buffer => {
    let end = 512;
    const places = cells.map((bytes) => (end -= bytes.length));
    const head = kind === 5 ? 12 : 8;
    return patch(
      Buffer.alloc(512),
      [start, Buffer.of(kind)],
      [start + 3, u16be(cells.length)],
      [start + 8, kind === 5 ? u32be(last) : Buffer.alloc(0)],
      [start + head, Buffer.concat(places.map((place) => u16be(place)))],
      ...cells.map((bytes, index): Change => [places[index] ?? 0, bytes]),
    );
  };
  const file = (...others: readonly Buffer[]): Buffer => {
    const first = patch(
      node(13, [cell(3, 'one')], 0, 100),
      [0, 'SQLite format 3\0'],
      [16, u16be(512)],
      [18, Buffer.of(1, 1)],
      [56, u32be(1)],
    );
    return Buffer.concat([first, ...others]);
  };
  const rowsOf = (data: Buffer, root = 2, maxBytes = 5000, isCounting = false): (string | null)[] => {
    const rows: (string | null)[] = [];
    const pages = driveReads(openPages(new FlatBlocks(data.length), null), data);
    const keep = (row: Uint8Array | null): number => rows.push(row && Buffer.from(row).toString());
    driveReads(readRows(pages, root, { maxBytes, keep, isCounting }), data);
    return rows;
  };
  const chained = (next: number, text: string): Buffer => patch(Buffer.alloc(512), [0, u32be(next)], [4, text]);

  it('begins after its header on the first page, and has leaves and branches on others', () => {
    const child = (page: number): Buffer => Buffer.concat([u32be(page), varint(1)]);
    const data = file(node(5, [child(4)], 3), node(13, [cell(5, 'three')]), node(13, [cell(4, 'four'), cell(2, '44')]));
    expect(rowsOf(data, 1)).toEqual(['one']);
    expect(rowsOf(data)).toEqual(['four', '44', 'three']);
    expect(rowsOf(data, 2, 5, true)).toEqual([null, null, null]);
    expect(refusal(() => rowsOf(data, 2, 4))).toBe('damaged: a row of the database is too long');
  });

  it.each([
    // According to the format with 512 bytes: 477 fit; of longer rows, at least 39, so that the last page is full.
    [477, 477, []],
    [478, 39, [439]],
    [984, 476, [508]],
    [985, 477, [508]],
    [986, 39, [508, 439]],
    [1493, 477, [508, 508]],
  ])('has, of a row of %i bytes, %i on its leaf', (length, local, parts) => {
    const text = Array.from({ length }, (_, index) => String.fromCodePoint(97 + (index % 26))).join('');
    let at = local;
    const chain = parts.map((part, index) => {
      const page = chained(index + 1 < parts.length ? 4 + index : 0, text.slice(at, at + part));
      at += part;
      return page;
    });
    const leaf = node(13, [cell(length, text.slice(0, local), parts.length > 0 ? 3 : undefined)]);
    expect(rowsOf(file(leaf, ...chain))).toEqual([text]);
  });

  it('may leave bytes at the end of pages unused', () => {
    const leaf = patch(node(13, []), [3, u16be(1)], [8, u16be(500 - 9)], [500 - 9, cell(7, 'instead')]);
    const reserved = (bytes: number): Buffer => patch(file(leaf), [20, Buffer.of(bytes)]);
    expect(rowsOf(reserved(12))).toEqual(['instead']);
    expect(refusal(() => rowsOf(reserved(13)))).toBe('damaged: a row of the database is truncated');
    expect(rowsOf(patch(reserved(32), [512 + 8, u16be(480 - 9)], [512 + 480 - 9, cell(7, 'instead')]))).toEqual([
      'instead',
    ]);
    expect(refusal(() => rowsOf(reserved(33)))).toBe('damaged: the page size of the SQLite database is invalid');
  });

  const kind = 'unsupported: the version or text encoding of the SQLite database is not supported';
  const size = 'damaged: the page size of the SQLite database is invalid';
  const outside = 'damaged: a cell pointer of a database page is out of range';
  it.each<readonly [string, Change, string]>([
    ['that is not one', [14, '4'], 'damaged: it is not an SQLite database'],
    ['of pages of 256 bytes', [16, u16be(256)], size],
    ['of pages of 768 bytes', [16, u16be(768)], size],
    ['that only a newer version can read', [19, Buffer.of(3)], kind],
    ['in UTF-16', [56, u32be(2)], kind],
    ['with a page of an index', [512, Buffer.of(10)], 'damaged: a page of a database table has the wrong type'],
    [
      'with more cells than there is room',
      [512 + 3, u16be(253)],
      'damaged: the cell count of a database page is out of range',
    ],
    ['with a cell among the pointers', [512 + 8, u16be(7)], outside],
    ['with a cell at the end', [512 + 8, u16be(usable - 3)], outside],
    ['with a row past the end', [512 + usable - 7, Buffer.of(6)], 'damaged: a row of the database is truncated'],
  ])('%s is refused', (_what, change, message) => {
    const data = file(node(13, [cell(5, 'whole')]));
    expect(rowsOf(data)).toEqual(['whole']);
    expect(refusal(() => rowsOf(patch(data, change)))).toBe(message);
  });

  it('is refused if pages lead back, or nowhere', () => {
    expect(refusal(() => rowsOf(file(node(5, [], 2))))).toBe('damaged: a page of the package database is used twice');
    expect(refusal(() => rowsOf(file(node(5, [], 3))))).toBe(
      'damaged: a page number in the package database is out of range',
    );
    const loop = file(node(13, [cell(986, 'x'.repeat(39), 3)]), chained(3, 'y'));
    expect(refusal(() => rowsOf(loop))).toBe('damaged: a page of the package database is used twice');
  });

  it('is refused if rows are at different depths', () => {
    const twice = (count: number): Buffer => {
      const long = cell(250, 'x'.repeat(250));
      return file(
        patch(
          node(13, [long]),
          [3, u16be(count)],
          [8, Buffer.concat(Array.from({ length: count }, () => u16be(512 - long.length)))],
        ),
      );
    };
    expect(rowsOf(twice(2))).toHaveLength(2);
    expect(refusal(() => rowsOf(twice(3)))).toBe('damaged: rows of the database overlap');
  });

  it('is as deep as SQLite makes it, and no deeper', () => {
    const deep = (levels: number): Buffer =>
      file(...Array.from({ length: levels }, (_, level) => node(5, [], level + 3)), node(13, [cell(2, 'xy')]));
    expect(rowsOf(deep(20))).toEqual(['xy']);
    expect(refusal(() => rowsOf(deep(21)))).toBe('damaged: a B-tree of the database is too deep');
  });
});

describe('a row of SQLite', () => {
  it('has numbers of one to nine bytes', () => {
    const read = (hex: string, at = 0): readonly [number, number] => readVarint(Buffer.from(hex, 'hex'), at);
    expect(read('7f')).toEqual([127, 1]);
    expect(read('8100')).toEqual([128, 2]);
    expect(read('ff7f')).toEqual([16_383, 2]);
    expect(read('00818001', 1)).toEqual([16_385, 4]);
    expect(read('808080808080807f')).toEqual([127, 8]);
    expect(read('8080808080808081ff')).toEqual([511, 9]);
    for (const hex of ['', '81', '8080808080808080'])
      expect(refusal(() => read(hex))).toBe('damaged: a number in the database is truncated');
  });

  it('has columns of these lengths', () => {
    const columns = (...bytes: readonly number[]): (string | null)[] =>
      columnsOf(Buffer.from(bytes)).map((column) => column && Buffer.from(column).toString('hex'));
    const lengths = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];
    for (const [type, length] of lengths.entries()) {
      const data = Array.from({ length }, (_, index) => index + 1);
      const hex = Buffer.from(data).toString('hex');
      expect(columns(3, type, 1, ...data, 0xab)).toEqual([type === 0 ? null : hex, 'ab']);
    }
    expect(columns(5, 12, 13, 14, 17, 0x61, 0x62, 0x63)).toEqual(['', '', '61', '6263']);
    for (const type of [10, 11])
      expect(refusal(() => columns(2, type))).toBe('damaged: the type of a database column is invalid');
    expect(refusal(() => columns(2, 1))).toBe('damaged: the header of a database row is invalid');
    expect(refusal(() => columns(3, 1))).toBe('damaged: a row of the database is truncated');
    expect(columns(65, ...Array.from({ length: 64 }, () => 8))).toHaveLength(64);
    expect(refusal(() => columns(66, ...Array.from({ length: 65 }, () => 8)))).toBe(
      'damaged: the header of a database row is invalid',
    );
    expect(numberOf(Buffer.of(1, 2, 3))).toBe(0x01_02_03);
  });
});
