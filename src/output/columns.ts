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
  /** The column with the largest number yields first on a narrow terminal; 1 never does. */
  readonly priority: number;
  /** Never cut: half an id is none. Numbers are not cut either. */
  readonly whole?: boolean;
  /** Of the last column: text there is no room for goes on below itself rather than being cut. */
  readonly wraps?: boolean;
  /** Shown with `--wide` only. */
  readonly extra?: boolean;
  /** The value as text; the default shows it as it is. */
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
 * What `-c` selects, in its order; the same name may come twice. Names are compared without case, with a blank or `-`
 * for `_`; what a table has at its head will do as well.
 * @param keys of a row, all of them
 * @param columns of the table that shows such rows
 * @throws GlanceError `usage.argument` for an unknown name, with the names there are
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

/** Properties are not known before there are rows; what is like no column may be one. */
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
 * What gives of each row just these keys, in this order; one that is selected twice is there once. Each is a copy of one that
 * has all the keys: to put a row together key by key takes fifteen times its memory.
 */
export function createPicker(selectors: readonly Selector[]): (row: Row) => Row {
  const unset: Row = Object.fromEntries(selectors.map(({ name }) => [name, null]));
  return (row) => {
    const picked: Record<string, unknown> = { ...unset };
    for (const { name, read } of selectors) picked[name] = read(row) ?? null;
    return picked;
  };
}
