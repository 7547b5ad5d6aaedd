// Which records of an answer a query means, decided here.
import type { Image } from './image.ts';
import { OddRecordError } from './odd-record.ts';
import type { ListedRecord } from './paging.ts';

/** What a filter wants of one key. */
export interface FieldTest {
  readonly key: keyof Image;
  readonly holds: (image: Image) => boolean;
}

/** What odd fields are called on the wire of API v1. */
const wireKeys: Partial<Record<keyof Image, string>> = { visibility: 'is_public', direct_url: 'location' };

/**
 * A filter out of tests; null without any. A record that cannot be read whole stays, unless what can be read of it says
 * that it is not meant.
 */
export function allHold(tests: readonly FieldTest[]): ((record: ListedRecord) => boolean) | null {
  if (tests.length === 0) return null;
  return (record) => {
    if (!(record instanceof OddRecordError)) return tests.every(({ holds }) => holds(record));
    const odd = new Set(record.fields.map(({ key }) => key));
    return tests.every(({ key, holds }) => odd.has(key) || odd.has(wireKeys[key] ?? '') || holds(record.image));
  };
}
