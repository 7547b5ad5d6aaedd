import { imageKeys } from '../../image/image.ts';
import { maskImage } from '../../image/mask.ts';
import { renderOne } from '../../output/render.ts';
import type { Context } from '../context.ts';

export interface ShowOptions {
  readonly latest?: boolean;
}

/** `show <image>`: one image's metadata. */
export async function show(context: Context, query: string, { latest }: ShowOptions): Promise<void> {
  const { runtime, session, options } = context;
  const { image } = await session.find(query, latest === true);
  await context.print(
    renderOne({
      row: options.showSecrets === true ? image : maskImage(image),
      keys: imageKeys,
      selected: options.column ?? null,
      format: options.format ?? 'table',
      width: context.width,
      style: await context.style(runtime.stdout),
    }),
  );
}
