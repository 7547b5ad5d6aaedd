// Locates the clusters of a disk in a qcow2. Big-endian.
// @see https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.txt
import { type Blocks, readAll } from '../blocks/blocks.ts';
import { type BlockMap, MappedBlocks, type Place } from '../blocks/mapped.ts';
import { PagedBlocks } from '../blocks/paged.ts';
import { damaged, type Reads, unsupported } from '../blocks/reading.ts';
import { inflate, unzstd } from '../compression/unpack.ts';
import { hasBit, viewOf } from '../parsing/bytes.ts';

/** Feature bits that a reader must understand; the first two say in what state the image was left. */
const incompatible = { dirty: 0, corrupt: 1, compressionType: 3, extendedL2: 4 } as const;
const knownFeatures: ReadonlySet<number> = new Set(Object.values(incompatible));
const compressedBit = 62;
const subclusters = 32;
const sectorBytes = 512;

interface Qcow2Layout {
  /** Size of the disk in bytes. */
  readonly size: number;
  readonly version: number;
  readonly clusterBits: number;
  readonly l1Offset: number;
  readonly l1Entries: number;
  readonly isExtended: boolean;
  readonly compression: 'deflate' | 'zstd';
}

/** @param size of the disk, in bytes. @throws UnreadableError */
export function* openQcow2(file: Blocks, size: number): Reads<Blocks> {
  const [header = new Uint8Array()] = yield* file.read([{ offset: 0, length: 112 }]);
  if (header.length < 72) damaged('the image ends within its header');
  const view = viewOf(header);
  const [version, clusterBits] = [view.getUint32(4), view.getUint32(20)];
  if (view.getUint32(32) !== 0) unsupported('it is encrypted');
  const features = version >= 3 ? featuresOf(view) : 0n;
  const isExtended = hasBit(features, incompatible.extendedL2);
  if (clusterBits < (isExtended ? 14 : 9) || clusterBits > 21)
    damaged(`the cluster size is out of range: 2^${String(clusterBits)} B`);
  const l1Offset = view.getBigUint64(40);
  if (l1Offset >= BigInt(file.size) || l1Offset % 512n !== 0n) damaged('the offset of the L1 table is out of range');
  const type = hasBit(features, incompatible.compressionType) && view.getUint32(100) > 104 ? (header[104] ?? 0) : 0;
  if (type > 1) unsupported(`compression type ${String(type)} is not supported`);
  const compression = type === 1 ? 'zstd' : 'deflate';
  const l1Entries = view.getUint32(36);
  const layout = {
    size,
    version,
    clusterBits,
    l1Offset: Number(l1Offset),
    l1Entries,
    isExtended,
    compression,
  } as const;
  return new MappedBlocks(file, new Qcow2Map(file, layout));
}

function featuresOf(view: DataView): bigint {
  if (view.byteLength < 104) return damaged('the image ends within its header');
  const features = view.getBigUint64(72);
  for (let bit = 0; bit < 64; bit++) {
    if (hasBit(features, bit) && !knownFeatures.has(bit)) unsupported('an incompatible feature is not supported');
  }
  return features;
}

class Qcow2Map implements BlockMap {
  readonly #tables: Blocks;
  readonly #layout: Qcow2Layout;
  readonly #clusterBytes: number;
  readonly #entryBytes: number;
  readonly size: number;
  /** Bytes of a cluster, or of a subcluster where there are any. */
  readonly unitBytes: number;

  constructor(file: Blocks, layout: Qcow2Layout) {
    this.#tables = new PagedBlocks(file);
    this.#layout = layout;
    this.#clusterBytes = 2 ** layout.clusterBits;
    this.#entryBytes = layout.isExtended ? 16 : 8;
    this.size = layout.size;
    this.unitBytes = layout.isExtended ? this.#clusterBytes / subclusters : this.#clusterBytes;
  }

