// A list query as the parameters of API v2. Everything is filtered by the server.
// See https://docs.openstack.org/api-ref/image/v2/#list-images
import type { ListQuery, SortKey } from './service.ts';
import { checkSortKeys, defaultSort } from './sort.ts';

/**
 * The parameters, without `limit` and `marker`.
 * @throws GlanceError `usage.unsupported` for a sort key that v2 does not know
 */
export function toV2Parameters(query: ListQuery): readonly (readonly [string, string])[] {
  const parameters: [string, string][] = [];
  const add = (name: string, value: string | number | boolean | undefined): void => {
    if (value !== undefined) parameters.push([name, String(value)]);
  };
  // Without the operator a name with a colon in it would be taken for one.
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

/** The direction is always written: without one v2 sorts downwards. */
function sortText(sort: readonly SortKey[]): string {
  checkSortKeys(sort);
  return sort.map(({ key, direction }) => `${key}:${direction}`).join(',');
}

/** v2 compares whole seconds and refuses fractions. */
function withoutFraction(time: string): string {
  return time.replace(/\.\d+/, '');
}
