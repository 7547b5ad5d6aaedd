// VMDK: a sparse extent with its descriptor inside, a descriptor alone, or ESX's own COWD. Little-endian.
// @see https://github.com/libyal/libvmdk/blob/main/documentation/VMWare%20Virtual%20Disk%20Format%20(VMDK).asciidoc
import { countOf } from '../../text/count.ts';
import { hasText, isZero, viewOf } from '../parsing/bytes.ts';
import { Draft } from '../parsing/draft.ts';
import type { DiskFinding } from '../parsing/finding.ts';
import type { FormatParser, ParseContext, Reading } from '../parsing/parser.ts';
import { isDescriptorText, readDescriptor } from './vmdk-descriptor.ts';

const sectorBytes = 512;
/** A descriptor must be at least one byte shorter. */
const maxDescriptorBytes = 1024 * 1024;
/** QEMU searches this many bytes for a parent, whatever size the header gives. */
const readAnyway = 20 * sectorBytes;
const atEnd = 2n ** 64n - 1n;
/** Characters that a text-mode transfer would corrupt. */
const newlines = '\n \r\n';

export const vmdk: FormatParser = {
  format: 'vmdk',
  recognise: (front) => hasText(front, 0, 'KDMV') || hasText(front, 0, 'COWD') || isDescriptorText(front),
  read: readVmdk,
};

function* readVmdk(context: ParseContext): Reading<DiskFinding> {
  const draft = new Draft('vmdk');
  const header = (yield { from: 'start', offset: 0, length: sectorBytes }) ?? new Uint8Array();
  if (hasText(header, 0, 'COWD')) {
    draft.warn('unsupported_subformat', 'an ESX sparse extent (COWD)').detail('subformat', 'COWD');
    if (header.length < 16) return draft.truncated('the header').finish();
    return draft.size(BigInt(viewOf(header).getUint32(12, true)) * 512n).finish();
  }
  if (!hasText(header, 0, 'KDMV')) {
    const text = yield* readText(draft, 0, maxDescriptorBytes);
    const descriptor = readDescriptor(draft, text, true);
    if (descriptor !== null) draft.size(descriptor.sectors * 512n);
    return draft.finish();
  }
  if (header.length < sectorBytes) return draft.truncated('the header').finish();
  yield* readSparse(draft, header, context);
  return draft.finish();
}

function* readSparse(draft: Draft, header: Uint8Array, context: ParseContext): Reading<void> {
  const view = viewOf(header);
  const version = view.getUint32(4, true);
  draft.detail('version', version);
  if (version < 1 || version > 3) draft.warn('unsupported_version', `VMDK version ${String(version)}`);
  const capacity = view.getBigUint64(12, true);
  draft.size(capacity * 512n);
  draft.require(capacity !== 0n, 'the capacity is 0, so the extents would be taken from the descriptor');
  draft.require(hasText(header, 73, newlines), 'its line ends were changed, as by a transfer in text mode');
  draft.detail('compression', view.getUint16(77, true) === 1 ? 'deflate' : null);
  const offset = view.getBigUint64(28, true);
  const sectors = view.getBigUint64(36, true);
  draft.require(offset === 1n, `the descriptor is not at sector 1, but at ${String(offset)}`);
  if (sectors * 512n >= BigInt(maxDescriptorBytes) || sectors === 0n) {
    draft.warn('descriptor_invalid', `the descriptor size is out of range: ${countOf(sectors, 'sector')}`);
  }
  const room = Math.min(Number(sectors) * sectorBytes, maxDescriptorBytes);
  if (offset === 1n && room > 0) {
    const text = yield* readText(draft, sectorBytes, Math.max(room, readAnyway));
    if (text.length > room) draft.warn('descriptor_invalid', 'the descriptor is longer than the space reserved for it');
    readDescriptor(draft, text, false);
  }
  if (view.getBigUint64(56, true) === atEnd) yield* readFooter(draft, header, context);
}

/** The text up to its NUL, read in pieces of up to 64 KiB. */
function* readText(draft: Draft, offset: number, length: number): Reading<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let done = 0; done < length;) {
    const wanted = Math.min(64 * 1024, length - done);
    const bytes = (yield { from: 'start', offset: offset + done, length: wanted }) ?? new Uint8Array();
    const end = bytes.indexOf(0);
    pieces.push(Uint8Array.from(end < 0 ? bytes : bytes.subarray(0, end)));
    if (end >= 0) break;
    if (bytes.length < wanted) {
      // A descriptor in a file of its own ends with the file.
      if (offset > 0) draft.truncated('the descriptor');
      break;
    }
    done += bytes.length;
  }
  const text = Buffer.concat(pieces);
  if (text.length >= maxDescriptorBytes) draft.warn('descriptor_invalid', 'the descriptor is too long');
  return text;
}

/** A stream-optimised extent has its real header near the end, between two markers. */
function* readFooter(draft: Draft, header: Uint8Array, { size }: ParseContext): Reading<void> {
  const end = yield { from: 'end', length: 3 * sectorBytes };
  if (end === null || (end.length < 3 * sectorBytes && size === null)) {
    draft.warn('end_unread', 'its real header is at the end, which cannot be read');
    return;
  }
  if (end.length < 3 * sectorBytes) {
    draft.truncated('the footer');
    return;
  }
  const marker = end.subarray(0, sectorBytes);
  const footer = end.subarray(sectorBytes, 2 * sectorBytes);
  const isMarker = viewOf(marker).getUint32(8, true) === 0 && viewOf(marker).getUint32(12, true) === 3;
  const mismatch = (what: string): Draft => draft.warn('footer_mismatch', what);
  if (!isMarker || !isZero(marker.subarray(16))) mismatch('the footer has no marker before it');
  if (!isZero(end.subarray(2 * sectorBytes))) mismatch('the stream does not end after the footer');
  const fields: readonly (readonly [string, number, number])[] = [
    ['magic', 0, 4],
    ['version', 4, 8],
    ['capacity', 12, 20],
    ['descriptor', 28, 44],
  ];
  for (const [name, from, to] of fields) {
    if (Buffer.compare(footer.subarray(from, to), header.subarray(from, to)) !== 0)
      mismatch(`its ${name} differs from the header`);
  }
  if (viewOf(footer).getBigUint64(56, true) === atEnd) mismatch('it points to yet another footer');
}
