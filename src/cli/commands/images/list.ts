import { GlanceError } from '../../../errors.ts';
import { imageKeys, type Image, maskImage, takeNames } from '../../../client/image.ts';
import type { ListQuery } from '../../../image/service.ts';
import { suggestNames, suggestWords } from '../../../text/nearest.ts';
import { renderList } from '../../../output/render.ts';
import type { Context, ResultOptions } from '../../context.ts';
import { imageColumns } from './columns.ts';
import { knownWords } from '../../completion/known-words.ts';
import { maxImages, type NamedImage } from '../../../client/names/kept-names.ts';
import { keptNamesOf } from '../../completion/kept-names.ts';
import { compatQuery, isCompat, renderListCompat } from './compat.ts';
import { OddRecords } from '../../odd-records.ts';
import type { ImageListOptions } from '../../options/image-options.ts';
import { type ListOptions, toQuery } from '../../options/options.ts';
import { keepGarbageYoung } from '../../v8-flags.ts';

/** `list [word...]`: the visible images, or those of them whose names contain every word. */
export async function list(context: Context, words: readonly string[], options: ImageListOptions): Promise<void> {
  keepGarbageYoung();
  if (isCompat(context.options, options)) return await listCompat(context, words, options);
  const { runtime, connection, options: globals } = context;
  const query: ListQuery = {
    ...toQuery(options, runtime.clock.wallTime()),
    words: words.length === 0 ? undefined : words,
  };
  const isAll = isWhole(query);
  const results = await resultsOf(context);
  const service = await connection.service();
  let count = 0;
  const seen: NamedImage[] = [];
  const odd = new OddRecords(context);
  let isAtEnd = false;
  // Whatever arrived before a failure is printed first.
  let lost: GlanceError | null = null;
  async function* pages(): AsyncGenerator<readonly Image[]> {
    try {
      for await (const page of service.list(query, runtime.signal, odd.note)) {
        count += page.length;
        if (isAll && seen.length < maxImages) seen.push(...page.map(({ id, name }) => ({ id, name })));
        yield globals.showSecrets === true ? page : page.map(maskImage);
      }
      isAtEnd = true;
    } catch (error) {
      if (!(error instanceof GlanceError) || error.code !== 'partial') throw error;
      lost = error;
    }
  }
  await context.print(
    renderList({
      pages: await inOrder(pages(), query, results),
      columns: imageColumns(context.timeFormat),
      keys: imageKeys,
      ...results,
    }),
  );
  if (lost !== null) throw lost as GlanceError;
  if (isAtEnd && isAll) await keptNamesOf(runtime, globals)?.write(seen);
  odd.check();
  if (count === 0 && options.limit !== 0 && results.format === 'table') {
    const meant = words.length === 0 ? null : suggestWords(words, await takeNames(service, runtime.signal));
    const none = isAll ? 'there are no images' : 'no images match';
    context.note(noMatch(options) ?? (meant === null ? none : `${none}: ${meant}`));
  }
}

/** In natural order, if people read the list and request no other order. */
async function inOrder(
  pages: AsyncIterable<readonly Image[]>,
  { sort, limit, marker }: ListQuery,
  { format }: ResultOptions,
): Promise<AsyncIterable<readonly Image[]>> {
  if (format !== 'table' || (sort ?? limit ?? marker) !== undefined) return pages;
  const { inNaturalOrder } = await import('../../../client/select/natural-order.ts');
  return inNaturalOrder(pages);
}

/** `--quiet` prints only ids. @throws GlanceError `usage.option` for anything that contradicts it */
async function resultsOf(context: Context): Promise<ResultOptions> {
  const { format, column, quiet } = context.options;
  const results = await context.resultOptions();
  if (quiet !== true) return results;
  if (format === undefined && column === undefined) return { ...results, format: 'value', selected: ['id'] };
  throw new GlanceError(
    'usage.option',
    `list -q prints only ids, and does not work with ${format === undefined ? '-c' : '-f'}`,
    {
      hint: 'leave out one of them',
    },
  );
}

/** The most likely reason is a word that this Glance does not know. */
function noMatch(options: ListOptions): string | null {
  for (const name of ['status', 'diskFormat', 'containerFormat'] as const) {
    const [value, words = []] = [options[name], knownWords[name]];
    if (value === undefined || words.includes(value)) continue;
    const meant = suggestNames(value, words);
    if (meant !== null) return `no images match "${value}": ${meant}`;
  }
  return null;
}

/** Whether the list is complete, so that completion can offer it. */
function isWhole({ sort: _sort, pageSize: _pageSize, ...filters }: ListQuery): boolean {
  return Object.values(filters).every((value) => value === undefined);
}

async function listCompat(context: Context, words: readonly string[], options: ImageListOptions): Promise<void> {
  if (words.length > 0) {
    throw new GlanceError(
      'usage.argument',
      'with --compat openstack, images are listed by options only, not by words',
      {
        hint: 'leave out --compat, or the words',
      },
    );
  }
  const { connection, runtime, options: globals } = context;
  const service = await connection.service();
  const images: Image[] = [];
  const odd = new OddRecords(context);
  for await (const page of service.list(
    compatQuery(toQuery(options, runtime.clock.wallTime())),
    runtime.signal,
    odd.note,
  )) {
    images.push(...(globals.showSecrets === true ? page : page.map(maskImage)));
  }
  const sort = options.sort?.map(({ key, direction }) => `${key}:${direction}`).join(',');
  await context.printText(await renderListCompat(context, images, options, sort));
  odd.check();
}
