// `download --dry-run`: what would be done, and how it would end as far as that is known.
import {
  foreseeOne,
  type ForeseeRun,
  foreseeSeveral,
  planKeys,
  type PlannedDownload,
} from '../../../client/download/foresee.ts';
import type { NamedPlace } from '../../../client/naming/place.ts';
import type { SeveralOptions } from '../../../client/download/several.ts';
import { type Chosen, onlyOne, partialError, picksOf, type Selection } from '../../../client/select/selection.ts';
import type { Column } from '../../../output/columns.ts';
import { renderList, renderOne } from '../../../output/render.ts';
import { formatBytes } from '../../../output/size.ts';
import { withOptions } from '../../console/option-names.ts';
import type { Context } from '../../context.ts';
import { nativeFormat } from '../../options/options.ts';
import { namingFor, orAll } from './targets.ts';

/** The name of each outcome for people. */
const words: Readonly<Record<PlannedDownload['outcome'], string>> = {
  fetch: 'fetch',
  resume: 'resume',
  current: 'is current',
  in_the_way: 'in the way',
  failed: 'fails',
};

const columns: readonly Column[] = [
  {
    key: 'outcome',
    label: 'What',
    priority: 1,
    show: (value) => words[value as PlannedDownload['outcome']],
    paint: (text, value, style) => (value === 'in_the_way' || value === 'failed' ? style.red(text) : text),
  },
  { key: 'bytes', label: 'Size', align: 'right', priority: 2, show: showSize },
  { key: 'kept', label: 'Kept', align: 'right', priority: 4, show: (value) => (value === 0 ? '' : showSize(value)) },
  { key: 'title', label: 'Image', priority: 3 },
  { key: 'path', label: 'Target', priority: 1, show: (value, { error }) => showTarget(value, error) },
];

function showTarget(path: unknown, error: unknown): string {
  if (typeof path === 'string') return path;
  return error === null ? 'standard output' : '';
}

function showSize(value: unknown): string {
  return typeof value === 'number' ? formatBytes(value) : '';
}

/**
 * Prints the plan.
 * @throws what the download of one image would fail with; PartialError for several
 */
export async function printDryRun(
  context: Context,
  selection: Selection,
  place: NamedPlace | null,
  options: SeveralOptions,
  run: ForeseeRun,
): Promise<void> {
  const naming = namingFor(place, selection);
  const isOne = naming === null;
  const { connection } = context;
  const foresights = isOne
    ? [await foreseeOne(connection, onlyChosen(selection), place, options, run)]
    : await foreseeSeveral(connection, picksOf(selection), naming, options, run);
  await print(
    context,
    foresights.map(({ query, planned }) => toRow(query, planned)),
    isOne,
  );
  const failed = foresights.flatMap(({ query, error }) => (error === null ? [] : [{ query, error }]));
  const [first] = failed;
  if (first === undefined) return;
  if (isOne) throw first.error;
  throw partialError(failed, foresights.length, 'would fail');
}

function onlyChosen(selection: Selection): Chosen {
  const found = onlyOne(selection, orAll);
  const [query = found.image.id] = picksOf(selection).map((each) => each.query);
  return { query, found, error: null };
}

function toRow(query: string, planned: PlannedDownload): PlannedDownload & { readonly title: string } {
  const { error } = planned;
  return {
    ...planned,
    title: planned.name ?? query,
    error: error === null ? null : { ...error, message: withOptions(error.message) },
  };
}

async function print(context: Context, rows: readonly object[], isOne: boolean): Promise<void> {
  const results = await context.resultOptions();
  const [row] = rows;
  if (isOne && row !== undefined && nativeFormat(context.options) !== 'table') {
    await context.print(renderOne({ row, keys: planKeys, ...results }));
    return;
  }
  const isTable = nativeFormat(context.options) === 'table';
  async function* pages(): AsyncGenerator<readonly object[]> {
    yield rows;
  }
  await context.print(
    renderList({ pages: pages(), columns, keys: isTable ? [...planKeys, 'title'] : planKeys, ...results }),
  );
}
