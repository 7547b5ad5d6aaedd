// One page of the image list: filtered, sorted, after the marker, up to the limit.
import { dropTail } from '../../text/drop-tail.ts';
import type { Catalog, CatalogImage } from '../images/catalog.ts';
import { type ErrorAnswer, wrapFailure } from '../answers/failure.ts';
import { makeFilter } from './filter.ts';
import { sortImages, takePage } from '../images/sorting.ts';
import { findQueryFailure, readLimit, readSort } from './query.ts';
import { readPairs } from '../images/pairs.ts';
import { isDeleted, isReadable, type View } from '../images/visibility.ts';

/** A page, or why there is none. */
type Page = { readonly images: readonly CatalogImage[] } | { readonly failure: ErrorAnswer };

/**
 * The images that a query requests.
 * @param query still percent-encoded
 * @see Glance 16, glance/db/sqlalchemy/api.py, image_get_all
 */
export function listImages(catalog: Catalog, query: string, view: View): Page {
  const pairs = readPairs(query);
  if ('failure' in pairs) return pairs;
  const parameters = new Map(pairs);
  const failure = findQueryFailure(parameters);
  if (failure !== null) return { failure };
  const marker = findMarker(catalog, parameters, view);
  if (marker !== null && 'failure' in marker) return marker;
  // Ties are broken by time of creation, then id, all in the same direction.
  const { key, descending } = readSort(parameters);
  const order = sortImages(catalog.images, [{ key, descending }], descending ? 'descending' : 'ascending');
  return { images: takePage(order, marker, readLimit(parameters), makeFilter(parameters, view)) };
}

/** The marker need not match the filters, but must be visible. A deleted image serves as one only in a request for changes. */
function findMarker(
  catalog: Catalog,
  parameters: ReadonlyMap<string, string>,
  view: View,
): CatalogImage | { readonly failure: ErrorAnswer } | null {
  const id = parameters.get('marker');
  if (id === undefined) return null;
  const entry = catalog.find(id);
  const isThere =
    entry !== undefined && isReadable(entry, view) && (!isDeleted(entry) || parameters.has('changes-since'));
  if (isThere) return entry;
  const explanation =
    id === '' || entry !== undefined || isUuidLike(id)
      ? 'Invalid marker. Image could not be found.'
      : 'Invalid marker format';
  return { failure: wrapFailure({ explanation }) };
}

/** What Python's uuid module accepts as a UUID. */
function isUuidLike(text: string): boolean {
  const inner = text.replace(/urn:|uuid:/g, '').replace(/^[{}]+/, '');
  return /^[0-9a-f]{32}$/i.test(dropTail(inner, /[{}]/).replaceAll('-', ''));
}
