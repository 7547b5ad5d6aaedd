// What the inspector of oslo.utils finds in data that begins like VHDX. It checks no safety, but must have seen every structure
// that it expects; if it gives up on one, what it has seen by then is enough.
import { guidOf, hasText, viewOf } from '../parsing/bytes.ts';
import type { Reading } from '../parsing/parser.ts';
import { type InspectorResult, pieceBytes } from './results.ts';

const tableFrom = 192 * 1024;
const tableBytes = 64 * 1024;
const metadataBytes = 64 * 1024;
const entryBytes = 32;
const mostEntries = 2047;
const metadataRegion = '8B7CA206-4790-4B9A-B8FE-575F050F886E';
const sizeItem = '2FA54224-CD1B-4876-B211-5DBED83BF4B8';
/** No data is that long, and offsets stay exact numbers. */
const furthest = 2n ** 52n;

const whole: InspectorResult = { state: 'whole', failed: [], isSizeOdd: false };
const cut: InspectorResult = { ...whole, state: 'cut' };
const unread: InspectorResult = { ...whole, state: 'unread' };

/** Inspects the data. @param front the first 64 KiB */
export function* inspectVhdx(front: Uint8Array): Reading<InspectorResult> {
  if (front.length < pieceBytes) return cut;
  const table = yield* readCopy(tableFrom, tableBytes);
  if (table === null) return unread;
  if (table.length < tableBytes) return cut;
  const offset = findMetadata(table);
  return offset === null ? whole : yield* inspectMetadata(offset);
}

function* readCopy(offset: number, length: number): Reading<Uint8Array | null> {
  const bytes = yield { from: 'start', offset, length };
  return bytes === null ? null : Uint8Array.from(bytes);
}

/** Offset of the metadata region; null if the inspector finds none. */
function findMetadata(table: Uint8Array): bigint | null {
  const view = viewOf(table);
  const count = view.getUint32(8, true);
  if (!hasText(table, 0, 'regi') || count > mostEntries) return null;
  for (let index = 0; index < count; index++) {
    const at = 16 + index * entryBytes;
    if (guidOf(table.subarray(at, at + 16)) === metadataRegion) return view.getBigUint64(at + 16, true);
  }
  return null;
}

function* inspectMetadata(offset: bigint): Reading<InspectorResult> {
  if (offset >= furthest) return cut;
  const region = seen(Number(offset), metadataBytes, tableFrom);
  if (region === null) return cut;
  const bytes = yield* readCopy(region.from, region.length);
  if (bytes === null) return unread;
  const complete = bytes.length === metadataBytes ? whole : cut;
  if (bytes.length < entryBytes) return complete;
  // Which checks are made at which point depends on how much of the region had arrived at the end of each piece.
  const known = (length: number): number => Math.ceil((region.from + length) / pieceBytes) * pieceBytes;
  if (!hasText(bytes, 0, 'metadata')) return known(entryBytes) - region.from >= metadataBytes ? complete : cut;
  const count = viewOf(bytes).getUint16(10, true);
  const tableEnd = entryBytes * (count + 1);
  const item = bytes.length < tableEnd ? null : findSizeItem(bytes, count);
  if (item === null) return complete;
  const pieceFrom = Math.max(known(tableEnd) - pieceBytes, tableFrom + tableBytes);
  return yield* inspectSize(Number(offset) + item.offset, Math.min(item.length, metadataBytes), pieceFrom);
}

function findSizeItem(bytes: Uint8Array, count: number): { readonly offset: number; readonly length: number } | null {
  const view = viewOf(bytes);
  for (let index = 0; index < count; index++) {
    const at = entryBytes * (index + 1);
    if (guidOf(bytes.subarray(at, at + 16)) !== sizeItem) continue;
    return { offset: view.getUint32(at + 16, true), length: view.getUint32(at + 20, true) };
  }
  return null;
}

function* inspectSize(offset: number, length: number, pieceFrom: number): Reading<InspectorResult> {
  // A size that is not a 64-bit number causes an error only when it is asked for.
  const isSizeOdd = length !== 8;
  const region = seen(offset, length, pieceFrom);
  if (length === 0) return { ...whole, isSizeOdd };
  if (region === null) return { ...cut, isSizeOdd };
  const bytes = yield* readCopy(region.from, region.length);
  if (bytes === null) return { ...unread, isSizeOdd };
  return { ...(bytes.length === length ? whole : cut), isSizeOdd };
}

/**
 * The bytes that the inspector takes for a region of up to 64 KiB when it starts waiting for it at a certain piece. If the
 * region began earlier, it takes the same number of bytes from the start of that piece. Null if the region ended before that
 * piece.
 */
function seen(
  offset: number,
  length: number,
  pieceFrom: number,
): { readonly from: number; readonly length: number } | null {
  return offset + length < pieceFrom ? null : { from: Math.max(offset, pieceFrom), length };
}
