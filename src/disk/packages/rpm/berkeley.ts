// A hash of BerkeleyDB, which rpm used before its other databases. Keys are numbers; 0 is not a package.
// @see https://docs.oracle.com/cd/E17276_01/html/programmer_reference/, the headers dbinc/db_page.h of BerkeleyDB, and
// https://github.com/rpm-software-management/rpm lib/backend/bdb_ro.c
import { type Blocks, readAll, readAt } from '../../blocks/blocks.ts';
import { damaged, type Reads, unsupported } from '../../blocks/reading.ts';
import { isPowerOfTwo, isZero, viewOf } from '../../parsing/bytes.ts';
import { checkPackageCount } from '../installed-package.ts';
import { UsedPages } from '../used-pages.ts';
import { type HeaderStore, maxHeaderBytes } from './header-store.ts';

const metaBytes = 512;
const hashMagic = 0x06_15_61;
const pageHeaderBytes = 26;
/** Pages to read in one turn. */
const turnPages = 64;

const pageTypes = { unsortedHash: 2, overflow: 7, hash: 13 } as const;
const itemTypes = { here: 1, elsewhere: 3 } as const;

interface Hash {
  readonly file: Blocks;
  readonly isLittle: boolean;
  readonly pageBytes: number;
  /** The first page of each bucket. */
  readonly buckets: readonly number[];
  readonly used: UsedPages;
}

/** A value: stored in place, or on pages of its own. */
type Value = Uint8Array | { readonly page: number; readonly length: number };

export function* openBerkeley(file: Blocks): Reads<HeaderStore> {
  const meta = yield* readAt(file, 0, metaBytes);
  const read = function* (keep: (value: Value, hash: Hash) => Reads<void>): Reads<void> {
    const hash = parseMeta(file, meta);
    yield* walk(hash, (value) => keep(value, hash));
  };
  return {
    *count() {
      let count = 0;
      // oxlint-disable-next-line require-yield -- only the pages of keys are read
      yield* read(function* () {
        count++;
      });
      return count;
    },
    *read(keep) {
      yield* read(function* (value, hash) {
        keep(value instanceof Uint8Array ? value : yield* readOverflow(hash, value));
      });
    },
  };
}

function parseMeta(file: Blocks, meta: Uint8Array): Hash {
  const view = viewOf(meta);
  const isLittle = view.getUint32(12, true) === hashMagic;
  if (!isLittle && view.getUint32(12) !== hashMagic) unsupported('the rpm database is not a Berkeley DB hash');
  const field = (at: number): number => view.getUint32(at, isLittle);
  const version = field(16);
  if (version < 8 || version > 10) unsupported('the Berkeley DB version of the rpm database is not supported');
  // The encryption algorithm, and whether pages have checksums, which make their headers longer.
  if (meta[24] !== 0 || (meta[26] ?? 0) % 2 === 1)
    unsupported('an rpm database that is encrypted or has checksums is not supported');
  const pageBytes = field(20);
  if (pageBytes < metaBytes || pageBytes > 65_536 || !isPowerOfTwo(pageBytes))
    damaged('the page size of the rpm database is invalid');
  const pages = Math.floor(file.size / pageBytes);
  const count = field(72) + 1;
  if (count > pages) damaged('the rpm database has more buckets than pages');
  // Buckets of one doubling of the table are contiguous; a field for each doubling gives the offset.
  const spares = Array.from({ length: 32 }, (_, index) => field(96 + 4 * index));
  const buckets = Array.from({ length: count }, (_, bucket) => bucket + (spares[32 - Math.clz32(bucket)] ?? 0));
  const used = new UsedPages(pages);
  used.take(0);
  return { file, isLittle, pageBytes, buckets, used };
}

