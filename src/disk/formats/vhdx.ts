// VHDX: a region table points to the metadata, whose own table points to each item. Little-endian.
// @see https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-vhdx
import { countOf } from '../../text/count.ts';
import { exactText, guidOf, hasBit, hasText, viewOf } from '../parsing/bytes.ts';
import { Draft } from '../parsing/draft.ts';
import type { DiskFinding } from '../parsing/finding.ts';
import type { FormatParser, ParseContext, Reading } from '../parsing/parser.ts';

const kibibyte = 1024;
const mebibyte = 1024 * 1024;
const tableBytes = 64 * kibibyte;
const maxEntries = 2047;
/** Keeps offsets within exact numbers. */
const furthest = 2n ** 52n;
const maxBytes = 64n * 1024n ** 4n;
/** Items follow their table, so one request gets both. */
const nearBytes = tableBytes + 4 * kibibyte;

const batRegion = '2DC27766-F623-4200-9D64-115E9BFD4A08';
/** Places that readers of its blocks need as well. */
export const vhdxPlaces = {
  headers: [64 * kibibyte, 128 * kibibyte],
  regionTables: [192 * kibibyte, 256 * kibibyte],
  regionTableBytes: tableBytes,
  mostEntries: maxEntries,
  batRegion,
} as const;
const metadataRegion = '8B7CA206-4790-4B9A-B8FE-575F050F886E';
const diskSize = '2FA54224-CD1B-4876-B211-5DBED83BF4B8';
const fileParameters = 'CAA16737-FA36-4D43-B3B6-33F0AA44E76B';
const logicalSector = '8141BF1D-A96F-4709-BA47-F233A8FAAB5F';
const physicalSector = 'CDA348C7-445D-4471-9CC9-E9885251C556';
const diskId = 'BECA12AB-B2E6-4523-93EF-C309E000C746';
const parentLocator = 'A8D35F2D-B30B-454D-ABF7-D3D84834AB0C';
const knownItems = new Set([diskSize, fileParameters, logicalSector, physicalSector, diskId, parentLocator]);
/** In the order in which they are tried; as bytes, so that no other key needs decoding. */
const parentKeys = ['relative_path', 'absolute_win32_path', 'volume_path'].map((key) => Buffer.from(key, 'utf16le'));

export const vhdx: FormatParser = {
  format: 'vhdx',
  recognise: (front) => hasText(front, 0, 'vhdxfile'),
  read: readVhdx,
};

interface Place {
  readonly offset: number;
  readonly length: number;
}

interface Region extends Place {
  /** The first bytes of the metadata. */
  readonly near: Uint8Array;
}

function* readVhdx(_context: ParseContext): Reading<DiskFinding> {
  const draft = new Draft('vhdx');
  const headers = (yield { from: 'start', offset: 64 * kibibyte, length: 128 * kibibyte }) ?? new Uint8Array();
  const starts = [0, 64 * kibibyte].filter((start) => hasText(headers, start, 'head') && headers.length >= start + 68);
  const versions = starts.map((start) => viewOf(headers).getUint16(start + 66, true));
  if (versions.length === 0) {
    if (headers.length < 128 * kibibyte) return draft.truncated('the headers').finish();
    return draft.warn('header_invalid', 'neither of its two headers has a valid signature').finish();
  }
  // Which of the two headers counts is decided by whoever opens the disk.
  const unknown = versions.find((version) => version !== 1);
  draft.detail('version', unknown ?? 1);
  if (unknown !== undefined) return draft.warn('unsupported_version', `VHDX version ${String(unknown)}`).finish();
  const metadata = yield* findMetadata(draft);
  if (metadata !== null) yield* readMetadata(draft, metadata);
  return draft.finish();
}

/** @returns null if there is none that is readable; a hazard says why */
function* findMetadata(draft: Draft): Reading<Place | null> {
  for (const offset of vhdxPlaces.regionTables) {
    const table = (yield { from: 'start', offset, length: tableBytes }) ?? new Uint8Array();
    if (!hasText(table, 0, 'regi') || table.length < 16) continue;
    const place = readRegions(draft, table);
    if (place === null) continue;
    const isSane = place.offset >= mebibyte && place.offset % mebibyte === 0 && place.length >= tableBytes;
    draft.require(
      isSane,
      `the metadata region is invalid: ${countOf(place.length, 'byte')} at byte ${String(place.offset)}`,
    );
    return isSane ? place : null;
  }
  draft.warn('header_invalid', 'no region table locates the metadata');
  return null;
}

function readRegions(draft: Draft, table: Uint8Array): Place | null {
  const view = viewOf(table);
  const count = view.getUint32(8, true);
  draft.require(count <= maxEntries, `the region table has too many entries: ${String(count)}`);
  let found: Place | null = null;
  for (let index = 0; index < Math.min(count, maxEntries); index++) {
    const at = 16 + index * 32;
    if (at + 32 > table.length) {
      draft.truncated('the region table');
      break;
    }
    const guid = guidOf(table.subarray(at, at + 16));
    const offset = view.getBigUint64(at + 16, true);
    if (guid === metadataRegion && offset < furthest) {
      draft.require(found === null, 'there are two metadata regions');
      found ??= { offset: Number(offset), length: view.getUint32(at + 24, true) };
    } else if (guid !== batRegion && guid !== metadataRegion && view.getUint32(at + 28, true) % 2 === 1) {
      draft.warn('unsupported_version', `a required region is unknown: ${guid}`);
    }
  }
  return found;
}

