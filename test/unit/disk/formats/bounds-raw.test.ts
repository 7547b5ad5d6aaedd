// Bounds of what has no header of its own: raw disks, partition tables, compressed data, ISO 9660, archives.
import { describe, expect, it } from 'vitest';
import { nameFront } from '../../../../src/disk/formats/content.ts';
import { volumeOf } from '../../../../src/disk/formats/partitions.ts';
import { writeIso9660 } from '../../../../examples/demo/images/iso9660.ts';
import { writeRaw } from '../../../../examples/demo/images/content.ts';
import { makePartitionedDisk } from '../../../../examples/demo/images/partitioned.ts';
import { file, mebibyte } from '../../../support/disk/corpus/sample.ts';
import { drive } from '../../../support/disk/drive.ts';
import { paxRecords, tarOf, type TarPart } from '../../../support/disk/tars.ts';
import { type Change, ovf, patch, u16le, u32le, u64le } from '../../../support/disk/writers.ts';

function messagesOf(bytes: Uint8Array): string[] {
  return drive(bytes).finding.hazards.map(({ message }) => message);
}

/** The name given to the content of a raw disk with these changes, which is otherwise zero. */
function contentOf(...changes: readonly Change[]): unknown {
  return drive(patch(Buffer.alloc(128 * 1024), ...changes)).finding.details['content'] ?? null;
}

describe('the content of a raw disk', () => {
  it.each<[string, number, string]>([
    ['xfs', 0, 'XFSB'],
    ['ext', 1080, 'S\u00ef'],
    ['f2fs', 1024, '\u0010\u0020\u00f5\u00f2'],
    ['erofs', 1024, '\u00e2\u00e1\u00f5\u00e0'],
    ['hfs+', 1024, 'H+\0\u0004'],
    ['hfs+', 1024, 'HX\0\u0005'],
    ['apfs', 32, 'NXSB'],
    ['jfs', 32_768, 'JFS1'],
    ['squashfs', 0, 'hsqs'],
    ['cramfs', 0, 'E=\u00cd('],
    ['romfs', 0, '-rom1fs-'],
    ['swap', 4086, 'SWAPSPACE2'],
    ['swap', 8182, 'SWAPSPACE2'],
    ['swap', 16_374, 'SWAPSPACE2'],
    ['swap', 32_758, 'SWAPSPACE2'],
    ['swap', 65_526, 'SWAPSPACE2'],
    ['lvm', 0, 'LABELONE'],
    ['lvm', 512, 'LABELONE'],
    ['lvm', 1024, 'LABELONE'],
    ['lvm', 1536, 'LABELONE'],
    ['bcachefs', 4120, '\u00c6\u0085\u0073\u00f6\u0066\u00ce\u0090\u00a9'],
    ['bcachefs', 4120, '\u00c6\u0085\u0073\u00f6\u004e\u001a\u0045\u00ca'],
    ['bitlocker', 3, '-FVE-FS-'],
    ['refs', 3, 'ReFS\0\0\0\0'],
    ['md', 4096, '\u00fc\u004e\u002b\u00a9'],
    ['linux kernel', 514, 'HdrS'],
    ['linux kernel', 56, 'ARMd'],
    ['elf', 0, '\u007fELF'],
    ['cpio', 0, '070701'],
    ['cpio', 0, '070702'],
    ['cpio', 0, '070707'],
    ['device tree', 0, '\u00d0\r\u00fe\u00ed'],
    ['android boot image', 0, 'ANDROID!'],
    ['u-boot image', 0, "'\u0005\u0019V"],
    ['boot sector', 510, 'U\u00aa'],
    ['btrfs', 65_600, '_BHRfS_M'],
    ['reiserfs', 65_588, 'ReIsEr'],
  ])('is %s by the bytes at %i', (name, at, magic) => {
    expect(contentOf([at, magic])).toBe(name);
    expect(contentOf([at + 1, magic])).toBeNull();
    expect(nameFront(patch(Buffer.alloc(128 * 1024), [at, magic]))).toBe(name);
  });

  it.each<[readonly number[], number, number, number, string | null]>([
    [[0xeb, 0x3c, 0x90], 512, 2, 0xf8, 'fat'],
    [[0xeb, 0x3c, 0x90], 4096, 1, 0xf0, 'fat'],
    [[0xe9, 0, 0], 1024, 1, 0xff, 'fat'],
    [[0xeb, 0x3c, 0x91], 512, 2, 0xf8, null],
    [[0xea, 0x3c, 0x90], 512, 2, 0xf8, null],
    [[0xeb, 0x3c, 0x90], 513, 2, 0xf8, null],
    [[0xeb, 0x3c, 0x90], 512, 0, 0xf8, null],
    [[0xeb, 0x3c, 0x90], 512, 3, 0xf8, null],
    [[0xeb, 0x3c, 0x90], 512, 2, 0xef, null],
  ])('with a jump of %j, sectors of %i, %i copies and media %i: %s', (jump, sector, copies, media, name) => {
    const front = patch(
      Buffer.alloc(512),
      [0, Buffer.from(jump)],
      [11, u16le(sector)],
      [16, Buffer.from([copies])],
      [21, Buffer.from([media])],
    );
    expect([volumeOf(front), volumeOf(front.subarray(0, 511))]).toEqual([name, null]);
  });

  it.each<[string | Buffer, boolean]>([
    ['<html>', true],
    ['\ufeff \n<?xml version="1.0"?>', true],
    ['<!DOCTYPE html>', true],
    ['</x>', true],
    ['< html>', false],
    ['html', false],
    [Buffer.from('\ufeff<html>', 'utf16le'), true],
    [Buffer.from('\ufeff<html>', 'utf16le').swap16(), true],
    [`<a>${' '.repeat(1020)}\u0001`, false],
    [`<a>${' '.repeat(1021)}\u0001`, true],
  ])('is a page of text, or not: %j', (text, isText) => {
    const bytes = Buffer.from(text);
    expect(messagesOf(bytes)).toEqual(isText ? ['the data is a page of HTML or XML'] : []);
  });

  it('reports its size if that is known', () => {
    const sizeOf = (length: number): bigint | null => drive(Buffer.alloc(length, 7), false).finding.virtualSize;
    expect([sizeOf(1), sizeOf(65_535), sizeOf(65_536)]).toEqual([1n, 65_535n, null]);
    expect(messagesOf(Buffer.alloc(0))).toEqual(['it has no data']);
  });
});

