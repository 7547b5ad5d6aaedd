import { GlanceError } from '../../../errors.ts';
import { imageKeys, type Image, maskImage } from '../../../client/image.ts';
import type { ListQuery } from '../../../image/service.ts';
import { renderList } from '../../../output/render.ts';
import type { Context, ResultOptions } from '../../context.ts';
import { imageColumns } from './columns.ts';
import { explainEmpty, openList } from '../../../client/images.ts';
import { keepingNames } from '../../../client/names/keep-names.ts';
import { keptNamesOf } from '../../completion/kept-names.ts';
import { compatQuery, isCompat, renderListCompat } from './compat.ts';
import { OddRecords } from '../../odd-records.ts';
import type { ImageListOptions } from '../../options/image-options.ts';
import { toQuery } from '../../options/options.ts';
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
  const results = await resultsOf(context);
  let count = 0;
  const odd = new OddRecords(context);
  const listed = await openList(connection, query, runtime.signal, odd.note);
  // Whatever arrived before a failure is printed first.
  let lost: GlanceError | null = null;
  async function* pages(): AsyncGenerator<readonly Image[]> {
    try {
      for await (const page of keepingNames(listed, query, keptNamesOf(runtime, globals))) {
        count += page.length;
        yield globals.showSecrets === true ? page : page.map(maskImage);
      }
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
  odd.check();
  if (count === 0 && options.limit !== 0 && results.format === 'table') {
    context.note(await explainEmpty(connection, query, runtime.signal));
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
  const images: Image[] = [];
  const odd = new OddRecords(context);
  const query = compatQuery(toQuery(options, runtime.clock.wallTime()));
  for await (const page of await openList(connection, query, runtime.signal, odd.note)) {
    images.push(...(globals.showSecrets === true ? page : page.map(maskImage)));
  }
  const sort = options.sort?.map(({ key, direction }) => `${key}:${direction}`).join(',');
  await context.printText(await renderListCompat(context, images, options, sort));
  odd.check();
}