function* readMetadata(draft: Draft, region: Place): Reading<void> {
  const supply = yield { from: 'start', offset: region.offset, length: nearBytes };
  if (supply === null) {
    draft.warn('header_invalid', `the metadata is at byte ${String(region.offset)}, which cannot be read here`);
    return;
  }
  const near = Uint8Array.from(supply);
  const table = near.subarray(0, tableBytes);
  if (table.length < 32) {
    draft.truncated('the metadata');
    return;
  }
  if (!hasText(table, 0, 'metadata')) {
    draft.warn('header_invalid', 'the metadata table has no valid signature');
    return;
  }
  const view = viewOf(table);
  const count = view.getUint16(10, true);
  draft.require(count <= maxEntries, `the metadata table has too many entries: ${String(count)}`);
  const items = new Map<string, Place>();
  for (let index = 0; index < Math.min(count, maxEntries); index++) {
    const at = 32 + index * 32;
    if (at + 32 > table.length) {
      draft.truncated('the metadata table');
      break;
    }
    const guid = guidOf(table.subarray(at, at + 16));
    const place = { offset: view.getUint32(at + 16, true), length: view.getUint32(at + 20, true) };
    draft.require(!items.has(guid), `a metadata item appears twice: ${guid}`);
    if (knownItems.has(guid)) items.set(guid, place);
    else if (hasBit(BigInt(view.getUint32(at + 24, true)), 2)) {
      draft.warn('unsupported_version', `a required metadata item is unknown: ${guid}`);
    }
  }
  yield* readItems(draft, { ...region, near }, items);
}

function* readItems(draft: Draft, region: Region, items: ReadonlyMap<string, Place>): Reading<void> {
  const size = yield* readItem(draft, region, items.get(diskSize), 8, 'the size of the disk');
  if (size !== null) {
    const bytes = viewOf(size).getBigUint64(0, true);
    draft.size(bytes);
    draft.require(bytes <= maxBytes, `the disk is larger than the format allows: ${countOf(bytes, 'byte')}`);
  }
  const parameters = yield* readItem(draft, region, items.get(fileParameters), 8, 'the file parameters item');
  if (parameters !== null) {
    draft.detail('block_size', viewOf(parameters).getUint32(0, true));
    if (hasBit(BigInt(viewOf(parameters).getUint32(4, true)), 1)) {
      draft.warn('backing_file', 'it holds only the difference from another image');
    }
  }
  const sector = items.has(logicalSector)
    ? yield* readItem(draft, region, items.get(logicalSector), 4, 'the sector size')
    : null;
  if (sector !== null) {
    const bytes = viewOf(sector).getUint32(0, true);
    draft.require(bytes === 512 || bytes === 4096, `the sector size is invalid: ${countOf(bytes, 'byte')}`);
    draft.detail('sector_size', bytes);
  }
  if (items.has(parentLocator)) yield* readParent(draft, region, items.get(parentLocator));
}

function* readItem(
  draft: Draft,
  region: Region,
  item: Place | undefined,
  length: number,
  what: string,
): Reading<Uint8Array | null> {
  const isSane =
    item !== undefined &&
    item.offset >= tableBytes &&
    item.length >= length &&
    item.offset + item.length <= region.length;
  draft.require(isSane, item === undefined ? `${what} is missing` : `${what} lies outside the metadata`);
  if (!isSane) return null;
  if (item.offset + length <= region.near.length) return region.near.subarray(item.offset, item.offset + length);
  const bytes = yield { from: 'start', offset: region.offset + item.offset, length };
  if (bytes !== null && bytes.length === length) return bytes;
  if (bytes === null) draft.warn('header_invalid', `${what} is too far into the data to be read here`);
  else draft.truncated('the metadata');
  return null;
}

function* readParent(draft: Draft, region: Region, item: Place | undefined): Reading<void> {
  draft.warn('backing_file', 'it has a parent locator');
  const length = Math.min(item?.length ?? 0, tableBytes);
  if (length < 20) return;
  const bytes = yield* readItem(draft, region, item, length, 'the parent locator');
  if (bytes === null) return;
  draft.backingFile = findParentPath(bytes);
}

/**
 * The first path found. Entries may overlap and each be as long as the whole, so keys are compared in place, and only one value
 * is copied.
 */
function findParentPath(locator: Uint8Array): string | null {
  const view = viewOf(locator);
  const count = Math.min(view.getUint16(18, true), Math.floor((locator.length - 20) / 12));
  for (const key of parentKeys) {
    for (let at = 20; at < 20 + count * 12; at += 12) {
      const [keyAt, valueAt] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      const length = view.getUint16(at + 8, true);
      if (length !== key.length || key.compare(locator.subarray(keyAt, keyAt + length)) !== 0) continue;
      return exactText(locator.subarray(valueAt, valueAt + view.getUint16(at + 10, true)), 'utf-16le');
    }
  }
  return null;
}