describe('a GPT', () => {
  const gpt = writeRaw(makePartitionedDisk({ size: 4 * mebibyte, table: 'gpt', file }));
  const entry = gpt.subarray(1024, 1024 + 128);
  const numbersOf = (...changes: Change[]): unknown =>
    drive(patch(gpt, ...changes)).finding.partitions?.entries?.map(({ number }) => number) ?? null;

  it('has entries of 128 to 4096 bytes, from its second sector on', () => {
    expect(numbersOf([512 + 84, u32le(127)])).toBeNull();
    expect(numbersOf([512 + 84, u32le(256)], [1024 + 256, entry])).toEqual([1, 2]);
    expect(numbersOf([512 + 84, u32le(4096)], [512 + 80, u32le(2)], [1024 + 4096, entry])).toEqual([1, 2]);
    expect(messagesOf(patch(gpt, [512 + 84, u32le(4097)]))).toEqual([
      'the size or place of GPT entries is invalid: 4097 bytes at sector 2',
    ]);
    expect(messagesOf(patch(gpt, [512 + 72, u64le(1n)]))).toEqual([
      'the size or place of GPT entries is invalid: 128 bytes at sector 1',
    ]);
    expect(messagesOf(patch(gpt, [512 + 72, u64le(2n ** 32n)]))).toEqual([
      'the size or place of GPT entries is invalid: 128 bytes at sector 4294967296',
    ]);
    expect(messagesOf(patch(gpt, [512 + 72, u64le(2n ** 32n - 1n)]))).toEqual([
      'its GPT entries are at byte 2199023255040, which could not be read',
      'the data ends within the GPT entries',
    ]);
  });

  it('has the number of entries it states, 128 at most', () => {
    const second: Change = [1024 + 128, entry];
    expect(numbersOf(second)).toEqual([1, 2]);
    expect(numbersOf(second, [512 + 80, u32le(1)])).toEqual([1]);
    expect(numbersOf(second, [512 + 80, u32le(0)])).toEqual([]);
    const last: Change = [1024 + 127 * 128, entry];
    expect(numbersOf(last, [512 + 80, u32le(127)])).toEqual([1]);
    expect(numbersOf(last, [512 + 80, u32le(200)], [1024 + 128 * 128, entry])).toEqual([1, 128]);
  });

  it('reports the place of each: from its first sector to its last', () => {
    const first = (from: bigint, to: bigint): unknown =>
      drive(patch(gpt, [1024 + 32, u64le(from)], [1024 + 40, u64le(to)])).finding.partitions?.entries?.[0];
    expect(first(10n, 10n)).toMatchObject({ start: 5120n, size: 512n });
    expect(first(10n, 9n)).toMatchObject({ start: 5120n, size: 0n });
  });
});

