// Disk images of VDI and VHD.
import { makePartitionedDisk } from '../../../../examples/demo/images/partitioned.ts';
import { writeVdi } from '../../../../examples/demo/images/vdi.ts';
import { writeDynamicVhd, writeFixedVhd } from '../../../../examples/demo/images/vhd.ts';
import { patch, u32be, u32le, u64be, u64le } from '../writers.ts';
import { content, file, mebibyte, type Sample, tenMebibytes } from './sample.ts';

export const vhdSamples: readonly Sample[] = [
  { name: 'VDI', bytes: writeVdi(content), format: 'vdi', virtualSize: tenMebibytes, codes: [] },
  {
    name: 'VDI that is a difference',
    bytes: patch(writeVdi(content), [76, u32le(4)]),
    format: 'vdi',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
  },
  {
    name: 'VDI with a parent',
    bytes: patch(writeVdi(content), [440, Buffer.alloc(16, 1)]),
    format: 'vdi',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
  },
  {
    name: 'VDI of version 2',
    bytes: patch(writeVdi(content), [68, u32le(0x20000)]),
    format: 'vdi',
    virtualSize: null,
    codes: ['unsupported_version'],
  },
  {
    name: 'VDI with few blocks',
    bytes: patch(writeVdi(content), [384, u32le(1)]),
    format: 'vdi',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
  },
  {
    name: 'VDI with sectors of 513 bytes',
    bytes: patch(writeVdi(content), [360, u32le(513)]),
    format: 'vdi',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
  },
  {
    name: 'VDI that is fixed',
    bytes: patch(writeVdi(content), [76, u32le(2)]),
    format: 'vdi',
    virtualSize: tenMebibytes,
    codes: [],
  },
  {
    name: 'VDI of type 9',
    bytes: patch(writeVdi(content), [76, u32le(9)]),
    format: 'vdi',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
  },
  {
    name: 'VDI of 2^63 bytes',
    bytes: patch(writeVdi(content), [368, u64le(2n ** 63n)]),
    format: 'vdi',
    virtualSize: null,
    codes: ['header_invalid'],
  },
  {
    name: 'VDI cut off',
    bytes: writeVdi(content).subarray(0, 200),
    format: 'vdi',
    virtualSize: null,
    codes: ['header_truncated'],
  },
  {
    name: 'VDI without its block map',
    bytes: writeVdi(content).subarray(0, 512),
    format: 'vdi',
    virtualSize: tenMebibytes,
    codes: ['truncated'],
  },
  { name: 'VHD, dynamic', bytes: writeDynamicVhd(content), format: 'vhd', virtualSize: tenMebibytes, codes: [] },
  {
    name: 'VHD, fixed',
    bytes: writeFixedVhd(content),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: [],
  },
  {
    name: 'VHD, fixed, partitioned',
    bytes: writeFixedVhd(makePartitionedDisk({ size: 4 * mebibyte, table: 'mbr', file })),
    format: 'vhd',
    virtualSize: BigInt(4 * mebibyte),
    codes: [],
  },
  {
    name: 'VHD with a wrong checksum',
    bytes: patch(writeDynamicVhd(content), [64, u32be(1)]),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
  },
  {
    name: 'VHD that is a difference',
    bytes: vhdOfType(4),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
  },
  {
    name: 'VHD of type 9',
    bytes: vhdOfType(9),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
  },
  {
    name: 'VHD that is a difference to a file with a name',
    bytes: patch(vhdOfType(4), [512 + 64, Buffer.from('base \u{1f4bf}.vhd\0', 'utf16le').swap16()]),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
    backingFile: 'base \u{1f4bf}.vhd',
  },
  {
    name: 'VHD of 3 TiB',
    bytes: vhdWith([48, u64be(3n * 1024n ** 4n)]),
    format: 'vhd',
    virtualSize: 3n * 1024n ** 4n,
    codes: ['header_invalid'],
  },
  {
    name: 'VHD whose second header is far away',
    bytes: vhdWith([16, u64be(2n ** 62n)]),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
  },
  ...(
    [
      ['without the magic of its second header', 512, 'x', 'header_invalid'],
      ['with blocks of three sectors', 512 + 32, u32be(1536), 'header_invalid'],
      ['with no blocks', 512 + 28, u32be(0), 'header_invalid'],
      ['with its block table past the end', 512 + 16, u64be(2n ** 40n), 'truncated'],
    ] as const
  ).map(([name, at, value, code]): Sample => ({
    name: `VHD ${name}`,
    bytes: patch(writeDynamicVhd(content), [at, value]),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: [code],
  })),
  {
    name: 'VHD, fixed, that lacks a part',
    bytes: writeFixedVhd(content).subarray(4096),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: ['truncated'],
  },
  {
    name: 'VHD, fixed, with its footer at the start',
    bytes: writeFixedVhd(content).subarray(-512),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
  },
  {
    name: 'VHD cut off',
    bytes: writeDynamicVhd(content).subarray(0, 100),
    format: 'vhd',
    virtualSize: null,
    codes: ['header_truncated'],
  },
  {
    name: 'VHD without its second header',
    bytes: writeDynamicVhd(content).subarray(0, 600),
    format: 'vhd',
    virtualSize: tenMebibytes,
    codes: ['header_truncated'],
  },
];

function vhdOfType(type: number): Buffer {
  return vhdWith([60, u32be(type)]);
}

/** A dynamic VHD, with a changed footer and its checksum corrected. */
function vhdWith(change: readonly [offset: number, value: Buffer]): Buffer {
  const image = patch(writeDynamicVhd(content), change, [64, u32be(0)]);
  const sum = image.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  return patch(image, [64, u32be(0xffffffff - sum)]);
}
