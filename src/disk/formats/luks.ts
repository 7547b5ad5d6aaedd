// LUKS: version 1 is read; version 2, whose layout differs, is refused. Big-endian.
// @see https://gitlab.com/cryptsetup/cryptsetup/-/wikis/LUKS-standard/on-disk-format.pdf
import { hasText, textOf, viewOf } from '../parsing/bytes.ts';
import { Draft } from '../parsing/draft.ts';
import type { DiskFinding } from '../parsing/finding.ts';
import { type FormatParser, type ParseContext, readSize, type Reading } from '../parsing/parser.ts';

const headerBytes = 592;
const sectorBytes = 512;

export const luks: FormatParser = {
  format: 'luks',
  recognise: (front) => hasText(front, 0, 'LUKS\u00ba\u00be'),
  read: readLuks,
};

function* readLuks(context: ParseContext): Reading<DiskFinding> {
  const draft = new Draft('luks');
  draft.encrypted = true;
  const header = (yield { from: 'start', offset: 0, length: headerBytes }) ?? new Uint8Array();
  if (header.length < 8) return draft.truncated('the header').finish();
  const view = viewOf(header);
  const version = view.getUint16(6);
  draft.detail('version', version);
  if (version !== 1) return draft.warn('unsupported_version', `LUKS version ${String(version)}`).finish();
  if (header.length < headerBytes) return draft.truncated('the header').finish();
  draft.detail('encryption', `${textOf(header.subarray(8, 40))}-${textOf(header.subarray(40, 72))}`);
  const payload = view.getUint32(104) * sectorBytes;
  draft.detail('payload_offset', payload);
  const size = yield* readSize(context);
  if (size !== null && payload <= size) draft.size(BigInt(size - payload));
  else if (size !== null)
    draft.warn('truncated', `the payload begins at byte ${String(payload)}, but the data ends before that`);
  return draft.finish();
}
