// What inspectors of oslo.utils make of data, field by field. judge.test.ts compares with verdicts recorded from oslo.utils
// itself.
import { describe, expect, it } from 'vitest';
import { encodeGuid } from '../../../../examples/demo/images/guid.ts';
import { readInspection } from '../../../../src/disk/target/inspection.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { SparseBlocks } from '../../../support/disk/sparse-blocks.ts';
import {
  type Change,
  u16be,
  u16le,
  u32be,
  u32le,
  u64be,
  u64le,
  vmdkDescriptor,
} from '../../../support/disk/writers.ts';

/** What is found, as `FORMAT STATE CODES`. @param missing the offset from which nothing can be read */
function inspect(size: number, pieces: readonly Change[], missing = Infinity): readonly string[] | 'broken' {
  const file = new SparseBlocks(size, ...pieces);
  const reading = readInspection();
  let step = reading.next();
  while (step.done !== true) {
    const { length } = step.value;
    const offset = step.value.from === 'start' ? step.value.offset : Math.max(0, size - length);
    const [bytes = new Uint8Array()] = driveReads(file.read([{ offset, length }]), new Uint8Array());
    step = reading.next(offset >= missing ? null : bytes);
  }
  const { matches, isBroken } = step.value;
  if (isBroken) return 'broken';
  return matches.map(({ format, state, failed, isSizeOdd }) =>
    [format, state, ...failed.map(({ code }) => code), ...(isSizeOdd ? ['odd size'] : [])].join(' '),
  );
}

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

describe('a boot sector', () => {
  const entry = (type: number, sector = 64, flag = 0, chs = '\0\u0002\0'): Buffer =>
    Buffer.concat([Buffer.of(flag), Buffer.from(chs, 'latin1'), Buffer.of(type, 0, 0, 0), u32le(sector), u32le(9)]);
  const sector = (...entries: readonly Buffer[]): Change[] => [
    [446, Buffer.concat(entries)],
    [510, '\u0055\u00aa'],
  ];
  const none = entry(0);

  it.each<readonly [string, readonly Change[], readonly string[]]>([
    ['a partition', sector(entry(0x83)), ['gpt whole']],
    ['the last of four', sector(none, none, none, entry(0x83)), ['gpt whole']],
    ['a boot flag', sector(entry(0x83, 64, 0x80)), ['gpt whole']],
    ['another flag', sector(entry(0x83, 64, 0x81)), ['gpt whole mbr']],
    ['another flag without a partition', sector(entry(0x83), none, none, entry(0, 0, 1)), ['gpt whole mbr']],
    ['no partitions', sector(), ['gpt whole mbr']],
    ['a protective entry', sector(entry(0xee, 1)), ['gpt whole']],
    ['a protective entry elsewhere', sector(entry(0xee, 2)), ['gpt whole mbr']],
    ['a protective entry with an odd head', sector(entry(0xee, 1, 0, '\u0001\u0002\0')), ['gpt whole mbr']],
    ['a protective entry with an odd sector', sector(entry(0xee, 1, 0, '\0\u0001\0')), ['gpt whole mbr']],
    ['a protective entry with an odd cylinder', sector(entry(0xee, 1, 0, '\0\u0002\u0001')), ['gpt whole mbr']],
    ['a protective entry after another', sector(entry(0x83), entry(0xee, 1)), ['gpt whole mbr']],
    ['a protective entry alone, the second', sector(none, entry(0xee, 1)), ['gpt whole mbr']],
    ['a protective entry before another', sector(entry(0xee, 1), entry(0x83)), ['gpt whole mbr']],
    ['half a signature', [...sector(entry(0x83)), [511, 'x']], []],
    ['the other half', [...sector(entry(0x83)), [510, 'x']], []],
    ['fields of FAT', [...sector(entry(0x83)), [0x10, '\u0002'], [0x15, '\u00f8']], []],
    ['one copy of the table of FAT', [...sector(entry(0x83)), [0x10, '\u0001'], [0x15, '\u00f8']], ['gpt whole']],
    ['another medium of FAT', [...sector(entry(0x83)), [0x10, '\u0002'], [0x15, '\u00f0']], ['gpt whole']],
  ])('with %s', (_what, pieces, expected) => {
    expect(inspect(mebibyte, pieces)).toEqual(expected);
    expect(inspect(511, pieces)).toEqual([]);
  });
});

