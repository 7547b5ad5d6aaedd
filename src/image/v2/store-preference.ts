// The stores from which a user prefers to get image data. Glance tries those of them that hold the image first, and
// then the others; an image in its cache comes from there. Releases before 2026.2 ignore the preference.
// @see https://opendev.org/openstack/glance `releasenotes/notes/download-from-suggested-stores.yaml`,
// `glance/api/v2/image_data.py`
import { GlanceError, HttpError } from '../../errors.ts';
import type { Store } from '../image.ts';

/** Maximum number of stores to name in a message. */
const mostNamed = 20;

/** The query of the URL, without `?`; empty if there is no preference. */
export function preferenceQuery(stores: readonly string[]): string {
  return stores.length === 0 ? '' : `prefer=${stores.map(encodeURIComponent).join(',')}`;
}

/**
 * Explains the refusal of a request that named stores. Glance answers 400 if there is no such store, or only one store
 * at all, and 403 if its policy forbids choosing one. Other errors are returned unchanged.
 * @param listStores lists the existing stores, for the message; it may fail
 */
export async function explainPreference(
  stores: readonly string[],
  error: unknown,
  listStores: () => Promise<readonly Store[]>,
): Promise<unknown> {
  if (!(error instanceof HttpError)) return error;
  const named = stores.join(', ');
  if (error.status === 403) {
    const hint = 'its policy download_from_store may forbid choosing a store: try without `preferStore`';
    return new GlanceError(error.code, `image data is refused with a choice of stores (${named}): ${error.message}`, {
      ...error.facts,
      hint,
      cause: error,
    });
  }
  if (error.status !== 400) return error;
  const hint = hintOf(await listStores().catch(toNothing));
  const text = `the server refuses the choice of stores (${named}): ${error.message}`;
  return new GlanceError('usage.argument', text, { ...error.facts, hint, cause: error });
}

/** @param there null if the server does not list its stores */
function hintOf(there: readonly Store[] | null): string {
  if (there === null || there.length === 0) return 'it may have only one store: leave out `preferStore`';
  const ids = there.slice(0, mostNamed).map(({ id }) => id);
  const more = there.length > mostNamed ? ', …' : '';
  return `its stores are ${ids.join(', ')}${more}`;
}

/** If the run was aborted, its next step will report that. */
function toNothing(error: unknown): null {
  if (error instanceof GlanceError || error instanceof DOMException) return null;
  throw error;
}
