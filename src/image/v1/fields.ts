// The fields of an API v1 image, and what their text may be. Shared by headers (all text) and lists (JSON).
import { isDigestHex } from '../../digests.ts';
import { checkIdentity } from '../asked-id.ts';
import type { Image } from '../image.ts';
import { toProperties } from '../record-json.ts';
import { type OddField, OddRecordError, showValue } from '../odd-record.ts';
import { parseTimestamp } from '../timestamp.ts';

/** A field's value as received: text from a header, or a JSON value. Undefined means absent. */
export type RawValue = string | number | boolean | null | undefined;

/** The raw fields of one image by name, in lower case and with underscores. */
export interface RawImage {
  readonly fields: ReadonlyMap<string, RawValue>;
  readonly properties: ReadonlyMap<string, string | null>;
  /** Fields that were found odd before. */
  readonly odd?: readonly OddField[];
  /** Whether the word `null` means null: the 2011 specification writes it, while real servers omit the field. */
  readonly nullIsWritten: boolean;
}

/** The fields of API v1; any other `x-image-meta-*` is a custom property. */
export const v1Fields: ReadonlySet<string> = new Set([
  'id',
  'name',
  'status',
  'size',
  'virtual_size',
  'checksum',
  'disk_format',
  'container_format',
  'min_disk',
  'min_ram',
  'is_public',
  'protected',
  'deleted',
  'owner',
  'created_at',
  'updated_at',
  'deleted_at',
  'location',
]);

/**
 * Builds the image that raw fields describe.
 * @param fallbackId the requested id, which the specification's examples do not repeat; null in lists
 * @throws GlanceError `metadata.invalid` for another id than the requested one
 * @throws OddRecordError if a field is malformed
 */
export function buildV1Image(raw: RawImage, fallbackId: string | null): Image {
  const reader = new FieldReader(raw);
  const id = reader.text('id') ?? fallbackId ?? '';
  if (fallbackId !== null) checkIdentity(fallbackId, id);
  if (id === '') reader.odd.push({ key: 'id', reason: 'is missing' });
  const isPublic = reader.boolean('is_public');
  const image: Image = {
    id,
    name: reader.text('name'),
    status: reader.text('status'),
    visibility: isPublic === null ? null : isPublic ? 'public' : 'private',
    disk_format: reader.text('disk_format'),
    container_format: reader.text('container_format'),
    size: reader.count('size'),
    virtual_size: reader.count('virtual_size'),
    checksum: reader.md5('checksum'),
    os_hash_algo: null,
    os_hash_value: null,
    os_hidden: null,
    min_disk: reader.count('min_disk'),
    min_ram: reader.count('min_ram'),
    owner: reader.text('owner'),
    protected: reader.boolean('protected'),
    tags: [],
    created_at: reader.time('created_at'),
    updated_at: reader.time('updated_at'),
    deleted_at: reader.time('deleted_at'),
    direct_url: reader.text('location'),
    stores: null,
    locations: null,
    properties: toProperties(raw.properties),
  };
  if (reader.odd.length > 0) throw new OddRecordError(image, reader.odd);
  return image;
}

/** Reads fields. A malformed one becomes null and is noted in `odd`. */
class FieldReader {
  readonly #raw: RawImage;
  readonly odd: OddField[];

  constructor(raw: RawImage) {
    this.#raw = raw;
    this.odd = [...(raw.odd ?? [])];
  }

  text(field: string): string | null {
    const value = this.#raw.fields.get(field);
    if (value === undefined || value === null || value === '') return null;
    if (value === 'null' && this.#raw.nullIsWritten) return null;
    return String(value);
  }

  /** A whole number ≥ 0. In JSON, sizes may be text as well. */
  count(field: string): number | null {
    const text = this.#word(field);
    if (text === null) return null;
    const number = /^\d{1,19}$/.test(text) ? Number(text) : Number.NaN;
    return Number.isSafeInteger(number) ? number : this.#note(field, `is not an exact number: ${showValue(text)}`);
  }

  boolean(field: string): boolean | null {
    const text = this.#word(field)?.toLowerCase() ?? null;
    if (text === null) return null;
    if (['true', '1', 'yes', 'on', 't', 'y'].includes(text)) return true;
    if (['false', '0', 'no', 'off', 'f', 'n'].includes(text)) return false;
    return this.#note(field, `is neither true nor false: ${showValue(text)}`);
  }

  md5(field: string): string | null {
    const text = this.#word(field)?.toLowerCase() ?? null;
    return text === null || isDigestHex('md5', text) ? text : this.#note(field, `is not an MD5: ${showValue(text)}`);
  }

  time(field: string): string | null {
    const text = this.#word(field);
    return text === null ? null : (parseTimestamp(text) ?? this.#note(field, `is not a time: ${showValue(text)}`));
  }

  /** A field that is not free text, so that `null` and `None` can only mean null. */
  #word(field: string): string | null {
    const text = this.text(field)?.trim() ?? null;
    return text === null || text === '' || /^(?:null|none)$/i.test(text) ? null : text;
  }

  #note(key: string, reason: string): null {
    this.odd.push({ key, reason });
    return null;
  }
}
