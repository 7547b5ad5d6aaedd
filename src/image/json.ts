// Reading JSON that a server sent: nothing is believed before it is looked at.
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
 * A custom property's value as text, which it always is in Glance; null is a property set to nothing.
 * @throws GlanceError `json.invalid` for one that is nested without end
 */
export function propertyText(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch {
    throw new GlanceError('json.invalid', 'a property is nested too deeply');
  }
}

/** Properties as a record. A property may be called `__proto__`: such a key must not reach a prototype. */
export function toProperties(properties: Iterable<readonly [string, string | null]>): Record<string, string | null> {
  const record = Object.create(null) as Record<string, string | null>;
  for (const [key, value] of properties) record[key] = value;
  return record;
}
