// Locates the blocks of a disk in a VHDX. Little-endian.
// @see https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-vhdx
import { type Blocks, readAll } from '../blocks/blocks.ts';
import { type BlockMap, MappedBlocks, type Place } from '../blocks/mapped.ts';
import { PagedBlocks } from '../blocks/paged.ts';
import { damaged, type Reads, unsupported } from '../blocks/reading.ts';
import { vhdxPlaces } from '../formats/vhdx.ts';
import { guidOf, hasText, isPowerOfTwo, isZero, viewOf } from '../parsing/bytes.ts';
import { crc32c } from '../parsing/crc32c.ts';

const mebibyte = 1024 * 1024;
const headerBytes = 4096;
const largestBlock = 256 * mebibyte;
/** After the blocks of this many sectors there is an entry for a bitmap, which only differencing disks need. */
const sectorsOfBitmap = 2 ** 23;

/** States of a block. @see MS-VHDX 2.5.1.1 */
const none = new Set([0, 1, 2, 3]);
const present = 6;
const partlyPresent = 7;

interface VhdxFacts {
  /** Size of the disk in bytes. */
  readonly size: number;
  readonly blockBytes: number;
  readonly sectorBytes: number;
}

/** @throws UnreadableError */
export function* openVhdx(file: Blocks, facts: VhdxFacts): Reads<Blocks> {
  const { blockBytes, sectorBytes } = facts;
  if (blockBytes < mebibyte || blockBytes > largestBlock || !isPowerOfTwo(blockBytes)) {
    damaged(`the block size is invalid: ${String(blockBytes)} B`);
  }
  if (sectorBytes !== 512 && sectorBytes !== 4096) damaged(`the sector size is invalid: ${String(sectorBytes)} B`);
  const [headers, regions] = [vhdxPlaces.headers, vhdxPlaces.regionTables];
  const read = yield* file.read([
    ...headers.map((offset) => ({ offset, length: headerBytes })),
    ...regions.map((offset) => ({ offset, length: vhdxPlaces.regionTableBytes })),
  ]);
  checkLog(read.slice(0, headers.length));
  const table = read
    .slice(headers.length)
    .map(findTable)
    .find((place) => place !== null);
  if (table === undefined || table === null) return damaged('no region table locates the block allocation table');
  return new MappedBlocks(file, new VhdxMap(file, facts, table));
}

/** Of the two headers, the one written last counts. @throws UnreadableError if a log has to be replayed */
function checkLog(headers: readonly Uint8Array[]): void {
  const whole = headers.filter(
    (header) => hasText(header, 0, 'head') && header.length === headerBytes && isWhole(header),
  );
  const [last] = whole.toSorted((left, right) => (sequenceOf(left) < sequenceOf(right) ? 1 : -1));
  if (last === undefined) return damaged('neither of its two headers is valid');
  if (!isZero(last.subarray(48, 64))) unsupported('it was not closed properly: its log would have to be replayed');
}

function sequenceOf(header: Uint8Array): bigint {
  return viewOf(header).getBigUint64(8, true);
}

/** The checksum is computed with its own field set to zero. */
function isWhole(bytes: Uint8Array): boolean {
  const rest = crc32c(bytes.subarray(8), crc32c(new Uint8Array(4), crc32c(bytes.subarray(0, 4))));
  return rest === viewOf(bytes).getUint32(4, true);
}

interface TablePlace {
  readonly offset: number;
  readonly entries: number;
}

/** Where the block table is; null if this region table does not say. */
function findTable(regions: Uint8Array): TablePlace | null {
  if (!hasText(regions, 0, 'regi') || regions.length < vhdxPlaces.regionTableBytes || !isWhole(regions)) return null;
  const view = viewOf(regions);
  const count = Math.min(view.getUint32(8, true), vhdxPlaces.mostEntries);
  for (let at = 16; at < 16 + count * 32; at += 32) {
    if (guidOf(regions.subarray(at, at + 16)) !== vhdxPlaces.batRegion) continue;
    const offset = view.getBigUint64(at + 16, true);
    const entries = Math.floor(view.getUint32(at + 24, true) / 8);
    if (offset % BigInt(mebibyte) === 0n && offset < 2n ** 52n) return { offset: Number(offset), entries };
  }
  return null;
}

class VhdxMap implements BlockMap {
  readonly #tables: Blocks;
  readonly #table: TablePlace;
  readonly #blocksOfBitmap: number;
  readonly size: number;
  readonly unitBytes: number;

  constructor(file: Blocks, { size, blockBytes, sectorBytes }: VhdxFacts, table: TablePlace) {
    this.#tables = new PagedBlocks(file);
    this.#table = table;
    this.#blocksOfBitmap = (sectorsOfBitmap * sectorBytes) / blockBytes;
    this.size = size;
    this.unitBytes = blockBytes;
  }

  *locate(units: readonly number[]): Reads<readonly Place[]> {
    const indices = units.map((unit) => unit + Math.floor(unit / this.#blocksOfBitmap));
    if (indices.some((index) => index >= this.#table.entries))
      damaged('the block allocation table is too short for the disk');
    const read = yield* readAll(
      this.#tables,
      indices.map((index) => ({ offset: this.#table.offset + index * 8, length: 8 })),
    );
    return read.map((bytes) => placeOf(viewOf(bytes)));
  }
}

/** Bits 0 to 2 are the state, bits 20 to 63 the offset in MiB. */
function placeOf(entry: DataView): Place {
  const state = entry.getUint32(0, true) % 8;
  if (none.has(state)) return 'zeros';
  if (state === partlyPresent) return unsupported('a part of it is in another image');
  const place = Number(entry.getBigUint64(0, true) / 2n ** 20n) * mebibyte;
  // An offset of 2^53 or more is beyond the end of any file.
  return state === present && Number.isSafeInteger(place)
    ? place
    : damaged('the state or offset of a block is invalid');
}