describe('compressed data', () => {
  const lzma = (dictionary: number, size: bigint, next = 0): Buffer =>
    Buffer.concat([Buffer.from([0x5d]), u32le(dictionary), u64le(size), Buffer.from([next, 1, 2])]);

  it.each<[string, Buffer, string]>([
    ['LZMA of 2^23', lzma(2 ** 23, 2n ** 64n - 1n), 'lzma'],
    ['LZMA of 2^22 and 2^21', lzma(3 * 2 ** 21, 5n), 'lzma'],
    ['LZMA of a TiB less one', lzma(2 ** 23, 2n ** 40n - 1n), 'lzma'],
    ['LZMA of a TiB', lzma(2 ** 23, 2n ** 40n), 'raw'],
    ['LZMA with another dictionary', lzma(5 * 2 ** 21, 5n), 'raw'],
    ['LZMA whose coder does not begin with 0', lzma(2 ** 23, 5n, 1), 'raw'],
    ['LZMA of 14 bytes', lzma(2 ** 23, 5n).subarray(0, 14), 'lzma'],
    ['LZMA of 13 bytes', lzma(2 ** 23, 5n).subarray(0, 13), 'raw'],
    ['compress of 8 bits', Buffer.from([0x1f, 0x9d, 0x88]), 'raw'],
    ['compress of 9 bits', Buffer.from([0x1f, 0x9d, 0x09]), 'compress'],
    ['compress of 16 bits', Buffer.from([0x1f, 0x9d, 0x90]), 'compress'],
    ['compress of 17 bits', Buffer.from([0x1f, 0x9d, 0x91]), 'raw'],
    ...Array.from({ length: 8 }, (_, index): [string, Buffer, string] => [
      `zstd of version 0.${String(index)}`,
      Buffer.from([[0x28, 0x1e, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27][index] ?? 0, 0xb5, 0x2f, 0xfd]),
      'zstd',
    ]),
    ['what would be zstd of version 0.0', Buffer.from([0x21, 0xb5, 0x2f, 0xfd]), 'raw'],
  ])('%s', (_name, bytes, format) => {
    expect(drive(bytes).finding.format).toBe(format);
  });

  const skippable = (first: number, length: number): Buffer =>
    Buffer.concat([
      Buffer.from([first]),
      Buffer.from('*M\u0018'),
      u32le(length),
      Buffer.alloc(Math.min(length, 2 ** 21)),
    ]);
  const lz4 = Buffer.from('\u0004"M\u0018????');

  it.each<[string, Buffer, string, string[]]>([
    ['the first kind', Buffer.concat([skippable(0x50, 4), lz4]), 'lz4', []],
    ['the last kind', Buffer.concat([skippable(0x5f, 4), lz4]), 'lz4', []],
    ['one before the first kind', Buffer.concat([skippable(0x4f, 4), lz4]), 'raw', []],
    ['one after the last kind', Buffer.concat([skippable(0x60, 4), lz4]), 'raw', []],
    ['nothing after it', skippable(0x50, 4), 'zstd', []],
    [
      'less after it than a frame',
      Buffer.concat([skippable(0x50, 4), Buffer.alloc(7)]),
      'zstd',
      ['the data ends within a frame'],
    ],
    [
      'no frame after it',
      Buffer.concat([skippable(0x50, 4), Buffer.alloc(8)]),
      'zstd',
      ['no frame follows its skippable ones'],
    ],
    ['its end missing', skippable(0x50, 4).subarray(0, 11), 'zstd', ['the data ends within a skippable frame']],
    ['63 more before lz4', Buffer.concat([...Array.from({ length: 63 }, () => skippable(0x50, 0)), lz4]), 'lz4', []],
    ['64 more before lz4', Buffer.concat([...Array.from({ length: 64 }, () => skippable(0x50, 0)), lz4]), 'zstd', []],
    ['a MiB before lz4', Buffer.concat([skippable(0x50, mebibyte - 8), lz4]), 'lz4', []],
    ['more than a MiB before lz4', Buffer.concat([skippable(0x50, mebibyte - 7), lz4]), 'zstd', []],
  ])('in a frame that is skipped, %s', (_name, bytes, format, messages) => {
    expect([drive(bytes).finding.format, messagesOf(bytes)]).toEqual([format, messages]);
  });
});

