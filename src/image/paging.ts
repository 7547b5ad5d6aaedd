// Walking a list page by page with `marker`, whatever the server does: ends, loops, repeats, vanished markers.
import { GlanceError, HttpError } from '../errors.ts';
import type { Image } from './image.ts';

export interface PagePlan {
  /** Images asked for at a time, 1–1000. */
  readonly pageSize: number;
  /** Most images in all, or undefined for every one. */
  readonly limit: number | undefined;
  /** Id after which to begin. */
  readonly marker: string | undefined;
  /** Picks out what the server could not. */
  readonly matches: ((image: Image) => boolean) | null;
  /** Asks for one page. */
  readonly fetchPage: (marker: string | undefined, size: number) => Promise<Page>;
}

export interface Page {
  readonly images: readonly Image[];
  /** Whether the server says that more follow; null where its API does not tell. */
  readonly more: boolean | null;
}

/** Steps back from a marker whose image was deleted meanwhile. */
const maxSteps = 3;

/**
 * The pages, each image once.
 * @throws GlanceError `page.loop` if full pages come without anything new, or empty ones without an end; `partial` if the
 * place where the list is to be gone on with is lost; what a request fails with
 */
export async function* walkPages(plan: PagePlan): AsyncGenerator<readonly Image[]> {
  const seen = new Set<string>();
  const order: string[] = [];
  let left = plan.limit ?? Number.POSITIVE_INFINITY;
  while (left > 0) {
    const size = plan.matches === null ? Math.min(plan.pageSize, left) : plan.pageSize;
    // oxlint-disable-next-line no-await-in-loop -- the next page begins where this one ends
    const { images: page, more } = await fetchAfter(plan, order, size);
    const fresh = page.filter((image) => !seen.has(image.id));
    for (const image of fresh) {
      seen.add(image.id);
      order.push(image.id);
    }
    if (page.length === 0 && more === true) {
      throw new GlanceError('page.loop', 'the server says that more of the list follows, and sends nothing of it');
    }
    if (fresh.length === 0 && page.length > 0 && (more ?? page.length >= size)) {
      throw new GlanceError('page.loop', 'the server sends the same page of the list again and again', {
        hint: 'it may not know the parameter marker; try a smaller list with filters',
      });
    }
    const wanted = (plan.matches === null ? fresh : fresh.filter(plan.matches)).slice(0, left);
    left -= wanted.length;
    if (wanted.length > 0) yield wanted;
    // Where nobody tells, only a page without anything new is the end: a server's own cap can make every page short.
    if (fresh.length === 0 || more === false) return;
  }
}

/** The page after the last image seen; if that one is gone meanwhile, after the one before it. */
async function fetchAfter(plan: PagePlan, order: readonly string[], size: number): Promise<Page> {
  for (let step = 1; ; step++) {
    const marker = order.at(-step) ?? plan.marker;
    try {
      // oxlint-disable-next-line no-await-in-loop -- each try depends on the last one's failure
      return await plan.fetchPage(marker, size);
    } catch (error) {
      const isGone = error instanceof HttpError && error.status === 400 && order.length > 0;
      if (!isGone) throw error;
      if (step <= Math.min(maxSteps, order.length)) continue;
      const text = `the rest of the list is missing: its last ${String(step)} images were deleted while it was read`;
      throw new GlanceError('partial', text, { ...error.facts, cause: error, hint: 'run the same command again' });
    }
  }
}
