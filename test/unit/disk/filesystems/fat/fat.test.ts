import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../../src/disk/blocks/blocks.ts';
import { type Span, UnreadableError } from '../../../../../src/disk/blocks/reading.ts';
import { fat } from '../../../../../src/disk/filesystems/fat/fat.ts';
import type { GuestFiles } from '../../../../../src/disk/filesystems/guest-files.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { readSample } from '../../../../support/disk/volumes/file-system-corpus.ts';
import { deepDirectory, guestTime, guestTree } from '../../../../support/disk/volumes/guest-tree.ts';
import { findPath, listAll, walk } from '../../../../support/disk/walk.ts';
import { patch, u16le, u32le } from '../../../../support/disk/writers.ts';

const kibibyte = 1024;

function open(image: Uint8Array): GuestFiles {
  return driveReads(fat.open(new FlatBlocks(image.length)), image);
}

/** A FAT12 with clusters of 512 bytes: boot sector, one table of 6 sectors, 16 slots, clusters from 4 KiB on. */
const dataOffset = 8 * 512;
function clusterAt(cluster: number): number {
  return dataOffset + (cluster - 2) * 512;
}

interface Slot {
  readonly name: string;
  readonly attributes?: number;
  readonly flags?: number;
  readonly cluster?: number;
  readonly size?: number;
}

function writeSlot({ name, attributes = 0x20, flags = 0, cluster = 0, size = 0 }: Slot): Buffer {
  return patch(
    Buffer.alloc(32),
    [0, name.padEnd(11)],
    [11, Buffer.of(attributes, flags)],
    [26, u16le(cluster)],
    [28, u32le(size)],
  );
}

/** A piece of a long name. */
function writePiece(order: number, units: string, checksum: number): Buffer {
  const text = Buffer.alloc(26, 0xff);
  text.write(`${units}${units.length < 13 ? '\0' : ''}`, 'utf16le');
  return patch(
    Buffer.alloc(32),
    [0, Buffer.of(order)],
    [1, text.subarray(0, 10)],
    [11, Buffer.of(0x0f, 0, checksum)],
    [14, text.subarray(10, 22)],
    [28, text.subarray(22)],
  );
}

/** As the specification writes it. */
function checksumOf(name: string): number {
  let sum = 0;
  for (const byte of Buffer.from(name.padEnd(11), 'latin1')) {
    sum = ((sum % 2 === 1 ? 0x80 : 0) + Math.floor(sum / 2) + byte) % 256;
  }
  return sum;
}

function writeVolume(
  root: readonly Buffer[],
  chains: readonly (readonly [cluster: number, next: number])[] = [],
): Buffer {
  const image = patch(
    Buffer.alloc(2000 * 512),
    [0, '\u00eb\u003c\u0090MSDOS5.0'],
    [11, u16le(512)],
    [13, Buffer.of(1)],
    [14, u16le(1)],
    [16, Buffer.of(1)],
    [17, u16le(16)],
    [19, u16le(2000)],
    [21, Buffer.of(0xf8)],
    [22, u16le(6)],
    [510, '\u0055\u00aa'],
    [7 * 512, Buffer.concat(root)],
  );
  for (const [cluster, next] of chains) {
    const at = 512 + Math.floor(cluster * 1.5);
    const pair = image.readUInt16LE(at);
    const [low, high] = cluster % 2 === 0 ? [next, Math.floor(pair / 0x1000)] : [pair % 0x10, next];
    image.writeUInt16LE(low + high * (cluster % 2 === 0 ? 0x1000 : 0x10), at);
  }
  return image;
}

function namesOf(image: Uint8Array): string[] {
  const files = open(image);
  return driveReads(listAll(files, files.root), image).map(({ name }) => name);
}

function expectUnreadable(act: () => unknown, message: RegExp): void {
  expect(act).toThrow(UnreadableError);
  expect(act).toThrow(message);
}

