// The stores that image data is wanted from. Glance tries them first where the image is in them, and others after that; an
// image that it has in its cache comes from there. Releases before 2026.2 do not know of it, and choose as they always did.
// @see https://opendev.org/openstack/glance `releasenotes/notes/download-from-suggested-stores.yaml`, `glance/api/v2/image_data.py`
import { GlanceError, HttpError } from '../../errors.ts';
import type { Store } from '../image.ts';

/** Stores that are named in a message. */
const mostNamed = 20;

/** What is asked for, after the `?`; empty without a preference. */
export function preferenceQuery(stores: readonly string[]): string {
  return stores.length === 0 ? '' : `prefer=${stores.map(encodeURIComponent).join(',')}`;
}

/**
 * A refusal of a request that named stores: 400 for one that there is not, or where there is only one store at all, 403 where
 * a policy forbids to choose. Any other error as it is.
 * @param listStores asks for the stores that there are; where it fails they are not named
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

/** Null where the server does not tell. */
function hintOf(there: readonly Store[] | null): string {
  if (there === null || there.length === 0) return 'it may have only one store: leave out `preferStore`';
  const ids = there.slice(0, mostNamed).map(({ id }) => id);
  const more = there.length > mostNamed ? ', …' : '';
  return `its stores are ${ids.join(', ')}${more}`;
}

/** What has ended the request itself is told by the next. */
function toNothing(error: unknown): null {
  if (error instanceof GlanceError || error instanceof DOMException) return null;
  throw error;
}
