// Reads JSON from a server without trusting any of it.
import { GlanceError } from '../errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The list under `key`.
 * @param api for the message, such as `v1`
 * @throws GlanceError `json.invalid` if there is none
 */
export function listOf(value: unknown, key: string, api: string): readonly unknown[] {
  const list = isObject(value) ? value[key] : undefined;
  if (!Array.isArray(list)) {
    throw new GlanceError('json.invalid', `the answer has no list of ${key}`, {
      hint: `is the endpoint that of an Images API ${api}?`,
    });
  }
  return list as readonly unknown[];
}

/**
 * The records of a list of images. One that is not an object counts as a record of which nothing can be read.
 * @throws GlanceError `json.invalid` if there is no list, or nothing in it is a record
 */
export function recordsOf(value: unknown, api: string): readonly JsonObject[] {
  const list = listOf(value, 'images', api);
  if (list.length > 0 && !list.some(isObject)) {
    throw new GlanceError('json.invalid', 'the list of images holds something that is not an image');
  }
  return list.map((entry) => (isObject(entry) ? entry : {}));
}

/**
 * A custom property's value as text, which in Glance it always is; null is a property set to nothing. Undefined if it is
 * nested too deeply.
 */
export function propertyText(value: unknown): string | null | undefined {
  if (value === null || typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** Properties as a record. A property may be called `__proto__`: such a key must not reach a prototype. */
export function toProperties(properties: Iterable<readonly [string, string | null]>): Record<string, string | null> {
  const record = Object.create(null) as Record<string, string | null>;
  for (const [key, value] of properties) record[key] = value;
  return record;
}
