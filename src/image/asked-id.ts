// Checks that an answer is about the image that was requested.
import { GlanceError } from '../errors.ts';

/**
 * Refuses an answer about another image: a cache, a proxy or a fault may mix answers up.
 * @param asked id of the request
 * @param answered id in the answer
 * @throws GlanceError `metadata.invalid`
 */
export function checkIdentity(asked: string, answered: string): void {
  if (answered === asked || plainUuid(answered) === plainUuid(asked)) return;
  const shown = answered.length <= 255 ? answered : `${answered.slice(0, 255)}…`;
  const what = answered === '' ? 'an image without an id' : `image ${shown}`;
  throw new GlanceError('metadata.invalid', `asked for image ${asked}, the server answered with ${what}`, {
    image: asked,
    hint: 'a cache or a proxy in front of the server may mix answers up',
  });
}

/** UUIDs have no case, and may be written without hyphens; any other id is compared as it is. */
function plainUuid(id: string): string {
  const isUuid = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(id);
  return isUuid ? id.toLowerCase().replaceAll('-', '') : id;
}
