// Disk images by the hundred: healthy ones and hostile ones of every format, each with what has to be found in it.
import type { DetectedFormat } from '../../../src/disk/finding.ts';
import type { HazardCode } from '../../../src/disk/hazards.ts';
import { formatFat12 } from '../../../src/demo/images/fat12.ts';
import { writeRaw } from '../../../src/demo/images/content.ts';
import { writeIso9660 } from '../../../src/demo/images/iso9660.ts';
import { makePartitionedDisk } from '../../../src/demo/images/partitioned.ts';
import { writeQcow2 } from '../../../src/demo/images/qcow2.ts';
import { writeVdi } from '../../../src/demo/images/vdi.ts';
import { writeDynamicVhd, writeFixedVhd } from '../../../src/demo/images/vhd.ts';
import {
  ovf,
  patch,
  u16le,
  u32be,
  u32le,
  u64be,
  u64le,
  vmdkDescriptor,
  writeLuks,
  writePloop,
  writeQcow,
  writeQed,
  writeStreamVmdk,
  writeTar,
  writeVhdx,
  writeVmdk,
} from './writers.ts';

export interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  readonly format: DetectedFormat;
  /** Null: not told. */
  readonly virtualSize: bigint | null;
  /** In any order, each once. */
  readonly codes: readonly HazardCode[];
  readonly backingFile?: string;
  /** Why qemu-img says something else; absent: it says the same. */
  readonly unlikeQemu?: string;
}

const mebibyte = 1024 * 1024;
const tenMebibytes = BigInt(10 * mebibyte);
const content = { size: 10 * mebibyte, pieces: [{ offset: mebibyte, bytes: Buffer.alloc(4096, 7) }] };
const file = { name: 'README.TXT', bytes: Buffer.from('hello') };
const qcow2 = writeQcow2(content);
const refused = 'qemu-img refuses to open it';

type Change = readonly [offset: number, value: Uint8Array | string];

/** qcow2 with changes to its header. */
function qcow2With(
  name: string,
  changes: readonly Change[],
  codes: readonly HazardCode[],
  more: Partial<Sample> = {},
): Sample {
  return {
    name: `qcow2 ${name}`,
    bytes: patch(qcow2, ...changes),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes,
    unlikeQemu: refused,
    ...more,
  };
}

