// Reads FILE.json beside an image file: the image model, whole or in part, written by hand or by a stranger.
import { GlanceError } from '../errors.ts';
import type { Image } from './image.ts';

const maxIdLength = 255;

type Check = readonly [isValid: (value: unknown) => boolean, expected: string];

const text: Check = [(value) => value === null || typeof value === 'string', 'text'];
const flag: Check = [(value) => value === null || typeof value === 'boolean', 'true or false'];
const count: Check = [isCount, 'a whole number that is not negative'];
const time: Check = [isTime, 'a time in UTC, as 2026-11-23T11:52:28Z'];
const words: Check = [(value) => value === null || isTextList(value), 'a list of text'];

const checks: Readonly<Record<keyof Image, Check>> = {
  id: [isId, 'an id: text, all of it Unicode, without control characters or slashes'],
  name: text,
  status: text,
  visibility: text,
  disk_format: text,
  container_format: text,
  size: count,
  virtual_size: count,
  checksum: [
    (value) => value === null || (typeof value === 'string' && /^[0-9a-f]{32}$/.test(value)),
    'an MD5 in lower case',
  ],
  os_hash_algo: text,
  os_hash_value: text,
  os_hidden: flag,
  min_disk: count,
  min_ram: count,
  owner: text,
  protected: flag,
  tags: [isTextList, 'a list of text'],
  created_at: time,
  updated_at: time,
  deleted_at: time,
  direct_url: text,
  locations: [(value) => value === null || isLocationList(value), 'a list of objects with "url" and "metadata"'],
  stores: words,
  properties: [isProperties, 'an object of texts'],
};

/**
 * Parses a sidecar. The result has the keys that the file has, null included; keys that an image does not have are left
 * out.
 * @param file path, for messages
 * @throws GlanceError `json.invalid` if it is not JSON, `metadata.invalid` for an impossible value
 */
export function parseSidecar(source: string, file: string): Partial<Image> {
  const value = parseJson(source, file);
  if (!isObject(value))
    throw new GlanceError('metadata.invalid', `${file}: not the metadata of an image: it has to be an object`);
  const image: Record<string, unknown> = {};
  for (const [key, [isValid, expected]] of Object.entries(checks)) {
    if (!Object.hasOwn(value, key)) continue;
    if (!isValid(value[key])) throw new GlanceError('metadata.invalid', `${file}: "${key}" is not ${expected}`);
    // A property may be called `__proto__`: without a prototype, that is a key like any other.
    image[key] = key === 'properties' ? Object.assign(Object.create(null), value[key]) : value[key];
  }
  return image;
}

function parseJson(source: string, file: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch (error) {
    throw new GlanceError('json.invalid', `${file}: not JSON`, { cause: error });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): boolean {
  if (value === null) return true;
  return typeof value === 'string' && value !== '' && value.length <= maxIdLength && !/[\p{Cc}\p{Cs}/]/u.test(value);
}

function isCount(value: unknown): boolean {
  return value === null || (Number.isSafeInteger(value) && Number(value) >= 0);
}

function isTime(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value)) return false;
  return !Number.isNaN(Date.parse(value));
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isLocationList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isLocation);
}

function isLocation(value: unknown): boolean {
  return isObject(value) && typeof value['url'] === 'string' && isObject(value['metadata']);
}

function isProperties(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((item) => item === null || typeof item === 'string');
}
