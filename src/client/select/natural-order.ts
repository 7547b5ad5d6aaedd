// The images of a list in natural order, where there are few enough to be held.
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { sortNaturally } from '../../text/natural.ts';

/** Images that are sorted at most. */
const maxImages = 10_000;
/** Characters of their records as JSON that are held at most: ten thousand of some two kilobytes have a third of it. */
const maxLength = 64 * 1024 * 1024;
/** Images of a page. */
const pageSize = 1000;

/**
 * The images sorted by name once all are there; a list that is too long for that passes through as it comes.
 * @param pages in the order of the server
 * @throws what the list ends with, after what came before
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