/** Visits all values except that of key 0. */
function* walk(hash: Hash, keep: (value: Value) => Reads<void>): Reads<void> {
  let count = 0;
  for (let start = 0; start < hash.buckets.length; start += turnPages) {
    let numbers = hash.buckets.slice(start, start + turnPages);
    while (numbers.length > 0) {
      const pages = yield* readPages(hash, numbers);
      const next: number[] = [];
      for (const [index, page] of pages.entries()) {
        if (isUnused(page)) continue;
        const follower = checkPage(hash, page, numbers[index] ?? 0);
        if (follower !== 0) next.push(follower);
        for (const value of valuesOf(hash, page)) {
          checkPackageCount(++count);
          yield* keep(value);
        }
      }
      numbers = next;
    }
  }
}

function* readPages({ file, pageBytes, used }: Hash, numbers: readonly number[]): Reads<readonly Uint8Array[]> {
  for (const number of numbers) used.take(number);
  return yield* readAll(
    file,
    numbers.map((number) => ({ offset: number * pageBytes, length: pageBytes })),
  );
}

/** The page of a bucket that was never used may never have been written. */
function isUnused(page: Uint8Array): boolean {
  return isZero(page.subarray(0, pageHeaderBytes));
}

/** @returns the next page of the same bucket; 0 if there is none */
function checkPage({ isLittle }: Hash, page: Uint8Array, number: number): number {
  const view = viewOf(page);
  const type = page[25];
  if (view.getUint32(8, isLittle) !== number || (type !== pageTypes.hash && type !== pageTypes.unsortedHash))
    damaged('a bucket page of the rpm database has the wrong number or type');
  return view.getUint32(16, isLittle);
}

/** Keys and values alternate, from the end of the page on. */
function valuesOf({ isLittle, pageBytes }: Hash, page: Uint8Array): readonly Value[] {
  const view = viewOf(page);
  const entries = view.getUint16(20, isLittle);
  const first = pageHeaderBytes + 2 * entries;
  if (entries % 2 === 1 || first > pageBytes) damaged('the item count of a bucket page of the rpm database is invalid');
  const values: Value[] = [];
  let end = pageBytes;
  const item = (index: number): Uint8Array => {
    const start = view.getUint16(pageHeaderBytes + 2 * index, isLittle);
    if (start < first || start >= end) damaged('an item offset in a bucket page of the rpm database is out of range');
    const bytes = page.subarray(start, end);
    end = start;
    return bytes;
  };
  for (let index = 0; index < entries; index += 2) {
    const key = item(index);
    const value = item(index + 1);
    if (key[0] !== itemTypes.here || key.length !== 5) damaged('a key of the rpm database is not a number');
    if (isZero(key.subarray(1))) continue;
    values.push(valueOf(value, isLittle));
  }
  return values;
}

function valueOf(item: Uint8Array, isLittle: boolean): Value {
  if (item[0] === itemTypes.here) return item.subarray(1);
  if (item[0] !== itemTypes.elsewhere || item.length !== 12)
    return damaged('a value in the rpm database has the wrong type or length');
  const view = viewOf(item);
  return { page: view.getUint32(4, isLittle), length: view.getUint32(8, isLittle) };
}

function* readOverflow(
  hash: Hash,
  { page: first, length }: { readonly page: number; readonly length: number },
): Reads<Uint8Array> {
  if (length > maxHeaderBytes || length > hash.file.size) damaged('a package in the rpm database is too large');
  const bytes = new Uint8Array(length);
  let number = first;
  for (let done = 0; done < length;) {
    const [page = new Uint8Array()] = yield* readPages(hash, [number]);
    const view = viewOf(page);
    const part = view.getUint16(22, hash.isLittle);
    const isSound = view.getUint32(8, hash.isLittle) === number && page[25] === pageTypes.overflow;
    if (!isSound || part === 0 || pageHeaderBytes + part > page.length || part > length - done)
      damaged('an overflow page of the rpm database has a bad header');
    bytes.set(page.subarray(pageHeaderBytes, pageHeaderBytes + part), done);
    done += part;
    number = view.getUint32(16, hash.isLittle);
  }
  return bytes;
}
