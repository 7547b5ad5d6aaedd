// Keeps the images of an index in little memory: a mirror may have a hundred thousand, and few are looked at twice.
import type { Digest, DigestAlgorithm } from '../digests.ts';
import { PackedMap } from '../compact/packed-map.ts';

/** One complete image. */
export interface MirrorEntry {
  readonly id: string;
  /** Path relative to the mirror, always `<id>/<id>.<format>`. */
  readonly file: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Digests of the file, computed as it arrived. Never empty. */
  readonly digests: readonly Digest[];
  /** SHA-256 of `image.json` beside the file. */
  readonly record: string;
}

/** The images of an index, by id. A Map of entries fits this interface too. */
export interface MirrorEntries {
  readonly size: number;
  get(id: string): MirrorEntry | undefined;
  has(id: string): boolean;
  keys(): IterableIterator<string>;
  values(): Iterable<MirrorEntry>;
}

/**
 * Stores each entry as one short byte string beside its id, in a quarter of the memory of the entry itself.
 * Only for entries that {@link MirrorEntry} allows.
 */
export class EntryStore implements MirrorEntries {
  readonly #packed: PackedMap;

  constructor(packed = new PackedMap()) {
    this.#packed = packed;
  }

  get size(): number {
    return this.#packed.size;
  }

  get(id: string): MirrorEntry | undefined {
    const packed = this.#packed.get(id);
    return packed === undefined ? undefined : unpack(id, packed);
  }

  has(id: string): boolean {
    return this.#packed.has(id);
  }

  set(entry: MirrorEntry): void {
    this.#packed.set(entry.id, pack(entry));
  }

  delete(id: string): void {
    this.#packed.delete(id);
  }

  keys(): IterableIterator<string> {
    return this.#packed.keys();
  }

  *values(): Generator<MirrorEntry> {
    for (const [id, packed] of this.#packed) yield unpack(id, packed);
  }

  /** A snapshot that later changes do not affect. */
  copy(): EntryStore {
    return new EntryStore(this.#packed.copy());
  }
}

/** Bytes of all data. Goes one by one, since each entry has to be unpacked and there may be very many. */
export function bytesOf(entries: MirrorEntries): number {
  let bytes = 0;
  for (const { size } of entries.values()) bytes += size;
  return bytes;
}

function unfold(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('hex');
}

const recordBytes = 32;

/**
 * The record's hash, then everything but the digests' bytes as words, a line break, and those bytes one after another.
 */
function pack({ id, file, size, digests, record }: MirrorEntry): string {
  const lengths = digests.map(({ algorithm, hex }) => `${algorithm}:${String(hex.length / 2)}`);
  const words = Buffer.from(`${[file.slice(2 * id.length + 2), String(size), ...lengths].join(' ')}\n`);
  const hexes = digests.map(({ hex }) => Buffer.from(hex, 'hex'));
  return Buffer.concat([Buffer.from(record, 'hex'), words, ...hexes]).toString('latin1');
}

function unpack(id: string, packed: string): MirrorEntry {
  const end = packed.indexOf('\n', recordBytes);
  const [format = '', size = '', ...lengths] = packed.slice(recordBytes, end).split(' ');
  const digests: Digest[] = [];
  let position = end + 1;
  for (const each of lengths) {
    const [algorithm, length] = each.split(':');
    const next = position + Number(length);
    digests.push({ algorithm: algorithm as DigestAlgorithm, hex: unfold(packed.slice(position, next)) });
    position = next;
  }
  const record = unfold(packed.slice(0, recordBytes));
  return { id, file: `${id}/${id}.${format}`, size: Number(size), digests, record };
}
