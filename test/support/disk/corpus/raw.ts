// Raw disks, with and without partitions; volumes of optical discs; archives and compressed data.
import { formatFat12 } from '../../../../examples/demo/images/fat12.ts';
import { writeRaw } from '../../../../examples/demo/images/content.ts';
import { writeIso9660 } from '../../../../examples/demo/images/iso9660.ts';
import { makePartitionedDisk } from '../../../../examples/demo/images/partitioned.ts';
import { writeQcow2 } from '../../../../examples/demo/images/qcow2.ts';
import type { DetectedFormat } from '../../../../src/disk/parsing/finding.ts';
import type { HazardCode } from '../../../../src/disk/parsing/hazards.ts';
import { writeTar } from '../tars.ts';
import { ovf, patch, u32le, u64le, vmdkDescriptor } from '../writers.ts';
import { content, file, mebibyte, type Sample, tenMebibytes } from './sample.ts';

const iso = writeIso9660({ volume: 'TEST', directory: 'DIR', file });
const mbr = writeRaw(makePartitionedDisk({ size: 4 * mebibyte, table: 'mbr', file }));
const gpt = writeRaw(makePartitionedDisk({ size: 4 * mebibyte, table: 'gpt', file }));

/** Turns a GPT for sectors of 512 bytes into one for 4096: header and entries move to eight times the offset, the partition stays. */
function largeSectors(disk: Buffer): Buffer {
  return patch(
    disk,
    [512, Buffer.alloc(4096)],
    [4096, disk.subarray(512, 1024)],
    [8192, disk.subarray(1024, 1024 + 16_384)],
    [8192 + 32, Buffer.concat([u64le(256n), u64le(511n)])],
  );
}

/** The first bytes that the tools of a format write. */
export const compressedStarts: readonly (readonly [format: DetectedFormat, start: string, name?: string])[] = [
  ['gzip', '\u001f\u008b\b'],
  ['bzip2', 'BZh91AY'],
  ['xz', '\u00fd7zXZ\0'],
  ['zstd', '(\u00b5/\u00fd'],
  ['zstd', "'\u00b5/\u00fd", 'zstd of version 0.7'],
  ['zstd', 'P*M\u0018\u0004\0\0\0\0\0\0\0(\u00b5/\u00fd', 'zstd behind a frame to be skipped'],
  [
    'zstd',
    '_*M\u0018\0\0\0\0P*M\u0018\u0008\0\0\0\u0004"M\u0018\u0004"M\u0018(\u00b5/\u00fd',
    'zstd behind two of them, one with the magic of lz4 in it',
  ],
  ['lz4', '\u0004"M\u0018'],
  ['lz4', '\u0002!L\u0018', 'lz4 of lz4 -l'],
  ['lz4', 'P*M\u0018\u0004\0\0\0abcd\u0004"M\u0018', 'lz4 behind a frame to be skipped'],
  ['lzma', ']\0\0\u0080\0\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\0', 'lzma of a pipe'],
  ['lzma', ']\0\0\u0060\0\0\0\u0010\0\0\0\0\0\0', 'lzma with a dictionary of 6 MiB'],
  ['lzma', ']\0\0\0\u0004\0\0\u0010\0\0\0\0\0\0', 'lzma'],
  ['lzip', 'LZIP\u0001\u000c'],
  ['lzop', '\u0089LZO\0\r\n\u001a\n'],
  ['compress', '\u001f\u009d\u0090'],
  ['compress', '\u001f\u009d\u0089', 'compress with 9 bits'],
  ['7z', "7z\u00bc\u00af'\u001c\0\u0004"],
  ['zip', 'PK\u0003\u0004'],
  ['zip', 'PK\u0005\u0006', 'zip of nothing'],
  ['zip', 'PK\u0007\u0008PK\u0003\u0004', 'zip of several volumes'],
];

/** A raw disk. */
function raw(name: string, bytes: Buffer, codes: readonly HazardCode[] = [], more: Partial<Sample> = {}): Sample {
  return { name, bytes, format: 'raw', virtualSize: BigInt(bytes.length), codes, ...more };
}