it('an ISO has one size, in two byte orders, and ends with its last block', () => {
  const iso = writeIso9660({ volume: 'TEST', directory: 'DIR', file });
  const descriptor = 32 * 1024;
  expect(messagesOf(iso)).toEqual([]);
  expect(messagesOf(iso.subarray(0, -1))).toEqual([
    `the volume has ${String(iso.length)} bytes, but the data only ${String(iso.length - 1)}`,
  ]);
  expect(messagesOf(patch(iso, [descriptor + 130, Buffer.from([4])]))).toEqual([
    'the size of blocks differs between its two byte orders',
  ]);
  expect(messagesOf(patch(iso, [descriptor + 87, Buffer.from([255])]))).toEqual([
    'the number of blocks differs between its two byte orders',
  ]);
  // A descriptor of another kind first, then one of a volume.
  const second = patch(
    Buffer.concat([iso, Buffer.alloc(64 * 1024)]),
    [descriptor + 2048, iso.subarray(descriptor, descriptor + 2048)],
    [descriptor, Buffer.from([0])],
  );
  expect(drive(second).finding.details).toEqual({ block_size: 2048, label: 'TEST' });
  const none = patch(second, [descriptor + 2048, Buffer.from([2])]);
  expect(messagesOf(none)).toEqual(['it has no primary volume descriptor']);
  expect(messagesOf(none.subarray(0, descriptor + 4096))).toEqual(['it has no primary volume descriptor']);
  expect(messagesOf(none.subarray(0, descriptor + 4095))).toEqual(['the data ends within the volume descriptors']);
  // UDF alone: the descriptor that says so may be the second to the fourth.
  const udf = (at: number, sign: string): unknown =>
    drive(patch(Buffer.alloc(64 * 1024), [descriptor + 1, 'BEA01'], [descriptor + at * 2048 + 1, sign])).finding
      .details;
  for (const at of [1, 2, 3]) expect(udf(at, 'NSR02')).toEqual({ subformat: 'udf' });
  expect(udf(1, 'NSR03')).toEqual({ subformat: 'udf' });
  expect([udf(4, 'NSR02'), udf(1, 'NSR04')]).toEqual([{}, {}]);
});

