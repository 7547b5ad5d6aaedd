// QED: recognised, and refused. Little-endian.
import { countOf } from '../../text/count.ts';
import { hasBit, hasText, textOf, viewOf } from '../parsing/bytes.ts';
import { Draft } from '../parsing/draft.ts';
import type { DiskFinding } from '../parsing/finding.ts';
import type { FormatParser, Reading } from '../parsing/parser.ts';

const headerBytes = 64;
const longestName = 1023;

export const qed: FormatParser = {
  format: 'qed',
  recognise: (front) => hasText(front, 0, 'QED\0'),
  read: readQed,
};

function* readQed(): Reading<DiskFinding> {
  const draft = new Draft('qed').warn('banned_format', 'QED should not be used');
  const header = (yield { from: 'start', offset: 0, length: headerBytes }) ?? new Uint8Array();
  if (header.length < headerBytes) return draft.truncated('the header').finish();
  const view = viewOf(header);
  draft.size(view.getBigUint64(48, true));
  if (hasBit(view.getBigUint64(16, true), 0)) {
    const offset = view.getUint32(56, true);
    const length = view.getUint32(60, true);
    const isSane = length >= 1 && length <= longestName && offset < 1024 * 1024;
    draft.require(
      isSane,
      `the backing file name is out of range: ${countOf(length, 'byte')} at byte ${String(offset)}`,
    );
    const bytes = isSane ? yield { from: 'start', offset, length } : null;
    if (bytes !== null && bytes.length === length) draft.backingFile = textOf(bytes);
    draft.warn('backing_file', `it needs another file: ${draft.backingFile ?? 'one whose name cannot be read'}`);
  }
  return draft.finish();
}