describe.each(['fat12', 'fat16', 'fat32'])('a volume that mkfs.fat made: %s', (name) => {
  const image = readSample(name);
  const bits = name.slice(3);

  it('is recognised, with label and serial number', () => {
    expect(fat.recognise(image.subarray(0, 128 * kibibyte))).toBe(true);
    expect(open(image).facts).toMatchObject({ type: 'vfat', label: `FAT ${bits} DISK`, uuid: '1A2B-3C4D' });
  });

  it('has every file that was put into it', () => {
    const found = driveReads(walk(open(image)), image);
    const expected = new Map(guestTree());
    expected.set('pieces.bin', expected.get('EFI/debian/grubx64.efi') ?? new Uint8Array());
    const files = [...found].filter(([, { facts }]) => facts.kind === 'file');
    expect(new Map(files.map(([path, { bytes }]) => [path, Buffer.from(bytes ?? []).toString()]))).toEqual(
      new Map([...expected].map(([path, bytes]) => [path, Buffer.from(bytes).toString()])),
    );
    expect(new Set(files.map(([, { facts }]) => JSON.stringify({ ...facts, size: 0 })))).toEqual(
      new Set([JSON.stringify({ kind: 'file', size: 0, mode: null, uid: null, gid: null, mtime: guestTime })]),
    );
  });

  it('finds names in any case, long or short', () => {
    const files = open(image);
    const find = (path: string): unknown => driveReads(findPath(files, path), image)?.name;
    expect(find('efi/DEBIAN/GrubX64.EFI')).toBe('grubx64.efi');
    expect(find('ÜBERGROß-日本語.TXT')).toBe('übergroß-日本語.txt');
    expect(find('ALONGN~1.GZ')).toBe('a long name, with spaces.and.dots.tar.gz');
    expect(find('MANY/ONE OF THE MANY FILES, NUMBER 119.TEXT')).toBe('one of the many files, number 119.text');
    expect(find(`${deepDirectory.toUpperCase()}/deep`)).toBe('deep');
    expect(find('readme')).toBeUndefined();
  });

  it('reads a range of a fragmented file', () => {
    const files = open(image);
    const ref = driveReads(findPath(files, 'pieces.bin'), image)?.ref ?? -1;
    const expected = guestTree().get('EFI/debian/grubx64.efi') ?? new Uint8Array();
    for (const [offset, length] of [
      [0, 1],
      [511, 2],
      [512, 512],
      [5000, 9000],
      [19_990, 100],
      [20_000, 5],
    ] as const) {
      const bytes = driveReads(files.read(ref, offset, length), image);
      expect(Buffer.from(bytes).equals(Buffer.from(expected.subarray(offset, offset + length)))).toBe(true);
    }
  });
});

