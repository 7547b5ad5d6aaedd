import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../../src/disk/blocks/blocks.ts';
import { UnreadableError } from '../../../../../src/disk/blocks/reading.ts';
import type { DirectoryEntry, GuestFiles } from '../../../../../src/disk/filesystems/guest-files.ts';
import { iso9660 } from '../../../../../src/disk/filesystems/iso9660/iso9660.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { readSample } from '../../../../support/disk/volumes/file-system-corpus.ts';
import { deepDirectory, guestTime, guestTree } from '../../../../support/disk/volumes/guest-tree.ts';
import { isoLinks } from '../../../../support/disk/volumes/iso-volumes.ts';
import { findPath, listAll, readWhole, walk } from '../../../../support/disk/walk.ts';
import { patch, u16le, u32le } from '../../../../support/disk/writers.ts';

const sector = 2048;

function open(image: Uint8Array): GuestFiles {
  return driveReads(iso9660.open(new FlatBlocks(image.length)), image);
}

interface DiscRecord {
  readonly name: string;
  readonly block?: number;
  readonly size?: number;
  readonly flags?: number;
  readonly gap?: number;
  readonly use?: Buffer;
}

function writeRecord({ name, block = 0, size = 0, flags = 0, gap = 0, use = Buffer.alloc(0) }: DiscRecord): Buffer {
  const head = 33 + name.length + (name.length % 2 === 0 ? 1 : 0);
  const length = head + use.length + (use.length % 2);
  return patch(
    Buffer.alloc(length),
    [0, Buffer.of(length)],
    [2, u32le(block)],
    [10, u32le(size)],
    [18, Buffer.of(124, 2, 29, 13, 14, 16, 0)],
    [25, Buffer.of(flags, 0, gap)],
    [32, Buffer.of(name.length)],
    [33, name],
    [head, use],
  );
}

function writeField(signature: string, data: Uint8Array | string): Buffer {
  const bytes = Buffer.from(data as string, 'latin1');
  return Buffer.concat([Buffer.from(signature), Buffer.of(4 + bytes.length, 1), bytes]);
}

const rootBlock = 20;
const sharing = writeField('SP', '\u00be\u00ef\0');

/** A field that says where the others continue. */
function writeContinuation(block: number, offset: number, length: number): Buffer {
  return writeField('CE', patch(Buffer.alloc(24), [0, u32le(block)], [8, u32le(offset)], [16, u32le(length)]));
}

function writePosix(mode: number): Buffer {
  return writeField('PX', patch(Buffer.alloc(32), [0, u32le(mode)]));
}

/** A disc with one directory in one sector, and its files from block 30 on. @param use of the root directory */
function writeDisc(records: readonly Buffer[], use: Buffer = Buffer.alloc(0)): Buffer {
  const self = { block: rootBlock, size: sector, flags: 2 };
  const directory = Buffer.concat([
    writeRecord({ ...self, name: '\0', use }),
    writeRecord({ ...self, name: '\u0001' }),
    ...records,
  ]);
  return patch(
    Buffer.alloc(64 * sector),
    [16 * sector, '\u0001CD001\u0001'],
    [16 * sector + 80, u32le(64)],
    [16 * sector + 128, u16le(sector)],
    [16 * sector + 156, writeRecord({ ...self, name: '\0' })],
    [17 * sector, '\u00ffCD001\u0001'],
    [rootBlock * sector, directory],
    [30 * sector, 'a'.repeat(sector)],
    [31 * sector, 'b'.repeat(sector)],
    [32 * sector, 'c'.repeat(sector)],
  );
}

/** With Rock Ridge. */
function writeRockRidge(...records: readonly Buffer[]): Buffer {
  return writeDisc(records, Buffer.concat([sharing, writePosix(0o40755)]));
}

function entriesOf(image: Uint8Array): readonly DirectoryEntry[] {
  const files = open(image);
  return driveReads(listAll(files, files.root), image);
}

