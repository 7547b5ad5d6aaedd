// Several spellings of one query: what an old or compatible server does not understand is repeated in simpler terms.
import { HttpError } from '../errors.ts';
import type { ListedRecord, Page } from './paging.ts';

/** Parameters of a query, without `limit` and `marker`. */
export type Parameters = readonly (readonly [name: string, value: string])[];

export interface Spelling {
  readonly parameters: Parameters;
  /** Whether to try it also if the one before matched nothing, and not only if it was refused with 400. */
  readonly doubtsNothing: boolean;
}

/**
 * Requests the pages of a list in the first spelling that the server understands.
 * @param ask requests one page
 * @param isMeant whether a record matches the query
 * @returns a function that requests the next page; it fails with the refusal of the first spelling
 */
export function askInTurn(
  spellings: readonly Spelling[],
  ask: (parameters: Parameters, marker: string | undefined, size: number) => Promise<Page>,
  isMeant: (record: ListedRecord) => boolean,
): (marker: string | undefined, size: number) => Promise<Page> {
  let understood: Parameters | null = null;
  return async (marker, size) => {
    if (understood !== null) return await ask(understood, marker, size);
    let refusal: HttpError | null = null;
    // What to use if no spelling finds what is meant: the first one answered with records, or else one answered at all.
    let answered: { readonly parameters: Parameters; readonly page: Page } | null = null;
    for (const { parameters, doubtsNothing } of spellings) {
      if (answered !== null && !doubtsNothing) continue;
      try {
        const page = await ask(parameters, marker, size);
        if (answered === null || answered.page.images.length === 0) answered = { parameters, page };
        if (!page.images.some(isMeant)) continue;
        answered = { parameters, page };
        break;
      } catch (error) {
        if (!(error instanceof HttpError) || error.status !== 400) throw error;
        refusal ??= error;
      }
    }
    if (answered === null) throw refusal ?? new Error('a query has no spelling');
    understood = answered.parameters;
    return answered.page;
  };
}