const qcow2Samples: readonly Sample[] = [
  { name: 'qcow2 as it should be', bytes: qcow2, format: 'qcow2', virtualSize: tenMebibytes, codes: [] },
  {
    name: 'qcow2 of small clusters',
    bytes: writeQcow2(content, { clusterBits: 9 }),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: [],
  },
  {
    name: 'qcow2 of large clusters',
    bytes: writeQcow2(content, { clusterBits: 21 }),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: [],
  },
  {
    name: 'qcow2 with a backing file',
    bytes: writeQcow2(content, { backingFile: '/etc/passwd', backingFormat: 'raw' }),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
    backingFile: '/etc/passwd',
  },
  {
    name: 'qcow2 with a backing file named as JSON',
    bytes: writeQcow2(content, { backingFile: 'json:{"driver":"file","filename":"/etc/shadow"}' }),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
    backingFile: 'json:{"driver":"file","filename":"/etc/shadow"}',
    unlikeQemu: 'qemu-img shows such a name in another form',
  },
  ...[4, 5, 0, 0xffffffff].map((version) =>
    qcow2With(`version ${String(version)}`, [[4, u32be(version)]], ['unsupported_version'], { virtualSize: null }),
  ),
  ...[0, 8, 22, 63].map((bits) =>
    qcow2With(`with 2^${String(bits)} bytes a cluster`, [[20, u32be(bits)]], ['header_invalid']),
  ),
  qcow2With('without a size', [[24, u64be(0n)]], [], {
    virtualSize: 0n,
    unlikeQemu: 'qemu-img says the same or refuses, by version',
  }),
  qcow2With('of 2^63 bytes', [[24, u64be(2n ** 63n)]], ['header_invalid'], { virtualSize: null }),
  qcow2With('of 2^64 - 1 bytes', [[24, u64be(2n ** 64n - 1n)]], ['header_invalid'], { virtualSize: null }),
  qcow2With('with AES', [[32, u32be(1)]], []),
  qcow2With('with LUKS', [[32, u32be(2)]], []),
  qcow2With('with an unknown cipher', [[32, u32be(3)]], ['header_invalid']),
  qcow2With('with a huge L1 table', [[36, u32be(0xffffffff)]], ['header_invalid', 'truncated']),
  qcow2With('with no L1 table', [[36, u32be(0)]], ['header_invalid']),
  qcow2With('with an L1 table off its bounds', [[40, u64be(1n)]], ['header_invalid']),
  qcow2With('with an L1 table past the end', [[40, u64be(2n ** 40n)]], ['truncated']),
  qcow2With('with an L1 table at 2^63', [[40, u64be(2n ** 63n)]], ['header_invalid', 'truncated']),
  qcow2With('with a refcount table off its bounds', [[48, u64be(5n)]], ['header_invalid']),
  qcow2With(
    'with three snapshots',
    [
      [60, u32be(3)],
      [64, u64be(65_536n)],
    ],
    ['snapshots'],
  ),
  qcow2With(
    'with too many snapshots',
    [
      [60, u32be(65_537)],
      [64, u64be(65_536n)],
    ],
    ['header_invalid', 'snapshots'],
  ),
  qcow2With('marked dirty', [[72, u64be(1n)]], ['dirty'], {
    unlikeQemu: 'qemu-img repairs or refuses it, by what is inside',
  }),
  qcow2With('marked corrupt', [[72, u64be(2n)]], ['corrupt'], { unlikeQemu: 'qemu-img opens it for reading only' }),
  qcow2With('with a data file that has no name', [[72, u64be(4n)]], ['data_file']),
  qcow2With('with extended L2 entries', [[72, u64be(16n)]], ['extended_l2'], {
    unlikeQemu: 'the tables inside are ordinary ones',
  }),
  ...[5, 31, 63].map((bit) =>
    qcow2With(`with incompatible feature ${String(bit)}`, [[72, u64be(2n ** BigInt(bit))]], ['unknown_feature']),
  ),
  qcow2With('with refcounts of 2^7 bits', [[96, u32be(7)]], ['header_invalid']),
  ...[0, 103, 105, 65_544].map((length) =>
    qcow2With(`with a header of ${String(length)} bytes`, [[100, u32be(length)]], ['header_invalid']),
  ),
  qcow2With(
    'with a backing file without a name',
    [
      [8, u64be(4096n)],
      [16, u32be(0)],
    ],
    ['header_invalid', 'backing_file'],
  ),
  qcow2With(
    'with a backing file of 1,024 letters',
    [
      [8, u64be(4096n)],
      [16, u32be(1024)],
    ],
    ['header_invalid', 'backing_file'],
  ),
  qcow2With(
    'with a backing file name inside the header',
    [
      [8, u64be(16n)],
      [16, u32be(4)],
    ],
    ['header_invalid', 'backing_file'],
  ),
  qcow2With(
    'with a backing file name far away',
    [
      [8, u64be(2n ** 62n)],
      [16, u32be(4)],
    ],
    ['header_invalid', 'backing_file'],
  ),
  qcow2With(
    'with an extension that overruns',
    [
      [writtenHeader(), u32be(0x12345678)],
      [writtenHeader() + 4, u32be(0xffffff)],
    ],
    ['header_invalid'],
  ),
  ...[4, 8, 40, 71, 100].map((length) => ({
    name: `qcow2 of ${String(length)} bytes`,
    bytes: Buffer.from(qcow2.subarray(0, length)),
    format: 'qcow2' as const,
    virtualSize: null,
    codes: ['header_truncated'] as const,
    unlikeQemu: 'too short for it, so raw',
  })),
];

