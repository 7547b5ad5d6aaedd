// Converts single values to text.
import { toJson } from '../text/json.ts';

/** A value in a line of text: null is empty, objects and lists are compact JSON. */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : toJson(value);
}

/**
 * A value for people: like {@link toText}, but the items of a list are separated by commas. Empty if there is nothing.
 */
export function toReadable(value: unknown): string {
  return Array.isArray(value) ? value.map((item) => toText(item)).join(', ') : toText(value);
}