describe('the beginning of data', () => {
  const qcow2: readonly Change[] = [
    [0, 'QFI\u00fb'],
    [4, u32be(3)],
  ];
  it.each<readonly [string, number, readonly Change[], readonly string[]]>([
    ['of a qcow2', 512, qcow2, ['qcow2 whole']],
    ['of a shorter one', 511, qcow2, []],
    ['of one with a backing file', 512, [...qcow2, [8, u64be(1n)]], ['qcow2 whole backing_file']],
    ['of one with a data file', 512, [...qcow2, [72, u64be(4n)]], ['qcow2 whole data_file']],
    ['of one with every known feature', 512, [...qcow2, [72, u64be(11n)]], ['qcow2 whole']],
    ['of one with a feature more', 512, [...qcow2, [72, u64be(16n)]], ['qcow2 whole unknown_features']],
    ['of one of version 2 with features', 512, [...qcow2, [4, u32be(2)], [72, u64be(20n)]], ['qcow2 whole data_file']],
    ['of one of version 4', 512, [...qcow2, [4, u32be(4)]], ['qcow2 whole unknown_features']],
    ['of a QED', 512, [[0, 'QED\0']], ['qed whole banned']],
    ['of a shorter one', 511, [[0, 'QED\0']], []],
    ['of a VDI', 512, [[64, u32le(0xbeda_107f)]], ['vdi whole']],
    ['of a shorter one', 511, [[64, u32le(0xbeda_107f)]], []],
    ['of a VHD', 512, [[0, 'conectix']], ['vhd whole']],
    ['of a shorter one', 511, [[0, 'conectix']], ['vhd cut']],
    ['of an ISO 9660', 34 * kibibyte, [[32_769, 'CD001']], ['iso whole']],
    ['of an UDF', 34 * kibibyte, [[32_769, 'NSR02']], ['iso whole']],
    ['of a newer one', 34 * kibibyte, [[32_769, 'NSR03']], ['iso whole']],
    ['of a shorter one', 34 * kibibyte - 1, [[32_769, 'CD001']], []],
    [
      'of a LUKS',
      592,
      [
        [0, 'LUKS\u00ba\u00be'],
        [6, u16be(1)],
      ],
      ['luks whole'],
    ],
    [
      'of a shorter one',
      591,
      [
        [0, 'LUKS\u00ba\u00be'],
        [6, u16be(2)],
      ],
      ['luks cut'],
    ],
    [
      'of a LUKS of version 2',
      592,
      [
        [0, 'LUKS\u00ba\u00be'],
        [6, u16be(2)],
      ],
      ['luks whole version'],
    ],
    [
      'of two formats',
      592,
      [
        [0, 'LUKS\u00ba\u00be'],
        [6, u16be(1)],
        [64, u32le(0xbeda_107f)],
      ],
      ['vdi whole', 'luks whole'],
    ],
  ])('%s', (_what, size, pieces, expected) => {
    expect(inspect(size, pieces)).toEqual(expected);
  });
});

