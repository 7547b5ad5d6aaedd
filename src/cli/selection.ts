// What the arguments and options of a command mean: images by name, or filters in place of them.
import { readImageNames } from '../client/select/named-list.ts';
import type { SelectOptions } from '../client/select/select.ts';
import type { Choice, Selection } from '../client/select/selection.ts';
import { describeWait, type WaitOptions } from '../client/select/wait.ts';
import type { ListQuery } from '../image/service.ts';
import { countOf } from '../text/count.ts';
import { GlanceError } from '../errors.ts';
import type { Context } from './context.ts';
import { type ListOptions, toQuery } from './options/options.ts';

/** Options that say which images are meant. */
type SelectionOptions = Partial<ListOptions> & {
  readonly imagesFrom?: string | undefined;
  readonly latest?: true | undefined;
  readonly wait?: true | undefined;
  readonly waitTimeout?: number | undefined;
};

/** At least one image, or filters. */
export type Meant =
  | { readonly images: readonly string[]; readonly query?: undefined }
  | { readonly images?: undefined; readonly query: ListQuery };

/**
 * What is meant.
 * @param command its name
 * @param images the arguments
 * @throws GlanceError `usage.argument` for neither images nor filters, or both; what reading a list of them fails with
 */
export async function readMeant(
  context: Context,
  command: string,
  images: readonly string[],
  options: SelectionOptions,
): Promise<Meant> {
  const { imagesFrom } = options;
  const query = toQuery(options, context.runtime.clock.wallTime());
  const filter = filterIn(query);
  const isNamed = images.length > 0 || imagesFrom !== undefined;
  checkReaders(context, [], imagesFrom);
  if (!isNamed && isNarrowing(query)) return { query };
  if (!isNamed) {
    throw new GlanceError('usage.argument', 'no image is named, and no filter is given that selects some', {
      hint: `see glance-cli ${command} --help`,
    });
  }
  if (filter !== null) {
    throw new GlanceError('usage.argument', `an image is named, and ${filter} is given too: use one or the other`, {
      hint: 'leave one of them out',
    });
  }
  return { images: imagesFrom === undefined ? images : [...images, ...(await readList(context, imagesFrom))] };
}

/**
 * How to select it. As with OpenStack's own client, there are no patterns and no questions with `--compat`.
 * @throws GlanceError `usage.option` for a time to wait without `--wait`
 */
export function selectOptionsOf(
  context: Context,
  options: SelectionOptions,
): Pick<SelectOptions, 'latest' | 'choose' | 'patterns' | keyof WaitOptions> {
  const { latest, imagesFrom } = options;
  const isOwn = context.options.compat === undefined;
  const choose = isOwn && imagesFrom !== '-' ? context.choose : undefined;
  return { latest: latest === true, patterns: isOwn, choose, ...waitOptionsOf(context, options) };
}

const defaultWaitMs = 3_600_000;

function waitOptionsOf(context: Context, { wait, waitTimeout }: SelectionOptions): WaitOptions {
  if (wait === true) {
    return { waitMs: waitTimeout ?? defaultWaitMs, onWait: (image) => context.note(describeWait(image)) };
  }
  if (waitTimeout === undefined) return {};
  throw new GlanceError('usage.option', '--wait-timeout works with --wait only', {
    hint: 'add --wait, or leave it out',
  });
}

/** The option of `list` that gives each part of a query. */
const filters: Readonly<Record<keyof ListQuery, string>> = {
  name: '--name',
  words: 'a word',
  status: '--status',
  visibility: '--visibility',
  owner: '--owner',
  tags: '--tag',
  properties: '--property',
  diskFormat: '--disk-format',
  containerFormat: '--container-format',
  sizeMin: '--size-min',
  sizeMax: '--size-max',
  createdSince: '--created-since',
  updatedSince: '--updated-since',
  memberStatus: '--member-status',
  hidden: '--hidden',
  protected: '--protected',
  sort: '--sort',
  limit: '--limit',
  marker: '--marker',
  pageSize: '--page-size',
};
const keys = Object.keys(filters) as readonly (keyof ListQuery)[];
/** Parts of a query that never exclude an image because of its properties: they only sort, limit or page the list. */
const orders: ReadonlySet<keyof ListQuery> = new Set(['sort', 'limit', 'marker', 'pageSize']);

/** The first option of `list` that was given; null if none was. */
function filterIn(query: ListQuery): string | null {
  const given = keys.find((key) => query[key] !== undefined);
  return given === undefined ? null : filters[given];
}

/** Whether a query may exclude images because of their properties. */
function isNarrowing(query: ListQuery): boolean {
  return keys.some(
    (key) => query[key] !== undefined && !orders.has(key) && !(key === 'visibility' && query.visibility === 'all'),
  );
}

/** Standard input can be read only once. @throws GlanceError `usage.option` if two would read it */
export function checkReaders({ options }: Context, images: readonly string[], imagesFrom: string | undefined): void {
  const readers = [
    ...(options.tokenFile === '-' ? ['--token-file'] : []),
    ...(imagesFrom === '-' ? ['--images-from'] : []),
    ...(images.includes('-') ? ['the image -'] : []),
  ];
  if (readers.length < 2) return;
  throw new GlanceError('usage.option', `${readers.join(' and ')} would both read standard input`, {
    hint: 'give one of them a file',
  });
}

async function readList({ runtime }: Context, imagesFrom: string): Promise<readonly string[]> {
  const { cwd, signal, stdin } = runtime;
  return await readImageNames(imagesFrom === '-' ? stdin() : imagesFrom, '--images-from', { cwd, signal });
}

/** Maximum number of matches to print by name. */
const mostTold = 20;

/** Says what patterns and filters matched, before any data moves. */
export function tellMatches(context: Context, { choices }: Selection): void {
  for (const choice of choices) {
    if (choice.why !== 'named' && choice.matched > 0) context.note(describeMatches(choice));
  }
}

function describeMatches({ meant, matched, picks }: Choice): string {
  const names = picks.slice(0, mostTold).map(({ query }) => query);
  const more = picks.length - names.length;
  const what = meant === null ? 'the filters match' : `"${meant}" matches`;
  const list = names.join(', ') + (more > 0 ? ` and ${String(more)} more` : '');
  return matched === picks.length
    ? `${what} ${countOf(matched, 'image')}: ${list}`
    : `${what} ${countOf(matched, 'image')}, of which the newest is ${list}`;
}
