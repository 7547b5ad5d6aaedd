// One page of the image list: filtered, sorted, after the marker, up to the limit.
import type { CatalogImage } from './catalog.ts';
import { type Failure, wrapFailure } from './failure.ts';
import { makeFilter } from './v1-filter.ts';
import { findQueryFailure, parseParameters, readLimit, readSort, type SortKey } from './v1-query.ts';
import { toV1Time } from './v1-time.ts';
import { isDeleted, isReadable, type View } from './v1-visibility.ts';

/** A page, or why there is none. */
export type Page = { readonly images: readonly CatalogImage[] } | { readonly failure: Failure };

/**
 * The images that a query asks for.
 * @param query still percent-encoded
 * @see Glance 16, glance/db/sqlalchemy/api.py, image_get_all
 */
export function listImages(catalog: readonly CatalogImage[], query: string, view: View): Page {
  const parameters = parseParameters(query);
  if (parameters === null) return { failure: undecodable };
  const failure = findQueryFailure(parameters);
  if (failure !== null) return { failure };
  const marker = findMarker(catalog, parameters, view);
  if (marker !== null && 'failure' in marker) return marker;
  const compare = makeComparison(parameters);
  const after = catalog
    .filter(makeFilter(parameters, view))
    .filter((entry) => marker === null || compare(entry, marker) > 0);
  return { images: after.toSorted(compare).slice(0, readLimit(parameters)) };
}

const undecodable: Failure = {
  status: 400,
  explanation:
    'Error decoding your request. Either the URL or the request body contained characters that could not be decoded by Glance',
};

/** The marker need not match the filters, but be visible; a deleted one only counts among changes. */
function findMarker(
  catalog: readonly CatalogImage[],
  parameters: ReadonlyMap<string, string>,
  view: View,
): CatalogImage | { readonly failure: Failure } | null {
  const id = parameters.get('marker');
  if (id === undefined) return null;
  const entry = catalog.find(({ image }) => image.id === id);
  const isThere =
    entry !== undefined && isReadable(entry, view) && (!isDeleted(entry) || parameters.has('changes-since'));
  if (isThere) return entry;
  const explanation =
    id === '' || entry !== undefined || isUuidLike(id)
      ? 'Invalid marker. Image could not be found.'
      : 'Invalid marker format';
  return { failure: wrapFailure({ explanation }) };
}

/** What Python's uuid module takes for one. */
function isUuidLike(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(
    text
      .replace(/urn:|uuid:/g, '')
      .replace(/^[{}]+|[{}]+$/g, '')
      .replaceAll('-', ''),
  );
}

/** Ties are broken by time of creation, then id, all in the same direction. Null comes before everything. */
function makeComparison(parameters: ReadonlyMap<string, string>): (a: CatalogImage, b: CatalogImage) => number {
  const { key, descending } = readSort(parameters);
  const keys: readonly SortKey[] = [key, 'created_at', 'id'];
  return (a, b) => {
    for (const each of keys) {
      const order = compareValues(sortValue(a, each), sortValue(b, each));
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
}

function sortValue({ image }: CatalogImage, key: SortKey): string | number | null {
  const value = image[key];
  return key === 'created_at' || key === 'updated_at' ? value && toV1Time(String(value)) : value;
}

function compareValues(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}
