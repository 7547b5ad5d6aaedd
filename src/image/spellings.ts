// One query in several spellings: what an old server or a work-alike does not understand is asked in plainer words.
import { HttpError } from '../errors.ts';
import type { ListedRecord, Page } from './paging.ts';

/** Parameters of a query, without `limit` and `marker`. */
export type Parameters = readonly (readonly [name: string, value: string])[];

export interface Spelling {
  readonly parameters: Parameters;
  /** Whether it is tried also where the one before was answered with nothing that is meant, and not only where it was refused with 400. */
  readonly doubtsNothing: boolean;
}

/**
 * Asks for the pages of a list in the first spelling that the server understands.
 * @param ask asks for one page
 * @param isMeant whether the query means a record
 * @returns what asks for the next page; it fails with what the first spelling was refused with
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
    // Failing a spelling that finds something, the first one that was answered with records, or at all.
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
