// Records with malformed fields. They affect only themselves: a list continues, and what can be read is kept.
import { GlanceError, PartialError } from '../errors.ts';
import { countOf } from '../text/count.ts';
import type { Image } from './image.ts';

/** A field of a record that cannot be read. */
export interface OddField {
  readonly key: string;
  /** What is wrong with it, after its name: `is not a number: "ten"`. Bounded. */
  readonly reason: string;
}

/** Called with each record of a list that cannot be read completely. */
export type OnOdd = (odd: OddRecordError) => void;

/** Maximum number of characters of a server's text to quote in a message. */
const maxShown = 80;
/** Maximum number of fields of a record to name in a message. */
const maxNamed = 8;

/** The error for a record with unreadable fields, `metadata.invalid`. */
export class OddRecordError extends GlanceError {
  override readonly name = 'OddRecordError';
  /** What can be read of the record; odd fields are unset. Its id is empty if that cannot be read. */
  readonly image: Image;
  /** At least one. */
  readonly fields: readonly OddField[];

  constructor(image: Image, fields: readonly OddField[]) {
    super('metadata.invalid', `the record of ${describe(image)} is malformed: ${listFields(fields)}`, {
      image: image.id === '' ? undefined : image.id,
      hint: 'ask whoever runs the server to correct the record',
    });
    this.image = image;
    this.fields = fields;
  }
}

function describe({ id, name }: Image): string {
  const shown = name === null ? null : `"${cut(name)}"`;
  if (id === '') return `an image without an id${shown === null ? '' : `, ${shown}`}`;
  return `image ${cut(id)}${shown === null ? '' : ` (${shown})`}`;
}

function listFields(fields: readonly OddField[]): string {
  const named = fields.slice(0, maxNamed).map(({ key, reason }) => `${cut(key)} ${reason}`);
  const more = fields.length - named.length;
  return [...named, ...(more > 0 ? [`and ${String(more)} more`] : [])].join('; ');
}

function cut(text: string): string {
  return text.length <= maxShown ? text : `${text.slice(0, maxShown)}…`;
}

/** A record's value for a message: if it is large or nested, only its kind. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return `"${cut(value)}"`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** Fields that say nothing about an image's data, so that the data is usable without them. */
const harmlessFields: ReadonlySet<string> = new Set<keyof Image | 'is_public' | 'location'>([
  'visibility',
  'is_public',
  'location',
  'virtual_size',
  'os_hidden',
  'min_disk',
  'min_ram',
  'owner',
  'protected',
  'tags',
  'created_at',
  'updated_at',
  'deleted_at',
  'direct_url',
  'locations',
  'stores',
]);

/**
 * The image of a record whose odd fields say nothing about its data, with a warning.
 * @throws any other error
 */
export function bearOddRecord(error: unknown, warn: (message: string) => void): Image {
  if (!(error instanceof OddRecordError) || !error.fields.every(({ key }) => harmlessFields.has(key))) throw error;
  warn(error.message);
  return error.image;
}

/** The error for a list with unreadable records, once the others were yielded. */
export function oddRecordsError(odd: readonly OddRecordError[]): PartialError {
  const what = odd.length === 1 ? 'one record' : countOf(odd.length, 'record');
  return new PartialError(
    `${what} of the list could not be read`,
    odd.map(({ image, code, message }) => ({ image: image.id === '' ? (image.name ?? '') : image.id, code, message })),
    { hint: 'the others are not affected; ask whoever runs the server to correct the records' },
  );
}
