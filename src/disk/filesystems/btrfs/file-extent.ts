// Where the bytes of a file lie.
// @see https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html#extent-data-6c
import { damaged, unsupported } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import { type Compression, compressions, mostCompressed } from './compression.ts';
import { numberAt } from './fields.ts';
import type { Item } from './node.ts';

const inlineHeaderBytes = 21;
const regularBytes = 53;

/** A piece of a file. */
export interface FileExtent {
  /** Position in the file. */
  readonly offset: number;
  /** Bytes of the file that it covers. */
  readonly length: number;
  readonly content: Content;
}

type Content =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'inline'; readonly data: Uint8Array; readonly compression: Compression | null }
  /** Stored uncompressed at a logical address. */
  | { readonly kind: 'plain'; readonly logical: number }
  | { readonly kind: 'compressed'; readonly piece: CompressedPiece };

export interface CompressedPiece {
  readonly compression: Compression;
  /** Logical address. */
  readonly logical: number;
  /** Stored bytes; at most 128 KiB, as is the unpacked size. */
  readonly stored: number;
  readonly size: number;
  /** Where the bytes of the file begin in the unpacked data. */
  readonly from: number;
}

/** Struct btrfs_file_extent_item. @throws UnreadableError */
export function parseFileExtent({ key: { offset }, data }: Item, sectorBytes: number): FileExtent {
  if (data.length < inlineHeaderBytes) damaged('the length of a file extent item is invalid');
  const view = viewOf(data);
  if (view.getUint8(17) !== 0 || view.getUint16(18, true) !== 0) unsupported('encrypted files are not supported');
  const code = view.getUint8(16);
  const compression =
    code === 0
      ? null
      : (compressions[code - 1] ?? unsupported(`compression type ${String(code)} of btrfs is not supported`));
  const size = numberAt(view, 8);
  switch (view.getUint8(20)) {
    case 0:
      return parseInline(data.subarray(inlineHeaderBytes), { offset, compression, size });
    case 1:
      return parseRegular(data, { offset, compression, size, sectorBytes });
    case 2:
      return { ...parseRegular(data, { offset, compression: null, size, sectorBytes }), content: { kind: 'zeros' } };
    default:
      return damaged('the type of a file extent is invalid');
  }
}

interface Head {
  readonly offset: number;
  readonly compression: Compression | null;
  /** ram_bytes. */
  readonly size: number;
}

function parseInline(data: Uint8Array, { offset, compression, size }: Head): FileExtent {
  if (offset !== 0) damaged('an inline extent does not begin at offset 0');
  if (compression === null && size !== data.length) damaged('the length of an inline extent is wrong');
  if (size > mostCompressed) damaged('a file extent is too long');
  return { offset, length: size, content: { kind: 'inline', data, compression } };
}

function parseRegular(
  data: Uint8Array,
  { offset, compression, size, sectorBytes }: Head & { readonly sectorBytes: number },
): FileExtent {
  if (data.length !== regularBytes) damaged('the length of a file extent item is invalid');
  const view = viewOf(data);
  const [logical, stored, from, length] = [21, 29, 37, 45].map((at) => numberAt(view, at)) as [
    number,
    number,
    number,
    number,
  ];
  const isAligned = [offset, logical, stored, from, length].every((number) => number % sectorBytes === 0);
  if (!isAligned || length === 0 || !Number.isSafeInteger(offset + length))
    damaged('a file extent is not aligned to sectors');
  if (logical === 0) return { offset, length, content: { kind: 'zeros' } };
  if (from + length > (compression === null ? Math.max(size, stored) : size))
    damaged('a file extent extends past the end of its stored data');
  if (compression === null) return { offset, length, content: { kind: 'plain', logical: logical + from } };
  if (stored > mostCompressed || size > mostCompressed) damaged('a compressed file extent is too long');
  return { offset, length, content: { kind: 'compressed', piece: { compression, logical, stored, size, from } } };
}
