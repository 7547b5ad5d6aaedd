// qcow version 1: recognised, and refused. Big-endian.
import { countOf } from '../../text/count.ts';
import { hasText, textOf, viewOf } from '../parsing/bytes.ts';
import { Draft } from '../parsing/draft.ts';
import type { DiskFinding } from '../parsing/finding.ts';
import type { FormatParser, Reading } from '../parsing/parser.ts';

const headerBytes = 48;
const longestName = 1023;

export const qcow: FormatParser = {
  format: 'qcow',
  recognise: (front) => hasText(front, 0, 'QFI\u00fb') && front.length >= 8 && viewOf(front).getUint32(4) === 1,
  read: readQcow,
};

function* readQcow(): Reading<DiskFinding> {
  const draft = new Draft('qcow').detail('version', 1);
  draft.warn('banned_format', 'qcow version 1 should not be used');
  const header = (yield { from: 'start', offset: 0, length: headerBytes }) ?? new Uint8Array();
  if (header.length < headerBytes) return draft.truncated('the header').finish();
  const view = viewOf(header);
  draft.size(view.getBigUint64(24));
  draft.encrypted = view.getUint32(36) === 1;
  const offset = view.getBigUint64(8);
  const length = view.getUint32(16);
  if (offset !== 0n) {
    const isSane = length >= 1 && length <= longestName && offset < 1024n * 1024n;
    draft.require(
      isSane,
      `the backing file name is out of range: ${countOf(length, 'byte')} at byte ${String(offset)}`,
    );
    const bytes = isSane ? yield { from: 'start', offset: Number(offset), length } : null;
    if (bytes !== null && bytes.length === length) draft.backingFile = textOf(bytes);
    draft.warn('backing_file', `it needs another file: ${draft.backingFile ?? 'one whose name cannot be read'}`);
  }
  return draft.finish();
}
