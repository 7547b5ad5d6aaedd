import { imageKeys } from '../../image/image.ts';
import { maskImage } from '../../image/mask.ts';
import { renderOne } from '../../output/render.ts';
import { type CompatOptions, isCompat, renderShowCompat } from '../compat.ts';
import type { Context } from '../context.ts';

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
  await context.print(
    renderOne({
      row: image,
      keys: imageKeys,
      ...(await context.resultOptions()),
    }),
  );
}
