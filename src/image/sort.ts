// The keys that both APIs sort by.
import { GlanceError } from '../errors.ts';
import type { SortKey } from './service.ts';

const sortKeys: ReadonlySet<string> = new Set([
  'name',
  'status',
  'container_format',
  'disk_format',
  'size',
  'id',
  'created_at',
  'updated_at',
]);

/** The order of a list for which none is asked. */
export const defaultSort: readonly SortKey[] = [{ key: 'name', direction: 'asc' }];

/** @throws GlanceError `usage.unsupported` for a key that Glance does not sort by */
export function checkSortKeys(sort: readonly SortKey[]): void {
  for (const { key } of sort) {
    if (!sortKeys.has(key)) {
      throw new GlanceError('usage.unsupported', `Glance cannot sort by ${key}`, {
        hint: `it sorts by ${[...sortKeys].join(', ')}`,
      });
    }
  }
}
