// Disk images of VMDK.
import type { HazardCode } from '../../../../src/disk/parsing/hazards.ts';
import { patch, u32le, u64le, vmdkDescriptor, writeStreamVmdk, writeVmdk } from '../writers.ts';
import { type Sample, tenMebibytes } from './sample.ts';

/** VMDK with this descriptor. */
function vmdkWith(name: string, descriptor: string, codes: readonly HazardCode[], more: Partial<Sample> = {}): Sample {
  return {
    name: `VMDK ${name}`,
    bytes: writeVmdk(descriptor),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes,
    ...more,
  };
}

const streamVmdk = writeStreamVmdk();

/** The same with another marker, footer and end of the stream. */
function endOf(image: Buffer, change: (end: Buffer) => Buffer): Buffer {
  return Buffer.concat([image.subarray(0, -1536), change(image.subarray(-1536))]);
}

export const vmdkSamples: readonly Sample[] = [
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
  vmdkWith('with lines as Windows ends them', vmdkDescriptor().replaceAll('\n', '\r\n'), []),
  vmdkWith('with words in capitals', vmdkDescriptor().replace('createType', 'CREATETYPE').replace('RW', 'rw'), []),
  vmdkWith('with text behind its first NUL', `${vmdkDescriptor()}\0parentFileNameHint="x"`, []),
  vmdkWith(
    'with the hint of a parent in a comment',
    vmdkDescriptor({ more: '# parentFileNameHint="/etc/passwd"' }),
    ['backing_file'],
    { backingFile: '/etc/passwd' },
  ),
  vmdkWith('with a parent and then none', vmdkDescriptor({ parent: '00000001', more: 'parentCID=ffffffff' }), [
    'backing_file',
  ]),
  vmdkWith('of one type and then another', vmdkDescriptor({ more: 'createType="custom"' }), ['unsupported_subformat']),
  vmdkWith('of a type without quotes', vmdkDescriptor().replaceAll('"monolithicSparse"', 'monolithicSparse'), [
    'descriptor_invalid',
  ]),
  vmdkWith('of a type of 64 letters', vmdkDescriptor({ type: 'x'.repeat(64) }), ['descriptor_invalid']),
  vmdkWith('with an extent without a name', vmdkDescriptor({ extents: ['RW 20480 SPARSE'] }), ['descriptor_invalid']),
  vmdkWith('with more behind an extent', vmdkDescriptor({ extents: ['RW 20480 SPARSE "a" 0 "b"'] }), [
    'descriptor_invalid',
  ]),
  vmdkWith('with a descriptor of version 4', vmdkDescriptor().replace('version=1', 'version=4'), [
    'unsupported_version',
  ]),
  vmdkWith('with an encryption key', vmdkDescriptor({ more: 'encryption.keySafe = "vmware:key/list"' }), []),
  vmdkWith('with a line nobody understands', vmdkDescriptor({ more: '!!!' }), ['descriptor_invalid']),
  vmdkWith('beyond ASCII', `${vmdkDescriptor()}\n# \u00e9`, ['descriptor_invalid']),
  vmdkWith('without a descriptor', '', ['descriptor_invalid']),
  {
    name: 'VMDK of version 4',
    bytes: writeVmdk(undefined, [[4, u32le(4)]]),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['unsupported_version'],
  },
  {
    name: 'VMDK without a capacity',
    bytes: writeVmdk(undefined, [[12, u64le(0n)]]),
    format: 'vmdk',
    virtualSize: 0n,
    codes: ['header_invalid'],
  },
  {
    name: 'VMDK of 2^63 bytes',
    bytes: writeVmdk(undefined, [[12, u64le(2n ** 54n)]]),
    format: 'vmdk',
    virtualSize: null,
    codes: ['header_invalid'],
  },
  {
    name: 'VMDK with the hint of a parent behind the room of its descriptor',
    bytes: writeVmdk(`${vmdkDescriptor()}\n#`.padEnd(520, '-').concat('\n# parentFileNameHint="/etc/passwd"\n'), [
      [36, u64le(1n)],
    ]),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['descriptor_invalid', 'backing_file'],
    backingFile: '/etc/passwd',
  },
  {
    name: 'VMDK broken as text',
    bytes: writeVmdk(undefined, [[73, '\n \n\n']]),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
  },
  {
    name: 'VMDK with its descriptor elsewhere',
    bytes: writeVmdk(undefined, [[28, u64le(5n)]]),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['header_invalid'],
  },
  {
    name: 'VMDK with a huge descriptor',
    bytes: writeVmdk(undefined, [[36, u64le(2n ** 40n)]]),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['descriptor_invalid'],
  },
  {
    name: 'VMDK cut off',
    bytes: writeVmdk().subarray(0, 100),
    format: 'vmdk',
    virtualSize: null,
    codes: ['header_truncated'],
  },
  {
    name: 'VMDK, stream-optimised',
    bytes: writeStreamVmdk(),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: [],
  },
  {
    name: 'VMDK whose footer has another capacity',
    bytes: writeStreamVmdk((footer) => patch(footer, [12, u64le(99n)])),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['footer_mismatch'],
  },
  {
    name: 'VMDK whose footer leads on',
    bytes: writeStreamVmdk((footer) => patch(footer, [56, u64le(2n ** 64n - 1n)])),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['footer_mismatch'],
  },
  {
    name: 'VMDK whose footer has no marker',
    bytes: endOf(streamVmdk, (end) => patch(end, [12, u32le(4)])),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['footer_mismatch'],
  },
  {
    name: 'VMDK whose stream goes on behind its footer',
    bytes: endOf(streamVmdk, (end) => patch(end, [1535, 'x'])),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['footer_mismatch'],
  },
  {
    name: 'VMDK that is too short for its footer',
    bytes: streamVmdk.subarray(0, 1024),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['header_truncated'],
  },
  {
    name: 'VMDK that is a text and names another image',
    bytes: Buffer.from(vmdkDescriptor({ extents: ['RW 20480 SPARSE "other.vmdk"'] })),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['external_extent'],
  },
  {
    name: 'VMDK that is a text of its first line only',
    bytes: Buffer.from('# Disk DescriptorFile\n'),
    format: 'vmdk',
    virtualSize: 0n,
    codes: ['descriptor_invalid'],
  },
  {
    name: 'VMDK that is a huge text',
    bytes: Buffer.from(`${vmdkDescriptor({ type: 'custom' })}\n${'#\n'.repeat(512 * 1024)}`),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['descriptor_invalid', 'unsupported_subformat', 'external_extent'],
  },
  {
    name: 'COWD cut off',
    bytes: Buffer.from('COWD'),
    format: 'vmdk',
    virtualSize: null,
    codes: ['unsupported_subformat', 'header_truncated'],
  },
  {
    name: 'VMDK without its footer',
    bytes: writeStreamVmdk().subarray(0, 64 * 1024),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['footer_mismatch'],
  },
  {
    name: 'VMDK that is a text',
    bytes: Buffer.from(vmdkDescriptor({ type: 'monolithicFlat', extents: ['RW 20480 FLAT "/dev/sda" 0'] })),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['unsupported_subformat', 'external_extent'],
  },
  {
    name: 'VMDK that is a text without its first line',
    bytes: Buffer.from('\n# x\nversion=1\ncreateType="custom"\nRW 8 FLAT "/etc/passwd"\n'),
    format: 'vmdk',
    virtualSize: 4096n,
    codes: ['unsupported_subformat', 'external_extent'],
  },
  {
    name: 'COWD',
    bytes: patch(Buffer.alloc(4096), [0, 'COWD'], [12, u32le(20_480)]),
    format: 'vmdk',
    virtualSize: tenMebibytes,
    codes: ['unsupported_subformat'],
  },
];
