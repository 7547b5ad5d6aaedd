// Locates the grains of a disk in a sparse VMDK extent, compressed or not. Little-endian; offsets are in sectors.
// @see https://github.com/libyal/libvmdk/blob/main/documentation/VMWare%20Virtual%20Disk%20Format%20(VMDK).asciidoc
import { type Blocks, readAll, readAt } from '../blocks/blocks.ts';
import { type BlockMap, MappedBlocks, type Place } from '../blocks/mapped.ts';
import { PagedBlocks } from '../blocks/paged.ts';
import { damaged, type Reads, unsupported } from '../blocks/reading.ts';
import { inflate } from '../compression/unpack.ts';
import { countOf } from '../../text/count.ts';
import { hasBit, hasText, viewOf } from '../parsing/bytes.ts';

const sectorBytes = 512;
/** Flag bits of the header. */
const zeroGrains = 2;
const compressedGrains = 16;
const atEnd = 2n ** 64n - 1n;
/** The marker before a compressed grain: its sector on the disk, and its length. */
const markerBytes = 12;
/** By how much deflate may enlarge incompressible data. */
const overhead = 4096;
const largestGrain = 4 * 1024 * 1024;

interface VmdkLayout {
  readonly size: number;
  readonly grainBytes: number;
  /** Entries of a grain table. */
  readonly perTable: number;
  readonly directory: number;
  readonly hasZeroGrains: boolean;
  readonly isCompressed: boolean;
}

/** @param size of the disk, in bytes. @throws UnreadableError */
export function* openVmdk(file: Blocks, size: number): Reads<Blocks> {
  const first = yield* readAt(file, 0, sectorBytes);
  if (!hasText(first, 0, 'KDMV')) unsupported('this kind of VMDK is not supported');
  const header = viewOf(first).getBigUint64(56, true) === atEnd ? yield* readFooter(file) : first;
  const view = viewOf(header);
  const flags = BigInt(view.getUint32(8, true));
  const compression = view.getUint16(77, true);
  if (compression > 1) unsupported(`compression algorithm ${String(compression)} is not supported`);
  const grain = view.getBigUint64(20, true);
  const perTable = view.getUint32(44, true);
  const directory = view.getBigUint64(56, true);
  if (grain === 0n || grain * 512n > BigInt(largestGrain))
    damaged(`the grain size is out of range: ${countOf(grain, 'sector')}`);
  if (perTable === 0 || perTable > 65_536)
    damaged(`the number of entries in a grain table is out of range: ${String(perTable)}`);
  if (directory === 0n || directory * 512n >= BigInt(file.size)) damaged('the grain directory lies outside the image');
  const layout: VmdkLayout = {
    size,
    grainBytes: Number(grain) * sectorBytes,
    perTable,
    directory: Number(directory) * sectorBytes,
    hasZeroGrains: hasBit(flags, zeroGrains),
    isCompressed: hasBit(flags, compressedGrains),
  };
  return new MappedBlocks(file, new VmdkMap(file, layout));
}

/** The real header of a stream: the second sector from the end, before the end-of-stream marker. */
function* readFooter(file: Blocks): Reads<Uint8Array> {
  const start = file.size - 2 * sectorBytes;
  const footer = start < 0 ? new Uint8Array() : yield* readAt(file, start, sectorBytes);
  return hasText(footer, 0, 'KDMV') ? footer : damaged('its footer, which locates the grain directory, is missing');
}

class VmdkMap implements BlockMap {
  readonly #tables: Blocks;
  readonly #layout: VmdkLayout;
  readonly size: number;
  readonly unitBytes: number;

  constructor(file: Blocks, layout: VmdkLayout) {
    this.#tables = new PagedBlocks(file);
    this.#layout = layout;
    this.size = layout.size;
    this.unitBytes = layout.grainBytes;
  }

  *locate(units: readonly number[]): Reads<readonly Place[]> {
    const { perTable, directory, isCompressed: packs } = this.#layout;
    const indices = [...new Set(units.map((unit) => Math.floor(unit / perTable)))];
    const found = yield* this.#numbersAt(indices.map((index) => directory + index * 4));
    const tables = new Map(indices.map((index, at) => [index, found[at] ?? 0]));
    const known = units.filter((unit) => (tables.get(Math.floor(unit / perTable)) ?? 0) !== 0);
    const grains = yield* this.#numbersAt(
      known.map((unit) => (tables.get(Math.floor(unit / perTable)) ?? 0) * sectorBytes + (unit % perTable) * 4),
    );
    const sectors = new Map(known.map((unit, at) => [unit, this.#isNone(grains[at]) ? 0 : (grains[at] ?? 0)]));
    if (packs) return yield* this.#packed(units, sectors);
    return units.map((unit) => placeOf(sectors.get(unit) ?? 0));
  }

  /** Whether the grain was never written, or is zeros. */
  #isNone(sector: number | undefined): boolean {
    return sector === 0 || (sector === 1 && this.#layout.hasZeroGrains);
  }

  *#numbersAt(offsets: readonly number[]): Reads<readonly number[]> {
    const read = yield* readAll(
      this.#tables,
      offsets.map((offset) => ({ offset, length: 4 })),
    );
    return read.map((bytes) => viewOf(bytes).getUint32(0, true));
  }

  *#packed(units: readonly number[], sectors: ReadonlyMap<number, number>): Reads<readonly Place[]> {
    const known = units.filter((unit) => (sectors.get(unit) ?? 0) !== 0);
    const markers = yield* readAll(
      this.#tables,
      known.map((unit) => ({ offset: (sectors.get(unit) ?? 0) * sectorBytes, length: markerBytes })),
    );
    const lengths = new Map(known.map((unit, at) => [unit, this.#lengthIn(markers[at] ?? new Uint8Array(), unit)]));
    return units.map((unit): Place => {
      const length = lengths.get(unit);
      if (length === undefined) return 'zeros';
      const span = { offset: (sectors.get(unit) ?? 0) * sectorBytes + markerBytes, length };
      const most = this.unitBytes;
      return { span, skip: 0, most, unpack: (bytes) => inflate(bytes, most, 'zlib') };
    });
  }

  #lengthIn(marker: Uint8Array, unit: number): number {
    const view = viewOf(marker);
    const length = view.getUint32(8, true);
    const isOwn = view.getBigUint64(0, true) === (BigInt(unit) * BigInt(this.unitBytes)) / 512n;
    if (!isOwn || length === 0 || length > this.unitBytes + overhead)
      damaged('the marker of a compressed grain is invalid');
    return length;
  }
}

function placeOf(sector: number): Place {
  return sector === 0 ? 'zeros' : sector * sectorBytes;
}
