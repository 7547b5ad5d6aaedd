// Decides who sees what.
import type { Catalog, CatalogImage } from './catalog.ts';

/** The view of the catalog that clients get; see HandlerOptions. */
export type View = 'everything' | 'anonymous';

const deletedStatuses: ReadonlySet<string> = new Set(['deleted', 'pending_delete']);

/** Whether an image is deleted; `pending_delete` counts. */
export function isDeleted({ image }: CatalogImage): boolean {
  return deletedStatuses.has(image.status ?? '');
}

/** Whether lists leave an image out because of its status, unless they are asked for changes. */
export function isGone(entry: CatalogImage): boolean {
  return isDeleted(entry) || entry.image.status === 'killed';
}

/** Whether an image can be read by its id, deleted or not: public, `community` in API v2, or without an owner. */
export function isReadable({ image }: CatalogImage, view: View): boolean {
  if (view === 'everything') return true;
  return image.visibility === 'public' || image.visibility === 'community' || image.owner === null;
}

/**
 * Whether an image may be in a list. Without a token, public ones are, and those that are shared with anybody at all,
 * which is a bug of real Glances.
 * @see recorded exchange `detail-shared-anonymous`
 */
export function isListed({ image, members }: CatalogImage, view: View): boolean {
  return view === 'everything' || image.visibility === 'public' || members.length > 0;
}

/** The image with this id, if it can be read. Deleted ones can be read only with the view `everything`. */
export function findReadable(catalog: Catalog, id: string, view: View): CatalogImage | undefined {
  const entry = catalog.find(id);
  if (entry === undefined || !isReadable(entry, view)) return undefined;
  return isDeleted(entry) && view === 'anonymous' ? undefined : entry;
}
