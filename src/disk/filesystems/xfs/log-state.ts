// Whether the file system was unmounted, as the last record of its log says.
import { type Blocks, readAll } from '../../blocks/blocks.ts';
import type { Reads, Span } from '../../blocks/reading.ts';
import { hasFlag, viewOf } from '../../parsing/bytes.ts';
import { blockOffset } from './superblock.ts';
import type { Volume } from './volume.ts';

const sector = 512;
const recordMagic = 0xfeed_babe;
/** Flag of the only operation in the record. */
const unmountFlag = 0x20;
/** The longest record header, and the longest record of an unmount alone, which is padded. */
const windowSize = 32 * 1024;
const mostFilled = 256 * 1024;
/** Sectors to probe per turn while searching for the log's head. */
const probes = 3;

/**
 * `clean` if the log holds nothing to replay, `dirty` if it does; null if the log is on another device or invalid.
 * @throws UnreadableError if the disk ends first
 * @see Linux, fs/xfs/xfs_log_recover.c: xlog_find_tail(), xlog_check_unmount_rec()
 */
export function* readLogState({ superblock, blocks }: Volume): Reads<'clean' | 'dirty' | null> {
  const { log, blockSize } = superblock;
  if (log === null || log.size < 2 * sector) return null;
  const start = blockOffset(superblock, log.start, log.size / blockSize);
  const head = yield* findHead(blocks, start, log.size / sector);
  if (head === null) return null;
  const end = head.before * sector;
  const around = (head.before - head.after) * sector + windowSize + Math.min(log.stripeUnit, mostFilled);
  const length = Math.min(log.size, around);
  const spans: Span[] = [{ offset: start + Math.max(0, end - length), length: Math.min(end, length) }];
  // The log is a ring buffer.
  if (end < length) spans.unshift({ offset: start + log.size - (length - end), length: length - end });
  return endsUnmounted(writtenIn(Buffer.concat(yield* readAll(blocks, spans)), head.cycle)) ? 'clean' : 'dirty';
}

/** Where the next record goes: between these two sectors of the log, at most {@link windowSize} apart. */
interface Head {
  readonly after: number;
  readonly before: number;
  /** Number of the latest cycle. */
  readonly cycle: number;
}

/** Null if the log was never written to. */
function* findHead(blocks: Blocks, start: number, sectors: number): Reads<Head | null> {
  const ends = [0, sectors - 1].map((index) => ({ offset: start + index * sector, length: 8 }));
  const [cycle = 0, last = 0] = (yield* readAll(blocks, ends)).map(cycleOf);
  if (cycle === 0) return null;
  let after = 0;
  let before = sectors - 1;
  if (cycle === last) return { after: before, before: sectors, cycle };
  while (before - after > windowSize / sector) {
    const step = (before - after) / (probes + 1);
    const points = Array.from({ length: probes }, (_, index) => after + Math.floor(step * (index + 1)));
    const spans = points.map((point) => ({ offset: start + point * sector, length: 8 }));
    const pieces = yield* readAll(blocks, spans);
    const index = pieces.findIndex((piece) => cycleOf(piece) !== cycle);
    before = points[index] ?? before;
    after = (index < 0 ? points.at(-1) : points[index - 1]) ?? after;
  }
  return { after, before, cycle };
}

/** Without trailing sectors of an earlier cycle. */
function writtenIn(bytes: Uint8Array, cycle: number): Uint8Array {
  let end = bytes.length;
  while (end > 0 && cycleOf(bytes.subarray(end - sector)) !== cycle) end -= sector;
  return bytes.subarray(0, end);
}

/** The cycle in which a sector of the log was written; in the header of a record a magic number comes first. */
function cycleOf(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  return view.getUint32(0) === recordMagic ? view.getUint32(4) : view.getUint32(0);
}

/** Whether the last record ends where the written data does, and is an unmount record. @param tail the end of that data */
function endsUnmounted(tail: Uint8Array): boolean {
  const view = viewOf(tail);
  for (let at = tail.length - sector; at >= 0; at -= sector) {
    if (view.getUint32(at) !== recordMagic) continue;
    const isV2 = view.getUint32(at + 8) % 4 >= 2;
    const headers = isV2 ? Math.max(1, Math.ceil(view.getUint32(at + 320) / 32_768)) : 1;
    const data = at + headers * sector;
    if (data + view.getUint32(at + 12) !== tail.length || view.getUint32(at + 40) !== 1) return false;
    return data + 10 <= tail.length && hasFlag(view.getUint8(data + 9), unmountFlag);
  }
  return false;
}
