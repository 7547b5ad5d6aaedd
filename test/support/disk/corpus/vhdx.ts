// Disk images of VHDX.
import { patch, u16le, u32le, u64le, writeVhdx } from '../writers.ts';
import { mebibyte, type Sample, tenMebibytes } from './sample.ts';

export const vhdxSamples: readonly Sample[] = [
  {
    name: 'VHDX',
    bytes: writeVhdx(),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: [],
  },
  {
    name: 'VHDX with its metadata at 3 MiB',
    bytes: writeVhdx({ metadataAt: 3 * mebibyte }),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: [],
  },
  {
    name: 'VHDX with its metadata at 20 MiB',
    bytes: writeVhdx({ metadataAt: 20 * mebibyte }),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: [],
  },
  ...(
    [
      [
        'whose second header has another version',
        [128 * 1024, 'head'],
        [128 * 1024 + 66, u16le(9)],
        'unsupported_version',
      ],
      ['without headers', [64 * 1024, 'x'], [64 * 1024, 'x'], 'header_invalid'],
      ['without region tables', [192 * 1024, 'x'], [256 * 1024, 'x'], 'header_invalid'],
      ['with its metadata off its bounds', region(u64le(1_048_577n)), [256 * 1024, 'x'], 'header_invalid'],
      ['with its metadata in its headers', region(u64le(0n)), [256 * 1024, 'x'], 'header_invalid'],
      ['with its metadata past its end', region(u64le(2n ** 45n)), [256 * 1024, 'x'], 'header_truncated'],
      ['with its metadata at 2^63', region(u64le(2n ** 63n)), [256 * 1024, 'x'], 'header_invalid'],
      ['whose metadata has no magic', [mebibyte, 'x'], [mebibyte, 'x'], 'header_invalid'],
    ] as const
  ).map(([name, first, second, code]): Sample => ({
    name: `VHDX ${name}`,
    bytes: patch(writeVhdx(), first, second),
    format: 'vhdx',
    virtualSize: null,
    codes: [code],
  })),
  {
    name: 'VHDX with sectors of 520 bytes',
    bytes: patch(writeVhdx(), [mebibyte + 64 * 1024 + 16, u32le(520)]),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
  },
  {
    name: 'VHDX with two sizes',
    bytes: patch(writeVhdx(), [mebibyte + 32 + 2 * 32, writeVhdx().subarray(mebibyte + 64, mebibyte + 96)]),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
  },
  {
    name: 'VHDX without a size',
    bytes: patch(writeVhdx(), [mebibyte + 32 + 32, Buffer.alloc(32)]),
    format: 'vhdx',
    virtualSize: null,
    codes: ['header_invalid'],
  },
  {
    name: 'VHDX with a parent',
    bytes: writeVhdx({ hasParent: true, parentPath: '..\\base.vhdx' }),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
    backingFile: '..\\base.vhdx',
  },
  {
    name: 'VHDX that says it has a parent',
    bytes: writeVhdx({ hasParent: true }),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: ['backing_file'],
  },
  {
    name: 'VHDX of 65 TiB',
    bytes: writeVhdx({ size: 65n * 1024n ** 4n }),
    format: 'vhdx',
    virtualSize: 65n * 1024n ** 4n,
    codes: ['header_invalid'],
  },
  {
    name: 'VHDX with a required region nobody knows',
    bytes: writeVhdx({ unknownRegion: true }),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: ['unsupported_version'],
  },
  {
    name: 'VHDX with a required item nobody knows',
    bytes: writeVhdx({ unknownItem: true }),
    format: 'vhdx',
    virtualSize: tenMebibytes,
    codes: ['unsupported_version'],
  },
  {
    name: 'VHDX with items outside of their region',
    bytes: writeVhdx({ isItemOutside: true }),
    format: 'vhdx',
    virtualSize: null,
    codes: ['header_invalid'],
  },
  {
    name: 'VHDX of version 2',
    bytes: patch(writeVhdx(), [64 * 1024 + 66, u16le(2)]),
    format: 'vhdx',
    virtualSize: null,
    codes: ['unsupported_version'],
  },
  {
    name: 'VHDX without its headers',
    bytes: writeVhdx().subarray(0, 1000),
    format: 'vhdx',
    virtualSize: null,
    codes: ['header_truncated'],
  },
  {
    name: 'VHDX without its metadata',
    bytes: writeVhdx().subarray(0, mebibyte),
    format: 'vhdx',
    virtualSize: null,
    codes: ['header_truncated'],
  },
];

/** Where the first region table says that the metadata is. */
function region(offset: Buffer): readonly [number, Buffer] {
  return [192 * 1024 + 16 + 32 + 16, offset];
}
