import { type Image, imageKeys, maskImage, OddRecordError } from '../../../client/image.ts';
import { selectImages } from '../../../client/select/select.ts';
import { isPlain, type Missed, partialError, picksOf, type Selected } from '../../../client/select/selection.ts';
import { findWithData } from '../../../client/select/wait.ts';
import { GlanceError } from '../../../errors.ts';
import { renderGroups } from '../../../output/record.ts';
import { renderList, renderOne } from '../../../output/render.ts';
import type { Context } from '../../context.ts';
import type { ShowOptions } from '../../options/image-options.ts';
import { readMeant, selectOptionsOf } from '../../selection.ts';
import { imageColumns } from './columns.ts';
import { isCompat, renderShowCompat } from './compat.ts';
import { imageGroups } from './groups.ts';

/** `show <image...>`: metadata of images. An unreadable record ends the command once the rest is printed. */
export async function show(context: Context, images: readonly string[], own: ShowOptions): Promise<void> {
  const { connection, options } = context;
  if (isCompat(options, own)) return await showCompat(context, images, own);
  const meant = await readMeant(context, 'show', images, own);
  const selection = await selectImages(connection, meant, { ...selectOptionsOf(context, own), strict: true });
  const selected = picksOf(selection);
  const [first] = selected;
  if (first !== undefined && isPlain(selection)) {
    const image = recordOf(first);
    if (image !== null) await printOne(context, shown(context, image));
    if (first.error !== null) throw first.error;
    return;
  }
  const records = selected.flatMap((each) => recordOf(each) ?? []);
  const [failure] = selected.flatMap((each) => (each.error === null ? [] : [each]));
  // If the user means one thing and it does not exist, there is nothing else to report.
  if (failure !== undefined && records.length === 0 && selected.length === 1) throw failure.error;
  await printSeveral(
    context,
    records.map((image) => shown(context, image)),
  );
  tellMissed(context, selected);
}

/** The readable part of a record; null if there is none. */
function recordOf({ found, error }: Selected): Image | null {
  if (found !== null) return found.image;
  return error instanceof OddRecordError ? error.image : null;
}

function shown({ options }: Context, image: Image): Image {
  return options.showSecrets === true ? image : maskImage(image);
}

/** @throws PartialError if any is missing, or was not read completely */
function tellMissed(context: Context, selected: readonly Selected[]): void {
  const missed = selected.filter((each): each is Missed => each.error !== null);
  for (const { error } of missed) context.tell(`${error.message} [${error.code}]`, error.facts.hint);
  if (missed.length === 0) return;
  throw partialError(missed, selected.length, 'failed');
}

async function showCompat(context: Context, images: readonly string[], own: ShowOptions): Promise<void> {
  const { query } = await readMeant(context, 'show', images, own);
  const [name = '', ...others] = images;
  if (query !== undefined || others.length > 0) {
    throw new GlanceError('usage.argument', '--compat openstack shows one image, by its name or id', {
      hint: 'leave out --compat for several',
    });
  }
  let odd: OddRecordError | null = null;
  const { latest = false, waitMs, onWait } = selectOptionsOf(context, own);
  const image = await findWithData(context.connection, name, { latest, waitMs, onWait, strict: true }).then(
    (found) => found.image,
    (error: unknown) => {
      if (!(error instanceof OddRecordError)) throw error;
      odd = error;
      return error.image;
    },
  );
  await context.printText(await renderShowCompat(context, shown(context, image), own));
  if (odd !== null) throw odd as OddRecordError;
}

async function printOne(context: Context, image: Image): Promise<void> {
  const results = await context.resultOptions();
  if (results.format === 'table' && results.selected === null) {
    await context.printText(await describe(context, image));
    return;
  }
  await context.print(renderOne({ row: image, keys: imageKeys, ...results }));
}

async function printSeveral(context: Context, images: readonly Image[]): Promise<void> {
  const results = await context.resultOptions();
  if (results.format === 'table' && results.selected === null) {
    const texts = [];
    for (const image of images) texts.push(await describe(context, image));
    await context.printText(texts.join('\n'));
    return;
  }
  const columns = imageColumns(context.timeFormat);
  await context.print(renderList({ pages: [images], columns, keys: imageKeys, ...results }));
}

async function describe(context: Context, image: Image): Promise<string> {
  const results = await context.resultOptions();
  const age = context.timeStyle === 'relative' ? context.timeFormat : null;
  return await renderGroups(imageGroups(image, { age, wide: results.wide }), results);
}
