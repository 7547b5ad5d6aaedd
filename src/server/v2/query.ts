// Parses the query of an API v2 image list: order and page, and what is refused.
import { sortKeys } from '../../image/sort.ts';
import type { ErrorAnswer } from '../answers/failure.ts';
import { findSortKey, type SortRule } from '../images/sorting.ts';
import { defaultLimit, maxLimit, parseInteger, type Pairs } from '../images/pairs.ts';

/** An order, and the direction of whatever it leaves open. */
interface Order {
  readonly rules: readonly SortRule[];
  readonly rest: 'ascending' | 'descending';
}

type Refusal = { readonly failure: ErrorAnswer };

/** Parameters that may be given several times; of any other, the last one counts. */
const repeatable: ReadonlySet<string> = new Set(['tag', 'sort_key', 'sort_dir']);

/** A refusal with this explanation. */
export function badRequest(explanation: string): Refusal {
  return { failure: { status: 400, explanation } };
}

/** The values of a parameter, in order. */
export function valuesOf(pairs: Pairs, name: string): readonly string[] {
  return pairs.filter(([each]) => each === name).map(([, value]) => value);
}

/** The value of a parameter that counts only once. */
export function valueOf(pairs: Pairs, name: string): string | undefined {
  return valuesOf(pairs, name).at(-1);
}

/**
 * The requested order: from `sort`, or from `sort_key` and `sort_dir`, where a single direction applies to all keys. By
 * default, newest first; a key without a direction sorts in descending order.
 * @see recorded exchanges `list-sort-*`; Glance 25, glance/api/v2/images.py _get_sorting_params
 */
export function readOrder(pairs: Pairs): Order | Refusal {
  const sort = valueOf(pairs, 'sort');
  const [keys, directions] = [valuesOf(pairs, 'sort_key'), valuesOf(pairs, 'sort_dir')];
  if (sort === undefined) return toOrder(keys.map(trim), directions.map(trim));
  if (keys.length > 0 || directions.length > 0) return badRequest('Old and new sorting syntax cannot be combined');
  const parts = sort.trim().split(',').map(splitPart);
  return toOrder(
    parts.map(([key]) => key),
    parts.map(([, direction]) => direction),
  );
}

const trim = (text: string): string => text.trim();

function splitPart(part: string): readonly [key: string, direction: string] {
  const [key = '', ...rest] = part.split(':');
  const direction = rest.join(':');
  return [key.trim(), direction === '' ? 'desc' : direction.trim()];
}

function toOrder(names: readonly string[], directions: readonly string[]): Order | Refusal {
  const unknown = names.find((name) => findSortKey(name) === undefined);
  if (unknown !== undefined) {
    return badRequest(`Invalid sort key: ${unknown}. It must be one of the following: ${sortKeys.join(', ')}.`);
  }
  const wrong = directions.find((direction) => direction !== 'asc' && direction !== 'desc');
  if (wrong !== undefined) return badRequest(`Invalid sort direction: ${wrong}`);
  if (directions.length > 1 && directions.length !== names.length) {
    return badRequest('Number of sort dirs does not match the number of sort keys');
  }
  const [first = 'desc'] = directions;
  const keys = names.length === 0 ? ['created_at' as const] : names.flatMap((name) => findSortKey(name) ?? []);
  const all = keys.map((key, index) => ({ key, descending: (directions[index] ?? first) === 'desc' }));
  // A repeated key has nothing left to decide.
  const rules = all.filter(({ key }, index) => keys.indexOf(key) === index);
  return { rules, rest: directions.length === 1 && first === 'asc' ? 'ascending' : 'descending' };
}

/** The number of images requested: 0–1000. @see recorded exchanges `list-limit-*` */
export function readV2Limit(pairs: Pairs): number | Refusal {
  const text = valueOf(pairs, 'limit');
  if (text === undefined) return defaultLimit;
  const limit = parseInteger(text);
  if (limit === null) return badRequest('limit param must be an integer');
  return limit < 0 ? badRequest('limit param must be positive') : Math.min(limit, maxLimit);
}

/**
 * The path of a list with the same query and another marker; null for none. Parameters that may be repeated are kept, while a
 * real Glance keeps only the last of them.
 */
export function linkTo(pairs: Pairs, marker: string | null): string {
  const kept = pairs.filter(([name], index) => {
    if (name === 'marker') return false;
    return repeatable.has(name) || index === pairs.findLastIndex(([other]) => other === name);
  });
  const all = marker === null ? kept : [...kept, ['marker', marker] as const];
  const query = all.map(([name, value]) => `${quote(name)}=${quote(value)}`).join('&');
  return `/v2/images${query === '' ? '' : `?${query}`}`;
}

/** Quotes a query like Python's urllib. The text was decoded from UTF-8, so it can be encoded again. */
function quote(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
