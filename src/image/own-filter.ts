// Which records of an answer a query means, decided here: servers ignore filters that they do not know.
import { parsePattern } from '../text/pattern.ts';
import { type Image, imageKeys } from './image.ts';
import { OddRecordError } from './odd-record.ts';
import type { ListedRecord } from './paging.ts';
import type { ListQuery } from './service.ts';

/** What a filter wants of one key. */
export interface FieldTest {
  readonly key: keyof Image;
  readonly holds: (image: Image) => boolean;
}

/** What odd fields are called on the wire of API v1. */
const wireKeys: Partial<Record<keyof Image, string>> = { visibility: 'is_public', direct_url: 'location' };

/**
 * Whether a record is one that the query means; null where any is. Only what a record tells is looked at: who else may see
 * the image (`memberStatus`) it does not. A record that cannot be read whole stays, unless what can be read of it says that
 * it is not meant.
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
  // Who does not say is given the benefit of the doubt.
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

/** As in a selection, a name that is just what a pattern is written as is meant too. */
function nameTest(word: string): FieldTest['holds'] {
  const [pattern, folded] = [parsePattern(word), word.toLowerCase()];
  const isMeant = pattern?.matches ?? ((name) => name.toLowerCase().includes(folded));
  return ({ name }) => name !== null && (name === word || isMeant(name));
}

function addPlain(tests: FieldTest[], key: keyof Image, value: string | undefined): void {
  if (value !== undefined && !isOperator(value)) tests.push({ key, holds: (image) => image[key] === value });
}

/** API v2 takes `in:active,queued`: what that comes to is the server's to say. */
function isOperator(value: string): boolean {
  return /^(?:in|eq|neq|gte?|lte?):/.test(value);
}

/** Compares by time, not by text, and by whole seconds, as API v2 does. */
function isSince(time: string | null, since: string): boolean {
  return time !== null && Date.parse(time) >= Date.parse(withoutFraction(since));
}

/** A time without fractions of a second, which v2 refuses. */
export function withoutFraction(time: string): string {
  return time.replace(/\.\d+/, '');
}
