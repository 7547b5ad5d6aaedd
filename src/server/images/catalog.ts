// The images a server offers.
import type { Image } from '../../image/image.ts';
import type { ImageBytes } from '../answers/image-bytes.ts';

/** A project that an image is shared with. What only API v2 knows is left out where nobody knows it. */
export interface CatalogMember {
  /** Id of the project. */
  readonly member_id: string;
  /** API v1's. */
  readonly can_share: boolean;
  /** API v2's: `pending accepted rejected`. */
  readonly status?: string;
  /** ISO 8601, UTC. */
  readonly created_at?: string;
  /** ISO 8601, UTC. */
  readonly updated_at?: string;
}

/** One image with its data. */
export interface CatalogImage {
  /** Its properties' keys keep their case. */
  readonly image: Image;
  /** Null where there is none: queued, or lost in the store. Its size wins over the image's when it is sent. */
  readonly data: ImageBytes | null;
  readonly members: readonly CatalogMember[];
  /** A digest of the data, in hex, that is known beside what the image tells. */
  readonly digest?: string;
}

/** The images a server offers. */
export interface Catalog {
  /** In any order; every id once. Another list once something has changed. */
  readonly images: readonly CatalogImage[];
  readonly find: (id: string) => CatalogImage | undefined;
  /** Makes it what is there now; undefined if it is. Absent if nothing changes. Never rejects. */
  readonly refresh?: () => Promise<void> | undefined;
}

/** A catalog that stays as it is. Of several images with one id the first counts. */
export function makeCatalog(images: readonly CatalogImage[]): Catalog {
  const byId = new Map<string, CatalogImage>();
  for (const entry of images) if (!byId.has(entry.image.id)) byId.set(entry.image.id, entry);
  return { images, find: (id) => byId.get(id) };
}
