// Decides which parts of a list query API v1 answers itself, and which it cannot answer.
import { GlanceError } from '../../errors.ts';
import { ownFilter } from '../own-filter.ts';
import type { ListedRecord } from '../paging.ts';
import type { ListQuery, SortKey } from '../service.ts';
import { checkSortKeys, defaultSort } from '../sort.ts';

interface V1Query {
  /** Parameters for the server, without `limit` and `marker`. */
  readonly parameters: ReadonlyMap<string, string>;
  /** `parameters` without those that test fields of records, for a server that refuses them. */
  readonly bareParameters: ReadonlyMap<string, string>;
  /** Whether a listed image matches the query; null if every image does. */
  readonly matches: ((record: ListedRecord) => boolean) | null;
}

/** Parameters that decide which images are listed at all, and in which order. */
const keptNames: ReadonlySet<string> = new Set(['is_public', 'sort_key', 'sort_dir']);

/**
 * Translates a query. v1 cannot filter by owner, dates or private visibility, but every record contains these exactly.
 * @throws GlanceError `usage.unsupported` for tags, hidden images, member status, and sort keys that v1 does not know
 */
export function translateQuery(query: ListQuery): V1Query {
  refuseUnknown(query);
  const parameters = new Map<string, string>();
  const set = (name: string, value: string | number | boolean | undefined): void => {
    if (value !== undefined) parameters.set(name, String(value));
  };
  set('name', query.name);
  set('status', query.status);
  set('disk_format', query.diskFormat);
  set('container_format', query.containerFormat);
  set('size_min', query.sizeMin);
  set('size_max', query.sizeMax);
  set('protected', query.protected);
  // Works for administrators; other users are shown what they may see anyway.
  if (query.visibility === 'all') set('is_public', 'None');
  for (const [key, value] of query.properties ?? []) parameters.set(`property-${key}`, value);
  const { key, direction } = sortOf(query.sort ?? defaultSort);
  set('sort_key', key);
  set('sort_dir', direction);
  const bareParameters = new Map([...parameters].filter(([name]) => keptNames.has(name)));
  return { parameters, bareParameters, matches: ownFilter(query) };
}

function refuseUnknown(query: ListQuery): void {
  const unsupported: [string, boolean][] = [
    ['`tags`', (query.tags?.length ?? 0) > 0],
    ['`hidden`', query.hidden === true],
    ['`memberStatus`', query.memberStatus !== undefined],
    ['`visibility: shared`', query.visibility === 'shared'],
    ['`visibility: community`', query.visibility === 'community'],
  ];
  for (const [option, isSet] of unsupported) {
    if (isSet)
      throw new GlanceError('usage.unsupported', `Images API v1 cannot answer ${option}`, { hint: 'leave it out' });
  }
}

function sortOf(sort: readonly SortKey[]): SortKey {
  const [first, second] = sort;
  if (first === undefined || second !== undefined) {
    throw new GlanceError('usage.unsupported', 'Images API v1 sorts by one key', { hint: 'give `sort` one key' });
  }
  checkSortKeys(sort);
  return first;
}
