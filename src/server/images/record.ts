// The record of an image in a catalog: what it leaves out, what is shown, and how much memory it takes.
import type { Digest } from '../../digests.ts';
import type { Image } from '../../image/image.ts';

/** Maximum memory for the records of all images together, in bytes. */
export const maxWeight = 256 * 1024 * 1024;

/** Memory of an image of which only the data is known, bytes. */
export const leastWeight = 1024;
/** Memory of each text in a record beyond its characters, bytes. */
const itemWeight = 64;

/** What is known about an image that has no record. */
interface BareImage {
  readonly id: string;
  readonly name: string | null;
  /** Bytes. */
  readonly size: number;
  /** When its data was stored, milliseconds since 1970 UTC. */
  readonly timeMs: number;
}

/** An active public image of which nothing else is known. */
export function bareImage({ id, name, size, timeMs }: BareImage): Image {
  // Whole seconds: API v2 has no fractions.
  const time = new Date(Math.floor(timeMs / 1000) * 1000).toISOString();
  return {
    id,
    name,
    status: 'active',
    visibility: 'public',
    disk_format: null,
    container_format: 'bare',
    size,
    virtual_size: null,
    checksum: null,
    os_hash_algo: null,
    os_hash_value: null,
    os_hidden: false,
    min_disk: 0,
    min_ram: 0,
    owner: null,
    protected: false,
    tags: [],
    created_at: time,
    updated_at: time,
    deleted_at: null,
    direct_url: null,
    locations: null,
    stores: null,
    properties: Object.create(null) as Record<string, string | null>,
  };
}

/** The part of a record that is used: null values are dropped if the value can be derived. */
export function keepKnown(record: Partial<Image>): Partial<Image> {
  const derivable = new Set(['id', 'size', 'status', 'created_at', 'updated_at']);
  return Object.fromEntries(Object.entries(record).filter(([key, value]) => value !== null || !derivable.has(key)));
}

/** Drops a location's metadata, which belongs to the store, is shown to nobody, and can be anything. */
export function withoutStoreData(record: Partial<Image>): Partial<Image> {
  const { locations } = record;
  if (locations === undefined || locations === null) return record;
  return { ...record, locations: locations.map(({ url }) => ({ url, metadata: {} })) };
}

/** Estimates the memory that a record takes, bytes. @param textLength characters of the text from which it was read */
export function weigh({ tags, locations, stores, properties }: Partial<Image>, textLength: number): number {
  const lists = [tags, locations, stores, Object.keys(properties ?? {})];
  const items = lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
  return leastWeight + textLength + itemWeight * items;
}

/** Digests of data in lower-case hex; null if not computed. */
interface DataDigests {
  readonly md5: string | null;
  readonly sha512: string | null;
}

/** Adds digests to a record, if they are of the same data. Digests in the record take precedence. */
export function fillDigests(image: Image, digests: DataDigests): Image {
  if (!isSameData(image, digests)) return image;
  const { md5, sha512 } = digests;
  const multihash =
    image.os_hash_value === null && sha512 !== null ? { os_hash_algo: 'sha512', os_hash_value: sha512 } : {};
  return { ...image, checksum: image.checksum ?? md5, ...multihash };
}

/** Whether no digest in the record contradicts those of the data. */
export function isSameData({ checksum, os_hash_algo, os_hash_value }: Image, { md5, sha512 }: DataDigests): boolean {
  const isOther =
    os_hash_value !== null && os_hash_algo === 'sha512' && sha512 !== null && os_hash_value.toLowerCase() !== sha512;
  return !isOther && (checksum === null || md5 === null || checksum === md5);
}

/** The SHA-512 in an entry of a mirror's index; null if it has none. */
export function sha512Of({ digests }: { readonly digests: readonly Digest[] }): string | null {
  return digests.find(({ algorithm }) => algorithm === 'sha512')?.hex ?? null;
}
