// Prints what `openstack image list` prints.
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { escapeControls } from '../../text/escape.ts';
import { renderBox } from './box.ts';
import { type Grid, selectColumns, sortRows } from './columns.ts';
import { type CsvQuote, dumpCsvLine } from './csv.ts';
import { dumpJson } from './json.ts';
import { compareCodePoints, type PythonDict, type PythonValue, str } from './python.ts';
import { sdkKeys, sdkNames, toSdkImage } from './sdk-image.ts';

type CompatListFormat = 'table' | 'json' | 'yaml' | 'csv' | 'value';

export interface CompatListOptions {
  readonly images: readonly Image[];
  readonly format: CompatListFormat;
  /** `--long`: 13 columns instead of 3. */
  readonly long: boolean;
  /** `-c`, see `selectColumns`; null or empty for all. */
  readonly selected: readonly string[] | null;
  /** `--sort`: `KEY[:asc|:desc],…`; `openstack` uses `name:asc` by default. Empty for the order of `images`. */
  readonly sort: string;
  /** `--sort-column`, spelled exactly as in the head of the table; others are ignored. */
  readonly sortColumns: readonly string[];
  /** `--sort-descending`; applies only to `sortColumns`. */
  readonly sortDescending: boolean;
  /** False for `--noindent`. */
  readonly indent: boolean;
  /** Maximum width of a table in cells: `--max-width`, or the terminal's width with `--fit-width`. Null for no limit. */
  readonly maxWidth: number | null;
  /** `--print-empty`: prints the head of a table without rows. */
  readonly printEmpty: boolean;
  readonly quote: CsvQuote;
  /** Whether it goes to a terminal. CSV, which is otherwise exact for programs, is escaped there. */
  readonly isTerminal: boolean;
}

const shortColumns = [
  ['ID', 'id'],
  ['Name', 'name'],
  ['Status', 'status'],
] as const;

const longColumns = [
  ['ID', 'id'],
  ['Name', 'name'],
  ['Disk Format', 'disk_format'],
  ['Container Format', 'container_format'],
  ['Size', 'size'],
  ['Checksum', 'checksum'],
  ['Status', 'status'],
  ['Visibility', 'visibility'],
  ['Protected', 'protected'],
  ['Project', 'owner'],
  ['Hash Algorithm', 'os_hash_algo'],
  ['Hash Value', 'os_hash_value'],
  ['Tags', 'tags'],
] as const;

/**
 * The list as `openstack image list` prints it. The difference: control characters are escaped in tables and values,
 * and in values so are line feeds.
 * @throws GlanceError `usage.argument` if `-c` selects nothing or `--sort` is malformed
 */
export async function renderCompatList(options: CompatListOptions): Promise<string> {
  const columns = options.long ? longColumns : shortColumns;
  const images = sortImages(options.images.map(toSdkImage), options.sort);
  const whole = {
    names: columns.map(([name]) => name),
    rows: images.map((image) => columns.map(([, key]) => image.get(key) ?? null)),
  };
  const sorted = sortRows(whole, options.sortColumns, options.sortDescending);
  return await renderGrid(selectColumns(sorted, options.selected), options);
}

async function renderGrid(grid: Grid, options: CompatListOptions): Promise<string> {
  const { names, rows } = grid;
  switch (options.format) {
    case 'table':
      return await renderTable(grid, options);
    case 'json':
      return dumpJson(toDicts(grid), options.indent);
    case 'yaml':
      return (await import('./yaml.ts')).dumpYaml(toDicts(grid));
    case 'csv':
      return [names, ...rows].map((row) => csvLine(row, options)).join('');
    case 'value':
      break;
  }
  return rows.map((row) => `${row.map((value) => escapeControls(str(value))).join(' ')}\n`).join('');
}

async function renderTable({ names, rows }: Grid, { maxWidth, printEmpty }: CompatListOptions): Promise<string> {
  if (rows.length === 0 && !printEmpty) return '\n';
  // The first row decides, even if it is the only one without a number.
  const aligns = names.map((_name, index) => (isNumber(rows[0]?.[index] ?? null) ? 'right' : 'left'));
  return await renderBox({ names, aligns, rows }, { maxWidth, leastColumn: 8 });
}

function isNumber(value: PythonValue): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function toDicts({ names, rows }: Grid): PythonDict[] {
  return rows.map((row) => new Map(names.map((name, index) => [name, row[index] ?? null])));
}

function csvLine(row: readonly PythonValue[], { quote, isTerminal }: CompatListOptions): string {
  const safe = (value: PythonValue): PythonValue => (typeof value === 'string' ? escapeControls(value) : value);
  return dumpCsvLine(isTerminal ? row.map(safe) : row, quote);
}

/** The SDK's names for keys of our model. */
const sortNames: Readonly<Record<string, string>> = {
  ...sdkNames,
  is_hidden: 'os_hidden',
  is_protected: 'protected',
  hash_algo: 'os_hash_algo',
  hash_value: 'os_hash_value',
  owner_id: 'owner',
};

/** Sorts everything as text: null as `None`, 10 before 9. Equal images keep their order. */
function sortImages(images: readonly PythonDict[], sort: string): readonly PythonDict[] {
  const keys = parseSort(sort);
  const texts = new Map(images.map((image) => [image, keys.map(({ key }) => str(image.get(key) ?? null))]));
  return images.toSorted((left, right) => {
    for (const [index, { descending }] of keys.entries()) {
      const order = compareCodePoints(texts.get(left)?.[index] ?? '', texts.get(right)?.[index] ?? '');
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
}

function parseSort(sort: string): { key: string; descending: boolean }[] {
  if (sort === '') return [];
  return sort
    .trim()
    .split(',')
    .map((part) => {
      const [name = '', direction = 'asc'] = part.split(/:(.*)/s);
      const key = Object.hasOwn(sortNames, name) ? (sortNames[name] ?? name) : name;
      if (!sdkKeys.includes(key)) throw new GlanceError('usage.argument', `images have no field "${name}" to sort by`);
      if (direction !== 'asc' && direction !== 'desc') {
        throw new GlanceError('usage.argument', `not a sort direction: "${direction}"`, { hint: 'use asc or desc' });
      }
      return { key, descending: direction === 'desc' };
    });
}