describe('a FAT volume', () => {
  it('is not confused with another file system with the same first bytes', () => {
    const image = writeVolume([]);
    expect(fat.recognise(image)).toBe(true);
    expect(fat.recognise(patch(image, [3, 'NTFS    ']))).toBe(false);
    expect(fat.recognise(patch(image, [54, 'HPFS    ']))).toBe(false);
    expect(fat.recognise(patch(image, [16, '\0']))).toBe(false);
    expect(fat.recognise(patch(image, [11, u16le(8192)]))).toBe(false);
    expect(fat.recognise(patch(image, [13, Buffer.of(3)]))).toBe(false);
    expect(fat.recognise(image.subarray(0, 511))).toBe(false);
    expect(fat.recognise(Buffer.alloc(512))).toBe(false);
  });

  it('is named after its root directory rather than its boot sector, unless that says NO NAME', () => {
    const named = (label: string): [number, string][] => [
      [38, '\u0029\0\0\0\0'],
      [43, label.padEnd(11)],
    ];
    const inBoth = writeVolume([writeSlot({ name: 'ROOT LABEL', attributes: 0x08 })]);
    expect(open(patch(inBoth, ...named('BOOT'))).facts.label).toBe('ROOT LABEL');
    expect(open(patch(writeVolume([]), ...named('BOOT'))).facts).toMatchObject({ label: 'BOOT', uuid: null });
    expect(open(patch(writeVolume([]), ...named('NO NAME'))).facts.label).toBeNull();
  });

  it('has a label whose first letter is stored as 05, and nothing after its eleven letters', () => {
    const labelled = (label: string): string | null =>
      open(writeVolume([writeSlot({ name: label, attributes: 0x08, flags: 0x41 })])).facts.label;
    expect(labelled('\u0005LEVENBYTES')).toBe('σLEVENBYTES');
    expect(labelled('ELEVENBYTES')).toBe('ELEVENBYTES');
    expect(labelled('\u0006')).not.toContain('σ');
  });

  it('has entries that are labels, directories or files by their attributes', () => {
    for (let attributes = 0; attributes < 0x40; attributes++) {
      if (attributes === 0x0f) continue;
      const image = writeVolume([writeSlot({ name: 'NAME', attributes, cluster: 7, size: 99 })]);
      const files = open(image);
      const [entry] = driveReads(listAll(files, files.root), image);
      const facts = entry === undefined ? null : driveReads(files.stat(entry.ref), image);
      const isLabel = Math.floor(attributes / 8) % 2 === 1;
      const isDirectory = Math.floor(attributes / 16) % 2 === 1;
      const expected = isLabel ? [] : [isDirectory ? 'directory' : 'file', isDirectory ? 0 : 99];
      expect([attributes, facts === null ? [] : [facts.kind, facts.size]]).toEqual([attributes, expected]);
      expect([attributes, files.facts.label]).toEqual([attributes, isLabel ? 'NAME' : null]);
    }
  });

  it('falls back on the short name if the long one is foreign, incomplete or out of order', () => {
    const sum = checksumOf('SHORT   TXT');
    const slot = writeSlot({ name: 'SHORT   TXT' });
    const second = writePiece(0x42, 'en.txt', sum);
    const first = writePiece(1, 'a longer name', sum);
    const gone = patch(writeSlot({ name: 'GONE' }), [0, '\u00e5']);
    expect(namesOf(writeVolume([second, first, slot]))).toEqual(['a longer nameen.txt']);
    expect(namesOf(writeVolume([second, first, gone, slot]))).toEqual(['SHORT.TXT']);
    expect(namesOf(writeVolume([second, slot]))).toEqual(['SHORT.TXT']);
    expect(namesOf(writeVolume([first, slot]))).toEqual(['SHORT.TXT']);
    expect(namesOf(writeVolume([first, second, slot]))).toEqual(['SHORT.TXT']);
    expect(namesOf(writeVolume([writePiece(0x42, 'en.txt', sum + 1), first, slot]))).toEqual(['SHORT.TXT']);
    expect(namesOf(writeVolume([second, first, writeSlot({ name: 'OTHER   TXT' })]))).toEqual(['OTHER.TXT']);
    expect(namesOf(writeVolume([writePiece(0x5f, 'x', sum), slot]))).toEqual(['SHORT.TXT']);
  });

  it('shows names in lower case if flags say so, and in code page 437', () => {
    expect(
      namesOf(
        writeVolume([
          writeSlot({ name: 'BASE    EXT', flags: 0x08 }),
          writeSlot({ name: 'BASE    EXT', flags: 0x10 }),
          writeSlot({ name: 'BOTH    EXT', flags: 0x18 }),
          writeSlot({ name: '\u0081BER' }),
          writeSlot({ name: '\u0005IGMA' }),
          writeSlot({ name: 'A/B\0C' }),
          writeSlot({ name: '.', attributes: 0x10 }),
          writeSlot({ name: '..', attributes: 0x10 }),
          Buffer.alloc(32),
          writeSlot({ name: 'BEHIND' }),
        ]),
      ),
    ).toEqual(['base.EXT', 'BASE.ext', 'both.ext', 'üBER', 'σIGMA', 'A\ufffdB\ufffdC']);
  });

  it('replaces unpaired surrogates in a long name, and never gives one that leads elsewhere', () => {
    const sum = checksumOf('SHORT');
    const slot = writeSlot({ name: 'SHORT' });
    expect(namesOf(writeVolume([writePiece(0x41, 'a\ud83db', sum), slot]))).toEqual(['a\ufffdb']);
    expect(namesOf(writeVolume([writePiece(0x41, '\ud83d\ude00', sum), slot]))).toEqual(['\ud83d\ude00']);
    expect(namesOf(writeVolume([writePiece(0x41, '../x', sum), slot]))).toEqual(['..\ufffdx']);
    expect(namesOf(writeVolume([writePiece(0x41, '..', sum), slot]))).toEqual([]);
  });

  const loop = [writeSlot({ name: 'FILE', cluster: 2, size: 4000 })];
  it.each([
    {
      what: 'chains in a circle',
      chains: [
        [2, 3],
        [3, 4],
        [4, 3],
      ],
      message: /circular/,
    },
    {
      what: 'a chain that ends too soon',
      chains: [
        [2, 3],
        [3, 0xfff],
      ],
      message: /shorter than its file/,
    },
    {
      what: 'a chain to a cluster that is none',
      chains: [[2, 0xff0]],
      message: /leads to 4080, which is not a data cluster/,
    },
    { what: 'a chain to a free cluster', chains: [[2, 0]], message: /leads to 0, which is not a data cluster/ },
    { what: 'a chain to a bad cluster', chains: [[2, 0xff7]], message: /leads to 4087, which is not a data cluster/ },
  ] as const)('refuses $what', ({ chains, message }) => {
    const image = writeVolume(loop, chains);
    const files = open(image);
    const [entry] = driveReads(listAll(files, files.root), image);
    expectUnreadable(() => driveReads(files.read(entry?.ref ?? -1, 0, 4000), image), message);
  });

  it('notices a loop as soon as the file needs the cluster after it', () => {
    const read = (clusters: number, ...chains: readonly (readonly [number, number])[]): (() => Uint8Array) => {
      const image = writeVolume([writeSlot({ name: 'FILE', cluster: 2, size: clusters * 512 })], chains);
      const files = open(image);
      const [entry] = driveReads(listAll(files, files.root), image);
      return () => driveReads(files.read(entry?.ref ?? -1, 0, clusters * 512), image);
    };
    expect(read(2, [2, 3], [3, 3])().length).toBe(1024);
    expectUnreadable(read(2, [2, 2]), /circular/);
    expectUnreadable(read(3, [2, 3], [3, 3]), /circular/);
    expectUnreadable(read(5, [2, 3], [3, 4], [4, 3]), /circular/);
  });

  it('refuses a file larger than its volume, one without clusters, and other kinds', () => {
    const image = writeVolume([
      writeSlot({ name: 'LARGE', cluster: 2, size: 0xffff_ffff }),
      writeSlot({ name: 'NONE', cluster: 0, size: 1 }),
      writeSlot({ name: 'DIR', cluster: 5000, attributes: 0x10 }),
    ]);
    const files = open(image);
    const [large, none, directory] = driveReads(listAll(files, files.root), image).map(({ ref }) => ref);
    expectUnreadable(() => driveReads(files.read(large ?? -1, 0, 1), image), /larger than its volume/);
    expectUnreadable(
      () => driveReads(files.read(none ?? -1, 0, 1), image),
      /first cluster of a file is out of range: 0/,
    );
    expectUnreadable(
      () => driveReads(files.list(directory ?? -1, null), image),
      /first cluster of a directory is out of range: 5000/,
    );
    expectUnreadable(() => driveReads(files.list(large ?? -1, null), image), /not a directory/);
    expectUnreadable(() => driveReads(files.read(directory ?? -1, 0, 1), image), /not a regular file/);
    expectUnreadable(() => driveReads(files.readLink(large ?? -1), image), /not a symbolic link/);
  });

  it('refuses a circular directory before it exceeds the maximum length', () => {
    const image = writeVolume(
      [writeSlot({ name: 'DIR', cluster: 2, attributes: 0x10 })],
      [
        [2, 3],
        [3, 2],
      ],
    );
    const full = Buffer.concat(Array.from({ length: 16 }, () => patch(writeSlot({ name: 'X' }), [0, '\u00e5'])));
    const circle = patch(image, [clusterAt(2), full], [clusterAt(3), full]);
    const files = open(circle);
    const [entry] = driveReads(listAll(files, files.root), circle);
    expectUnreadable(() => driveReads(listAll(files, entry?.ref ?? -1), circle), /more than 65,536 entries/);
    expectUnreadable(() => driveReads(files.find(entry?.ref ?? -1, 'y'), circle), /more than 65,536 entries/);
  });

  it('keeps a long name whole across pages', () => {
    const name = `${'x'.repeat(12)}y${'z'.repeat(12)}!`;
    const sum = checksumOf('SHORT');
    const entry = [
      writePiece(0x42, name.slice(13), sum),
      writePiece(1, name.slice(0, 13), sum),
      writeSlot({ name: 'SHORT' }),
    ];
    // 700 names of three slots in 132 clusters: the boundaries of pages, of 512 slots, fall on each of the three.
    const slots = Buffer.concat(Array.from({ length: 700 }, () => entry).flat());
    const count = Math.ceil(slots.length / 512);
    const chain = Array.from(
      { length: count },
      (_, index) => [index + 2, index + 1 < count ? index + 3 : 0xfff] as const,
    );
    const image = patch(writeVolume([writeSlot({ name: 'DIR', cluster: 2, attributes: 0x10 })], chain), [
      clusterAt(2),
      slots,
    ]);
    const files = open(image);
    const [directory] = driveReads(listAll(files, files.root), image);
    const names = driveReads(listAll(files, directory?.ref ?? -1), image).map((each) => each.name);
    expect(names).toEqual(Array.from({ length: 700 }, () => name));
  });

  it('has no time if none can be read', () => {
    const image = writeVolume([writeSlot({ name: 'NEVER' })]);
    const files = open(image);
    const [entry] = driveReads(listAll(files, files.root), image);
    expect(driveReads(files.stat(entry?.ref ?? -1), image)).toMatchObject({ kind: 'file', size: 0, mtime: null });
    expect(driveReads(files.stat(files.root), image)).toMatchObject({ kind: 'directory', mtime: null });
  });

  it('counts free space', () => {
    const image = writeVolume(
      [],
      [
        [2, 3],
        [3, 0xfff],
        [1000, 0xff7],
      ],
    );
    expect(open(image).facts).toMatchObject({ size: 2000 * 512, free: (1992 - 3) * 512 });
  });

  it('gives no free space in FAT32 if FSInfo has no plausible number', () => {
    const image = readSample('fat32');
    expect(open(image).facts.free).toBeGreaterThan(30_000_000);
    expect(open(patch(image, [512, 'XXXX'])).facts.free).toBeNull();
    expect(open(patch(image, [512 + 488, u32le(0xffff_ffff)])).facts.free).toBeNull();
    expect(open(patch(image, [512 + 488, u32le(70_000)])).facts.free).toBeNull();
  });

  it('reads only the parts of the table that chains lead through', () => {
    const image = readSample('fat32');
    const asked: Span[] = [];
    const files = driveReads(fat.open(new FlatBlocks(image.length)), image, (spans) => asked.push(...spans));
    const entry = driveReads(findPath(files, 'EFI/debian/grubx64.efi'), image, (spans) => asked.push(...spans));
    driveReads(files.read(entry?.ref ?? -1, 0, 20_000), image, (spans) => asked.push(...spans));
    const table = asked.filter(({ offset }) => offset >= 32 * 512 && offset < 32 * 512 + 65_000 * 4);
    expect(table).toHaveLength(1);
    expect(asked.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(64 * kibibyte);
  });

  it('follows a chain once if a file is read in order', () => {
    const image = readSample('fat12');
    const files = open(image);
    const ref = driveReads(findPath(files, 'pieces.bin'), image)?.ref ?? -1;
    let turns = 0;
    for (let at = 0; at < 20_000; at += 100) driveReads(files.read(ref, at, 100), image, () => turns++);
    // Only the data, and the slot and the table at first.
    expect(turns).toBeLessThanOrEqual(202);
  });

  it('opens a volume whose table is shorter than its clusters, and refuses contradictions', () => {
    const short = patch(writeVolume([]), [22, u16le(1)]);
    expect(open(short).facts.free).toBeLessThan(512 * 512);
    expectUnreadable(() => open(patch(writeVolume([]), [19, u16le(5)])), /boot sector are inconsistent/);
    expectUnreadable(() => open(Buffer.alloc(100)), /ends too soon/);
    expectUnreadable(() => open(writeVolume([]).subarray(0, 3000)), /ends too soon/);
  });
});

describe('a directory over many clusters', () => {
  /** From cluster 2 on, each cluster a sector of 16 slots. */
  const directory = (slots: readonly Buffer[]): Buffer => {
    const count = Math.ceil(slots.length / 16);
    const chain = Array.from({ length: count }, (_, index): [number, number] => [
      2 + index,
      index + 1 < count ? 3 + index : 0xfff,
    ]);
    const image = writeVolume([writeSlot({ name: 'DIR', attributes: 0x10, cluster: 2 })], chain);
    image.set(Buffer.concat(slots), clusterAt(2));
    return image;
  };

  // A page has 512 slots; the pieces of this name begin that many slots before its end.
  it.each([1, 15, 16, 17, 18, 20])('has names whose first %i pieces end a page', (before) => {
    const name = 'a name that goes on '.repeat(13).slice(0, 255);
    const sum = checksumOf('LONG');
    const pieces = Array.from({ length: 20 }, (_, index) => {
      const order = 20 - index;
      return writePiece(order === 20 ? order + 0x40 : order, name.slice((order - 1) * 13, order * 13), sum);
    });
    const others = Array.from({ length: 512 - before }, (_, index) => writeSlot({ name: `F${String(index)}` }));
    const image = directory([...others, ...pieces, writeSlot({ name: 'LONG' }), writeSlot({ name: 'AFTER' })]);
    const files = open(image);
    const dir = driveReads(files.find(files.root, 'dir'), image)?.ref ?? 0;
    const found = driveReads(listAll(files, dir), image).map((entry) => entry.name);
    expect(found).toEqual([...others.map((_, index) => `F${String(index)}`), name, 'AFTER']);
  });

  it('finds names without the dots at their end', () => {
    const image = writeVolume([writeSlot({ name: 'FILE    TXT' }), writeSlot({ name: 'A' })]);
    const files = open(image);
    const find = (name: string): string | undefined => driveReads(files.find(files.root, name), image)?.name;
    expect(['file.txt', 'file.txt.', 'FILE.TXT...', 'a.', 'a...', 'file.tx', '.', ''].map(find)).toEqual([
      'FILE.TXT',
      'FILE.TXT',
      'FILE.TXT',
      'A',
      'A',
      undefined,
      undefined,
      undefined,
    ]);
  });
});
