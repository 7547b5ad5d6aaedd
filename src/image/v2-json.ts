// API v2 records, lists, members and stores from JSON.
import { GlanceError } from '../errors.ts';
import { type Image, imageKeys, type ImageLocation, type Member, type Store } from './image.ts';
import { isObject, type JsonObject, listOf, propertyText, toProperties } from './json.ts';
import type { Warn } from './service.ts';
import { parseTimestamp } from './timestamp.ts';

/** What is no custom property. Everything else in a record is one: API v2 does not keep them apart. */
const ownKeys: ReadonlySet<string> = new Set([
  ...imageKeys.filter((key) => key !== 'properties'),
  'self',
  'file',
  'schema',
]);

/**
 * The image of `GET /v2/images/{id}`.
 * @throws GlanceError `json.invalid`, `metadata.invalid`
 */
export function parseV2Image(value: unknown, warn: Warn): Image {
  if (!isObject(value)) throw new GlanceError('json.invalid', 'the answer is not an image');
  const read = new RecordReader(value, warn);
  const id = read.text('id');
  if (id === null) throw new GlanceError('metadata.invalid', 'the server sent an image without an id');
  return {
    id,
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
    properties: toProperties(
      Object.entries(value)
        .filter(([key]) => !ownKeys.has(key))
        .map(([key, property]) => [key, propertyText(property)] as const),
    ),
  };
}

/** The images of one page, and whether the server says that more follow. @throws GlanceError `json.invalid` */
export function parseV2Page(value: unknown, warn: Warn): { images: readonly Image[]; more: boolean } {
  const images = listOf(value, 'images', 'v2').map((entry) => parseV2Image(entry, warn));
  const next = isObject(value) ? value['next'] : undefined;
  return { images, more: typeof next === 'string' };
}

/** The members of `GET /v2/images/{id}/members`. @throws GlanceError `json.invalid` */
export function parseV2Members(value: unknown, imageId: string): readonly Member[] {
  return listOf(value, 'members', 'v2').map((entry) => {
    const object = isObject(entry) ? entry : {};
    const memberId = object['member_id'];
    if (typeof memberId !== 'string') {
      throw new GlanceError('json.invalid', 'the list of members holds an entry without an id');
    }
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

/** The stores of `GET /v2/info/stores`. `default` is text there. @throws GlanceError `json.invalid` */
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

class RecordReader {
  readonly #record: JsonObject;
  readonly #warn: Warn;

  constructor(record: JsonObject, warn: Warn) {
    this.#record = record;
    this.#warn = warn;
  }

  text(key: string): string | null {
    const value = this.#record[key] ?? null;
    if (value === null || typeof value === 'string') return value;
    throw new GlanceError('metadata.invalid', `the image's ${key} is not text`);
  }

  /** A whole number ≥ 0. One that JSON.parse had to round would be wrong without a word. */
  count(key: string): number | null {
    const value = this.#record[key] ?? null;
    if (value === null) return null;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw new GlanceError(
      'metadata.invalid',
      `the image's ${key} is not an exact number: ${JSON.stringify(value).slice(0, 80)}`,
    );
  }

  boolean(key: string): boolean | null {
    const value = this.#record[key] ?? null;
    if (value === null || typeof value === 'boolean') return value;
    this.#warn(`the image's ${key} is neither true nor false`);
    return null;
  }

  checksum(): string | null {
    const text = this.text('checksum')?.trim().toLowerCase() ?? null;
    if (text === null || text === '') return null;
    if (!/^[0-9a-f]{32}$/.test(text))
      throw new GlanceError('metadata.invalid', `the image's checksum is not an MD5: "${text}"`);
    return text;
  }

  time(key: string): string | null {
    const text = this.text(key);
    if (text === null) return null;
    const time = parseTimestamp(text);
    if (time === null) this.#warn(`the image's ${key} is not a time: "${text}"`);
    return time;
  }

  texts(key: string): readonly string[] {
    const value = this.#record[key] ?? [];
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw new GlanceError('metadata.invalid', `the image's ${key} are not a list of text`);
  }

  locations(): readonly ImageLocation[] | null {
    const value = this.#record['locations'];
    if (!Array.isArray(value)) return null;
    return value.filter(isObject).map(({ url, metadata }) => ({
      url: typeof url === 'string' ? url : '',
      metadata: isObject(metadata) ? metadata : {},
    }));
  }
}
