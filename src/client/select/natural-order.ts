// Sorts the images of a list in natural order, if there are few enough to hold in memory.
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { sortNaturally } from '../../text/natural.ts';

/** Maximum number of images to sort. */
const maxImages = 10_000;
/** Maximum length of their records as JSON, in characters: ten thousand records of about two kilobytes take a third of this. */
const maxLength = 64 * 1024 * 1024;
/** Images in a page. */
const pageSize = 1000;

/**
 * Yields the images sorted by name once all have arrived; a list too long for that passes through as it comes.
 * @param pages in the order of the server
 * @throws the error that ends the list, after everything that came before it
 */
export async function* inNaturalOrder(
  pages: AsyncIterable<readonly Image[]>,
): AsyncGenerator<readonly Image[], void, undefined> {
  let held: (readonly Image[])[] | null = [];
  let [count, length] = [0, 0];
  try {
    for await (const page of pages) {
      if (held === null) {
        yield page;
        continue;
      }
      held.push(page);
      count += page.length;
      length += JSON.stringify(page).length;
      if (count <= maxImages && length <= maxLength) continue;
      yield* held;
      held = null;
    }
  } catch (error) {
    if (held !== null && error instanceof GlanceError) yield* sortedPages(held);
    throw error;
  }
  if (held !== null) yield* sortedPages(held);
}

function* sortedPages(pages: readonly (readonly Image[])[]): Generator<readonly Image[]> {
  const sorted = sortNaturally(pages.flat(), ({ name }) => name);
  for (let start = 0; start < sorted.length; start += pageSize) yield sorted.slice(start, start + pageSize);
}
