// Who sees what.
import type { Catalog, CatalogImage } from './catalog.ts';

/** Whose eyes a server answers with; see HandlerOptions. */
export type View = 'everything' | 'anonymous';

const deletedStatuses: ReadonlySet<string> = new Set(['deleted', 'pending_delete']);

/** Whether an image is deleted; `pending_delete` counts. */
export function isDeleted({ image }: CatalogImage): boolean {
  return deletedStatuses.has(image.status ?? '');
}

/** Whether an image's status is one that lists leave out unless they are asked for changes. */
export function isGone(entry: CatalogImage): boolean {
  return isDeleted(entry) || entry.image.status === 'killed';
}

/** Whether an image can be had by its id, deleted or not: public, of API v2's `community`, or nobody's. */
export function isReadable({ image }: CatalogImage, view: View): boolean {
  if (view === 'everything') return true;
  return image.visibility === 'public' || image.visibility === 'community' || image.owner === null;
}

/**
 * Whether an image may be in a list. Without a token: public ones, and as a real Glance does by mistake, those that are shared
 * with anybody at all. @see recorded exchange `detail-shared-anonymous`
 */
export function isListed({ image, members }: CatalogImage, view: View): boolean {
  return view === 'everything' || image.visibility === 'public' || members.length > 0;
}

/** The image of this id, if it can be had. A deleted one is for those who see everything. */
export function findReadable(catalog: Catalog, id: string, view: View): CatalogImage | undefined {
  const entry = catalog.find(id);
  if (entry === undefined || !isReadable(entry, view)) return undefined;
  return isDeleted(entry) && view === 'anonymous' ? undefined : entry;
}
