// qcow2, versions 2 and 3. Big-endian.
// @see https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.txt
import { countOf } from '../../text/count.ts';
import { hasBit, hasText, sizeLimit, textOf, viewOf } from '../parsing/bytes.ts';
import { Draft } from '../parsing/draft.ts';
import type { DiskFinding } from '../parsing/finding.ts';
import { type FormatParser, type ParseContext, type Reading, readShortfall } from '../parsing/parser.ts';
import { readExtensions } from './qcow2-extensions.ts';

const magic = 'QFI\u00fb';
const headerBytesV2 = 72;
const headerBytesV3 = 104;
const maxL1Bytes = 32n * 1024n * 1024n;

const incompatible = ['dirty', 'corrupt', 'data_file', 'compression_type', 'extended_l2'] as const;

export const qcow2: FormatParser = {
  format: 'qcow2',
  recognise: (front) => hasText(front, 0, magic) && !(front.length >= 8 && viewOf(front).getUint32(4) === 1),
  read: readQcow2,
};

function* readQcow2(context: ParseContext): Reading<DiskFinding> {
  const draft = new Draft('qcow2');
  const header = (yield { from: 'start', offset: 0, length: 112 }) ?? new Uint8Array();
  if (header.length < 8) return draft.truncated('the header').finish();
  const view = viewOf(header);
  const version = view.getUint32(4);
  draft.detail('version', version);
  if (version !== 2 && version !== 3) {
    return draft.warn('unsupported_version', `qcow2 version ${String(version)}`).finish();
  }
  const fixedBytes = version === 2 ? headerBytesV2 : headerBytesV3;
  if (header.length < fixedBytes) return draft.truncated('the header').finish();
  const clusterBits = view.getUint32(20);
  const isSane = clusterBits >= 9 && clusterBits <= 21;
  draft.require(isSane, `the cluster size is out of range: 2^${String(clusterBits)} bytes`);
  const clusterBytes = 2 ** (isSane ? clusterBits : 9);
  if (isSane) draft.detail('cluster_size', clusterBytes);
  const size = view.getBigUint64(24);
  draft.size(size);
  checkEncryption(draft, view.getUint32(32));
  checkTables(draft, view, clusterBytes, size);
  checkSnapshots(draft, view, clusterBytes);
  const headerBytes = version === 3 ? checkVersion3(draft, header, clusterBytes) : headerBytesV2;
  yield* readBackingFile(draft, view, headerBytes, clusterBytes);
  yield* readExtensions(draft, { start: headerBytes, view, clusterBytes });
  yield* checkEnds(draft, view, clusterBytes, context);
  return draft.finish();
}

function checkEncryption(draft: Draft, method: number): void {
  draft.require(method <= 2, `the encryption method is unknown: ${String(method)}`);
  draft.encrypted = method === 1 || method === 2;
  if (method > 0 && method <= 2) draft.detail('encryption', method === 1 ? 'aes' : 'luks');
}

/** Each L1 entry covers one cluster of L2 entries, which have 8 bytes each, or 16 if extended. */
function checkTables(draft: Draft, view: DataView, clusterBytes: number, size: bigint): void {
  const entries = BigInt(view.getUint32(36));
  const offset = view.getBigUint64(40);
  const refcountOffset = view.getBigUint64(48);
  const cluster = BigInt(clusterBytes);
  draft.require(entries * 8n <= maxL1Bytes, `the L1 table is too large: ${countOf(entries, 'entry', 'entries')}`);
  draft.require(
    offset % cluster === 0n && offset < sizeLimit,
    `the offset of the L1 table is invalid: ${String(offset)}`,
  );
  draft.require(
    refcountOffset % cluster === 0n && refcountOffset < sizeLimit,
    `the offset of the refcount table is invalid: ${String(refcountOffset)}`,
  );
  const isExtended = view.getUint32(4) === 3 && view.byteLength >= 80 && hasBit(view.getBigUint64(72), 4);
  const bytesForEntry = (cluster / (isExtended ? 16n : 8n)) * cluster;
  draft.require(
    entries * bytesForEntry >= size,
    `the L1 table is too short: ${countOf(entries, 'entry', 'entries')} for ${countOf(size, 'byte')}`,
  );
}

