import { type Image, imageKeys, maskImage, OddRecordError } from '../../../client/image.ts';
import { renderGroups } from '../../../output/record.ts';
import { renderOne } from '../../../output/render.ts';
import { isCompat, renderShowCompat } from './compat.ts';
import { findImage } from '../../../client/find.ts';
import type { Context } from '../../context.ts';
import type { ShowOptions } from '../../options/image-options.ts';
import { imageGroups } from './groups.ts';

/** `show <image>`: one image's metadata. What cannot be read of it ends the command once the rest is printed. */
export async function show(context: Context, query: string, own: ShowOptions): Promise<void> {
  const { connection, options } = context;
  const compat = isCompat(options, own);
  let odd: OddRecordError | null = null;
  const found = await findImage(connection, query, { latest: own.latest === true, strict: true }).then(
    ({ image }) => image,
    (error: unknown) => {
      if (!(error instanceof OddRecordError)) throw error;
      odd = error;
      return error.image;
    },
  );
  const image = options.showSecrets === true ? found : maskImage(found);
  if (compat) await context.printText(await renderShowCompat(context, image, own));
  else await print(context, image);
  if (odd !== null) throw odd as OddRecordError;
}

async function print(context: Context, image: Image): Promise<void> {
  const results = await context.resultOptions();
  if (results.format !== 'table' || results.selected !== null) {
    await context.print(renderOne({ row: image, keys: imageKeys, ...results }));
    return;
  }
  const age = context.timeStyle === 'relative' ? context.timeFormat : null;
  await context.printText(await renderGroups(imageGroups(image, { age, wide: results.wide }), results));
}
