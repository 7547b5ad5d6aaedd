// VHD: dynamic and differencing disks have a copy of the footer at the start, fixed ones only the footer itself. Big-endian.
// @see https://download.microsoft.com/download/f/f/e/ffef50a5-07dd-4cf8-aaa3-442c0673a029/Virtual%20Hard%20Disk%20Format%20Spec_10_18_06.doc
import { countOf } from '../../text/count.ts';
import { exactText, hasText, isPowerOfTwo, viewOf } from '../parsing/bytes.ts';
import { Draft } from '../parsing/draft.ts';
import type { DiskFinding } from '../parsing/finding.ts';
import { type FormatParser, type ParseContext, type Reading, readShortfall } from '../parsing/parser.ts';

/** Bytes of the footer. */
export const vhdFooterBytes = 512;
const dynamicHeaderBytes = 1024;
/** Types of disks in the footer. */
export const vhdTypes = { fixed: 2, dynamic: 3, differencing: 4 } as const;
const { fixed, dynamic, differencing } = vhdTypes;
const subformats: ReadonlyMap<number, string> = new Map<number, string>([
  [fixed, 'fixed'],
  [dynamic, 'dynamic'],
  [differencing, 'differencing'],
]);
/** 2040 GiB. */
const maxBytes = 2040n * 1024n ** 3n;

export const vhd: FormatParser = {
  format: 'vhd',
  recognise: isVhdFooter,
  read: readVhd,
};

/** Whether the bytes begin like a footer. */
export function isVhdFooter(bytes: Uint8Array): boolean {
  return hasText(bytes, 0, 'conectix');
}

function* readVhd(context: ParseContext): Reading<DiskFinding> {
  const draft = new Draft('vhd');
  const footer = (yield { from: 'start', offset: 0, length: vhdFooterBytes }) ?? new Uint8Array();
  if (footer.length < vhdFooterBytes) return draft.truncated('the footer').finish();
  checkFooter(draft, footer, context.size, false);
  const view = viewOf(footer);
  const type = view.getUint32(60);
  if (type === dynamic || type === differencing) yield* readDynamicHeader(draft, view, context);
  return draft.finish();
}

/**
 * Reads the footer at the end of a fixed disk.
 * @param footer 512 bytes for which {@link isVhdFooter} holds
 */
export function readFixedVhd(footer: Uint8Array, size: number | null): DiskFinding {
  const draft = new Draft('vhd');
  if (footer.length < vhdFooterBytes) return draft.truncated('the footer').finish();
  checkFooter(draft, footer, size, true);
  return draft.finish();
}

function checkFooter(draft: Draft, footer: Uint8Array, size: number | null, isAtEnd: boolean): void {
  const view = viewOf(footer);
  const type = view.getUint32(60);
  const virtualSize = view.getBigUint64(48);
  draft.size(virtualSize);
  draft.require(subformats.has(type), `the disk type is unknown: ${String(type)}`);
  draft.detail('subformat', subformats.get(type) ?? String(type));
  draft.detail('creator', Buffer.from(footer.subarray(28, 32)).toString('latin1'));
  draft.require(checksumOf(footer) === view.getUint32(64), 'the checksum of the footer does not match');
  draft.require(virtualSize <= maxBytes, `the disk is larger than the format allows: ${countOf(virtualSize, 'byte')}`);
  if (type === differencing) draft.warn('backing_file', 'it holds only the difference from another image');
  draft.require(isAtEnd === (type === fixed) || !subformats.has(type), 'the footer is not where its type puts it');
  if (isAtEnd && size !== null && virtualSize > BigInt(size - vhdFooterBytes)) {
    draft.warn('truncated', `the disk has ${countOf(virtualSize, 'byte')}, but the data before the footer has fewer`);
  }
}

/** Ones' complement of the sum of all bytes except its own four. */
function checksumOf(footer: Uint8Array): number {
  let sum = 0;
  for (const [index, byte] of footer.entries()) if (index < 64 || index >= 68) sum += byte;
  return 0xffffffff - sum;
}

function* readDynamicHeader(draft: Draft, footer: DataView, context: ParseContext): Reading<void> {
  const offset = footer.getBigUint64(16);
  const isNear = offset >= 512n && offset <= 1024n * 1024n;
  draft.require(isNear, `the offset of the dynamic header is out of range: ${String(offset)}`);
  if (!isNear) return;
  const supply = yield { from: 'start', offset: Number(offset), length: dynamicHeaderBytes };
  if (supply === null || supply.length < dynamicHeaderBytes) {
    draft.truncated('the dynamic header');
    return;
  }
  const header = Uint8Array.from(supply);
  const view = viewOf(header);
  draft.require(hasText(header, 0, 'cxsparse'), 'the cookie of the dynamic header is wrong');
  const blockBytes = view.getUint32(32);
  const entries = view.getUint32(28);
  draft.detail('block_size', blockBytes);
  draft.require(
    blockBytes >= 512 && isPowerOfTwo(blockBytes),
    `the block size is invalid: ${countOf(blockBytes, 'byte')}`,
  );
  const isCovered = BigInt(entries) * BigInt(blockBytes) >= footer.getBigUint64(48);
  draft.require(
    isCovered,
    `the disk is larger than its blocks: ${countOf(entries, 'block')} of ${countOf(blockBytes, 'byte')}`,
  );
  if (footer.getUint32(60) === differencing) draft.backingFile = parentName(header.subarray(64, 64 + 512));
  const tableEnd = view.getBigUint64(16) + BigInt(entries) * 4n;
  const size = yield* readShortfall(context, tableEnd);
  if (size !== null) {
    draft.warn('truncated', `the block table ends at byte ${String(tableEnd)}, but the data at ${String(size)}`);
  }
}

/** UTF-16, big-endian; null if there is none. */
function parentName(bytes: Uint8Array): string | null {
  const [name = ''] = exactText(Buffer.from(bytes).swap16(), 'utf-16le').split('\0', 1);
  return name === '' ? null : name;
}
