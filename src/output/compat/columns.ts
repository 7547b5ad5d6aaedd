// Names, selects and sorts columns like cliff, the library under `openstack`.
import { GlanceError } from '../../errors.ts';
import { compareCodePoints, isList, type PythonValue, repr } from './python.ts';

/** What is printed: names, and for each row one value per name. */
export interface Grid {
  readonly names: readonly string[];
  readonly rows: readonly (readonly PythonValue[])[];
}

/**
 * The columns that `-c` selects, in the grid's order rather than the user's. Names are compared without regard to case, a space
 * equals `_`, and unknown names are ignored.
 * @param selected null or empty for all
 * @throws GlanceError `usage.argument` if all names are unknown
 */
export function selectColumns(grid: Grid, selected: readonly string[] | null): Grid {
  if (selected === null || selected.length === 0) return grid;
  const wanted = new Set(selected.map(normalize));
  const isKept = grid.names.map((name) => wanted.has(normalize(name)));
  if (!isKept.includes(true)) {
    throw new GlanceError('usage.argument', `no recognized column names in ${repr(selected)}`, {
      hint: `there are ${grid.names.join(', ')}`,
    });
  }
  const keep = <T>(values: readonly T[]): T[] => values.filter((_value, index) => isKept[index] === true);
  return { names: keep(grid.names), rows: grid.rows.map(keep) };
}

function normalize(name: string): string {
  return name.toLowerCase().replaceAll(' ', '_');
}

/**
 * The rows in the order of `--sort-column`: the first name takes precedence, equal rows keep their order, and null
 * comes last (first when descending). Names that are not spelled exactly are ignored.
 */
export function sortRows(grid: Grid, columns: readonly string[], descending: boolean): Grid {
  const indexes = columns.map((name) => grid.names.indexOf(name)).filter((index) => index >= 0);
  const rows = grid.rows.toSorted((left, right) => {
    for (const index of indexes) {
      const order = compare(left[index] ?? null, right[index] ?? null);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
  return { names: grid.names, rows };
}

/** Compares two values of a column, null last. */
function compare(left: PythonValue, right: PythonValue): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  if (typeof left === 'string' && typeof right === 'string') return compareCodePoints(left, right);
  if (isList(left) && isList(right)) return compareLists(left, right);
  return Number(left) - Number(right);
}

function compareLists(left: readonly PythonValue[], right: readonly PythonValue[]): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const order = compare(left[index] ?? null, right[index] ?? null);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
