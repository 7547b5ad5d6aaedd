import { GlanceError } from '../../../errors.ts';
import { memberKeys, type Member } from '../../../client/image.ts';
import { membersOf, listShared } from '../../../client/images.ts';
import { renderList } from '../../../output/render.ts';
import { selectImages } from '../../../client/select/select.ts';
import { onlyOne } from '../../../client/select/selection.ts';
import type { Context } from '../../context.ts';
import type { MembersOptions } from '../../options/image-options.ts';
import { selectOptionsOf } from '../../selection.ts';
import { memberColumns } from './columns.ts';

/** `members <image>`, or `members --shared-with PROJECT`: who shares what with whom. */
export async function members(context: Context, query: string | undefined, options: MembersOptions): Promise<void> {
  const { options: globals } = context;
  const found = await findMembers(context, query, options);
  await context.print(
    renderList({
      pages: [found],
      columns: memberColumns(context.timeFormat),
      keys: memberKeys,
      ...(await context.resultOptions()),
    }),
  );
  if (found.length === 0 && (globals.format ?? 'table') === 'table') context.note('shared with nobody');
}

async function findMembers(
  context: Context,
  query: string | undefined,
  options: MembersOptions,
): Promise<readonly Member[]> {
  const { runtime, connection } = context;
  const { sharedWith } = options;
  if ((query === undefined) === (sharedWith === undefined)) {
    throw new GlanceError('usage.argument', 'members needs either an image or --shared-with PROJECT', {
      hint: 'see glance-cli members --help',
    });
  }
  if (sharedWith !== undefined) return await listShared(connection, sharedWith, runtime.signal);
  const selection = await selectImages(connection, { images: [query ?? ''] }, selectOptionsOf(context, options));
  return await membersOf(onlyOne(selection), runtime.signal);
}