/** Where the extensions of the demo's qcow2 begin: what its header says of itself. */
function writtenHeader(): number {
  return qcow2.readUInt32BE(4) === 2 ? 72 : qcow2.readUInt32BE(100);
}

const otherSamples: readonly Sample[] = [
  {
    name: 'qcow',
    bytes: writeQcow(),
    format: 'qcow',
    virtualSize: tenMebibytes,
    codes: ['banned_format'],
    unlikeQemu: refused,
  },
  {
    name: 'qcow with a backing file',
    bytes: writeQcow('/etc/passwd'),
    format: 'qcow',
    virtualSize: tenMebibytes,
    codes: ['banned_format', 'backing_file'],
    backingFile: '/etc/passwd',
    unlikeQemu: refused,
  },
  {
    name: 'qcow cut off',
    bytes: writeQcow().subarray(0, 20),
    format: 'qcow',
    virtualSize: null,
    codes: ['banned_format', 'header_truncated'],
    unlikeQemu: refused,
  },
  {
    name: 'QED',
    bytes: writeQed(),
    format: 'qed',
    virtualSize: tenMebibytes,
    codes: ['banned_format'],
    unlikeQemu: refused,
  },
  {
    name: 'QED with a backing file',
    bytes: writeQed('base.img'),
    format: 'qed',
    virtualSize: tenMebibytes,
    codes: ['banned_format', 'backing_file'],
    backingFile: 'base.img',
    unlikeQemu: refused,
  },
  {
    name: 'QED cut off',
    bytes: writeQed().subarray(0, 40),
    format: 'qed',
    virtualSize: null,
    codes: ['banned_format', 'header_truncated'],
    unlikeQemu: refused,
  },
  {
    name: 'LUKS 1',
    bytes: writeLuks(),
    format: 'luks',
    virtualSize: BigInt(mebibyte),
    codes: [],
    unlikeQemu: 'it wants a key',
  },
  {
    name: 'LUKS 2',
    bytes: writeLuks(2),
    format: 'luks',
    virtualSize: null,
    codes: ['unsupported_version'],
    unlikeQemu: refused,
  },
  {
    name: 'LUKS cut off',
    bytes: writeLuks().subarray(0, 300),
    format: 'luks',
    virtualSize: null,
    codes: ['header_truncated'],
    unlikeQemu: refused,
  },
  {
    name: 'ploop',
    bytes: writePloop('WithoutFreeSpace'),
    format: 'ploop',
    virtualSize: 2048n * 512n,
    codes: [],
    unlikeQemu: 'it calls it parallels',
  },
  {
    name: 'ploop, extended',
    bytes: writePloop('WithouFreSpacExt'),
    format: 'ploop',
    virtualSize: 2048n * 512n,
    codes: [],
    unlikeQemu: 'it calls it parallels',
  },
  { name: 'VDI', bytes: writeVdi(content), format: 'vdi', virtualSize: tenMebibytes, codes: [] },
  {
    name: 'VDI that is a difference',
    bytes: patch(writeVdi(content), [76, u32le(4)]),
    format: 'vdi',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
    unlikeQemu: refused,
  },
  {
    name: 'VDI with a parent',
    bytes: patch(writeVdi(content), [440, Buffer.alloc(16, 1)]),
    format: 'vdi',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
    unlikeQemu: refused,
  },
  {
    name: 'VDI of version 2',
    bytes: patch(writeVdi(content), [68, u32le(0x20000)]),
    format: 'vdi',
    virtualSize: null,
    codes: ['unsupported_version'],
    unlikeQemu: refused,
  },
  {
    name: 'VDI with few blocks',
    bytes: patch(writeVdi(content), [384, u32le(1)]),
    format: 'vdi',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
    unlikeQemu: refused,
  },
  {
    name: 'VDI with sectors of 513 bytes',
    bytes: patch(writeVdi(content), [360, u32le(513)]),
    format: 'vdi',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
    unlikeQemu: refused,
  },
  {
    name: 'VDI cut off',
    bytes: writeVdi(content).subarray(0, 200),
    format: 'vdi',
    virtualSize: null,
    codes: ['header_truncated'],
    unlikeQemu: refused,
  },
  {
    name: 'VDI without its block map',
    bytes: writeVdi(content).subarray(0, 512),
    format: 'vdi',
    virtualSize: tenMebibytes,
    codes: ['truncated'],
    unlikeQemu: refused,
  },
  { name: 'VHD, dynamic', bytes: writeDynamicVhd(content), format: 'vhd', virtualSize: tenMebibytes, codes: [] },
  {
    name: 'VHD, fixed',
    bytes: writeFixedVhd(content),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: [],
    unlikeQemu: 'without being told it is raw',
  },
  {
    name: 'VHD, fixed, partitioned',
    bytes: writeFixedVhd(makePartitionedDisk({ size: 4 * mebibyte, table: 'mbr', file })),
    format: 'vhd',
    virtualSize: BigInt(4 * mebibyte),
    codes: [],
    unlikeQemu: 'without being told it is raw',
  },
  {
    name: 'VHD with a wrong checksum',
    bytes: patch(writeDynamicVhd(content), [64, u32be(1)]),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
    unlikeQemu: 'it takes it with a warning',
  },
  {
    name: 'VHD that is a difference',
    bytes: vhdOfType(4),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
    unlikeQemu: refused,
  },
  {
    name: 'VHD of type 9',
    bytes: vhdOfType(9),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
    unlikeQemu: refused,
  },
  {
    name: 'VHD cut off',
    bytes: writeDynamicVhd(content).subarray(0, 100),
    format: 'vhd',
    virtualSize: null,
    codes: ['header_truncated'],
    unlikeQemu: refused,
  },
  {
    name: 'VHD without its second header',
    bytes: writeDynamicVhd(content).subarray(0, 600),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: ['header_truncated'],
    unlikeQemu: refused,
  },
  {
    name: 'VHDX',
    bytes: writeVhdx(),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: [],
    unlikeQemu: 'it wants the log and the checksums too',
  },
  {
    name: 'VHDX with its metadata at 3 MiB',
    bytes: writeVhdx({ metadataAt: 3 * mebibyte }),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: [],
    unlikeQemu: refused,
  },
  {
    name: 'VHDX with a parent',
    bytes: writeVhdx({ hasParent: true, parentPath: '..\\base.vhdx' }),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
    backingFile: '..\\base.vhdx',
    unlikeQemu: refused,
  },
  {
    name: 'VHDX that says it has a parent',
    bytes: writeVhdx({ hasParent: true }),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
    unlikeQemu: refused,
  },
  {
    name: 'VHDX of 65 TiB',
    bytes: writeVhdx({ size: 65n * 1024n ** 4n }),
    format: 'vhdx',
    virtualSize: 65n * 1024n ** 4n,
    codes: ['header_invalid'],
    unlikeQemu: refused,
  },
  {
    name: 'VHDX with a required region nobody knows',
    bytes: writeVhdx({ unknownRegion: true }),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: ['unsupported_version'],
    unlikeQemu: refused,
  },
  {
    name: 'VHDX with a required item nobody knows',
    bytes: writeVhdx({ unknownItem: true }),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: ['unsupported_version'],
    unlikeQemu: refused,
  },
  {
    name: 'VHDX with items outside of their region',
    bytes: writeVhdx({ isItemOutside: true }),
    format: 'vhdx',
    virtualSize: null,
    codes: ['header_invalid'],
    unlikeQemu: refused,
  },
  {
    name: 'VHDX of version 2',
    bytes: patch(writeVhdx(), [64 * 1024 + 66, u16le(2)]),
    format: 'vhdx',
    virtualSize: null,
    codes: ['unsupported_version'],
    unlikeQemu: refused,
  },
  {
    name: 'VHDX without its headers',
    bytes: writeVhdx().subarray(0, 1000),
    format: 'vhdx',
    virtualSize: null,
    codes: ['header_truncated'],
    unlikeQemu: refused,
  },
  {
    name: 'VHDX without its metadata',
    bytes: writeVhdx().subarray(0, mebibyte),
    format: 'vhdx',
    virtualSize: null,
    codes: ['header_truncated'],
    unlikeQemu: refused,
  },
];