export const rawSamples: readonly Sample[] = [
  raw('nothing at all', Buffer.alloc(0), ['empty']),
  raw('a page of HTML', Buffer.from('<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>\n'), [
    'looks_like_text',
  ]),
  raw('one byte', Buffer.from('Q')),
  raw('three bytes of a magic', Buffer.from('QFI')),
  raw('not whole sectors', Buffer.alloc(1000, 1)),
  raw('zeros', Buffer.alloc(mebibyte)),
  raw('an MBR', mbr),
  raw('a GPT', gpt),
  raw('a FAT volume', writeRaw(formatFat12({ sectors: 2880, file }))),
  raw('a boot sector without partitions', patch(Buffer.alloc(mebibyte), [510, Buffer.from([0x55, 0xaa])])),
  raw('a FAT volume whose boot code jumps far', patch(writeRaw(formatFat12({ sectors: 2880, file })), [0, '\u00e9'])),
  ...(['NTFS    ', 'EXFAT   '] as const).map((name) =>
    raw(`a volume of ${name.trim()}`, patch(mbr, [0, '\u00eb\u0052\u0090'], [3, name])),
  ),
  raw('a boot sector that jumps and has no parameters', patch(mbr, [0, '\u00eb\u0052\u0090'])),
  raw('a Linux kernel', patch(mbr, [0x202, 'HdrS'])),
  raw('a GPT of sectors of 4 KiB', largeSectors(gpt)),
  raw('a GPT whose protective entry has another first CHS', patch(gpt, [446 + 1, Buffer.from([1])]), [
    'partition_table',
  ]),
  raw(
    'a GPT whose protective entry is the second',
    patch(gpt, [446, Buffer.alloc(16)], [462, gpt.subarray(446, 462)]),
    ['partition_table'],
  ),
  raw('a GPT whose entries lie past its end', patch(gpt, [512 + 72, Buffer.from([0, 0, 0, 0x10, 0, 0, 0, 0])]), [
    'partitions_unread',
    'truncated',
  ]),
  raw('a GPT cut off', gpt.subarray(0, 1100), ['truncated']),
  raw('a tar whose checksum is wrong', patch(writeTar([['a', 'x']]), [148, '0000000'])),
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
  },
  {
    name: 'a hybrid ISO',
    bytes: patch(iso, [0, mbr.subarray(0, 512)]),
    format: 'iso',
    virtualSize: BigInt(iso.length),
    codes: [],
  },
  {
    name: 'an ISO with two sizes',
    bytes: patch(iso, [32_768 + 80, u32le(1)]),
    format: 'iso',
    virtualSize: 2048n,
    codes: ['header_invalid'],
  },
  {
    name: 'an ISO cut off',
    bytes: iso.subarray(0, 34_000),
    format: 'iso',
    virtualSize: null,
    codes: ['header_truncated'],
  },
  {
    name: 'an ISO without its end',
    bytes: iso.subarray(0, iso.length - 2048),
    format: 'iso',
    virtualSize: BigInt(iso.length),
    codes: ['truncated'],
  },
  {
    name: 'a UDF volume',
    bytes: patch(Buffer.alloc(mebibyte), [32_769, 'BEA01'], [34_817, 'NSR03']),
    format: 'iso',
    virtualSize: BigInt(mebibyte),
    codes: [],
  },
  {
    name: 'a qcow2 that is an ISO too',
    bytes: patch(writeQcow2(content), [32_768, iso.subarray(32_768, 34_816)]),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: ['polyglot'],
  },
  {
    name: 'a qcow2 that is a partitioned disk too',
    bytes: patch(writeQcow2(content), [446, mbr.subarray(446, 512)]),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: ['polyglot'],
  },
  ...(
    [
      ['gzip', '\u001f\u008b\b'],
      ['vmdk', `${vmdkDescriptor()}\n`],
    ] as const
  ).map(([format, start]): Sample => ({
    name: `a ${format} that is an ISO too`,
    bytes: patch(iso, [0, start]),
    format,
    virtualSize: format === 'vmdk' ? tenMebibytes : null,
    codes: format === 'vmdk' ? ['external_extent', 'polyglot'] : ['polyglot'],
  })),
  {
    name: 'a qcow2 that is a VDI too',
    bytes: patch(writeQcow2(content), [64, u32le(0xbeda107f)]),
    format: 'qcow2',
    virtualSize: tenMebibytes,
    codes: ['polyglot'],
  },
  ...compressedStarts.map(([format, start, name = format]): Sample => ({
    name,
    bytes: patch(Buffer.alloc(4096), [0, start]),
    format,
    virtualSize: null,
    codes: [],
  })),
  {
    name: 'a tar',
    bytes: writeTar([['layer/file', 'x']]),
    format: 'tar',
    virtualSize: null,
    codes: [],
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
  },
  ...['/etc/passwd', '../../x', 'http://host/x', 'file:///x', '\\\\host\\x'].map((href): Sample => ({
    name: `an OVA that refers to ${href}`,
    bytes: writeTar([['box.OVF', ovf('ok.vmdk', href)]]),
    format: 'ova',
    virtualSize: null,
    codes: ['external_extent'],
  })),
  {
    name: 'an OVA that refers to what it holds',
    bytes: writeTar([['box.ovf', ovf('disk.vmdk', 'sub/disk-2.vmdk', 'a..b.iso')]]),
    format: 'ova',
    virtualSize: null,
    codes: [],
  },
  ...(
    [
      ['in characters that are numbers', '<File href="&#47;etc&#x2f;passwd"/>', 'external_extent'],
      ['behind a sign that ends nothing', `<File id="a>b" href='/etc/passwd'/>`, 'external_extent'],
      ['in a namespace of its own', '<o-1:File o-1:href = "/etc/passwd"/>', 'external_extent'],
      ['by an entity', '<!DOCTYPE x [<!ENTITY e "/etc/passwd">]><File href="&e;"/>', 'header_invalid'],
      ['in UTF-16', Buffer.from('<File href="/etc/passwd"/>', 'utf16le').toString('latin1'), 'header_invalid'],
    ] as const
  ).map(([name, text, code]): Sample => ({
    name: `an OVA that refers to a file outside ${name}`,
    bytes: writeTar([['box.ovf', text]]),
    format: 'ova',
    virtualSize: null,
    codes: [code],
  })),
  {
    name: 'an OVA with a huge descriptor',
    bytes: writeTar([['box.ovf', ' '.repeat(mebibyte)]]),
    format: 'ova',
    virtualSize: null,
    codes: ['header_invalid'],
  },
  {
    name: 'an OVA cut off',
    bytes: writeTar([['box.ovf', ovf('disk.vmdk').repeat(20)]]).subarray(0, 700),
    format: 'ova',
    virtualSize: null,
    codes: ['header_truncated'],
  },
];