/** Checks that the data does not end before its tables do. */
function* checkEnds(draft: Draft, view: DataView, clusterBytes: number, context: ParseContext): Reading<void> {
  const l1End = view.getBigUint64(40) + BigInt(view.getUint32(36)) * 8n;
  const refcountEnd = view.getBigUint64(48) + BigInt(view.getUint32(56)) * BigInt(clusterBytes);
  const size = yield* readShortfall(context, l1End > refcountEnd ? l1End : refcountEnd);
  if (size === null) return;
  const warnPast = (what: string, end: bigint): void => {
    if (end <= BigInt(size)) return;
    draft.warn('truncated', `the ${what} table ends at byte ${String(end)}, but the data at ${String(size)}`);
  };
  warnPast('L1', l1End);
  warnPast('refcount', refcountEnd);
}

function checkSnapshots(draft: Draft, view: DataView, clusterBytes: number): void {
  const count = view.getUint32(60);
  draft.snapshots = count;
  draft.require(count <= 65_536, `there are too many snapshots: ${String(count)}`);
  if (count === 0) return;
  const offset = view.getBigUint64(64);
  draft.require(
    offset % BigInt(clusterBytes) === 0n,
    `the offset of the snapshot table is not aligned: ${String(offset)}`,
  );
  draft.warn('snapshots', `it has ${countOf(count, 'internal snapshot')}`);
}

/** @returns the header's length in bytes */
function checkVersion3(draft: Draft, header: Uint8Array, clusterBytes: number): number {
  const view = viewOf(header);
  const flags = view.getBigUint64(72);
  for (const [bit, name] of incompatible.entries()) if (hasBit(flags, bit)) draft.feature(name);
  if (hasBit(flags, 0)) draft.warn('dirty', 'it was not closed properly');
  if (hasBit(flags, 1)) draft.warn('corrupt', 'it is marked as corrupt');
  if (hasBit(flags, 4)) draft.warn('extended_l2', 'it has extended L2 entries, which not every program can read');
  if (hasBit(flags, 2)) {
    draft.dataFile = '';
    draft.warn('data_file', 'its data is in another file');
  }
  for (let bit = incompatible.length; bit < 64; bit++) {
    if (!hasBit(flags, bit)) continue;
    draft.feature(`incompatible:${String(bit)}`).warn('unknown_feature', `incompatible feature ${String(bit)}`);
  }
  if (hasBit(view.getBigUint64(80), 0)) draft.feature('lazy_refcounts');
  if (hasBit(view.getBigUint64(88), 0)) draft.feature('bitmaps');
  if (hasBit(view.getBigUint64(88), 1)) draft.feature('data_file_raw');
  draft.require(view.getUint32(96) <= 6, `the refcount width is out of range: 2^${String(view.getUint32(96))} bits`);
  const length = view.getUint32(100);
  const isSane = length >= headerBytesV3 && length <= clusterBytes && length % 8 === 0;
  draft.require(isSane, `the header length is invalid: ${countOf(length, 'byte')}`);
  if (isSane) checkCompression(draft, header, length, hasBit(flags, 3));
  return isSane ? length : headerBytesV3;
}

/** Only a header longer than the shortest has the type; it is non-zero if and only if its feature bit is set. */
function checkCompression(draft: Draft, header: Uint8Array, length: number, isAnnounced: boolean): void {
  const hasType = length > headerBytesV3;
  if (hasType && header.length <= headerBytesV3) {
    draft.truncated('the header');
    return;
  }
  const type = hasType ? (header[headerBytesV3] ?? 0) : 0;
  draft.require(type <= 1, `the compression type is unknown: ${String(type)}`);
  draft.require(type === 0 || isAnnounced, 'the compression type is set, but not its feature bit');
  draft.require(type !== 0 || !isAnnounced, 'the feature bit for a compression type is set, but not the type');
  if (hasType && type <= 1) draft.detail('compression', type === 0 ? 'deflate' : 'zstd');
}

function* readBackingFile(draft: Draft, view: DataView, headerBytes: number, clusterBytes: number): Reading<void> {
  const offset = view.getBigUint64(8);
  const length = view.getUint32(16);
  if (offset === 0n) return;
  const end = offset + BigInt(length);
  const isSane = length >= 1 && length <= 1023 && offset >= BigInt(headerBytes) && end <= BigInt(clusterBytes);
  draft.require(isSane, `the backing file name is out of range: ${countOf(length, 'byte')} at byte ${String(offset)}`);
  const bytes = isSane ? yield { from: 'start', offset: Number(offset), length } : null;
  if (bytes !== null && bytes.length === length) draft.backingFile = textOf(bytes);
  else if (isSane) draft.truncated('the name of the backing file');
  const name = draft.backingFile === null ? 'one whose name cannot be read' : `"${draft.backingFile}"`;
  draft.warn('backing_file', `it needs another file: ${name}`);
}
