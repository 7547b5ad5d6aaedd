// Renders results in every output format: exact data for programs, text that is safe for a terminal for people.
import { type Column, createPicker, type Row, type Selector, selectKeys } from './columns.ts';
import { csvLine } from './csv.ts';
import { escapeControls, escapeJson } from '../text/escape.ts';
import { renderRecord } from './record.ts';
import { renderTable, type TableOptions } from './table.ts';
import { toJson } from '../text/json.ts';
import { toText } from './text.ts';

export type { Column } from './columns.ts';

export type OutputFormat = 'table' | 'json' | 'ndjson' | 'yaml' | 'csv' | 'value';

interface RenderOptions extends TableOptions {
  /** Every key of a row, in order. */
  readonly keys: readonly string[];
  /** What `-c` selects, in order; null for everything (in tables: all columns that are not extra). */
  readonly selected: readonly string[] | null;
  readonly format: OutputFormat;
}

interface ListRenderOptions extends RenderOptions {
  readonly pages: Pages<object>;
  /** Columns of the table. Absent: none, for what is never printed as one. */
  readonly columns?: readonly Column[];
}

interface OneRenderOptions extends RenderOptions {
  readonly row: object;
}

/** How many rows to render and write at a time. Larger texts would become old at their first collection, and stay for long. */
const pieceRows = 50;

/** Rows, page by page, as they arrive or all there already. */
type Pages<R = Row> = AsyncIterable<readonly R[]> | Iterable<readonly R[]>;

/**
 * A list, in pieces as its pages arrive. An empty one is `[]` in JSON and YAML, the head in CSV, and nothing in other
 * formats.
 * @throws GlanceError `usage.argument` for an unknown column
 */
export async function* renderList(options: ListRenderOptions): AsyncGenerator<string> {
  const { keys, selected, format, columns: known = [] } = options;
  const selectors = selectKeys(keys, selected ?? keys, known);
  if (format === 'table') {
    const columns = selected === null ? known : toColumns(selectors, known);
    yield* renderTable(pickPages(options.pages as Pages, selectors), columns, options);
    return;
  }
  const rows = inPieces(options.pages as Pages);
  const pages = pickPages(rows, selectors);
  switch (format) {
    case 'json':
      yield* jsonArray(pages);
      return;
    case 'ndjson':
      for await (const page of pages) yield page.map((row) => `${escapeJson(toJson(row))}\n`).join('');
      return;
    case 'yaml':
      yield* yamlList(pages);
      return;
    case 'csv':
      yield csvHead(selectors, options);
      for await (const page of rows) yield page.map((row) => csvRow(cells(row, selectors), options)).join('');
      return;
    case 'value':
      for await (const page of rows)
        yield page.map((row) => `${cells(row, selectors).map(valueText).join(' ')}\n`).join('');
  }
}

/** One record. @throws GlanceError `usage.argument` for an unknown column */
export async function* renderOne(options: OneRenderOptions): AsyncGenerator<string> {
  const { keys, selected, format } = options;
  const selectors = selectKeys(keys, selected ?? keys);
  const whole = options.row as Row;
  const row = createPicker(selectors)(whole);
  switch (format) {
    case 'table':
      yield await renderRecord(row, options);
      return;
    case 'json':
      yield `${escapeJson(toJson(row, 2))}\n`;
      return;
    case 'ndjson':
      yield `${escapeJson(toJson(row))}\n`;
      return;
    case 'yaml':
      yield (await import('./yaml.ts')).toYaml(row);
      return;
    case 'csv':
      yield csvHead(selectors, options) + csvRow(cells(whole, selectors), options);
      return;
    case 'value':
      yield cells(whole, selectors)
        .map((value) => `${valueText(value)}\n`)
        .join('');
  }
}

/**
 * Renders a few rows at a time, however long a page is: V8 keeps a large text for long if a collection happens while it
 * exists.
 */
async function* inPieces(pages: Pages): AsyncGenerator<readonly Row[]> {
  for await (const page of pages) {
    for (let start = 0; start < page.length; start += pieceRows) yield page.slice(start, start + pieceRows);
  }
}

async function* pickPages(pages: Pages, selectors: readonly Selector[]): AsyncGenerator<readonly Row[]> {
  const pick = createPicker(selectors);
  for await (const page of pages) yield page.map(pick);
}

function toColumns(selectors: readonly Selector[], columns: readonly Column[]): readonly Column[] {
  return selectors.map(({ name }) => {
    const known = columns.find(({ key }) => key === name);
    return { ...known, key: name, label: known?.label ?? name.replaceAll('_', ' '), priority: 1, extra: false };
  });
}

/** Page by page. If a page fails, the array is never closed, so that half a list cannot pass for a complete one. */
async function* jsonArray(pages: Pages): AsyncGenerator<string> {
  let isEmpty = true;
  for await (const page of pages) {
    if (page.length === 0) continue;
    const rows = page.map((row) => `  ${escapeJson(toJson(row, 2)).replaceAll('\n', '\n  ')}`);
    yield `${isEmpty ? '[' : ','}\n${rows.join(',\n')}`;
    isEmpty = false;
  }
  yield isEmpty ? '[]\n' : '\n]\n';
}

async function* yamlList(pages: Pages): AsyncGenerator<string> {
  const { toYaml } = await import('./yaml.ts');
  let isEmpty = true;
  for await (const page of pages) {
    if (page.length === 0) continue;
    isEmpty = false;
    yield toYaml(page);
  }
  if (isEmpty) yield '[]\n';
}

function names(selectors: readonly Selector[]): string[] {
  return selectors.map(({ name }) => name);
}

function cells(row: Row, selectors: readonly Selector[]): unknown[] {
  return selectors.map(({ read }) => read(row));
}

/** Exact for programs; control characters are escaped on a terminal. */
function csvRow(values: readonly unknown[], { width, csvSafe }: TableOptions): string {
  const shown = (value: unknown): unknown => (typeof value === 'number' ? value : valueText(value));
  return csvLine(width === null ? values : values.map(shown), csvSafe);
}

function csvHead(selectors: readonly Selector[], options: TableOptions): string {
  return options.headers === false ? '' : csvRow(names(selectors), options);
}

/** `value` is read line by line, so a line feed in a value must not split it. */
function valueText(value: unknown): string {
  return escapeControls(toText(value));
}
