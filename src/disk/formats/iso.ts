// ISO 9660, and UDF on its own. Both begin at 32 KiB.
// @see https://ecma-international.org/publications-and-standards/standards/ecma-119/
import { countOf } from '../../text/count.ts';
import { hasText, textOf, viewOf } from '../parsing/bytes.ts';
import { Draft } from '../parsing/draft.ts';
import type { DiskFinding } from '../parsing/finding.ts';
import { type FormatParser, type ParseContext, readShortfall, readSize, type Reading } from '../parsing/parser.ts';

const start = 32 * 1024;
const sectorBytes = 2048;
/** Descriptors to read, from the first on. */
const looked = 16;
const primary = 1;

export const iso: FormatParser = {
  format: 'iso',
  recognise: (front) => hasText(front, start + 1, 'CD001') || hasText(front, start + 1, 'BEA01'),
  read: readIso,
};

function* readIso(context: ParseContext): Reading<DiskFinding> {
  const draft = new Draft('iso');
  const sectors = (yield { from: 'start', offset: start, length: looked * sectorBytes }) ?? new Uint8Array();
  for (let at = 0; at < sectors.length; at += sectorBytes) {
    const sector = sectors.subarray(at, at + sectorBytes);
    if (!hasText(sector, 1, 'CD001') || sector[0] !== primary) continue;
    if (sector.length < sectorBytes) return draft.truncated('the volume descriptor').finish();
    const end = readVolume(draft, sector);
    const size = yield* readShortfall(context, end);
    if (size !== null)
      draft.warn('truncated', `the volume has ${countOf(end, 'byte')}, but the data only ${String(size)}`);
    return draft.finish();
  }
  const isUdf = [1, 2, 3].some((index) =>
    /^NSR0[23]/.test(textOf(sectors.subarray(index * sectorBytes + 1, index * sectorBytes + 6))),
  );
  if (isUdf) {
    draft.detail('subformat', 'udf');
    const size = yield* readSize(context);
    if (size !== null) draft.size(BigInt(size));
    return draft.finish();
  }
  if (sectors.length < 2 * sectorBytes) return draft.truncated('the volume descriptors').finish();
  return draft.warn('header_invalid', 'it has no primary volume descriptor').finish();
}

/** The numbers are stored in both byte orders, which must agree. @returns bytes of the volume */
function readVolume(draft: Draft, sector: Uint8Array): bigint {
  const view = viewOf(sector);
  const blocks = view.getUint32(80, true);
  const blockBytes = view.getUint16(128, true);
  draft.require(blocks === view.getUint32(84), 'the number of blocks differs between its two byte orders');
  draft.require(blockBytes === view.getUint16(130), 'the size of blocks differs between its two byte orders');
  const bytes = BigInt(blocks) * BigInt(blockBytes);
  draft.size(bytes);
  draft.detail('block_size', blockBytes);
  draft.detail('label', textOf(sector.subarray(40, 72)).trim());
  return bytes;
}
