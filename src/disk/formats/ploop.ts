// Virtuozzo's ploop. Little-endian.
import { hasText, viewOf } from '../parsing/bytes.ts';
import { Draft } from '../parsing/draft.ts';
import type { DiskFinding } from '../parsing/finding.ts';
import type { FormatParser, Reading } from '../parsing/parser.ts';

const headerBytes = 64;
const second = 'WithouFreSpacExt';

export const ploop: FormatParser = {
  format: 'ploop',
  recognise: (front) => hasText(front, 0, 'WithoutFreeSpace') || hasText(front, 0, second),
  read: readPloop,
};

function* readPloop(): Reading<DiskFinding> {
  const draft = new Draft('ploop');
  const header = (yield { from: 'start', offset: 0, length: headerBytes }) ?? new Uint8Array();
  if (header.length < headerBytes) return draft.truncated('the header').finish();
  const view = viewOf(header);
  const sectors = hasText(header, 0, second) ? view.getBigUint64(36, true) : BigInt(view.getUint32(36, true));
  return draft.size(sectors * 512n).finish();
}
