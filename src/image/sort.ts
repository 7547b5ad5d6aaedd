// The keys that both APIs sort by.
import { GlanceError } from '../errors.ts';
import type { SortKey } from './service.ts';

/** In the order in which Glance itself names them. */
export const sortKeys = [
  'name',
  'status',
  'container_format',
  'disk_format',
  'size',
  'id',
  'created_at',
  'updated_at',
] as const;

/** The order of a list if none is requested. */
export const defaultSort: readonly SortKey[] = [{ key: 'name', direction: 'asc' }];

/** @throws GlanceError `usage.unsupported` for a key that Glance does not sort by */
export function checkSortKeys(sort: readonly SortKey[]): void {
  for (const { key } of sort) {
    if (!sortKeys.some((each) => each === key)) {
      throw new GlanceError('usage.unsupported', `Glance cannot sort by ${key}`, {
        hint: `it sorts by ${sortKeys.join(', ')}`,
      });
    }
  }
}
