// What the configured Glance knows of its images besides their data: lists, members, stores.
import type { Image, Member, Store } from '../image/image.ts';
import type { OnOdd } from '../image/odd-record.ts';
import { takeNames } from '../image/resolve.ts';
import type { ListQuery } from '../image/service.ts';
import { suggestNames, suggestWords } from '../text/nearest.ts';
import { type Found, serviceFor } from './calls.ts';
import type { Connection } from './connection.ts';
import { filterWords } from './filter-words.ts';

/**
 * Connects, and gives the images that match, page by page.
 * @param onOdd called with each record that cannot be read completely, and is left out
 * @throws what connecting fails with. The pages fail with GlanceError `usage.unsupported` for a filter that this API cannot
 * answer, and with PartialError at the end if records were left out and there is no `onOdd`
 */
export async function openList(
  connection: Connection,
  query: ListQuery,
  signal: AbortSignal,
  onOdd?: OnOdd,
): Promise<AsyncIterable<readonly Image[]>> {
  return (await serviceFor(connection, signal)).list(query, signal, onOdd);
}

/** Whether a list with this query leaves no image out, whatever its order. */
export function isWhole({ sort: _sort, pageSize: _pageSize, ...filters }: ListQuery): boolean {
  return Object.values(filters).every((value) => value === undefined);
}

/**
 * Why a list is empty, in a sentence for people: what a filter was probably meant to be, if that can be guessed. For words,
 * that takes one request, whose failure only leaves the guess out.
 * @throws what connecting fails with; the signal's reason
 */
export async function explainEmpty(connection: Connection, query: ListQuery, signal: AbortSignal): Promise<string> {
  for (const filter of Object.keys(filterWords) as readonly (keyof typeof filterWords)[]) {
    const [value, words] = [query[filter], filterWords[filter] as readonly string[]];
    const meant = value === undefined || words.includes(value) ? null : suggestNames(value, words);
    if (meant !== null) return `no images match "${String(value)}": ${meant}`;
  }
  if (isWhole(query)) return 'there are no images';
  const { words = [] } = query;
  const names = words.length === 0 ? [] : await takeNames(await serviceFor(connection, signal), signal);
  const meant = suggestWords(words, names);
  return meant === null ? 'no images match' : `no images match: ${meant}`;
}

/** Who an image is shared with. @throws what the request fails with; the signal's reason */
export async function membersOf({ image, service }: Found, signal: AbortSignal): Promise<readonly Member[]> {
  return await service.members(image.id, signal);
}

/**
 * The images that are shared with a project.
 * @param project its id
 * @throws GlanceError `usage.unsupported` on API v2; what connecting and the request fail with; the signal's reason
 */
export async function listShared(
  connection: Connection,
  project: string,
  signal: AbortSignal,
): Promise<readonly Member[]> {
  return await (await serviceFor(connection, signal)).sharedImages(project, signal);
}

/**
 * Where the Glance keeps image data.
 * @throws GlanceError `usage.unsupported` on API v1; what connecting and the request fail with; the signal's reason
 */
export async function listStores(connection: Connection, signal: AbortSignal): Promise<readonly Store[]> {
  return await (await serviceFor(connection, signal)).stores(signal);
}
