// Locates the blocks of a disk in a VHD. Big-endian; only offsets of blocks are in sectors.
// @see https://download.microsoft.com/download/f/f/e/ffef50a5-07dd-4cf8-aaa3-442c0673a029/Virtual%20Hard%20Disk%20Format%20Spec_10_18_06.doc
import { type Blocks, PartOfBlocks, readAll, readAt } from '../blocks/blocks.ts';
import { type BlockMap, MappedBlocks, type Place } from '../blocks/mapped.ts';
import { PagedBlocks } from '../blocks/paged.ts';
import { damaged, type Reads, unsupported } from '../blocks/reading.ts';
import { isVhdFooter, vhdFooterBytes, vhdTypes } from '../formats/vhd.ts';
import { hasText, isPowerOfTwo, viewOf } from '../parsing/bytes.ts';

const sectorBytes = 512;
const dynamicHeaderBytes = 1024;
const unallocated = 0xffff_ffff;
const largestBlock = 256 * 1024 * 1024;

/** @param size of the disk, in bytes. @throws UnreadableError */
export function* openVhd(file: Blocks, size: number): Reads<Blocks> {
  const front = yield* readAt(file, 0, vhdFooterBytes);
  // A fixed disk is plain data with a footer at its end.
  if (!isVhdFooter(front)) return new PartOfBlocks(file, 0, Math.min(size, file.size - vhdFooterBytes));
  const type = viewOf(front).getUint32(60);
  if (type === vhdTypes.differencing) unsupported('it holds only the difference from another image');
  if (type !== vhdTypes.dynamic) damaged(`the disk type is invalid: ${String(type)}`);
  const offset = viewOf(front).getBigUint64(16);
  if (offset >= BigInt(file.size)) damaged('the dynamic header lies outside the image');
  const header = yield* readAt(file, Number(offset), dynamicHeaderBytes);
  if (!hasText(header, 0, 'cxsparse')) damaged('the cookie of the dynamic header is wrong');
  const view = viewOf(header);
  const table = view.getBigUint64(16);
  const blockBytes = view.getUint32(32);
  const isSane = blockBytes >= sectorBytes && blockBytes <= largestBlock && isPowerOfTwo(blockBytes);
  if (!isSane) damaged(`the block size is invalid: ${String(blockBytes)} B`);
  if (table >= BigInt(file.size)) damaged('the block allocation table lies outside the image');
  const layout = { size, blockBytes, table: Number(table), entries: view.getUint32(28) };
  return new MappedBlocks(file, new VhdMap(file, layout));
}

interface VhdLayout {
  readonly size: number;
  readonly blockBytes: number;
  readonly table: number;
  readonly entries: number;
}

/** Units are sectors: each block begins with a bitmap of the sectors that were written. */
class VhdMap implements BlockMap {
  readonly #tables: Blocks;
  readonly #layout: VhdLayout;
  readonly #bitmapBytes: number;
  readonly size: number;
  readonly unitBytes = sectorBytes;

  constructor(file: Blocks, layout: VhdLayout) {
    this.#tables = new PagedBlocks(file);
    this.#layout = layout;
    this.#bitmapBytes = Math.ceil(layout.blockBytes / sectorBytes / 8 / sectorBytes) * sectorBytes;
    this.size = layout.size;
  }

  *locate(units: readonly number[]): Reads<readonly Place[]> {
    const perBlock = this.#layout.blockBytes / sectorBytes;
    const blocks = [...new Set(units.map((unit) => Math.floor(unit / perBlock)))];
    const places = yield* this.#blockPlaces(blocks);
    const known = blocks.filter((block) => places.has(block));
    const read = yield* readAll(
      this.#tables,
      known.map((block) => ({ offset: places.get(block) ?? 0, length: this.#bitmapBytes })),
    );
    const bitmaps = new Map(known.map((block, at) => [block, read[at]]));
    return units.map((unit) => {
      const [block, sector] = [Math.floor(unit / perBlock), unit % perBlock];
      const bits = bitmaps.get(block)?.[Math.floor(sector / 8)] ?? 0;
      // The highest bit stands for the first sector.
      const isWritten = Math.floor(bits / 2 ** (7 - (sector % 8))) % 2 === 1;
      return isWritten ? (places.get(block) ?? 0) + this.#bitmapBytes + sector * sectorBytes : 'zeros';
    });
  }

  /** Where the allocated blocks begin. */
  *#blockPlaces(blocks: readonly number[]): Reads<ReadonlyMap<number, number>> {
    const { table, entries } = this.#layout;
    if (blocks.some((block) => block >= entries)) damaged('the block allocation table is too short for the disk');
    const read = yield* readAll(
      this.#tables,
      blocks.map((block) => ({ offset: table + block * 4, length: 4 })),
    );
    const places = new Map<number, number>();
    for (const [index, block] of blocks.entries()) {
      const sector = viewOf(read[index] ?? new Uint8Array()).getUint32(0);
      if (sector !== unallocated) places.set(block, sector * sectorBytes);
    }
    return places;
  }
}
