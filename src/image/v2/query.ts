// Translates a list query into parameters of API v2: in today's syntax, in the old syntax, and with as few parameters as
// possible.
// See https://docs.openstack.org/api-ref/image/v2/#list-images
import { withoutFraction } from '../own-filter.ts';
import type { ListQuery, SortKey } from '../service.ts';
import { checkSortKeys, defaultSort } from '../sort.ts';
import type { Parameters, Spelling } from '../spellings.ts';

/**
 * The query in each spelling, in the order in which to try them. Before Mitaka, Glance takes operators such as `eq:`
 * for part of the value; before Kilo, it takes `sort` for a property that no image has.
 * @throws GlanceError `usage.unsupported` for a sort key that v2 does not know
 */
export function v2Spellings(query: ListQuery): readonly Spelling[] {
  const { name, createdSince, updatedSince, hidden, memberStatus, visibility, sort } = query;
  // When a query for recent images finds nothing, the old syntax, which lacks times, would list all images, unless it has a
  // name. And a server that can hide images also understands operators.
  const isCheap = hidden !== true && (name !== undefined || (createdSince ?? updatedSince) === undefined);
  const { createdSince: _created, updatedSince: _updated, name: _name, ...timeless } = query;
  const plainName: Parameters = name === undefined ? [] : [['name', name]];
  return [
    { parameters: toV2Parameters(query), doubtsNothing: false },
    { parameters: [...plainName, ...inOldOrder(timeless)], doubtsNothing: isCheap },
    { parameters: inOldOrder({ hidden, memberStatus, visibility, sort }), doubtsNothing: false },
  ];
}

function inOldOrder(query: ListQuery): Parameters {
  const others = toV2Parameters(query).filter(([name]) => name !== 'sort');
  const sort = (query.sort ?? defaultSort).flatMap(({ key, direction }) => [
    ['sort_key', key] as const,
    ['sort_dir', direction] as const,
  ]);
  return [...others, ...sort];
}

/**
 * Translates a query into parameters, without `limit` and `marker`.
 * @throws GlanceError `usage.unsupported` for a sort key that v2 does not know
 */
export function toV2Parameters(query: ListQuery): Parameters {
  const parameters: [string, string][] = [];
  const add = (name: string, value: string | number | boolean | undefined): void => {
    if (value !== undefined) parameters.push([name, String(value)]);
  };
  // Without the operator, the part of a name before a colon would be taken for one.
  add('name', query.name === undefined ? undefined : `eq:${query.name}`);
  add('status', query.status);
  add('visibility', query.visibility);
  add('owner', query.owner);
  add('member_status', query.memberStatus);
  add('disk_format', query.diskFormat);
  add('container_format', query.containerFormat);
  add('size_min', query.sizeMin);
  add('size_max', query.sizeMax);
  add('protected', query.protected);
  add('os_hidden', query.hidden === true ? true : undefined);
  add('created_at', query.createdSince === undefined ? undefined : `gte:${withoutFraction(query.createdSince)}`);
  add('updated_at', query.updatedSince === undefined ? undefined : `gte:${withoutFraction(query.updatedSince)}`);
  for (const tag of query.tags ?? []) add('tag', tag);
  for (const [key, value] of query.properties ?? []) add(key, value);
  add('sort', sortText(query.sort ?? defaultSort));
  return parameters;
}

/** Always writes the direction, since v2 sorts in descending order by default. */
function sortText(sort: readonly SortKey[]): string {
  checkSortKeys(sort);
  return sort.map(({ key, direction }) => `${key}:${direction}`).join(',');
}
