// The write-ahead log: what was written to an SQLite database and is not in its main file yet.
// @see https://www.sqlite.org/fileformat2.html#the_write_ahead_log
import { type Blocks, readAt } from '../../blocks/blocks.ts';
import { damaged, type Reads, unsupported } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';

const headerBytes = 32;
const frameHeaderBytes = 24;
const maxBytes = 256 * 1024 * 1024;
/** Bytes to read at once. */
const pieceBytes = 256 * 1024;
const magic = 0x37_7f_06_82;
const version = 3_007_000;

/** Pages of which the log has a newer version. */
export interface NewerPages {
  /** Offsets in the log by page number, from 1. */
  readonly offsets: ReadonlyMap<number, number>;
  /** Number of pages in the database after the last commit. */
  readonly pages: number;
}

/** What was committed; null if nothing was. An unfinished transaction is left out. @throws UnreadableError */
export function* readLog(log: Blocks, pageBytes: number): Reads<NewerPages | null> {
  if (log.size > maxBytes) unsupported('the write-ahead log of the database is too large to be read');
  if (log.size < headerBytes) return null;
  const header = yield* readAt(log, 0, headerBytes);
  const view = viewOf(header);
  const order = view.getUint32(0) - magic;
  if (order !== 0 && order !== 1) return null;
  if (view.getUint32(4) !== version) unsupported('the version of the write-ahead log is not supported');
  if (view.getUint32(8) !== pageBytes)
    damaged('the page size of the write-ahead log differs from that of its database');
  const sum = new Checksum(order === 0);
  sum.add(header.subarray(0, 24));
  if (!sum.is(view.getUint32(24), view.getUint32(28))) return null;
  return yield* readFrames(log, pageBytes, sum, header.subarray(16, 24));
}

function* readFrames(log: Blocks, pageBytes: number, sum: Checksum, salt: Uint8Array): Reads<NewerPages | null> {
  const frameBytes = frameHeaderBytes + pageBytes;
  const atOnce = Math.max(1, Math.floor(pieceBytes / frameBytes)) * frameBytes;
  const offsets = new Map<number, number>();
  let waiting: (readonly [page: number, offset: number])[] = [];
  let pages: number | null = null;
  for (let start = headerBytes; start + frameBytes <= log.size; start += atOnce) {
    const piece = yield* readAt(log, start, Math.min(atOnce, log.size - start));
    for (let at = 0; at + frameBytes <= piece.length; at += frameBytes) {
      const frame = viewOf(piece.subarray(at, at + frameBytes));
      sum.add(piece.subarray(at, at + 8));
      sum.add(piece.subarray(at + frameHeaderBytes, at + frameBytes));
      const isNext = Buffer.compare(piece.subarray(at + 8, at + 16), salt) === 0;
      if (!isNext || !sum.is(frame.getUint32(16), frame.getUint32(20)))
        return pages === null ? null : { offsets, pages };
      waiting.push([frame.getUint32(0), start + at + frameHeaderBytes]);
      const size = frame.getUint32(4);
      if (size === 0) continue;
      for (const [page, offset] of waiting) offsets.set(page, offset);
      waiting = [];
      pages = size;
    }
  }
  return pages === null ? null : { offsets, pages };
}

/** Sums 32-bit words, two at a time. */
class Checksum {
  readonly #isLittle: boolean;
  #first = 0;
  #second = 0;

  constructor(isLittle: boolean) {
    this.#isLittle = isLittle;
  }

  add(bytes: Uint8Array): void {
    const view = viewOf(bytes);
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      this.#first = (this.#first + view.getUint32(at, this.#isLittle) + this.#second) % 2 ** 32;
      this.#second = (this.#second + view.getUint32(at + 4, this.#isLittle) + this.#first) % 2 ** 32;
    }
  }

  is(first: number, second: number): boolean {
    return this.#first === first && this.#second === second;
  }
}
