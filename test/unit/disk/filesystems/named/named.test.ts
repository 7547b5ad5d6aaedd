import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../../src/disk/blocks/blocks.ts';
import type { VolumeFacts } from '../../../../../src/disk/filesystems/guest-files.ts';
import { nameFileSystem } from '../../../../../src/disk/filesystems/named/name-file-system.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { type Change, patch, u16le, u32be, u32le, u64be, u64le } from '../../../../support/disk/writers.ts';

const kibibyte = 1024;
const size = 512 * kibibyte;

function name(image: Uint8Array): VolumeFacts | null {
  return driveReads(nameFileSystem(new FlatBlocks(image.length), image.subarray(0, 128 * kibibyte)), image);
}

const id = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const uuid = '00112233-4455-6677-8899-aabbccddeeff';

function wide(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

/** A name and a value of an XDR list. @param value a text, or a number of 64 bits */
function writePair(key: string, value: string | bigint): Buffer {
  const text = (letters: string): Buffer =>
    Buffer.concat([u32be(letters.length), Buffer.from(letters.padEnd(Math.ceil(letters.length / 4) * 4, '\0'))]);
  const rest = typeof value === 'string' ? text(value) : u64be(value);
  const body = Buffer.concat([text(key), u32be(typeof value === 'string' ? 9 : 8), u32be(1), rest]);
  return Buffer.concat([u32be(body.length + 8), u32be(64), body]);
}

const ntfs: readonly Change[] = [
  [0, '\u00eb\u0052\u0090NTFS    '],
  [11, u16le(512)],
  [13, Buffer.of(8)],
  [40, u64le(1023n)],
  [48, u64le(4n)],
  [64, Buffer.of(0xf6)],
  [72, u64le(0x0123_4567_89ab_cdefn)],
  [4 * 4096 + 3 * 1024, 'FILE'],
  [4 * 4096 + 3 * 1024 + 20, u16le(56)],
  [4 * 4096 + 3 * 1024 + 56, Buffer.concat([u32le(0x10), u32le(24)])],
  [4 * 4096 + 3 * 1024 + 80, Buffer.concat([u32le(0x60), u32le(40), Buffer.alloc(8), u32le(10), u16le(24)])],
  [4 * 4096 + 3 * 1024 + 104, wide('Lab\u00e9l')],
];

const exfat: readonly Change[] = [
  [0, '\u00eb\u0076\u0090EXFAT   '],
  [72, u64le(1024n)],
  [88, u32le(64)],
  [96, u32le(3)],
  [100, u32le(0x1a2b_3c4d)],
  [108, Buffer.of(9, 3)],
  [64 * 512 + 4096, Buffer.of(0x81)],
  [64 * 512 + 4096 + 32, Buffer.of(0x83, 5, ...wide('exfat and more'))],
];

const cases: readonly {
  readonly what: string;
  readonly changes: readonly Change[];
  readonly facts: Partial<VolumeFacts>;
}[] = [
  { what: 'NTFS', changes: ntfs, facts: { type: 'ntfs', uuid: '0123456789ABCDEF', label: 'Labél', size: 1023 * 512 } },
  { what: 'exFAT', changes: exfat, facts: { type: 'exfat', uuid: '1A2B-3C4D', label: 'exfat', size } },
  {
    what: 'f2fs',
    changes: [
      [1024, '\u0010\u0020\u00f5\u00f2'],
      [1024 + 108, id],
      [1024 + 124, wide('flash')],
    ],
    facts: { type: 'f2fs', uuid, label: 'flash' },
  },
  {
    what: 'erofs',
    changes: [
      [1024, '\u00e2\u00e1\u00f5\u00e0'],
      [1036, Buffer.of(12)],
      [1060, u32le(7)],
      [1072, id],
      [1088, 'read only'],
    ],
    facts: { type: 'erofs', uuid, label: 'read only', size: 7 * 4096 },
  },
  {
    what: 'squashfs',
    changes: [
      [0, 'hsqs'],
      [40, u64le(12_345n)],
    ],
    facts: { type: 'squashfs', size: 12_345, uuid: null },
  },
  ...['\u00c6\u0085\u0073\u00f6\u004e\u001a\u0045\u00ca', '\u00c6\u0085\u0073\u00f6\u0066\u00ce\u0090\u00a9'].map(
    (magic) => ({
      what: 'bcachefs',
      changes: [
        [4096 + 24, magic],
        [4096 + 56, id],
        [4096 + 72, 'cached'],
      ] as const,
      facts: { type: 'bcachefs', uuid, label: 'cached' },
    }),
  ),
  ...[4096, 8192, 16_384, 32_768, 65_536].map((page) => ({
    what: `swap of pages of ${String(page)} bytes`,
    changes: [
      [page - 10, 'SWAPSPACE2'],
      [1028, u32le(5)],
      [1036, id],
      [1052, 'swapped'],
    ] as const,
    facts: { type: 'swap', uuid, label: 'swapped', size: 6 * page },
  })),
  ...[0, 512, 1024, 1536].map((at) => ({
    what: `LVM2 with its label at byte ${String(at)}`,
    changes: [
      [at, 'LABELONE'],
      [at + 20, u32le(32)],
      [at + 24, 'LVM2 001'],
      [at + 32, 'aB3'.repeat(10) + 'xy'],
    ] as const,
    facts: { type: 'LVM2_member', uuid: 'aB3aB3-aB3a-B3aB-3aB3-aB3a-B3aB-3aB3xy', label: null },
  })),
  {
    what: 'LUKS1',
    changes: [
      [0, 'LUKS\u00ba\u00be\0\u0001'],
      [24, 'xts-plain64'],
      [168, uuid],
    ],
    facts: { type: 'crypto_LUKS', uuid, label: null },
  },
  {
    what: 'LUKS2',
    changes: [
      [0, 'LUKS\u00ba\u00be\0\u0002'],
      [24, 'vault'],
      [168, uuid],
    ],
    facts: { type: 'crypto_LUKS', uuid, label: 'vault' },
  },
  ...[0, 4096, size - 8192].map((at) => ({
    what: `RAID of version 1 at byte ${String(at)}`,
    changes: [
      [at, u32le(0xa92b_4efc)],
      [at + 4, u32le(1)],
      [at + 16, id],
      [at + 32, 'host:0'],
    ] as const,
    facts: { type: 'linux_raid_member', uuid, label: 'host:0' },
  })),
  ...[u32le, u32be].map((number, index) => ({
    what: `RAID of version 0.90, ${index === 0 ? 'little' : 'big'}-endian`,
    changes: [
      [size - 65_536, number(0xa92b_4efc)],
      [size - 65_536 + 8, number(90)],
      [size - 65_536 + 20, number(0x0011_2233)],
      [size - 65_536 + 52, Buffer.concat([number(0x4455_6677), number(0x8899_aabb), number(0xccdd_eeff)])],
    ] as const,
    facts: { type: 'linux_raid_member', uuid, label: null },
  })),
  {
    what: 'ZFS',
    changes: [
      [16_384, Buffer.of(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)],
      [
        16_396,
        Buffer.concat([writePair('version', 5000n), writePair('name', 'tank'), writePair('pool_guid', 2n ** 63n + 1n)]),
      ],
    ],
    facts: { type: 'zfs_member', uuid: '9223372036854775809', label: 'tank' },
  },
  { what: 'HFS+', changes: [[1024, 'H+\0\u0004']], facts: { type: 'hfsplus', uuid: null, label: null } },
  { what: 'ReiserFS', changes: [[65_536 + 52, 'ReIsEr2Fs']], facts: { type: 'reiserfs' } },
  { what: 'BitLocker', changes: [[0, '\u00eb\u0058\u0090-FVE-FS-']], facts: { type: 'BitLocker' } },
];

describe('a volume that is not read', () => {
  it.each(cases)('is named: $what', ({ changes, facts }) => {
    expect(name(patch(Buffer.alloc(size), ...changes))).toMatchObject(facts);
  });

  it('is not named if nothing is recognised, or if it can be read', () => {
    expect(name(Buffer.alloc(size))).toBeNull();
    expect(name(Buffer.alloc(100))).toBeNull();
    expect(name(new Uint8Array())).toBeNull();
    expect(name(patch(Buffer.alloc(size), [0, 'XFSB']))).toBeNull();
    expect(name(patch(Buffer.alloc(size), [0, '\u007fELF']))).toBeNull();
  });

  it('has no label if that lies past the end, or in nonsense', () => {
    expect(name(patch(Buffer.alloc(size), ...ntfs, [48, u64le(2n ** 40n)]))).toMatchObject({
      type: 'ntfs',
      label: null,
    });
    expect(name(patch(Buffer.alloc(size), ...ntfs, [64, Buffer.of(0x80)]))).toMatchObject({
      type: 'ntfs',
      label: null,
    });
    expect(name(patch(Buffer.alloc(size), ...ntfs, [4 * 4096 + 3 * 1024 + 60, u32le(0)]))?.label).toBeNull();
    expect(name(patch(Buffer.alloc(size), ...exfat, [96, u32le(0xffff_ffff)]))).toMatchObject({ label: null });
    expect(name(patch(Buffer.alloc(size), ...exfat, [108, Buffer.of(255, 255)]))).toMatchObject({
      type: 'exfat',
      size: null,
    });
  });

  it.each([
    [8, 9, null],
    [9, 0, 1024 * 512],
    [9, 16, 1024 * 512],
    [9, 17, null],
    [12, 13, 1024 * 4096],
    [12, 14, null],
    [13, 0, null],
  ])(
    'is an exFAT of known size with sectors of 2^%i bytes and clusters of 2^%i sectors, or not',
    (sector, cluster, known) => {
      const image = patch(Buffer.alloc(size), ...exfat, [108, Buffer.of(sector, cluster)]);
      expect(name(image)).toMatchObject({ type: 'exfat', uuid: '1A2B-3C4D', size: known });
    },
  );

  it('is an f2fs only as far as its whole label is there, of 512 units at most', () => {
    const f2fs: readonly Change[] = [
      [1024, '\u0010\u0020\u00f5\u00f2'],
      [1024 + 108, id],
      [1024 + 124, wide('f'.repeat(513))],
    ];
    const image = patch(Buffer.alloc(size), ...f2fs);
    const end = 1024 + 124 + 1024;
    expect(name(image)).toMatchObject({ uuid, label: 'f'.repeat(512) });
    expect(name(image.subarray(0, end))).toMatchObject({ uuid, label: 'f'.repeat(512) });
    expect(name(image.subarray(0, end - 1))).toBeNull();
  });

  it.each(cases)('is named or not, wherever it is cut off: $what', ({ changes }) => {
    const image = patch(Buffer.alloc(size), ...changes);
    for (const length of [0, 3, 90, 511, 513, 1025, 1100, 4100, 4200, 16_400, 16_420, 65_600, 70_000]) {
      expect(() => name(image.subarray(0, length))).not.toThrow();
    }
  });
});