  *locate(units: readonly number[]): Reads<readonly Place[]> {
    const perCluster = this.#clusterBytes / this.unitBytes;
    const clusters = [...new Set(units.map((unit) => Math.floor(unit / perCluster)))];
    const entries = yield* this.#entriesOf(clusters);
    return units.map((unit) => {
      const entry = entries.get(Math.floor(unit / perCluster));
      return entry === undefined ? 'zeros' : this.#placeOf(entry, unit % perCluster);
    });
  }

  /** The L2 entry of each cluster that has one. */
  *#entriesOf(clusters: readonly number[]): Reads<ReadonlyMap<number, DataView>> {
    const perTable = this.#clusterBytes / this.#entryBytes;
    const tables = yield* this.#tablesOf([...new Set(clusters.map((cluster) => Math.floor(cluster / perTable)))]);
    const known = clusters.flatMap((cluster) => {
      const table = tables.get(Math.floor(cluster / perTable)) ?? 0;
      return table === 0 ? [] : [{ cluster, offset: table + (cluster % perTable) * this.#entryBytes }];
    });
    const read = yield* readAll(
      this.#tables,
      known.map(({ offset }) => ({ offset, length: this.#entryBytes })),
    );
    return new Map(known.map(({ cluster }, index) => [cluster, viewOf(read[index] ?? new Uint8Array())]));
  }

  /** Offsets of the L2 tables; 0 for those that do not exist. */
  *#tablesOf(indices: readonly number[]): Reads<ReadonlyMap<number, number>> {
    const { l1Offset, l1Entries } = this.#layout;
    if (indices.some((index) => index >= l1Entries)) damaged('the L1 table is too short for the disk');
    const read = yield* readAll(
      this.#tables,
      indices.map((index) => ({ offset: l1Offset + index * 8, length: 8 })),
    );
    return new Map(indices.map((index, at) => [index, this.#offsetIn(viewOf(read[at] ?? new Uint8Array()))]));
  }

  /** The offset in bits 9 to 55 of an entry. */
  #offsetIn(entry: DataView): number {
    const offset = (entry.getUint32(0) % 0x0100_0000) * 2 ** 32 + Math.floor(entry.getUint32(4) / 512) * 512;
    if (offset % this.#clusterBytes !== 0) damaged('an offset in an L1 or L2 table is not aligned to a cluster');
    return offset;
  }

  #placeOf(entry: DataView, subcluster: number): Place {
    const bits = entry.getBigUint64(0);
    if (hasBit(bits, compressedBit)) return this.#packed(entry, subcluster);
    const offset = this.#offsetIn(entry);
    if (!this.#layout.isExtended) {
      const isZero = hasBit(bits, 0);
      if (isZero && this.#layout.version < 3) damaged('a cluster has the zero flag, which version 2 does not have');
      return offset === 0 || isZero ? 'zeros' : offset;
    }
    const states = entry.getBigUint64(8);
    const [isAllocated, isZero] = [hasBit(states, subcluster), hasBit(states, subclusters + subcluster)];
    if (isAllocated && (isZero || offset === 0)) damaged('the allocation status of a subcluster is invalid');
    return isAllocated ? offset + subcluster * this.unitBytes : 'zeros';
  }

  /** The lower bits are the offset, those above count further sectors; the data begins within the first sector. */
  #packed(entry: DataView, subcluster: number): Place {
    const { clusterBits, compression } = this.#layout;
    const most = this.#clusterBytes;
    const offsetBits = BigInt(62 - (clusterBits - 8));
    const fields = entry.getBigUint64(0) % 2n ** 62n;
    const offset = fields % 2n ** offsetBits;
    if (offset >= BigInt(this.#tables.size)) damaged('an offset lies past the end of the image');
    const sectors = Number(fields / 2n ** offsetBits) + 1;
    const start = Number(offset);
    return {
      span: { offset: start, length: sectors * sectorBytes - (start % sectorBytes) },
      skip: subcluster * this.unitBytes,
      most,
      unpack: (bytes) => (compression === 'zstd' ? unzstd(bytes, most) : inflate(bytes, most, 'none')),
    };
  }
}
