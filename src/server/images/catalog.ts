// The images that a server offers.
import type { Image } from '../../image/image.ts';
import type { ImageBytes } from '../answers/image-bytes.ts';

/** A project with which an image is shared. Fields that only API v2 has are absent if unknown. */
export interface CatalogMember {
  /** Id of the project. */
  readonly member_id: string;
  /** API v1 only. */
  readonly can_share: boolean;
  /** API v2 only: `pending accepted rejected`. */
  readonly status?: string;
  /** ISO 8601, UTC. */
  readonly created_at?: string;
  /** ISO 8601, UTC. */
  readonly updated_at?: string;
}

/** One image with its data. */
export interface CatalogImage {
  /** The keys of its properties keep their case. */
  readonly image: Image;
  /**
   * Null if there is none: not uploaded yet, or lost by the store. When data is sent, its size takes precedence over
   * the image's.
   */
  readonly data: ImageBytes | null;
  readonly members: readonly CatalogMember[];
  /** The SHA-512 of the data in hex, if known from elsewhere than the image. */
  readonly digest?: string;
}

/** The images that a server offers. */
export interface Catalog {
  /** In any order, with each id once. A change produces a new array. */
  readonly images: readonly CatalogImage[];
  readonly find: (id: string) => CatalogImage | undefined;
  /** Brings the catalog up to date; undefined if it is. Absent if nothing ever changes. Never rejects. */
  readonly refresh?: () => Promise<void> | undefined;
}

/** A catalog that never changes. If several images have the same id, the first counts. */
export function makeCatalog(images: readonly CatalogImage[]): Catalog {
  const byId = new Map<string, CatalogImage>();
  for (const entry of images) if (!byId.has(entry.image.id)) byId.set(entry.image.id, entry);
  return { images, find: (id) => byId.get(id) };
}
