// Parses API v2 records, lists, members and stores from JSON.
import { isDigestHex } from '../../digests.ts';
import { GlanceError } from '../../errors.ts';
import { checkIdentity } from '../asked-id.ts';
import { type Image, imageKeys, type ImageLocation, type Member, type Store } from '../image.ts';
import { isObject, type JsonObject, listOf, propertyText, recordsOf, toProperties } from '../record-json.ts';
import { type OddField, OddRecordError, showValue } from '../odd-record.ts';
import { keepOddOnes, type Page } from '../paging.ts';
import { parseTimestamp } from '../timestamp.ts';

/** Keys that are not custom properties. Everything else in a record is one: API v2 does not separate them. */
const ownKeys: ReadonlySet<string> = new Set([
  ...imageKeys.filter((key) => key !== 'properties'),
  'self',
  'file',
  'schema',
]);

/**
 * Parses the image from `GET /v2/images/{id}`.
 * @throws GlanceError `json.invalid` if the value is not an object
 * @throws OddRecordError if a field has another type than the API specifies, or is out of range
 */
export function parseV2Image(value: unknown): Image {
  if (!isObject(value)) throw new GlanceError('json.invalid', 'the answer is not an image');
  const read = new RecordReader(value);
  const image: Image = {
    id: read.id(),
    name: read.text('name'),
    status: read.text('status'),
    visibility: read.text('visibility'),
    disk_format: read.text('disk_format'),
    container_format: read.text('container_format'),
    size: read.count('size'),
    virtual_size: read.count('virtual_size'),
    checksum: read.checksum(),
    os_hash_algo: read.text('os_hash_algo'),
    os_hash_value: read.text('os_hash_value')?.toLowerCase() ?? null,
    os_hidden: read.boolean('os_hidden'),
    min_disk: read.count('min_disk'),
    min_ram: read.count('min_ram'),
    owner: read.text('owner'),
    protected: read.boolean('protected'),
    tags: read.texts('tags'),
    created_at: read.time('created_at'),
    updated_at: read.time('updated_at'),
    deleted_at: read.time('deleted_at'),
    direct_url: read.text('direct_url'),
    locations: read.locations(),
    stores: read.text('stores')?.split(',') ?? null,
    properties: read.properties(),
  };
  if (read.odd.length > 0) throw new OddRecordError(image, read.odd);
  return image;
}

/**
 * Parses the records of one page, and whether the server says that there are more.
 * @throws GlanceError `json.invalid`
 */
export function parseV2Page(value: unknown): Page {
  const images = keepOddOnes(recordsOf(value, 'v2'), parseV2Image);
  const next = isObject(value) ? value['next'] : undefined;
  return { images, more: typeof next === 'string' };
}

/**
 * Parses the members from `GET /v2/images/{id}/members`.
 * @throws GlanceError `json.invalid`; `metadata.invalid` for members of another image
 */
export function parseV2Members(value: unknown, imageId: string): readonly Member[] {
  return listOf(value, 'members', 'v2').map((entry) => {
    const object = isObject(entry) ? entry : {};
    const memberId = object['member_id'];
    if (typeof memberId !== 'string') {
      throw new GlanceError('json.invalid', 'the list of members holds an entry without an id');
    }
    if (typeof object['image_id'] === 'string') checkIdentity(imageId, object['image_id']);
    const text = (key: string): string | null => (typeof object[key] === 'string' ? object[key] : null);
    return {
      image_id: imageId,
      member_id: memberId,
      status: text('status'),
      can_share: null,
      created_at: parseTimestamp(text('created_at') ?? ''),
      updated_at: parseTimestamp(text('updated_at') ?? ''),
    };
  });
}

/** Parses the stores from `GET /v2/info/stores`, where `default` is text. @throws GlanceError `json.invalid` */
export function parseStores(value: unknown): readonly Store[] {
  return listOf(value, 'stores', 'v2').map((entry) => {
    const object = isObject(entry) ? entry : {};
    const { id, description } = object;
    if (typeof id !== 'string')
      throw new GlanceError('json.invalid', 'the list of stores holds an entry without an id');
    return {
      id,
      description: typeof description === 'string' ? description : null,
      default: String(object['default']) === 'true',
    };
  });
}

/** Reads fields. A malformed one becomes null and is noted in `odd`. */
class RecordReader {
  readonly #record: JsonObject;
  readonly odd: OddField[] = [];

  constructor(record: JsonObject) {
    this.#record = record;
  }

  id(): string {
    const id = this.#record['id'];
    if (typeof id === 'string' && id !== '') return id;
    this.#note('id', id === undefined ? 'is missing' : `is not an id: ${showValue(id)}`);
    return '';
  }

  text(key: string): string | null {
    const value = this.#record[key] ?? null;
    if (value === null || typeof value === 'string') return value;
    return this.#note(key, `is not text: ${showValue(value)}`);
  }

  /** A whole number ≥ 0. Not one that JSON.parse had to round, which would be wrong without any warning. */
  count(key: string): number | null {
    const value = this.#record[key] ?? null;
    if (value === null) return null;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    return this.#note(key, `is not an exact number: ${showValue(value)}`);
  }

  boolean(key: string): boolean | null {
    const value = this.#record[key] ?? null;
    if (value === null || typeof value === 'boolean') return value;
    return this.#note(key, `is neither true nor false: ${showValue(value)}`);
  }

  checksum(): string | null {
    const text = this.text('checksum')?.trim().toLowerCase() ?? null;
    if (text === null || text === '') return null;
    return isDigestHex('md5', text) ? text : this.#note('checksum', `is not an MD5: ${showValue(text)}`);
  }

  time(key: string): string | null {
    const text = this.text(key);
    if (text === null) return null;
    return parseTimestamp(text) ?? this.#note(key, `is not a time: ${showValue(text)}`);
  }

  texts(key: string): readonly string[] {
    const value = this.#record[key];
    if (value === undefined) return [];
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    this.#note(key, `is not a list of text: ${showValue(value)}`);
    return [];
  }

  locations(): readonly ImageLocation[] | null {
    const value = this.#record['locations'] ?? null;
    if (value === null) return null;
    const list = Array.isArray(value) ? value.flatMap((entry) => toLocation(entry) ?? []) : [];
    // The message does not show the value, which may contain credentials.
    if (!Array.isArray(value) || list.length < value.length) return this.#note('locations', 'is not a list of places');
    return list;
  }

  properties(): Image['properties'] {
    const properties: [string, string | null][] = [];
    // `Object.entries` would create an array for each field of each image.
    for (const key of Object.keys(this.#record)) {
      if (ownKeys.has(key)) continue;
      const text = propertyText(this.#record[key]);
      if (text === undefined) this.#note(key, 'is nested too deeply');
      else properties.push([key, text]);
    }
    return toProperties(properties);
  }

  #note(key: string, reason: string): null {
    this.odd.push({ key, reason });
    return null;
  }
}

function toLocation(entry: unknown): ImageLocation | null {
  const { url, metadata = null } = isObject(entry) ? entry : {};
  if (typeof url !== 'string' || (metadata !== null && !isObject(metadata))) return null;
  return { url, metadata: metadata ?? {} };
}
