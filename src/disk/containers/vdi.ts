// Locates the blocks of a disk in a VDI. Little-endian.
// @see https://forums.virtualbox.org/viewtopic.php?t=8046
import { type Blocks, readAll, readAt } from '../blocks/blocks.ts';
import { type BlockMap, MappedBlocks, type Place } from '../blocks/mapped.ts';
import { PagedBlocks } from '../blocks/paged.ts';
import { damaged, type Reads, unsupported } from '../blocks/reading.ts';
import { isPowerOfTwo, viewOf } from '../parsing/bytes.ts';

const dynamic = 1;
const fixed = 2;
/** Entries from here on mean that the block was never written, or is zeros. */
const firstOfNone = 0xffff_fffe;
const largestBlock = 256 * 1024 * 1024;

/** @param size of the disk, in bytes. @throws UnreadableError */
export function* openVdi(file: Blocks, size: number): Reads<Blocks> {
  const view = viewOf(yield* readAt(file, 0, 512));
  const type = view.getUint32(76, true);
  if (type !== dynamic && type !== fixed) unsupported('it holds only the difference from another image');
  const unitBytes = view.getUint32(376, true);
  const isSane = unitBytes >= 4096 && unitBytes <= largestBlock && isPowerOfTwo(unitBytes);
  if (!isSane) damaged(`the block size is invalid: ${String(unitBytes)} B`);
  const extra = view.getUint32(380, true);
  if (extra % 512 !== 0 || extra > unitBytes)
    damaged(`the extra size before each block is invalid: ${String(extra)} B`);
  const layout: VdiLayout = {
    size,
    unitBytes,
    extra,
    map: view.getUint32(340, true),
    data: view.getUint32(344, true),
    entries: view.getUint32(384, true),
  };
  return new MappedBlocks(file, new VdiMap(file, layout));
}

interface VdiLayout {
  readonly size: number;
  readonly unitBytes: number;
  /** Bytes before the data of each block. */
  readonly extra: number;
  readonly map: number;
  readonly data: number;
  readonly entries: number;
}

class VdiMap implements BlockMap {
  readonly #tables: Blocks;
  readonly #layout: VdiLayout;
  readonly size: number;
  readonly unitBytes: number;

  constructor(file: Blocks, layout: VdiLayout) {
    this.#tables = new PagedBlocks(file);
    this.#layout = layout;
    this.size = layout.size;
    this.unitBytes = layout.unitBytes;
  }

  *locate(units: readonly number[]): Reads<readonly Place[]> {
    const { map, data, entries, extra, unitBytes } = this.#layout;
    if (units.some((unit) => unit >= entries)) damaged('the block map is too short for the disk');
    const read = yield* readAll(
      this.#tables,
      units.map((unit) => ({ offset: map + unit * 4, length: 4 })),
    );
    return read.map((bytes) => {
      const entry = viewOf(bytes).getUint32(0, true);
      return entry >= firstOfNone ? 'zeros' : data + entry * (unitBytes + extra) + extra;
    });
  }
}
