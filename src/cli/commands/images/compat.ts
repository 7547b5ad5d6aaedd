// `--compat openstack`: prints exactly what `openstack image list` and `openstack image show` print, for scripts that
// migrate.
import { GlanceError } from '../../../errors.ts';
import type { Image } from '../../../image/image.ts';
import type { ListQuery } from '../../../image/service.ts';
import type { CompatOptions } from '../../options/compat-options.ts';
import type { Context } from '../../context.ts';
import type { GlobalOptions } from '../../options/options.ts';

/**
 * Whether to print like the other client.
 * @throws GlanceError `usage.option` for its options without `--compat`, or ours with it
 */
export function isCompat(globals: GlobalOptions, options: CompatOptions): boolean {
  if (globals.compat !== undefined) {
    checkGlobals(globals);
    return true;
  }
  const given = (
    [
      'long',
      'noindent',
      'sortColumn',
      'sortAscending',
      'sortDescending',
      'maxWidth',
      'fitWidth',
      'printEmpty',
      'quote',
      'prefix',
      'humanReadable',
    ] as const
  ).find((name) => options[name] !== undefined);
  if (given === undefined) return false;
  const flag = `--${given.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new GlanceError('usage.option', `${flag} works with --compat openstack only`, {
    hint: 'use -c, -f and --sort instead',
  });
}

/** Options that the other client lacks would be ignored. */
function checkGlobals({ wide, headers, csvSafe, time }: GlobalOptions): void {
  const given = [
    wide === true ? '--wide' : null,
    headers === false ? '--no-headers' : null,
    csvSafe === true ? '--csv-safe' : null,
    time === undefined ? null : '--time',
  ].find((flag) => flag !== null);
  if (given === undefined) return;
  throw new GlanceError('usage.option', `${given} does not work with --compat openstack`, {
    hint: 'leave out one of them',
  });
}

/** In the other client, a limit is one page in the server's own order; sorting comes afterwards. */
export function compatQuery(query: ListQuery): ListQuery {
  return { ...query, sort: [{ key: 'created_at', direction: 'desc' }] };
}

/** The list as text. */
export async function renderListCompat(
  context: Context,
  images: readonly Image[],
  options: CompatOptions,
  sort: string | undefined,
): Promise<string> {
  const { renderCompatList } = await import('../../../output/compat/list.ts');
  const format = context.options.format ?? 'table';
  if (format === 'ndjson' || format === 'shell') throw unknownFormat(format);
  return await renderCompatList({
    images,
    format,
    long: options.long === true,
    selected: context.options.column ?? null,
    sort: sort ?? 'name:asc',
    sortColumns: options.sortColumn ?? [],
    sortDescending: options.sortDescending === true,
    indent: options.noindent !== true,
    maxWidth: maxWidth(context, options),
    printEmpty: options.printEmpty === true,
    quote: options.quote ?? 'nonnumeric',
    isTerminal: context.width !== null,
  });
}

/** One image as text. */
export async function renderShowCompat(context: Context, image: Image, options: CompatOptions): Promise<string> {
  const { renderCompatShow } = await import('../../../output/compat/show.ts');
  const format = context.options.format ?? 'table';
  if (format === 'ndjson' || format === 'csv') throw unknownFormat(format);
  return await renderCompatShow({
    image,
    format,
    selected: context.options.column ?? null,
    prefix: options.prefix ?? '',
    humanReadable: options.humanReadable === true,
    indent: options.noindent !== true,
    maxWidth: maxWidth(context, options),
    isTerminal: context.width !== null,
  });
}

function maxWidth({ width }: Context, options: CompatOptions): number | null {
  if (options.maxWidth !== undefined && options.maxWidth > 0) return options.maxWidth;
  return options.fitWidth === true ? width : null;
}

function unknownFormat(format: string): GlanceError {
  return new GlanceError('usage.option', `openstack has no format ${format} here`, {
    hint: 'leave out --compat, or choose json',
  });
}
