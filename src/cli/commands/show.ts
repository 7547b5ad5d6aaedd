import { imageKeys } from '../../image/image.ts';
import { maskImage } from '../../image/mask.ts';
import { renderGroups } from '../../output/record.ts';
import { renderOne } from '../../output/render.ts';
import { type CompatOptions, isCompat, renderShowCompat } from '../compat.ts';
import type { Context } from '../context.ts';
import { imageGroups } from '../image-groups.ts';

export interface ShowOptions extends CompatOptions {
  readonly latest?: boolean;
}

/** `show <image>`: one image's metadata. */
export async function show(context: Context, query: string, own: ShowOptions): Promise<void> {
  const { session, options } = context;
  const compat = isCompat(options, own);
  const found = await session.find(query, own.latest === true);
  const image = options.showSecrets === true ? found.image : maskImage(found.image);
  if (compat) return await context.printText(await renderShowCompat(context, image, own));
  const results = await context.resultOptions();
  if (results.format === 'table' && results.selected === null) {
    const age = context.timeStyle === 'relative' ? context.timeFormat : null;
    await context.printText(await renderGroups(imageGroups(image, { age, wide: results.wide }), results));
    return;
  }
  await context.print(renderOne({ row: image, keys: imageKeys, ...results }));
}
