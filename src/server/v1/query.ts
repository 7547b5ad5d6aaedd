// Validates the query of an image list, and refuses it as Glance does.
import { maxLimit, defaultLimit, parseInteger } from '../images/pairs.ts';
import { sortKeys } from '../../image/sort.ts';
import { type ErrorAnswer, wrapFailure } from '../answers/failure.ts';
import { findSortKey, type SortKey } from '../images/sorting.ts';
import { parseSince } from '../images/time.ts';

const isCount = (value: string): boolean => (parseInteger(value) ?? -1) >= 0;
const isBoolean = (value: string): boolean => ['none', 'true', 'false', '1', '0'].includes(value.toLowerCase());

/** The filters that are checked, and how; the others accept anything. @see Glance 16, glance/api/v1/filters.py */
const checks: Readonly<Record<string, (value: string) => boolean>> = {
  size_min: isCount,
  size_max: isCount,
  min_ram: isCount,
  protected: isBoolean,
  is_public: isBoolean,
};

/**
 * Why a query is refused, or null. Does not check the marker, which takes the catalog.
 * @see recorded exchanges `list-*-bad`; Glance 16, glance/registry/api/v1/images.py
 */
export function findQueryFailure(parameters: ReadonlyMap<string, string>): ErrorAnswer | null {
  for (const [name, value] of parameters) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check?.(value) === false) return { status: 400, detail: `Bad value passed to filter ${name} got ${value}` };
  }
  const since = parameters.get('changes-since');
  if (since !== undefined && parseSince(since) === null)
    return wrapFailure({ detail: 'Unrecognized changes-since value' });
  if (parameters.get('protected')?.toLowerCase() === 'none')
    return wrapFailure({ detail: 'protected must be True, or False' });
  const limit = parseInteger(parameters.get('limit') ?? '0');
  if (limit === null) return wrapFailure({ detail: 'limit param must be an integer' });
  if (limit < 0) return wrapFailure({ detail: 'limit param must be positive' });
  return findSortFailure(parameters.get('sort_key'), parameters.get('sort_dir'));
}

function findSortFailure(key: string | undefined, direction: string | undefined): ErrorAnswer | null {
  if (key !== undefined && findSortKey(key) === undefined) {
    return wrapFailure({ explanation: `Unsupported sort_key. Acceptable values: ${sortKeys.join(', ')}` });
  }
  if (direction !== undefined && direction !== 'asc' && direction !== 'desc') {
    return wrapFailure({ explanation: 'Unsupported sort_dir. Acceptable values: asc, desc' });
  }
  return null;
}

/** The order that a valid query requests; newest first by default. */
export function readSort(parameters: ReadonlyMap<string, string>): {
  readonly key: SortKey;
  readonly descending: boolean;
} {
  const key = findSortKey(parameters.get('sort_key') ?? '') ?? 'created_at';
  return { key, descending: parameters.get('sort_dir') !== 'asc' };
}

/** The most images that a valid query gets: 0–1000. */
export function readLimit(parameters: ReadonlyMap<string, string>): number {
  return Math.min(maxLimit, parseInteger(parameters.get('limit') ?? String(defaultLimit)) ?? defaultLimit);
}