function expectUnreadable(act: () => unknown, message: RegExp): void {
  expect(act).toThrow(UnreadableError);
  expect(act).toThrow(message);
}

function textsOf(files: ReadonlyMap<string, Uint8Array | null>): string[] {
  return [...files].map(([path, bytes]) => `${path}: ${Buffer.from(bytes ?? []).toString()}`).toSorted();
}

describe('a disc that genisoimage or xorriso made', () => {
  it.each(['iso-rock-ridge', 'iso-joliet'])('has every file that was put into it: %s', (name) => {
    const image = readSample(name);
    expect(iso9660.recognise(image.subarray(0, 128 * 1024))).toBe(true);
    const found = driveReads(walk(open(image)), image);
    const files = new Map([...found].flatMap(([path, { bytes }]) => (bytes === null ? [] : [[path, bytes]])));
    expect(textsOf(files)).toEqual(textsOf(guestTree()));
    expect(found.get('many')?.facts.kind).toBe('directory');
    expect(found.get('boot/grub/grub.cfg')?.facts.mtime).toBe(guestTime);
    expect(found.get(deepDirectory)?.facts.kind).toBe('directory');
  });

  it('has the links, modes and owners of Rock Ridge, and relocated directories in their original places', () => {
    const image = readSample('iso-rock-ridge');
    const files = open(image);
    const found = driveReads(walk(files), image);
    const links = [...found].flatMap(([path, { target }]) => (target === null ? [] : [[path, target] as const]));
    expect(new Map(links)).toEqual(isoLinks);
    expect(found.get('README.TXT')?.facts).toMatchObject({ kind: 'file', size: 13, mode: 0o4751, uid: 0, gid: 0 });
    expect(found.get('absolute')?.facts.kind).toBe('link');
    expect([...found.keys()].filter((path) => path.startsWith('rr_moved/'))).toEqual([]);
    expect(driveReads(findPath(files, `${deepDirectory}/deep`), image)?.name).toBe('deep');
    expect(driveReads(findPath(files, 'readme.txt'), image)).toBeNull();
    expect(files.facts).toMatchObject({ type: 'iso9660', label: 'ROCK RIDGE', free: 0 });
    expect(files.facts.uuid).toMatch(/^\d{4}(?:-\d\d){6}$/);
  });

  it('has the whole label that Joliet cuts off, and finds names in any case', () => {
    const image = readSample('iso-joliet');
    const files = open(image);
    expect(files.facts.label).toBe('A LABEL OF MANY LETTERS');
    expect(driveReads(findPath(files, 'BOOT/GRUB/GRUB.CFG'), image)?.name).toBe('grub.cfg');
    expect(driveReads(findPath(files, 'boot/nothing'), image)).toBeNull();
  });

  it('has plain names without version and trailing dot', () => {
    const image = readSample('iso-plain');
    const files = open(image);
    const names = driveReads(listAll(files, files.root), image).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['BOOT', 'EMPTY', 'LOWER.TXT', 'README.TXT']));
    const ref = driveReads(findPath(files, 'boot/grub/grub.cfg'), image)?.ref ?? -1;
    expect(Buffer.from(driveReads(readWhole(files, ref), image)).toString()).toBe('set default=0\n');
    expect(driveReads(files.stat(ref), image)).toMatchObject({ mode: null, uid: null, gid: null, mtime: guestTime });
  });
});

