// Fields of file systems of which only the name is read, and of members of larger things: where they end, and what is not
// accepted.
import { describe, expect, it } from 'vitest';
import type { VolumeFacts } from '../../../../../src/disk/filesystems/guest-files.ts';
import { nameLuks, nameLvm, nameRaid, nameRaidByEnd } from '../../../../../src/disk/filesystems/named/members.ts';
import {
  nameBcachefs,
  nameErofs,
  nameF2fs,
  nameSquashfs,
  nameSwap,
  wideLabelOf,
} from '../../../../../src/disk/filesystems/named/superblocks.ts';
import { nameExfat, nameNtfs } from '../../../../../src/disk/filesystems/named/windows.ts';
import { nameZfs } from '../../../../../src/disk/filesystems/named/zfs.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { SparseBlocks } from '../../../../support/disk/sparse-blocks.ts';
import { type Change, patch, u16be, u16le, u32be, u32le, u64be, u64le } from '../../../../support/disk/writers.ts';

const kibibyte = 1024;
const id = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const uuid = '00112233-4455-6677-8899-aabbccddeeff';
const of = (length: number, ...changes: readonly Change[]): Buffer => patch(Buffer.alloc(length), ...changes);
/** Text as long as its field, with something else after it. */
const filled = (length: number, letter: string): string => letter.repeat(length);

describe('a superblock', () => {
  it.each<
    readonly [
      string,
      name: (front: Uint8Array) => VolumeFacts | null,
      least: number,
      changes: readonly Change[],
      Partial<VolumeFacts>,
    ]
  >([
    [
      'of f2fs',
      nameF2fs,
      1024 + 124 + 1024,
      [
        [1024 + 108, id],
        [1024 + 124, Buffer.from('ä'.repeat(512), 'utf16le')],
      ],
      { type: 'f2fs', uuid, label: 'ä'.repeat(512) },
    ],
    [
      'of erofs',
      nameErofs,
      1024 + 128,
      [
        [1036, Buffer.of(20)],
        [1060, u32le(3)],
        [1072, id],
        [1088, `${filled(16, 'l')}x`],
      ],
      { type: 'erofs', uuid, label: filled(16, 'l'), size: 3 * 2 ** 20, free: 0 },
    ],
    ['of erofs with blocks of 2 MiB', nameErofs, 1024 + 128, [[1036, Buffer.of(21)]], { type: 'erofs', size: null }],
    ['of squashfs', nameSquashfs, 96, [[40, u64le(2n ** 53n - 1n)]], { type: 'squashfs', size: 2 ** 53 - 1, free: 0 }],
    ['of squashfs from 2^53 bytes on', nameSquashfs, 96, [[40, u64le(2n ** 53n)]], { size: null }],
    [
      'of bcachefs',
      nameBcachefs,
      4096 + 104,
      [
        [4096 + 56, id],
        [4096 + 72, filled(32, 'l')],
      ],
      { type: 'bcachefs', uuid, label: filled(32, 'l') },
    ],
    [
      'of swap',
      nameSwap,
      4096,
      [
        [4086, 'SWAPSPACE2'],
        [1028, u32le(9)],
        [1036, id],
        [1052, `${filled(16, 'l')}x`],
      ],
      { type: 'swap', uuid, label: filled(16, 'l'), size: 10 * 4096 },
    ],
  ])('%s has labels of their full length, and is complete', (_what, name, least, changes, expected) => {
    const bytes = of(least + 100, ...changes);
    expect(name(bytes)).toMatchObject(expected);
    expect(name(bytes.subarray(0, least))).toMatchObject(expected);
    expect(name(bytes.subarray(0, least - 1))).toBeNull();
  });

  it('has labels in UTF-16 up to their first NUL', () => {
    const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');
    expect([wide('ab'), wide('ab\0c'), wide('\0ab'), wide('')].map(wideLabelOf)).toEqual(['ab', 'ab', null, null]);
  });
});

