// Keeps the names of a list for completion.
import type { Image } from '../../image/image.ts';
import type { ListQuery } from '../../image/service.ts';
import { isWhole } from '../images.ts';
import { type KeptNames, maxImages, type NamedImage } from './kept-names.ts';

/**
 * Passes the pages of a list on. If the query leaves no image out, the names are kept once all pages have come.
 * @param kept null: nothing is kept
 * @throws what the pages fail with
 */
export async function* keepingNames(
  pages: AsyncIterable<readonly Image[]>,
  query: ListQuery,
  kept: KeptNames | null,
): AsyncGenerator<readonly Image[], void, undefined> {
  if (kept === null || !isWhole(query)) {
    yield* pages;
    return;
  }
  const seen: NamedImage[] = [];
  for await (const page of pages) {
    if (seen.length < maxImages) seen.push(...page.map(({ id, name }) => ({ id, name })));
    yield page;
  }
  await kept.write(seen);
}
