// Writers of small disk images for tests, in addition to those of the demo: only the structures that are read, with every field
// at hand.
import { encodeGuid } from '../../../examples/demo/images/guid.ts';

const kibibyte = 1024;
const mebibyte = 1024 * 1024;

/** Bytes to put at an offset; text as Latin-1. */
export type Change = readonly [offset: number, value: Uint8Array | string];

/** A copy with changes at some offsets. */
export function patch(bytes: Uint8Array, ...changes: readonly Change[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [offset, value] of changes)
    copy.set(typeof value === 'string' ? Buffer.from(value, 'latin1') : value, offset);
  return copy;
}

export function u16le(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u16be(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function u32be(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u32le(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64be(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

export function u64le(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

/** QED, of 10 MiB. */
export function writeQed(backingFile?: string): Buffer {
  const image = Buffer.alloc(192 * kibibyte);
  const changes: [number, Uint8Array | string][] = [
    [0, 'QED\0'],
    [4, u32le(65_536)],
    [48, u64le(10n * 1024n * 1024n)],
  ];
  if (backingFile !== undefined) {
    changes.push([16, u64le(1n)], [56, u32le(64)], [60, u32le(backingFile.length)], [64, backingFile]);
  }
  return patch(image, ...changes);
}

/** qcow version 1, of 10 MiB. */
export function writeQcow(backingFile?: string): Buffer {
  const image = patch(Buffer.alloc(4096), [0, 'QFI\u00fb'], [4, u32be(1)], [24, u64be(10n * 1024n * 1024n)]);
  if (backingFile === undefined) return image;
  return patch(image, [8, u64be(48n)], [16, u32be(backingFile.length)], [48, backingFile]);
}

/** LUKS version 1 with a payload of 1 MiB behind a header of 2 MiB. */
export function writeLuks(version = 1): Buffer {
  return patch(
    Buffer.alloc(3 * mebibyte),
    [0, 'LUKS\u00ba\u00be'],
    [6, Buffer.from([0, version])],
    [8, 'aes'],
    [40, 'xts-plain64'],
    [72, 'sha256'],
    [104, u32be(4096)],
    [108, u32be(32)],
    [164, u32be(1000)],
    ...Array.from({ length: 8 }, (_, index) => keySlot(index)),
  );
}

/** A free key slot, with room for 4000 stripes of a key of 32 bytes. */
function keySlot(index: number): readonly [offset: number, slot: Buffer] {
  const place = Buffer.concat([u32be(8 + index * 256), u32be(4000)]);
  return [208 + index * 48, Buffer.concat([u32be(0xdead), u32be(1000), Buffer.alloc(32), place])];
}

export function writePloop(magic: 'WithoutFreeSpace' | 'WithouFreSpacExt'): Buffer {
  // Version, sectors per block, blocks; sectors in total, and where the data begins.
  const geometry = Buffer.concat([u32le(2), u32le(16), u32le(1), u32le(2048), u32le(1), u64le(2048n)]);
  return patch(Buffer.alloc(4096), [0, magic], [16, geometry], [48, u32le(1)]);
}

export interface VhdxOptions {
  readonly size?: bigint;
  readonly hasParent?: boolean;
  readonly parentPath?: string;
  readonly metadataAt?: number;
  readonly unknownRegion?: boolean;
  readonly unknownItem?: boolean;
  readonly isItemOutside?: boolean;
}

/** VHDX with the regions and metadata items that every VHDX has. */
export function writeVhdx(options: VhdxOptions = {}): Buffer {
  const { size = 10n * 1024n * 1024n, metadataAt = mebibyte } = options;
  const items: (readonly [guid: string, value: Buffer, flags: number])[] = [
    [
      'CAA16737-FA36-4D43-B3B6-33F0AA44E76B',
      Buffer.concat([u32le(mebibyte), u32le(options.hasParent === true ? 2 : 0)]),
      4,
    ],
    ['2FA54224-CD1B-4876-B211-5DBED83BF4B8', u64le(size), 6],
    ['8141BF1D-A96F-4709-BA47-F233A8FAAB5F', u32le(512), 6],
  ];
  if (options.parentPath !== undefined)
    items.push(['A8D35F2D-B30B-454D-ABF7-D3D84834AB0C', locator(options.parentPath), 4]);
  if (options.unknownItem === true) items.push(['00000000-0000-0000-0000-000000000001', Buffer.alloc(8), 4]);
  const table = Buffer.alloc(mebibyte);
  table.set(Buffer.from('metadata'), 0);
  table.set(u16le(items.length), 10);
  let at = options.isItemOutside === true ? 100 : 64 * kibibyte;
  for (const [index, [guid, value, flags]] of items.entries()) {
    table.set(Buffer.concat([encodeGuid(guid), u32le(at), u32le(value.length), u32le(flags)]), 32 + index * 32);
    if (at >= 64 * kibibyte) table.set(value, at);
    at += value.length;
  }
  const image = Buffer.alloc(metadataAt + 2 * mebibyte);
  const region = (guid: string, offset: number): Buffer =>
    Buffer.concat([encodeGuid(guid), u64le(BigInt(offset)), u32le(mebibyte), u32le(1)]);
  const regions = [
    region('2DC27766-F623-4200-9D64-115E9BFD4A08', metadataAt + mebibyte),
    region('8B7CA206-4790-4B9A-B8FE-575F050F886E', metadataAt),
    ...(options.unknownRegion === true ? [region('00000000-0000-0000-0000-000000000002', 9 * mebibyte)] : []),
  ];
  const regionTable = Buffer.concat([Buffer.from('regi'), u32le(0), u32le(regions.length), u32le(0), ...regions]);
  return patch(
    image,
    [0, 'vhdxfile'],
    [64 * kibibyte, 'head'],
    [64 * kibibyte + 66, u16le(1)],
    [192 * kibibyte, regionTable],
    [256 * kibibyte, regionTable],
    [metadataAt, table],
  );
}

function locator(path: string): Buffer {
  const key = Buffer.from('relative_path', 'utf16le');
  const value = Buffer.from(path, 'utf16le');
  const head = Buffer.concat([
    Buffer.alloc(18),
    u16le(1),
    u32le(32),
    u32le(32 + key.length),
    u16le(key.length),
    u16le(value.length),
  ]);
  return Buffer.concat([head, key, value]);
}

/** An OVF descriptor that refers to these files. */
export function ovf(...files: readonly string[]): string {
  const references = files.map((file, index) => `<File ovf:id="file${String(index)}" ovf:href="${file}"/>`);
  return `<?xml version="1.0"?><Envelope><References>${references.join('')}</References></Envelope>`;
}

export interface DescriptorOptions {
  readonly type?: string | null;
  readonly parent?: string;
  readonly hint?: string;
  readonly extents?: readonly string[];
  readonly more?: string;
}

/** The text of a VMDK descriptor. */
export function vmdkDescriptor(options: DescriptorOptions = {}): string {
  const {
    type = 'monolithicSparse',
    parent = 'ffffffff',
    extents = ['RW 20480 SPARSE "disk.vmdk"'],
    more = '',
  } = options;
  return [
    '# Disk DescriptorFile',
    'version=1',
    'CID=12345678',
    `parentCID=${parent}`,
    ...(type === null ? [] : [`createType="${type}"`]),
    ...(options.hint === undefined ? [] : [`parentFileNameHint="${options.hint}"`]),
    '',
    '# Extent description',
    ...extents,
    '',
    'ddb.adapterType = "ide"',
    more,
  ].join('\n');
}

/** A sparse extent of 10 MiB with this descriptor inside. */
export function writeVmdk(
  descriptor: string = vmdkDescriptor(),
  changes: readonly (readonly [number, Uint8Array | string])[] = [],
): Buffer {
  const sectors = 20;
  return patch(
    Buffer.alloc(128 * kibibyte),
    [0, 'KDMV'],
    [4, u32le(1)],
    [8, u32le(3)],
    [12, u64le(20_480n)],
    [20, u64le(128n)],
    [28, u64le(1n)],
    [36, u64le(BigInt(sectors))],
    [44, u32le(512)],
    [56, u64le(26n)],
    [64, u64le(128n)],
    [73, '\n \r\n'],
    [512, descriptor],
    ...changes,
  );
}

/** A stream-optimised extent: its header says that the real one is at the end. */
export function writeStreamVmdk(change: (footer: Buffer) => Buffer = (footer) => footer): Buffer {
  const atEnd = u64le(2n ** 64n - 1n);
  const descriptor = vmdkDescriptor({ type: 'streamOptimized' });
  const image = writeVmdk(descriptor, [
    [56, atEnd],
    [77, u16le(1)],
  ]);
  const marker = patch(Buffer.alloc(512), [12, u32le(3)]);
  const footer = change(patch(image.subarray(0, 512), [56, u64le(26n)]));
  return Buffer.concat([image, marker, footer, Buffer.alloc(512)]);
}