describe('a member', () => {
  it('of LVM has its label in one of four sectors, with a UUID in groups', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEF';
    const label = (sector: number, text = letters, magic = 'LVM2 001'): Buffer =>
      of(
        4096,
        [sector * 512, 'LABELONE'],
        [sector * 512 + 20, u32le(40)],
        [sector * 512 + 24, magic],
        [sector * 512 + 40, `${text}G`],
      );
    const found = { type: 'LVM2_member', uuid: 'abcdef-ghij-klmn-opqr-stuv-wxyz-ABCDEF' };
    for (const sector of [0, 3]) expect(nameLvm(label(sector))).toMatchObject(found);
    expect([nameLvm(label(4)), nameLvm(label(1, letters, 'LVM2 002'))]).toEqual([null, null]);
    expect(nameLvm(label(1, letters.replace('a', '-')))).toMatchObject({ uuid: null });
    expect(nameLvm(patch(label(2), [512 + 24, 'LVM2 001']))).toMatchObject(found);
  });

  it('of LUKS has 208 bytes, and a label in version 2', () => {
    const header = (version: number): Buffer =>
      of(
        300,
        [0, 'LUKS\u00ba\u00be'],
        [6, u16be(version)],
        [24, filled(48, 'l')],
        [72, 'x'],
        [168, filled(40, 'u')],
        [208, 'x'],
      );
    expect(nameLuks(header(2))).toMatchObject({ type: 'crypto_LUKS', uuid: filled(40, 'u'), label: filled(48, 'l') });
    expect(nameLuks(header(1))).toMatchObject({ uuid: filled(40, 'u'), label: null });
    expect([nameLuks(header(1).subarray(0, 208))?.uuid, nameLuks(header(1).subarray(0, 207))]).toEqual([
      filled(40, 'u'),
      null,
    ]);
  });

  it('of RAID has a superblock of 256 bytes, of version 1', () => {
    const raid = (at: number, version = 1): Buffer =>
      of(at + 300, [at, u32le(0xa92b_4efc)], [at + 4, u32le(version)], [at + 16, id], [at + 32, `${filled(32, 'n')}x`]);
    const found = { type: 'linux_raid_member', uuid, label: filled(32, 'n') };
    for (const at of [0, 4096]) {
      expect(nameRaid(raid(at), at)).toMatchObject(found);
      expect(nameRaid(raid(at).subarray(0, at + 256), at)).toMatchObject(found);
      expect(nameRaid(raid(at).subarray(0, at + 255), at)).toBeNull();
      expect([0, 2].map((version) => nameRaid(raid(at, version), at))).toEqual([null, null]);
      expect(nameRaid(patch(raid(at), [at, 'x']), at)).toBeNull();
    }
  });

  it.each([true, false])('of an older RAID lies before its end, little-endian: %s', (isLittle) => {
    const u32 = isLittle ? u32le : u32be;
    const size = 1000 * kibibyte;
    const at = 14 * 64 * kibibyte;
    const old = (...changes: readonly Change[]): SparseBlocks =>
      new SparseBlocks(
        size,
        [at, Buffer.concat([0xa92b_4efc, 0, 90, 0, 0, 0x0011_2233].map(u32))],
        [at + 52, Buffer.concat([0x4455_6677, 0x8899_aabb, 0xccdd_eeff].map(u32))],
        ...changes,
      );
    const blocks = old();
    expect(driveReads(nameRaidByEnd(blocks), new Uint8Array())).toMatchObject({ type: 'linux_raid_member', uuid });
    // Version 1.0 lies at least 8 KiB before the end, at a multiple of 4 KiB.
    expect(blocks.asked.map(({ offset }) => offset)).toEqual([992 * kibibyte, at]);
    for (const change of [
      [at + 4, u32(1)],
      [at + 8, u32(91)],
      [at, 'x'],
    ] as const) {
      expect(driveReads(nameRaidByEnd(old(change)), new Uint8Array())).toBeNull();
    }
  });

  it('of a RAID is not looked for at the end of what is too small', () => {
    const asked = (size: number): readonly number[] => {
      const blocks = new SparseBlocks(size);
      driveReads(nameRaidByEnd(blocks), new Uint8Array());
      return blocks.asked.map(({ offset }) => offset);
    };
    expect([asked(64 * kibibyte - 1), asked(64 * kibibyte)]).toEqual([[], [56 * kibibyte, 0]]);
  });
});

