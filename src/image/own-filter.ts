// Decides on the client's side which records match a query, since servers ignore filters that they do not know.
import { parsePattern } from '../text/pattern.ts';
import { type Image, imageKeys } from './image.ts';
import { OddRecordError } from './odd-record.ts';
import type { ListedRecord } from './paging.ts';
import type { ListQuery } from './service.ts';

/** A filter's requirement for one key. */
interface FieldTest {
  readonly key: keyof Image;
  readonly holds: (image: Image) => boolean;
}

/** The names of odd fields in API v1. */
const wireKeys: Partial<Record<keyof Image, string>> = { visibility: 'is_public', direct_url: 'location' };

/**
 * Decides whether a record matches the query; null if every record does. Considers only what a record contains, which
 * does not include who else may see the image (`memberStatus`). A record that cannot be read completely stays, unless the
 * rest of it shows that it does not match.
 */
export function ownFilter(query: ListQuery): ((record: ListedRecord) => boolean) | null {
  const tests = testsOf(query);
  if (tests.length === 0) return null;
  return (record) => {
    if (!(record instanceof OddRecordError)) return tests.every(({ holds }) => holds(record));
    const odd = new Set(record.fields.map(({ key }) => key));
    return tests.every(({ key, holds }) => odd.has(key) || odd.has(wireKeys[key] ?? '') || holds(record.image));
  };
}

/** The filter of a query that means every record. */
export function anyRecord(): boolean {
  return true;
}

function testsOf(query: ListQuery): readonly FieldTest[] {
  const { sizeMin, sizeMax, createdSince, updatedSince, visibility } = query;
  const tests: FieldTest[] = [];
  const add = (key: keyof Image, isWanted: boolean, holds: (image: Image) => boolean): void => {
    if (isWanted) tests.push({ key, holds });
  };
  add('name', query.name !== undefined, ({ name }) => name === query.name);
  for (const word of query.words ?? []) tests.push({ key: 'name', holds: nameTest(word) });
  addPlain(tests, 'status', query.status);
  addPlain(tests, 'owner', query.owner);
  addPlain(tests, 'disk_format', query.diskFormat);
  addPlain(tests, 'container_format', query.containerFormat);
  addPlain(tests, 'visibility', visibility === 'all' ? undefined : visibility);
  add('size', sizeMin !== undefined, ({ size }) => size !== null && size >= (sizeMin ?? 0));
  add('size', sizeMax !== undefined, ({ size }) => size !== null && size <= (sizeMax ?? 0));
  // A record that does not say gets the benefit of the doubt.
  add('protected', query.protected !== undefined, (image) => (image.protected ?? query.protected) === query.protected);
  add('os_hidden', query.hidden === true, (image) => image.os_hidden === true);
  add('created_at', createdSince !== undefined, (image) => isSince(image.created_at, createdSince ?? ''));
  add('updated_at', updatedSince !== undefined, (image) => isSince(image.updated_at, updatedSince ?? ''));
  for (const tag of query.tags ?? []) tests.push({ key: 'tags', holds: ({ tags }) => tags.includes(tag) });
  for (const [key, value] of query.properties ?? []) {
    const isOwn = imageKeys.some((each) => each === key);
    add('properties', !isOwn && !isOperator(value), ({ properties }) => properties[key] === value);
  }
  return tests;
}

/** As in a selection, a name that is literally the same as the pattern matches too. */
function nameTest(word: string): FieldTest['holds'] {
  const [pattern, folded] = [parsePattern(word), word.toLowerCase()];
  const isMeant = pattern?.matches ?? ((name) => name.toLowerCase().includes(folded));
  return ({ name }) => name !== null && (name === word || isMeant(name));
}

function addPlain(tests: FieldTest[], key: keyof Image, value: string | undefined): void {
  if (value !== undefined && !isOperator(value)) tests.push({ key, holds: (image) => image[key] === value });
}

/** API v2 accepts `in:active,queued`, whose meaning is left to the server. */
function isOperator(value: string): boolean {
  return /^(?:in|eq|neq|gte?|lte?):/.test(value);
}

/** Compares times, not texts, in whole seconds, as API v2 does. */
function isSince(time: string | null, since: string): boolean {
  return time !== null && Date.parse(time) >= Date.parse(withoutFraction(since));
}

/** A time without fractions of a second, which v2 refuses. */
export function withoutFraction(time: string): string {
  return time.replace(/\.\d+/, '');
}