describe('a VHDX', () => {
  const table = 192 * kibibyte;
  const metadataGuid = encodeGuid('8B7CA206-4790-4B9A-B8FE-575F050F886E');
  const sizeGuid = encodeGuid('2FA54224-CD1B-4876-B211-5DBED83BF4B8');
  /** Its metadata is at an offset, and its size at another from there; both are second in their tables. */
  const pieces = (metadata = mebibyte, at = 64 * kibibyte, length = 8): readonly Change[] => [
    [0, 'vhdxfile'],
    [table, 'regi'],
    [table + 8, u32le(2)],
    [table + 48, Buffer.concat([metadataGuid, u64le(BigInt(metadata))])],
    [metadata, 'metadata'],
    [metadata + 10, u16le(2)],
    [metadata + 64, Buffer.concat([sizeGuid, u32le(at), u32le(length)])],
  ];
  const whole = ['vhdx whole'];
  const cut = ['vhdx cut'];

  it.each<readonly [string, size: number, pieces: readonly Change[], expected: readonly string[]]>([
    ['with all that is expected', 4 * mebibyte, pieces(), whole],
    ['that ends with its size', mebibyte + 64 * kibibyte + 8, pieces(), whole],
    ['that ends within its size', mebibyte + 64 * kibibyte + 7, pieces(), cut],
    ['with a size of four bytes', 4 * mebibyte, pieces(mebibyte, 64 * kibibyte, 4), ['vhdx whole odd size']],
    ['with a size of no bytes', 4 * mebibyte, pieces(mebibyte, 64 * kibibyte, 0), ['vhdx whole odd size']],
    [
      'with a size of more than 64 KiB, all of which exist',
      mebibyte + 128 * kibibyte,
      pieces(mebibyte, 64 * kibibyte, 70_000),
      ['vhdx whole odd size'],
    ],
    [
      'with a size of 64 KiB, not all of which exist',
      mebibyte + 128 * kibibyte - 1,
      pieces(mebibyte, 64 * kibibyte, 65_536),
      ['vhdx cut odd size'],
    ],
    ['without a whole first piece', 64 * kibibyte - 1, pieces(), cut],
    ['without a whole table of regions', 256 * kibibyte - 1, pieces(), cut],
    ['without its metadata', mebibyte, pieces(), cut],
    ['with half of its metadata', mebibyte + 32 * kibibyte, [...pieces(), [mebibyte + 10, u16le(0)]], cut],
    ['whose table of metadata ends within an entry', mebibyte + 95, pieces(), cut],
    ['without a table of regions', 4 * mebibyte, [...pieces(), [table, 'Regi']], whole],
    ['with more regions than there can be', mebibyte, [...pieces(), [table + 8, u32le(2048)]], whole],
    ['with as many as there can be', mebibyte, [...pieces(), [table + 8, u32le(2047)]], cut],
    ['without a region of metadata', mebibyte, [...pieces(), [table + 8, u32le(1)]], whole],
    ['with metadata at 2^52', mebibyte, [...pieces(), [table + 64, u64le(2n ** 52n)]], cut],
    ['with invalid metadata', 4 * mebibyte, [...pieces(), [mebibyte, 'Metadata']], whole],
    ['with invalid metadata, not in one piece', 4 * mebibyte, [...pieces(mebibyte + 512), [mebibyte + 512, 'M']], cut],
    ['without a size', mebibyte + 64 * kibibyte, [...pieces(), [mebibyte + 10, u16le(1)]], whole],
    // It waits for metadata once it has seen the table of regions, which is in the fourth piece.
    ['with metadata in an earlier piece', 4 * mebibyte, pieces(64 * kibibyte), cut],
    ['with metadata that ends where the fourth piece begins', 4 * mebibyte, pieces(128 * kibibyte), whole],
    // And for a size once it has seen its entry: here that is in the piece after the beginning of the metadata.
    ['with a size in an earlier piece', 4 * mebibyte, pieces(mebibyte - 64, 20), cut],
    ['with a size that ends where a piece begins', 4 * mebibyte, pieces(mebibyte - 64, 56), whole],
    ['with a size across the end of a piece', mebibyte + 8, pieces(mebibyte - 64, 60), cut],
    ['with a size after its entry', 4 * mebibyte, pieces(mebibyte - 64, 200), whole],
  ])('%s', (_what, size, parts, expected) => {
    expect(inspect(size, parts)).toEqual(expected);
  });

  it('is unread if a part of it cannot be fetched', () => {
    expect(inspect(4 * mebibyte, pieces(), table)).toEqual(['vhdx unread']);
    expect(inspect(4 * mebibyte, pieces(), mebibyte)).toEqual(['vhdx unread']);
    expect(inspect(4 * mebibyte, pieces(), mebibyte + 64 * kibibyte)).toEqual(['vhdx unread']);
    expect(inspect(4 * mebibyte, pieces(mebibyte, 64 * kibibyte, 4), mebibyte + 64 * kibibyte)).toEqual([
      'vhdx unread odd size',
    ]);
  });
});