describe('NTFS', () => {
  const record = 10 * 4096 + 3 * 1024;
  const ntfs: readonly Change[] = [
    [11, u16le(512)],
    [13, Buffer.of(8)],
    [40, u64le(999n)],
    [48, u64le(10n)],
    [64, Buffer.of(0xf6)],
    [72, u64le(0xabcn)],
    [record, 'FILE'],
    [record + 20, u16le(56)],
    [record + 56, Buffer.concat([u32le(0x10), u32le(24)])],
    [record + 80, Buffer.concat([u32le(0x60), u32le(48), Buffer.alloc(8), u32le(8), u16le(24)])],
    [record + 104, Buffer.from('name more', 'utf16le')],
  ];
  const name = (changes: readonly Change[], size = 2 ** 20): VolumeFacts => {
    const blocks = new SparseBlocks(size, ...ntfs, ...changes);
    const [front = new Uint8Array()] = driveReads(blocks.read([{ offset: 0, length: 512 }]), new Uint8Array());
    return driveReads(nameNtfs(blocks, front), new Uint8Array());
  };

  it.each<readonly [string, readonly Change[], string | null]>([
    ['as it is', [], 'name'],
    ['with a longer name', [[record + 96, u32le(18)]], 'name more'],
    [
      'with a name that is longer than its attribute',
      [
        [record + 96, u32le(1000)],
        [record + 104, Buffer.from('twelve-units of it', 'utf16le')],
      ],
      'twelve-units',
    ],
    ['with clusters given by a power of two', [[13, Buffer.of(0xfd)]], 'name'],
    [
      'with 128 sectors per cluster',
      [
        [13, Buffer.of(128)],
        [48, u64le(0n)],
        [64, Buffer.of(0xf6)],
        [3 * 1024, of(200)],
      ],
      null,
    ],
    [
      'with records of one cluster',
      [
        [64, Buffer.of(1)],
        [10 * 4096 + 3 * 4096, of(4096)],
      ],
      null,
    ],
    ['with records of zero size', [[64, Buffer.of(0)]], null],
    ['with records of 8 KiB', [[64, Buffer.of(0xf3)]], null],
    ['with a record of another name', [[record, 'BAAD']], null],
    ['with an attribute of 23 bytes', [[record + 60, u32le(23)]], null],
    ['with an attribute past the end', [[record + 60, u32le(969)]], null],
    ['without a name', [[record + 80, u32le(0x70)]], null],
    ['with attributes from the last byte on', [[record + 20, u16le(1001)]], null],
  ])('%s has a label or not', (_what, changes, label) => {
    expect(name(changes)).toMatchObject({ type: 'ntfs', uuid: '0000000000000ABC', size: 999 * 512, label });
  });

  it.each([0xf7, 0xf6, 0xf5, 0xf4])('has records of the size that its boot sector states (%i)', (code) => {
    const bytes = 2 ** (0x100 - code);
    const own = of(
      bytes,
      [0, 'FILE'],
      [20, u16le(56)],
      [56, Buffer.concat([u32le(0x60), u32le(40), Buffer.alloc(8), u32le(8), u16le(24)])],
      [80, Buffer.from('here', 'utf16le')],
    );
    const place = 10 * 4096 + 3 * bytes;
    expect(
      name([
        [64, Buffer.of(code)],
        [place, own],
      ]).label,
    ).toBe('here');
    // A record that ends with the volume, and one byte less of it.
    expect(
      name(
        [
          [64, Buffer.of(code)],
          [place, own],
        ],
        place + bytes,
      ).label,
    ).toBe('here');
    expect(
      name(
        [
          [64, Buffer.of(code)],
          [place, own],
        ],
        place + bytes - 1,
      ).label,
    ).toBeNull();
  });
});