function vhdOfType(type: number): Buffer {
  const image = writeDynamicVhd(content);
  const sum = image.readUInt32BE(64) + image.readUInt32BE(60) - type;
  return patch(image, [60, u32be(type)], [64, u32be(sum)]);
}

/** VMDK with this descriptor. */
function vmdkWith(name: string, descriptor: string, codes: readonly HazardCode[], more: Partial<Sample> = {}): Sample {
  return {
    name: `VMDK ${name}`,
    bytes: writeVmdk(descriptor),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes,
    unlikeQemu: 'it looks at less',
    ...more,
  };
}

const vmdkSamples: readonly Sample[] = [
  vmdkWith('as it should be', vmdkDescriptor(), []),
  vmdkWith('without a type', vmdkDescriptor({ type: null }), ['descriptor_invalid']),
  ...['monolithicFlat', 'twoGbMaxExtentSparse', 'vmfs', 'custom'].map((type) =>
    vmdkWith(`of type ${type}`, vmdkDescriptor({ type }), ['unsupported_subformat']),
  ),
  vmdkWith('with a flat extent', vmdkDescriptor({ extents: ['RW 20480 FLAT "/etc/passwd" 0'] }), ['external_extent']),
  vmdkWith('with an extent elsewhere', vmdkDescriptor({ extents: ['RW 20480 SPARSE "../other.vmdk"'] }), [
    'external_extent',
  ]),
  vmdkWith('with two extents', vmdkDescriptor({ extents: ['RW 10 SPARSE "a.vmdk"', 'RW 10 SPARSE "b.vmdk"'] }), [
    'external_extent',
  ]),
  vmdkWith('with a URL as its extent', vmdkDescriptor({ extents: ['RW 20480 SPARSE "nbd://host/x"'] }), [
    'external_extent',
  ]),
  vmdkWith('without an extent', vmdkDescriptor({ extents: [] }), ['descriptor_invalid']),
  vmdkWith('with a parent', vmdkDescriptor({ parent: '12345678', hint: 'base.vmdk' }), ['backing_file'], {
    backingFile: 'base.vmdk',
  }),
  vmdkWith('with the hint of a parent', vmdkDescriptor({ hint: '/etc/shadow' }), ['backing_file'], {
    backingFile: '/etc/shadow',
  }),
  vmdkWith('with a line nobody understands', vmdkDescriptor({ more: '!!!' }), ['descriptor_invalid']),
  vmdkWith('beyond ASCII', `${vmdkDescriptor()}\n# \u00e9`, ['descriptor_invalid']),
  vmdkWith('without a descriptor', '', ['descriptor_invalid']),
  {
    name: 'VMDK of version 4',
    bytes: writeVmdk(undefined, [[4, u32le(4)]]),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['unsupported_version'],
    unlikeQemu: refused,
  },
  {
    name: 'VMDK without a capacity',
    bytes: writeVmdk(undefined, [[12, u64le(0n)]]),
    format: 'vmdk',
    virtualSize: 0n,
    codes: ['header_invalid'],
    unlikeQemu: 'it takes the extents of the descriptor',
  },
  {
    name: 'VMDK of 2^63 bytes',
    bytes: writeVmdk(undefined, [[12, u64le(2n ** 54n)]]),
    format: 'vmdk',
    virtualSize: null,
    codes: ['header_invalid'],
    unlikeQemu: refused,
  },
  {
    name: 'VMDK broken as text',
    bytes: writeVmdk(undefined, [[73, '\n \n\n']]),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
    unlikeQemu: 'it does not look',
  },
  {
    name: 'VMDK with its descriptor elsewhere',
    bytes: writeVmdk(undefined, [[28, u64le(5n)]]),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
    unlikeQemu: 'it follows',
  },
  {
    name: 'VMDK with a huge descriptor',
    bytes: writeVmdk(undefined, [[36, u64le(2n ** 40n)]]),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['descriptor_invalid'],
    unlikeQemu: refused,
  },
  {
    name: 'VMDK cut off',
    bytes: writeVmdk().subarray(0, 100),
    format: 'vmdk',
    virtualSize: null,
    codes: ['header_truncated'],
    unlikeQemu: refused,
  },
  {
    name: 'VMDK, stream-optimised',
    bytes: writeStreamVmdk(),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: [],
    unlikeQemu: 'there is no data in it',
  },
  {
    name: 'VMDK whose footer has another capacity',
    bytes: writeStreamVmdk((footer) => patch(footer, [12, u64le(99n)])),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['footer_mismatch'],
    unlikeQemu: 'it believes the footer',
  },
  {
    name: 'VMDK whose footer leads on',
    bytes: writeStreamVmdk((footer) => patch(footer, [56, u64le(2n ** 64n - 1n)])),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['footer_mismatch'],
    unlikeQemu: refused,
  },
  {
    name: 'VMDK without its footer',
    bytes: writeStreamVmdk().subarray(0, 64 * 1024),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['footer_mismatch'],
    unlikeQemu: refused,
  },
  {
    name: 'VMDK that is a text',
    bytes: Buffer.from(vmdkDescriptor({ type: 'monolithicFlat', extents: ['RW 20480 FLAT "/dev/sda" 0'] })),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['unsupported_subformat', 'external_extent'],
    unlikeQemu: 'it opens what is named there',
  },
  {
    name: 'VMDK that is a text without its first line',
    bytes: Buffer.from('\n# x\nversion=1\ncreateType="custom"\nRW 8 FLAT "/etc/passwd"\n'),
    format: 'vmdk',
    virtualSize: 4096n,
    codes: ['unsupported_subformat', 'external_extent'],
    unlikeQemu: 'it opens what is named there',
  },
  {
    name: 'COWD',
    bytes: patch(Buffer.alloc(4096), [0, 'COWD'], [12, u32le(20_480)]),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['unsupported_subformat'],
    unlikeQemu: refused,
  },
];

