// Columns: what a table shows, and what `-c` selects.
import { GlanceError } from '../errors.ts';
import { suggestNames } from '../text/nearest.ts';
import type { Style } from './style.ts';

/** Something printed: an image, a member, a result. */
export type Row = Readonly<Record<string, unknown>>;

/** A column of a table for people. */
export interface Column {
  readonly key: string;
  readonly label: string;
  readonly align?: 'left' | 'right';
  /** On a narrow terminal, the column with the highest number is dropped first; 1 never is. */
  readonly priority: number;
  /** Never cut, as part of an id is useless. Numbers are never cut either. */
  readonly whole?: boolean;
  /** For the last column: text that does not fit continues on the next line instead of being cut. */
  readonly wraps?: boolean;
  /** Shown only with `--wide`. */
  readonly extra?: boolean;
  /** Converts the value to text; by default, it is shown as it is. */
  readonly show?: (value: unknown, row: Row) => string;
  /** Colours the text of a cell, which is already escaped and cut. */
  readonly paint?: (text: string, value: unknown, style: Style) => string;
}

/** A key of a row, or one property as `properties.KEY`. */
export interface Selector {
  readonly name: string;
  readonly read: (row: Row) => unknown;
}

const nested = 'properties.';

/**
 * The keys that `-c` selects, in the order given; a name may occur twice. Names are compared without regard to case; a space or
 * `-` may replace `_`, and the heads of table columns work too.
 * @param keys all keys of a row
 * @param columns of the table that shows such rows
 * @throws GlanceError `usage.argument` for an unknown name; the message lists the known ones
 */
export function selectKeys(
  keys: readonly string[],
  selected: readonly string[],
  columns: readonly Column[] = [],
): readonly Selector[] {
  return selected.map((name) => {
    const wanted = normalize(name);
    const key =
      keys.find((candidate) => candidate === wanted) ?? columns.find(({ label }) => normalize(label) === wanted)?.key;
    if (key !== undefined) return { name: key, read: (row) => row[key] };
    if (wanted.startsWith(nested) && keys.includes('properties'))
      return propertySelector(name.trim().slice(nested.length));
    const there = `there are ${keys.join(', ')}${keys.includes('properties') ? ', and properties.KEY' : ''}`;
    const meant =
      suggestNames(wanted, [...keys, ...columns.map(({ label }) => normalize(label))]) ?? asProperty(name, keys);
    throw new GlanceError('usage.argument', `there is no column "${name}"`, {
      hint: meant === null ? there : `${meant} ${there}`,
    });
  });
}

/** Properties are unknown before there are rows, so a name that resembles no column may be one. */
function asProperty(name: string, keys: readonly string[]): string | null {
  return keys.includes('properties') ? `a property of that name is ${nested}${name.trim()};` : null;
}

function normalize(name: string): string {
  return name.trim().toLowerCase().replace(/[\s-]/g, '_');
}

function propertySelector(key: string): Selector {
  const read = (row: Row): unknown => {
    const properties = row['properties'];
    const isThere = typeof properties === 'object' && properties !== null && Object.hasOwn(properties, key);
    return isThere ? (properties as Row)[key] : null;
  };
  return { name: `${nested}${key}`, read };
}

/**
 * Creates a function that reduces each row to these keys, in this order and without duplicates. It copies a row that
 * has all the keys: putting a row together key by key takes fifteen times its memory.
 */
export function createPicker(selectors: readonly Selector[]): (row: Row) => Row {
  const unset: Row = Object.fromEntries(selectors.map(({ name }) => [name, null]));
  return (row) => {
    const picked: Record<string, unknown> = { ...unset };
    for (const { name, read } of selectors) picked[name] = read(row) ?? null;
    return picked;
  };
}