describe('exFAT', () => {
  const root = 64 * 512 + 4096;
  const exfat: readonly Change[] = [
    [72, u64le(1024n)],
    [88, u32le(64)],
    [96, u32le(3)],
    [100, u32le(0xabc)],
    [108, Buffer.of(9, 3)],
    [root, Buffer.of(0x81)],
    [root + 32, Buffer.concat([Buffer.of(0x83, 11), Buffer.from('eleven-unit and more', 'utf16le')])],
  ];
  const name = (changes: readonly Change[], size = 2 ** 20): VolumeFacts => {
    const blocks = new SparseBlocks(size, ...exfat, ...changes);
    const [front = new Uint8Array()] = driveReads(blocks.read([{ offset: 0, length: 512 }]), new Uint8Array());
    return driveReads(nameExfat(blocks, front), new Uint8Array());
  };

  it.each<readonly [string, readonly Change[], Partial<VolumeFacts>]>([
    ['as it is', [], { uuid: '0000-0ABC', label: 'eleven-unit', size: 1024 * 512 }],
    ['with more units than a label has', [[root + 33, Buffer.of(255)]], { label: 'eleven-unit' }],
    ['with a label of zero units', [[root + 33, Buffer.of(0)]], { label: null }],
    ['with entries that end before it', [[root, Buffer.of(0)]], { label: null }],
    ['without a serial number', [[100, u32le(0)]], { uuid: null }],
    ['with the serial number 1', [[100, u32le(1)]], { uuid: '0000-0001' }],
    ['with sectors of 256 bytes', [[108, Buffer.of(8, 3)]], { label: null, size: null }],
    ['with sectors of 8 KiB', [[108, Buffer.of(13, 3)]], { label: null, size: null }],
    ['with sectors of 4 KiB', [[108, Buffer.of(12, 0)]], { size: 1024 * 4096 }],
    ['with clusters of 32 MiB', [[108, Buffer.of(9, 16)]], { size: 1024 * 512, label: null }],
    ['with clusters of 64 MiB', [[108, Buffer.of(9, 17)]], { size: null, label: null }],
    [
      'with a root before its clusters',
      [
        [88, u32le(0)],
        [96, u32le(1)],
      ],
      { label: null },
    ],
  ])('%s is named', (_what, changes, expected) => {
    expect(name(changes)).toMatchObject({ type: 'exfat', ...expected });
  });

  it('has a root within it', () => {
    expect([root + 4096, root + 4095].map((size) => name([], size).label)).toEqual(['eleven-unit', null]);
  });
});

describe('ZFS', () => {
  const text = (letters: string): Buffer =>
    Buffer.concat([u32be(letters.length), Buffer.from(letters.padEnd(Math.ceil(letters.length / 4) * 4, '\0'))]);
  const pair = (key: string, value: string | bigint, longer = 0): Buffer => {
    const rest = typeof value === 'string' ? text(value) : u64be(value);
    const body = Buffer.concat([text(key), u32be(typeof value === 'string' ? 9 : 8), u32be(1), rest]);
    return Buffer.concat([u32be(body.length + 8 + longer), u32be(64), body]);
  };
  const list = (...parts: readonly Buffer[]): Buffer =>
    of(
      128 * kibibyte,
      [16 * kibibyte, '\u0001\u0001\0\0\0\0\0\0\0\0\0\u0001'],
      [16 * kibibyte + 12, Buffer.concat(parts)],
    );
  const guid = pair('pool_guid', 12_345n);

  it.each<readonly [string, readonly Buffer[], object | null]>([
    ['a name and a number', [pair('name', 'tank'), guid], { uuid: '12345', label: 'tank' }],
    ['a number alone', [guid], { uuid: '12345', label: null }],
    ['a name alone', [pair('name', 'tank')], null],
    ['pairs of other types', [patch(pair('name', 'tank'), [16, u32be(19)]), guid], { label: null }],
    ['a name of 256 bytes', [pair('name', 'n'.repeat(256)), guid], { label: 'n'.repeat(256) }],
    ['a name of 257 bytes', [pair('name', 'n'.repeat(257)), guid], { label: null }],
    ['an end before it', [u32be(0), guid], null],
    ['a pair of 19 bytes before it', [u32be(19), Buffer.alloc(15), guid], null],
    ['a pair of 20 bytes before it', [u32be(20), Buffer.alloc(16), guid], { uuid: '12345' }],
    ['a pair that is longer than the list', [patch(guid, [0, u32be(2 ** 20)])], null],
    ['a key that is longer than its pair', [patch(guid, [8, u32be(200)]), guid], { uuid: '12345' }],
    ['a value that is longer than its pair', [patch(pair('name', 'tank'), [24, u32be(5)]), guid], { label: null }],
  ])('with %s', (_what, parts, expected) => {
    const found = nameZfs(list(...parts));
    if (expected === null) expect(found).toBeNull();
    else expect(found).toMatchObject({ type: 'zfs_member', ...expected });
  });
});