describe('a tar', () => {
  const pax = (content: string, type = 'x'): TarPart => ({ name: 'pax', type, content });
  const named = (...parts: TarPart[]): unknown => {
    const { finding } = drive(tarOf(...parts));
    return finding.details['descriptor'] ?? finding.details['first_member'] ?? messagesOf(tarOf(...parts));
  };

  it('gets the name in its headers, for the next member only or for all', () => {
    const first: TarPart = { name: 'a', content: 'x' };
    const box: TarPart = { name: 'b', content: ovf('disk.vmdk') };
    expect(named(pax(paxRecords({ path: 'c' })), first)).toBe('c');
    expect(named(pax(paxRecords({ path: 'c' })), first, { ...box, name: 'b.ovf' })).toBe('b.ovf');
    expect(named(pax(paxRecords({ path: 'g.ovf' }), 'g'), box)).toBe('g.ovf');
    expect(named(pax(paxRecords({ path: 'c' })), pax(paxRecords({ path: 'd' })), first)).toBe('d');
    expect(named(pax(paxRecords({ path: '' })), first)).toBe('a');
    expect(named(pax(paxRecords({ xpath: 'c' })), first)).toBe('a');
  });

  it('has pax records of exactly their stated length', () => {
    const notUnderstood = ['the header of a member is not understood'];
    const after: TarPart = { name: 'a', content: 'x' };
    expect(named(pax('10 path=c\n'), after)).toBe('c');
    expect(named(pax('11 path=c\n'), after)).toEqual(notUnderstood);
    expect(named(pax('8 path=c\n'), after)).toEqual(notUnderstood);
    expect(named(pax('4 a\n'), after)).toBe('a');
    expect(named(pax('3 \n'), after)).toEqual(notUnderstood);
    expect(named(pax('11 size=1x\n'), after)).toEqual(notUnderstood);
    expect(named(pax(paxRecords({ size: '9'.repeat(16) })), after)).toEqual(notUnderstood);
  });

  it('is recognised by its checksum over unsigned or signed bytes, and its type', () => {
    const header = tarOf({ name: '\u00e4', content: 'x' });
    const formatWith = (...changes: Change[]): string => drive(patch(header, ...changes)).finding.format;
    expect(formatWith()).toBe('tar');
    expect(formatWith([0, 'b'])).toBe('raw');
    const sum = [...header.subarray(0, 512)].reduce(
      (total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte < 128 ? byte : byte - 256),
      0,
    );
    expect(formatWith([148, `${sum.toString(8).padStart(6, '0')}\0 `])).toBe('tar');
    expect(formatWith([148, `${(sum + 1).toString(8).padStart(6, '0')}\0 `])).toBe('raw');
  });

  it('has headers within the first MiB, and up to 100 of them', () => {
    const headers = (count: number): TarPart[] =>
      Array.from({ length: count }, () => pax(paxRecords({ comment: 'x' })));
    const member: TarPart = { name: 'a', content: 'x' };
    expect(named(...headers(99), member)).toBe('a');
    expect(named(...headers(100), member)).toEqual(['too many headers before its first member']);
    const far = (length: number): TarPart => ({ name: 'x', type: 'V', content: 'x'.repeat(length) });
    expect(named(far(mebibyte - 1024), member)).toBe('a');
    expect(named(far(mebibyte - 512), member)).toEqual(['its first member is too far into the data']);
    expect(named(far(mebibyte - 511), member)).toEqual(['the header of a member is not understood']);
  });
});

describe('an OVF descriptor', () => {
  it.each<[string, string[]]>([
    ['&#x2f;etc', ['/etc']],
    ['&#47;etc', ['/etc']],
    ['&amp;&lt;&gt;&quot;&apos;&nbsp;', ['&<>"\'&nbsp;']],
    ['&#x10ffff;', ['\u{10ffff}']],
    ['&#x110000;', ['&#x110000;']],
    ['&#1114111;', ['\u{10ffff}']],
  ])('that refers to %s', (href, files) => {
    const { finding } = drive(tarOf({ name: 'box.ovf', content: `<File href="${href}"/>` }));
    expect(finding.details['files']).toEqual(files);
  });

  it('reports a hundred files, and a name of 1,024 letters', () => {
    const filesOf = (...names: string[]): unknown =>
      drive(tarOf({ name: 'box.ovf', content: ovf(...names) })).finding.details['files'];
    const names = Array.from({ length: 101 }, (_, index) => `f${String(index)}`);
    expect(filesOf(...names)).toEqual(names.slice(0, 100));
    expect(filesOf('x'.repeat(1024), 'x'.repeat(1025))).toEqual(['x'.repeat(1024), `${'x'.repeat(1024)}…`]);
  });

  it('has at most a MiB, including its header', () => {
    const box = (length: number): TarPart => ({ name: 'box.ovf', content: ovf('d').padEnd(length, ' ') });
    expect(messagesOf(tarOf(box(mebibyte - 512)))).toEqual([]);
    expect(messagesOf(tarOf(box(mebibyte - 511)))).toEqual([
      'the OVF descriptor does not end within the first MiB: 1048065 bytes at byte 512',
    ]);
    const link: TarPart = { name: 'box.ovf', type: '1', content: ovf('d') };
    expect(messagesOf(tarOf(link))).toEqual(['its OVF descriptor is not a file, but of type 1']);
  });
});