describe('a VMDK', () => {
  const size = mebibyte;
  const header: readonly Change[] = [
    [0, 'KDMV'],
    [4, u32le(1)],
    [28, u64le(1n)],
    [36, u64le(20n)],
    [56, u64le(26n)],
  ];
  const sparse = (text = vmdkDescriptor(), ...changes: readonly Change[]): readonly Change[] => [
    ...header,
    [512, text],
    ...changes,
  ];
  /** With its header again at its end, between a marker and an empty sector. */
  const streamed = (...changes: readonly Change[]): readonly Change[] => [
    ...sparse(vmdkDescriptor({ type: 'streamOptimized' }), [56, u64le(2n ** 64n - 1n)]),
    [size - 1536 + 12, u32le(3)],
    ...header.map(([at, value]): Change => [size - 1024 + at, value]),
    ...changes,
  ];
  const fine = ['vmdk whole'];
  const refused = ['vmdk whole descriptor'];
  const footer = ['vmdk whole footer'];
  const end = size - 1024;

  it.each<readonly [string, readonly Change[], readonly string[]]>([
    ['as it should be', sparse(), fine],
    ['of version 3', sparse(undefined, [4, u32le(3)]), fine],
    ['of version 0', sparse(undefined, [4, u32le(0)]), refused],
    ['of version 4', sparse(undefined, [4, u32le(4)]), refused],
    ['whose descriptor is elsewhere', sparse(undefined, [28, u64le(2n)]), refused],
    ['without a descriptor', sparse(undefined, [36, u64le(0n)]), refused],
    ['with a descriptor of one sector', sparse(undefined, [36, u64le(1n)]), fine],
    ['with a descriptor that is not ASCII', sparse(`${vmdkDescriptor()}\u00e9`), refused],
    ['of another type', sparse(vmdkDescriptor({ type: 'monolithicFlat' })), refused],
    ['of no type', sparse(vmdkDescriptor({ type: null })), refused],
    ['without extents', sparse(vmdkDescriptor({ extents: [] })), refused],
    [
      'with three kinds of access',
      sparse(vmdkDescriptor({ extents: ['RW 1 SPARSE "a"', 'RDONLY 1 SPARSE "b"', 'NOACCESS 1'] })),
      fine,
    ],
    ['with another kind of access', sparse(vmdkDescriptor({ extents: ['WO 1 SPARSE "a"'] })), refused],
    ['with an extent elsewhere', sparse(vmdkDescriptor({ extents: ['RW 1 SPARSE "/a"'] })), refused],
    ['with a word alone', sparse(vmdkDescriptor({ more: 'word' })), refused],
    ['with a field of two words', sparse(vmdkDescriptor({ more: 'two words = 1' })), refused],
    ['with fields and blanks', sparse(vmdkDescriptor({ more: ' \t field=two words\u001c\r\n\u000b#x' })), fine],
    ['that was written as a stream', streamed(), fine],
    ['with a marker of another kind', streamed([size - 1536 + 12, u32le(2)]), footer],
    ['with a marker of some length', streamed([size - 1536 + 8, u32le(1)]), footer],
    ['with more in its marker', streamed([size - 1536 + 16, '\u0001']), footer],
    ['with something in its last sector', streamed([size - 1, '\u0001']), footer],
    ['with a footer of another name', streamed([end, 'X']), footer],
    ['with a footer of another version', streamed([end + 4, u32le(2)]), footer],
    ['with a footer of another descriptor', streamed([end + 28, u64le(2n)]), footer],
    ['with a footer of another length', streamed([end + 36, u64le(21n)]), footer],
    ['with a footer that points to another', streamed([end + 56, u64le(2n ** 64n - 1n)]), footer],
    ['with neither descriptor nor footer', streamed([512, '\0'], [end, 'X']), ['vmdk whole descriptor footer']],
    ['with a footer, whose descriptor is elsewhere', streamed([28, u64le(2n)]), ['vmdk cut descriptor']],
  ])('%s', (_what, pieces, expected) => {
    expect(inspect(size, pieces)).toEqual(expected);
  });

  it('is cut off, or unread', () => {
    expect(inspect(63, header)).toEqual(['vmdk cut']);
    expect(inspect(512 + 20 * 512, sparse())).toEqual(fine);
    expect(inspect(512 + 20 * 512 - 1, sparse())).toEqual(['vmdk cut']);
    // Of a longer descriptor, one byte less than a mebibyte counts.
    const long = sparse(undefined, [36, u64le(2n ** 55n)]);
    expect(inspect(512 + mebibyte - 1, long)).toEqual(fine);
    expect(inspect(512 + mebibyte - 2, long)).toEqual(['vmdk cut']);
    expect(inspect(size, sparse(), 512)).toEqual(['vmdk unread']);
    expect(inspect(size, streamed(), end - 512)).toEqual(['vmdk unread']);
  });

  it('may be only a descriptor, in which a size is looked for in vain', () => {
    const text = (more: Parameters<typeof vmdkDescriptor>[0] = {}): readonly Change[] => [
      [0, `${vmdkDescriptor(more)}\n`.padEnd(2000, '#')],
    ];
    expect(inspect(2000, text())).toEqual(['vmdk whole odd size']);
    expect(inspect(2000, text({ type: 'custom' }))).toEqual(['vmdk whole descriptor']);
    expect(inspect(2000, text({ type: null }))).toEqual([]);
    expect(inspect(63, text())).toEqual([]);
    const type = (length: number): unknown => inspect(2000, text({ type: 'x'.repeat(length) }));
    expect([type(63), type(64)]).toEqual([['vmdk whole descriptor'], []]);
    for (const byte of ['\u0008', '\u000e', '\u001b', '\u007f', '\u0000'])
      expect(inspect(2000, [...text(), [511, byte]])).toEqual([]);
    for (const byte of ['\t', '\r', '\u001c', '\u001f', ' ', '!', '~']) {
      expect(inspect(2000, [...text(), [511, byte]])).toEqual(['vmdk whole odd size']);
    }
    expect(inspect(2000, [...text(), [1999, '\u0080']])).toBe('broken');
    expect(inspect(2000, [...text(), [1998, '\0\u0080']])).toEqual(['vmdk whole odd size']);
  });
});
