// A database of SQLite as pages; those in its write-ahead log take precedence.
// @see https://www.sqlite.org/fileformat2.html#the_database_header
import { type Blocks, readAll, readAt } from '../../blocks/blocks.ts';
import { damaged, type Reads, unsupported } from '../../blocks/reading.ts';
import { hasText, isPowerOfTwo, viewOf } from '../../parsing/bytes.ts';
import { type NewerPages, readLog } from './write-ahead-log.ts';

export const databaseHeaderBytes = 100;
const utf8 = 1;

export class Pages {
  readonly #file: Blocks;
  readonly #log: Blocks | null;
  readonly #newer: NewerPages | null;
  readonly pageBytes: number;
  /** Usable bytes per page. */
  readonly usableBytes: number;
  /** Pages are numbered from 1. */
  readonly count: number;

  constructor(file: Blocks, log: Blocks | null, newer: NewerPages | null, { pageBytes, reservedBytes }: Sizes) {
    this.#file = file;
    this.#log = log;
    this.#newer = newer;
    this.pageBytes = pageBytes;
    this.usableBytes = pageBytes - reservedBytes;
    this.count = newer?.pages ?? Math.floor(file.size / pageBytes);
  }

  /** These pages, all of which must exist: {@link UsedPages} checks that. @throws UnreadableError */
  *read(numbers: readonly number[]): Reads<readonly Uint8Array[]> {
    const pages: Uint8Array[] = [];
    const own: number[] = [];
    const logged: number[] = [];
    for (const number of numbers) (this.#newer?.offsets.has(number) === true ? logged : own).push(number);
    const length = this.pageBytes;
    const stored = yield* readAll(
      this.#file,
      own.map((number) => ({ offset: (number - 1) * length, length })),
    );
    const newer =
      this.#log === null || logged.length === 0
        ? []
        : yield* readAll(
            this.#log,
            logged.map((number) => ({ offset: this.#newer?.offsets.get(number) ?? 0, length })),
          );
    const found = new Map<number, Uint8Array>();
    for (const [index, number] of own.entries()) found.set(number, stored[index] ?? new Uint8Array());
    for (const [index, number] of logged.entries()) found.set(number, newer[index] ?? new Uint8Array());
    for (const number of numbers) pages.push(found.get(number) ?? new Uint8Array());
    return pages;
  }
}

interface Sizes {
  readonly pageBytes: number;
  readonly reservedBytes: number;
}

/** @param log the write-ahead log; null if there is none */
export function* openPages(file: Blocks, log: Blocks | null): Reads<Pages> {
  const header = yield* readAt(file, 0, databaseHeaderBytes);
  const view = viewOf(header);
  if (!hasText(header, 0, 'SQLite format 3\0')) damaged('it is not an SQLite database');
  const raw = view.getUint16(16);
  const pageBytes = raw === 1 ? 65_536 : raw;
  const reservedBytes = header[20] ?? 0;
  if (pageBytes < 512 || !isPowerOfTwo(pageBytes) || pageBytes - reservedBytes < 480)
    damaged('the page size of the SQLite database is invalid');
  if ((header[19] ?? 0) > 2 || view.getUint32(56) !== utf8)
    unsupported('the version or text encoding of the SQLite database is not supported');
  const newer = log === null ? null : yield* readLog(log, pageBytes);
  return new Pages(file, log, newer, { pageBytes, reservedBytes });
}