describe('a disc', () => {
  it('is refused without a valid primary volume descriptor', () => {
    const disc = writeDisc([]);
    expect(iso9660.recognise(disc)).toBe(true);
    expect(iso9660.recognise(patch(disc, [16 * sector + 1, 'BEA01']))).toBe(false);
    expectUnreadable(() => open(patch(disc, [16 * sector, '\u0003'])), /no valid primary volume descriptor/);
    expectUnreadable(() => open(patch(disc, [16 * sector + 128, u16le(4096)])), /no valid primary volume descriptor/);
    expectUnreadable(() => open(patch(disc, [16 * sector + 158, u32le(0xffff_ffff)])), /a directory record is missing/);
  });

  it('joins the pieces of a file with several records', () => {
    const piece = { name: 'LARGE.;1', size: sector };
    const disc = writeDisc([
      writeRecord({ ...piece, block: 32, flags: 0x80 }),
      writeRecord({ ...piece, block: 30, flags: 0x80 }),
      writeRecord({ ...piece, block: 31, size: 3 }),
      writeRecord({ name: 'OTHER.;1', block: 30, size: 2 }),
    ]);
    const entries = entriesOf(disc);
    expect(entries.map(({ name }) => name)).toEqual(['LARGE', 'OTHER']);
    const files = open(disc);
    const read = (offset: number, length: number): string =>
      Buffer.from(driveReads(files.read(entries[0]?.ref ?? -1, offset, length), disc)).toString();
    expect(driveReads(files.stat(entries[0]?.ref ?? -1), disc).size).toBe(2 * sector + 3);
    expect(read(0, 10_000)).toBe(`${'c'.repeat(sector)}${'a'.repeat(sector)}bbb`);
    expect(read(sector - 2, 4)).toBe('ccaa');
    expect(read(2 * sector + 3, 1)).toBe('');
  });

  it('refuses a file with a missing piece, and an interleaved one', () => {
    const disc = writeDisc([
      writeRecord({ name: 'GAPS.;1', block: 30, size: 5, gap: 1 }),
      writeRecord({ name: 'LARGE.;1', block: 30, size: 5, flags: 0x80 }),
      writeRecord({ name: 'OTHER.;1', block: 30, size: 5 }),
    ]);
    const files = open(disc);
    const [gaps, large] = entriesOf(disc).map(({ ref }) => ref);
    expectUnreadable(() => driveReads(files.read(gaps ?? -1, 0, 5), disc), /interleaved/);
    expectUnreadable(() => driveReads(files.stat(large ?? -1), disc), /section of a file is missing/);
  });

  it('leaves out associated files and names that lead elsewhere', () => {
    const disc = writeRockRidge(
      writeRecord({ name: 'ASSOCIATED.;1', flags: 0x04 }),
      writeRecord({ name: 'A.;1', use: writeField('NM', '\0..') }),
      writeRecord({ name: 'B.;1', use: writeField('NM', '\0a/../b') }),
      writeRecord({
        name: 'C.;1',
        use: Buffer.concat([writeField('NM', '\u0001in two '), writeField('NM', '\0pieces')]),
      }),
    );
    expect(entriesOf(disc).map(({ name }) => name)).toEqual(['a\ufffd..\ufffdb', 'in two pieces']);
  });

  it('takes modes, kinds and links from Rock Ridge', () => {
    const link = Buffer.concat([
      writePosix(0o120777),
      writeField('SL', Buffer.of(1, 8, 0, 0, 4, ...Buffer.from('boot'), 1, 2, ...Buffer.from('ke'))),
      writeField('SL', Buffer.of(0, 0, 4, ...Buffer.from('rnel'), 4, 0, 2, 0, 0, 1, ...Buffer.from('x'))),
    ]);
    const disc = writeRockRidge(
      writeRecord({ name: 'LINK.;1', use: link }),
      writeRecord({ name: 'PIPE.;1', use: writePosix(0o10600) }),
      writeRecord({ name: 'TIME.;1', use: writeField('TF', '\u00822024022913141600\0') }),
    );
    const files = open(disc);
    const entries = entriesOf(disc);
    expect(entries.map(({ kind }) => kind)).toEqual(['link', 'other', 'file']);
    const [linkRef = -1, pipe = -1, time = -1] = entries.map(({ ref }) => ref);
    expect(driveReads(files.readLink(linkRef), disc)).toBe('/boot/kernel/.././x');
    expect(driveReads(files.stat(pipe), disc)).toMatchObject({ kind: 'other', mode: 0o600 });
    expect(driveReads(files.stat(time), disc).mtime).toBe(guestTime);
    expectUnreadable(() => driveReads(files.readLink(pipe), disc), /not a symbolic link/);
    expectUnreadable(() => driveReads(files.read(pipe, 0, 1), disc), /not a regular file/);
    expectUnreadable(() => driveReads(files.list(pipe, null), disc), /not a directory/);
  });

  it('gives the true size of a compressed file, and does not read it', () => {
    const zisofs = writeField('ZF', patch(Buffer.alloc(12), [0, 'pz\u0004\u000f'], [4, u32le(123_456)]));
    const disc = writeRockRidge(writeRecord({ name: 'Z.;1', block: 30, size: 100, use: zisofs }));
    const files = open(disc);
    const [{ ref } = { ref: -1 }] = entriesOf(disc);
    expect(driveReads(files.stat(ref), disc).size).toBe(123_456);
    expectUnreadable(() => driveReads(files.read(ref, 0, 1), disc), /zisofs/);
  });

  it('reads fields that continue elsewhere, but not endlessly or past a sector', () => {
    const going = (block: number, offset: number, length: number): Buffer =>
      writeRecord({ name: 'A.;1', use: writeContinuation(block, offset, length) });
    const name = writeField('NM', '\0from elsewhere');
    const disc = patch(writeRockRidge(going(40, 100, name.length)), [40 * sector + 100, name]);
    expect(entriesOf(disc).map((entry) => entry.name)).toEqual(['from elsewhere']);
    const circle = patch(writeRockRidge(going(40, 0, 28)), [40 * sector, writeContinuation(40, 0, 28)]);
    expectUnreadable(() => entriesOf(circle), /too many continuation areas/);
    expectUnreadable(() => entriesOf(writeRockRidge(going(40, 2000, 100))), /past the end of its sector/);
    expectUnreadable(() => entriesOf(writeRockRidge(going(0xffff_ffff, 0, 100))), /ends too soon/);
  });

  it('refuses names that are too long for any system', () => {
    const piece = writeField('NM', `\u0001${'x'.repeat(245)}`);
    const many = Buffer.concat(Array.from({ length: 5 }, () => piece));
    const disc = writeRockRidge(writeRecord({ name: 'A.;1', use: writeContinuation(40, 0, many.length) }));
    expectUnreadable(() => entriesOf(patch(disc, [40 * sector, many])), /name is too long/);
  });

  it('follows a directory to where it was relocated, and hides it there', () => {
    const self = { block: 40, size: sector, flags: 2 };
    const moved = Buffer.concat([writeRecord({ ...self, name: '\0' }), writeRecord({ ...self, name: '\u0001' })]);
    const disc = patch(
      writeRockRidge(
        writeRecord({ name: 'DEEP.;1', use: writeField('CL', patch(Buffer.alloc(8), [0, u32le(40)])) }),
        writeRecord({ ...self, name: 'MOVED', use: writeField('RE', '') }),
      ),
      [40 * sector, Buffer.concat([moved, writeRecord({ name: 'FILE.;1', block: 30, size: 1 })])],
    );
    const found = driveReads(walk(open(disc)), disc);
    expect([...found.keys()]).toEqual(['DEEP', 'DEEP/FILE']);
    expect(found.get('DEEP')?.facts.kind).toBe('directory');
  });

  it('refuses a directory with a record that is cut off or past the end, and one that is too large', () => {
    const cut = patch(
      writeDisc([]),
      [rootBlock * sector + 68, Buffer.of(40, 0)],
      [rootBlock * sector + 100, Buffer.of(60)],
    );
    expectUnreadable(() => entriesOf(cut), /record is truncated/);
    expectUnreadable(() => entriesOf(writeDisc([]).subarray(0, rootBlock * sector + 1024)), /ends too soon/);
    const large = patch(writeDisc([]), [rootBlock * sector + 10, u32le(0xffff_ffff)]);
    expectUnreadable(() => entriesOf(large), /too large/);
  });
});