const iso = writeIso9660({ volume: 'TEST', directory: 'DIR', file });
const mbr = writeRaw(makePartitionedDisk({ size: 4 * mebibyte, table: 'mbr', file }));
const gpt = writeRaw(makePartitionedDisk({ size: 4 * mebibyte, table: 'gpt', file }));

/** A raw disk. */
function raw(name: string, bytes: Buffer, codes: readonly HazardCode[] = [], more: Partial<Sample> = {}): Sample {
  return { name, bytes, format: 'raw', virtualSize: BigInt(bytes.length), codes, ...more };
}

const rawSamples: readonly Sample[] = [
  raw('nothing at all', Buffer.alloc(0)),
  raw('one byte', Buffer.from('Q'), [], { unlikeQemu: 'it rounds up to a sector' }),
  raw('three bytes of a magic', Buffer.from('QFI'), [], { unlikeQemu: 'it rounds up to a sector' }),
  raw('zeros', Buffer.alloc(mebibyte)),
  raw('not whole sectors', Buffer.alloc(1000, 1), [], { unlikeQemu: 'it rounds up to a sector' }),
  raw('an MBR', mbr),
  raw('a GPT', gpt),
  raw('a FAT volume', writeRaw(formatFat12({ sectors: 2880, file }))),
  raw('a boot sector without partitions', patch(Buffer.alloc(mebibyte), [510, Buffer.from([0x55, 0xaa])])),
  raw('an MBR with a strange boot flag', patch(mbr, [446, Buffer.from([0x7f])]), ['partition_table']),
  raw('a GPT whose protective entry begins elsewhere', patch(gpt, [446 + 8, u32le(5)]), ['partition_table']),
  raw('a GPT with another entry beside', patch(gpt, [446 + 16 + 4, Buffer.from([0x83])]), ['partition_table']),
  raw('a GPT whose entries are no entries', patch(gpt, [512 + 84, u32le(7)]), ['header_invalid']),
  {
    name: 'an ISO',
    bytes: iso,
    format: 'iso',
    virtualSize: BigInt(iso.length),
    codes: [],
    unlikeQemu: 'it calls it raw',
  },
  {
    name: 'a hybrid ISO',
    bytes: patch(iso, [0, mbr.subarray(0, 512)]),
    format: 'iso',
    virtualSize: BigInt(iso.length),
    codes: [],
    unlikeQemu: 'it calls it raw',
  },
  {
    name: 'an ISO with two sizes',
    bytes: patch(iso, [32_768 + 80, u32le(1)]),
    format: 'iso',
    virtualSize: 2048n,
    codes: ['header_invalid'],
    unlikeQemu: 'it calls it raw',
  },
  {
    name: 'an ISO cut off',
    bytes: iso.subarray(0, 34_000),
    format: 'iso',
    virtualSize: null,
    codes: ['header_truncated'],
    unlikeQemu: 'it calls it raw',
  },
  {
    name: 'an ISO without its end',
    bytes: iso.subarray(0, iso.length - 2048),
    format: 'iso',
    virtualSize: BigInt(iso.length),
    codes: ['truncated'],
    unlikeQemu: 'it calls it raw',
  },
  {
    name: 'a UDF volume',
    bytes: patch(Buffer.alloc(mebibyte), [32_769, 'BEA01'], [34_817, 'NSR03']),
    format: 'iso',
    virtualSize: BigInt(mebibyte),
    codes: [],
    unlikeQemu: 'it calls it raw',
  },
  {
    name: 'a qcow2 that is an ISO too',
    bytes: patch(writeQcow2(content), [32_768, iso.subarray(32_768, 34_816)]),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: ['polyglot'],
    unlikeQemu: 'it takes the first',
  },
  {
    name: 'a qcow2 that is a partitioned disk too',
    bytes: patch(qcow2, [446, mbr.subarray(446, 512)]),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: ['polyglot'],
    unlikeQemu: 'it takes the first',
  },
  ...(
    [
      ['gzip', '\u001f\u008b\b'],
      ['bzip2', 'BZh91AY'],
      ['xz', '\u00fd7zXZ\0'],
      ['zstd', '(\u00b5/\u00fd'],
      ['lz4', '\u0004"M\u0018'],
      ['zip', 'PK\u0003\u0004'],
    ] as const
  ).map(([format, magic]): Sample => ({
    name: format,
    bytes: patch(Buffer.alloc(4096), [0, magic]),
    format,
    virtualSize: null,
    codes: [],
    unlikeQemu: 'it calls it raw',
  })),
  {
    name: 'a tar',
    bytes: writeTar([['layer/file', 'x']]),
    format: 'tar',
    virtualSize: null,
    codes: [],
    unlikeQemu: 'it calls it raw',
  },
  {
    name: 'an OVA',
    bytes: writeTar([
      ['box.ovf', ovf('disk.vmdk')],
      ['disk.vmdk', 'x'],
    ]),
    format: 'ova',
    virtualSize: null,
    codes: [],
    unlikeQemu: 'it calls it raw',
  },
  ...['/etc/passwd', '../../x', 'http://host/x', 'file:///x', '\\\\host\\x'].map((href): Sample => ({
    name: `an OVA that refers to ${href}`,
    bytes: writeTar([['box.OVF', ovf('ok.vmdk', href)]]),
    format: 'ova',
    virtualSize: null,
    codes: ['external_extent'],
    unlikeQemu: 'it calls it raw',
  })),
  {
    name: 'an OVA cut off',
    bytes: writeTar([['box.ovf', ovf('disk.vmdk').repeat(20)]]).subarray(0, 700),
    format: 'ova',
    virtualSize: null,
    codes: ['header_truncated'],
    unlikeQemu: 'it calls it raw',
  },
];

/** All of them. */
export const corpus: readonly Sample[] = [...qcow2Samples, ...otherSamples, ...vmdkSamples, ...rawSamples];
