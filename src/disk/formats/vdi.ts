// VirtualBox's VDI. Little-endian.
// @see https://forums.virtualbox.org/viewtopic.php?t=8046
import { countOf } from '../../text/count.ts';
import { isZero, viewOf } from '../parsing/bytes.ts';
import { Draft } from '../parsing/draft.ts';
import type { DiskFinding } from '../parsing/finding.ts';
import { type FormatParser, type ParseContext, type Reading, readShortfall } from '../parsing/parser.ts';

const headerBytes = 512;
const magic = 0xbeda107f;
const kinds: ReadonlyMap<number, string> = new Map([
  [1, 'dynamic'],
  [2, 'fixed'],
  [3, 'undo'],
  [4, 'differencing'],
]);

export const vdi: FormatParser = {
  format: 'vdi',
  recognise: (front) => front.length >= 68 && viewOf(front).getUint32(64, true) === magic,
  read: readVdi,
};

function* readVdi(context: ParseContext): Reading<DiskFinding> {
  const draft = new Draft('vdi');
  const header = (yield { from: 'start', offset: 0, length: headerBytes }) ?? new Uint8Array();
  if (header.length < headerBytes) return draft.truncated('the header').finish();
  const view = viewOf(header);
  const version = view.getUint32(68, true);
  draft.detail('version', `${String(Math.floor(version / 65_536))}.${String(version % 65_536)}`);
  if (version !== 0x00010001)
    return draft.warn('unsupported_version', `VDI version 0x${version.toString(16)}`).finish();
  const type = view.getUint32(76, true);
  draft.require(kinds.has(type), `the image type is unknown: ${String(type)}`);
  draft.detail('subformat', kinds.get(type) ?? String(type));
  const virtualSize = view.getBigUint64(368, true);
  draft.size(virtualSize);
  draft.require(
    view.getUint32(360, true) === 512,
    `the sector size is invalid: ${countOf(view.getUint32(360, true), 'byte')}`,
  );
  const blockBytes = view.getUint32(376, true);
  const blocks = view.getUint32(384, true);
  draft.detail('block_size', blockBytes);
  const isCovered = BigInt(blockBytes) * BigInt(blocks) >= virtualSize;
  draft.require(
    isCovered,
    `the disk is larger than its blocks: ${countOf(blocks, 'block')} of ${countOf(blockBytes, 'byte')} for ${countOf(virtualSize, 'byte')}`,
  );
  if (type === 4 || !isZero(header.subarray(440, 456)))
    draft.warn('backing_file', 'it holds only the difference from another image');
  const mapEnd = view.getUint32(340, true) + blocks * 4;
  const size = yield* readShortfall(context, BigInt(mapEnd));
  if (size !== null) {
    draft.warn('truncated', `the block map ends at byte ${String(mapEnd)}, but the data at ${String(size)}`);
  }
  return draft.finish();
}
