// The System Use Sharing Protocol: fields after the name of a record, which may continue elsewhere.
// @see http://aminet.net/package/docs/misc/RRIP
import { type Blocks, readAll } from '../../blocks/blocks.ts';
import { damaged, type Reads } from '../../blocks/reading.ts';
import { hasText, viewOf } from '../../parsing/bytes.ts';
import { sectorBytes } from './descriptors.ts';
import type { IsoRecord } from './records.ts';

/** One field. */
export interface UseField {
  /** Two letters. */
  readonly signature: string;
  /** The whole field, with signature, length and version. */
  readonly bytes: Uint8Array;
}

/** Continuations of one record; the same limit as in Linux. */
const mostContinuations = 32;

/** Fields of one record while they are collected. */
interface Gathering {
  readonly fields: UseField[];
  /** Where they continue, in bytes; null if they end here. */
  next: { readonly offset: number; readonly length: number } | null;
}

/**
 * The fields of each record. Continuations of all records are read together.
 * @param skipped bytes before the first field, as announced by the root directory
 * @throws UnreadableError
 */
export function* readUseFields(
  blocks: Blocks,
  records: readonly IsoRecord[],
  skipped: number,
  blockBytes: number,
): Reads<readonly (readonly UseField[])[]> {
  const all = records.map(({ systemUse }) => gather([], systemUse.subarray(skipped), blockBytes));
  for (let round = 0; ; round++) {
    const waiting = all.filter(({ next }) => next !== null);
    if (waiting.length === 0) return all.map(({ fields }) => fields);
    if (round >= mostContinuations) damaged('the system use fields of a record have too many continuation areas');
    const read = yield* readAll(
      blocks,
      waiting.flatMap(({ next }) => (next === null ? [] : [next])),
    );
    for (const [index, gathering] of waiting.entries()) {
      gathering.next = gather(gathering.fields, read[index] ?? new Uint8Array(), blockBytes).next;
    }
  }
}

/** Adds the fields of an area, up to the first invalid one, as Linux does. */
function gather(fields: UseField[], area: Uint8Array, blockBytes: number): Gathering {
  let next: Gathering['next'] = null;
  for (let at = 0; at + 4 <= area.length;) {
    const length = area[at + 2] ?? 0;
    if (length < 4 || at + length > area.length) break;
    const bytes = area.subarray(at, at + length);
    if (hasText(bytes, 0, 'ST')) break;
    if (hasText(bytes, 0, 'CE') && length >= 28) next = readContinuation(bytes, blockBytes);
    else fields.push({ signature: String.fromCharCode(bytes[0] ?? 0, bytes[1] ?? 0), bytes });
    at += length;
  }
  return { fields, next };
}

function readContinuation(bytes: Uint8Array, blockBytes: number): Gathering['next'] {
  const view = viewOf(bytes);
  const offset = view.getUint32(12, true);
  const length = view.getUint32(20, true);
  if (offset + length > sectorBytes) damaged('a continuation area extends past the end of its sector');
  return { offset: view.getUint32(4, true) * blockBytes + offset, length };
}
