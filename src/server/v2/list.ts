// One page of the image list of API v2.
import type { Catalog, CatalogImage } from '../images/catalog.ts';
import type { ErrorAnswer } from '../answers/failure.ts';
import { sortImages, takePage } from '../images/sorting.ts';
import { type Pairs, readPairs } from '../images/pairs.ts';
import { isDeleted, isReadable, type View } from '../images/visibility.ts';
import { makeV2Filter } from './filter.ts';
import { badRequest, linkTo, readOrder, readV2Limit, valueOf } from './query.ts';

/** A page, or why there is none. */
type V2Page =
  | {
      readonly images: readonly CatalogImage[];
      /** Path of the first page. */
      readonly first: string;
      /** Path of the next page; null if this one is not full. A full last page links to an empty one. */
      readonly next: string | null;
    }
  | { readonly failure: ErrorAnswer };

/**
 * The images that a query requests.
 * @param query still percent-encoded
 * @see recorded exchanges `list-*`; Glance 25, glance/api/v2/images.py
 */
export function listV2Images(catalog: Catalog, query: string, view: View): V2Page {
  const pairs = readPairs(query);
  if ('failure' in pairs) return pairs;
  const order = readOrder(pairs);
  if ('failure' in order) return order;
  const filter = makeV2Filter(pairs, view);
  if ('failure' in filter) return filter;
  const limit = readV2Limit(pairs);
  if (typeof limit === 'object') return limit;
  const marker = findMarker(catalog, pairs, view);
  if (marker !== null && 'failure' in marker) return marker;
  const images = takePage(sortImages(catalog.images, order.rules, order.rest), marker, limit, filter.matches);
  const last = images.length === limit ? images.at(-1) : undefined;
  return { images, first: linkTo(pairs, null), next: last === undefined ? null : linkTo(pairs, last.image.id) };
}

/** The marker need not match the filters, but must exist and be visible. */
function findMarker(
  catalog: Catalog,
  pairs: Pairs,
  view: View,
): CatalogImage | { readonly failure: ErrorAnswer } | null {
  const id = valueOf(pairs, 'marker');
  if (id === undefined) return null;
  const entry = catalog.find(id);
  if (entry === undefined || isDeleted(entry)) return badRequest(`No image found with ID ${id}`);
  if (isReadable(entry, view)) return entry;
  return { failure: { status: 403, explanation: `Forbidding request, image ${id} not visible` } };
}
