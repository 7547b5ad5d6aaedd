// Chooses the stores from which a Glance should take image data.
import { GlanceError } from '../errors.ts';
import type { ImageService } from '../image/service.ts';
import type { Connection } from './connection.ts';

const variable = 'GLANCE_CLI_PREFER_STORE';
/** Maximum length of an id in characters, and maximum number of ids: a request line has room for these. */
const longestId = 255;
const mostIds = 16;
/**
 * The preferred stores: those given, or else those in `GLANCE_CLI_PREFER_STORE`. Empty: the server chooses.
 * @throws GlanceError `usage.argument`; `usage.unsupported` if the server's API has no such preference
 */
export function preferredStores(
  { system }: Connection,
  { apiVersion }: Pick<ImageService, 'apiVersion'>,
  given: readonly string[] | undefined,
): readonly string[] {
  const text = system.env[variable]?.trim() ?? '';
  const stores = given ?? (text === '' ? [] : text.split(',').map((id) => id.trim()));
  if (stores.length === 0) return stores;
  checkStoreIds(stores);
  if (apiVersion === 2) return stores;
  throw new GlanceError('usage.unsupported', 'Images API v1 does not support choosing a store', {
    hint: given === undefined ? `unset ${variable}` : 'leave out `preferStore`',
  });
}

/** @throws GlanceError `usage.argument` for a text that cannot be an id, and for more ids than a request can hold */
function checkStoreIds(ids: readonly string[]): void {
  const areIds = ids.every((id) => id !== '' && id.length <= longestId && !id.includes(','));
  if (areIds && ids.length <= mostIds) return;
  throw new GlanceError('usage.argument', `not the ids of stores: "${ids.join(',')}"`, {
    hint: `write A,B, at most ${String(mostIds)}, the first choice first; glance-cli stores lists them`,
  });
}
