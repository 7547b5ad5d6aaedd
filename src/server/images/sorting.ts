// Sorts a list once for each catalog and order, not once for each page.
import { sortKeys } from '../../image/sort.ts';
import type { CatalogImage } from './catalog.ts';
import { toV1Time } from './time.ts';

/** One of {@link sortKeys}. */
export type SortKey = (typeof sortKeys)[number];

/** One key of an order. */
export interface SortRule {
  readonly key: SortKey;
  readonly descending: boolean;
}

/** The sort key of this name, if there is one. */
export function findSortKey(name: string): SortKey | undefined {
  return sortKeys.find((key) => key === name);
}

/** Maximum number of orders of a catalog to remember. */
const maxOrders = 4;

const remembered = new WeakMap<readonly CatalogImage[], Map<string, readonly CatalogImage[]>>();

/**
 * The images in order; null comes first. Time of creation and id decide what the rules leave open.
 * @param rest direction of those two if the rules do not contain them
 */
export function sortImages(
  images: readonly CatalogImage[],
  rules: readonly SortRule[],
  rest: 'ascending' | 'descending',
): readonly CatalogImage[] {
  const all = [...rules, ...missing(rules, rest)];
  const name = all.map(({ key, descending }) => `${key} ${String(descending)}`).join();
  const orders = remembered.get(images) ?? new Map<string, readonly CatalogImage[]>();
  remembered.set(images, orders);
  const found = orders.get(name);
  if (found !== undefined) return found;
  const sorted = sortBy(images, all);
  const [oldest] = orders.keys();
  if (orders.size === maxOrders && oldest !== undefined) orders.delete(oldest);
  orders.set(name, sorted);
  return sorted;
}

function missing(rules: readonly SortRule[], rest: 'ascending' | 'descending'): readonly SortRule[] {
  const keys = (['created_at', 'id'] as const).filter((key) => !rules.some((rule) => rule.key === key));
  return keys.map((key) => ({ key, descending: rest === 'descending' }));
}

type SortValue = string | number | null;

function sortBy(images: readonly CatalogImage[], rules: readonly SortRule[]): readonly CatalogImage[] {
  const rows = images.map((entry) => ({ entry, values: rules.map(({ key }) => sortValue(entry, key)) }));
  rows.sort((a, b) => {
    for (const [index, { descending }] of rules.entries()) {
      const order = compareValues(a.values[index] ?? null, b.values[index] ?? null);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
  return rows.map(({ entry }) => entry);
}

function sortValue({ image }: CatalogImage, key: SortKey): SortValue {
  const value = image[key];
  return key === 'created_at' || key === 'updated_at' ? value && toV1Time(String(value)) : value;
}

function compareValues(a: SortValue, b: SortValue): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}

/**
 * One page: up to `limit` images of an order that match.
 * @param marker the image before the first one of the page; null to begin with the first
 */
export function takePage(
  order: readonly CatalogImage[],
  marker: CatalogImage | null,
  limit: number,
  matches: (entry: CatalogImage) => boolean,
): readonly CatalogImage[] {
  const page: CatalogImage[] = [];
  for (let at = marker === null ? 0 : order.indexOf(marker) + 1; at < order.length && page.length < limit; at += 1) {
    const entry = order[at];
    if (entry !== undefined && matches(entry)) page.push(entry);
  }
  return page;
}
