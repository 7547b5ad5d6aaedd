// Decides which images pass the filters of an API v2 list, and refuses malformed filters.
import type { CatalogImage } from '../images/catalog.ts';
import type { ErrorAnswer } from '../answers/failure.ts';
import { parseInteger, type Pairs } from '../images/pairs.ts';
import { parseSince, toV1Time } from '../images/time.ts';
import { isGone, type View } from '../images/visibility.ts';
import { badRequest, valuesOf } from './query.ts';
import { splitList, splitOperator } from './operators.ts';

type Test = (entry: CatalogImage) => boolean;
type Refusal = { readonly failure: ErrorAnswer };

/** The test that valid filters make. */
interface V2Filter {
  readonly matches: Test;
}

/** Parameters that are not filters, or are handled elsewhere. */
const others: ReadonlySet<string> = new Set([
  'limit',
  'marker',
  'sort',
  'sort_key',
  'sort_dir',
  'tag',
  'deleted',
  'os_hidden',
]);

/**
 * Makes one test from all filters. Hidden images appear only with `os_hidden=true`, deleted ones never. An unknown
 * filter is a custom property.
 * @see recorded exchanges `list-filter-*`; Glance 25, glance/db/sqlalchemy/api.py _make_conditions_from_filters
 */
export function makeV2Filter(pairs: Pairs, view: View): V2Filter | Refusal {
  const parameters = new Map(pairs);
  const tests: Test[] = [(entry) => !isGone(entry), makeVisibility(parameters.get('visibility'), view)];
  const isHidden = readFlag('os_hidden', parameters.get('os_hidden') ?? 'false');
  if (typeof isHidden === 'object') return isHidden;
  tests.push(({ image }) => (image.os_hidden ?? false) === isHidden);
  const tags = new Set(valuesOf(pairs, 'tag').map((tag) => tag.trim()));
  for (const tag of tags) tests.push(({ image }) => image.tags.includes(tag));
  for (const [name, value] of parameters) {
    if (others.has(name)) continue;
    const test = makeTest(name, value);
    if (typeof test === 'object') return test;
    tests.push(test);
  }
  return { matches: (entry) => tests.every((test) => test(entry)) };
}

/** Without a token, a client sees public images, and community images if it asks for them. */
function makeVisibility(wanted: string | undefined, view: View): Test {
  const isCommunityShown = wanted === 'community' || wanted === 'all';
  return ({ image }) =>
    view === 'everything' || image.visibility === 'public' || (isCommunityShown && image.visibility === 'community');
}

function makeTest(name: string, value: string): Test | Refusal {
  switch (name) {
    case 'visibility':
      return makeVisibilityTest(value);
    case 'member_status':
      // This filter does not apply to the client's own images, and here all images count as its own.
      return /^(?:pending|accepted|rejected|all)$/.test(value) ? () => true : badRequest(`Invalid status: ${value}`);
    case 'protected':
      return makeFlagTest(value);
    case 'changes-since':
      return badRequest('The "changes-since" filter is no longer available on v2.');
    case 'name':
    case 'id':
    case 'status':
    case 'container_format':
    case 'disk_format':
      return makeListTest(name, value);
    case 'created_at':
    case 'updated_at':
      return makeTimeTest(name, value);
    case 'owner':
    case 'checksum':
    case 'os_hash_algo':
    case 'os_hash_value':
      return ({ image }) => image[name] === value;
    case 'size':
    case 'virtual_size':
    case 'min_disk':
    case 'min_ram':
      return makeNumberTest(name, parseInteger(value));
    default:
      return makeRangeTest(name, value) ?? makePropertyTest(name, value);
  }
}

function makeVisibilityTest(value: string): Test | Refusal {
  if (value === 'all') return () => true;
  if (!/^(?:community|public|private|shared)$/.test(value)) return badRequest(`Invalid visibility value: ${value}`);
  return ({ image }) => (image.visibility ?? 'private') === value;
}

function readFlag(name: string, value: string): boolean | Refusal {
  if (value === 'true' || value === 'false') return value === 'true';
  return badRequest(`Invalid value '${value}' for '${name}' filter. Valid values are 'true' or 'false'.`);
}

function makeFlagTest(value: string): Test | Refusal {
  const flag = readFlag('protected', value);
  return typeof flag === 'object' ? flag : ({ image }) => (image.protected ?? false) === flag;
}

function makeListTest(
  name: 'name' | 'id' | 'status' | 'container_format' | 'disk_format',
  text: string,
): Test | Refusal {
  const { operator, operand } = splitOperator(text);
  if (operator === 'eq') return ({ image }) => image[name] === operand;
  if (operator !== 'in') return badRequest(`Unable to filter by unknown operator '${operator}'.`);
  const list = splitList(operand);
  if ('failure' in list) return list;
  const values = new Set<string | null>(list.values);
  return ({ image }) => values.has(image[name]);
}

const comparisons: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
};

function makeTimeTest(name: 'created_at' | 'updated_at', text: string): Test | Refusal {
  const { operator, operand } = splitOperator(text);
  const time = parseSince(operand);
  if (time === null) return badRequest(`Bad "${name}" query filter format. Use ISO 8601 DateTime notation.`);
  const compare = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (compare === undefined) return badRequest('Unable to filter on a unknown operator.');
  return ({ image }) => image[name] !== null && compare(toV1Time(image[name]), time);
}

/** If the value is not a number, no image matches. */
function makeNumberTest(name: 'size' | 'virtual_size' | 'min_disk' | 'min_ram', number: number | null): Test {
  return ({ image }) => number !== null && image[name] === number;
}

/** Undefined if the name is not that of a numeric filter. */
function makeRangeTest(name: string, text: string): Test | Refusal | undefined {
  const [, key, end] = /^(size|virtual_size|min_disk|min_ram)_(min|max)$/.exec(name) ?? [];
  if (key !== 'size' && key !== 'virtual_size' && key !== 'min_disk' && key !== 'min_ram') return undefined;
  const bound = parseInteger(text);
  if (bound === null) return badRequest('Unable to filter on a range with a non-numeric value.');
  return ({ image }) => {
    const value = image[key];
    return value !== null && (end === 'min' ? value >= bound : value <= bound);
  };
}

function makePropertyTest(name: string, value: string): Test {
  return ({ image }) => Object.hasOwn(image.properties, name) && image.properties[name] === value;
}
