// Finds the image that a user means: by id, then by name, then among hidden images of that name.
import { AmbiguousImageError, type Candidate, GlanceError, HttpError } from '../errors.ts';
import type { Image } from './image.ts';
import { OddRecordError, type OnOdd } from './odd-record.ts';
import { type ListedRecord, takeWhole } from './paging.ts';
import { suggestSearch } from '../text/nearest.ts';
import type { ImageService, ListQuery } from './service.ts';

/** Images whose names are considered for suggestions. */
const suggestedFrom = 1000;
/** Maximum number of images of one name to list; if there are more, the rest is not read. */
const maxMatches = 1000;

/**
 * Finds the image that `query` names.
 * @param latest whether to take the latest of several images with that name, rather than fail
 * @throws GlanceError `image.not_found`; AmbiguousImageError; OddRecordError
 */
export async function resolveImage(
  service: ImageService,
  query: string,
  latest: boolean,
  signal: AbortSignal,
): Promise<Image> {
  const exact = await findExact(service, query, latest, signal);
  if (exact !== null) return exact;
  const names = await takeNames(service, signal);
  // Some servers cannot search for names.
  const listed = names.includes(query) ? await collectNamed(service, {}, query, latest, signal) : [];
  const found = takeOne(listed, query);
  if (found === null) throw notFound(query, names);
  return found;
}

/**
 * The image with exactly that id or name; hidden ones come last.
 * @returns null if there is none
 * @throws as {@link resolveImage}, except `image.not_found`
 */
export async function findExact(
  service: ImageService,
  query: string,
  latest: boolean,
  signal: AbortSignal,
): Promise<Image | null> {
  const byId = await findById(service, query, signal);
  if (byId !== undefined) return byId;
  const shown = takeOne(await collectNamed(service, { name: query }, query, latest, signal), query);
  if (shown !== null || service.apiVersion === 1) return shown;
  const hidden = collectNamed(service, { name: query, hidden: true }, query, latest, signal);
  return takeOne(await hidden.catch(noneHidden), query);
}

/** The error if no image has the name. @param names names of existing images */
function notFound(query: string, names: readonly string[]): GlanceError {
  const hint = suggestSearch(query, names) ?? 'see glance-cli list; names are compared exactly';
  return new GlanceError('image.not_found', `no image has the name or id ${query}`, { image: query, hint });
}

/** @returns null if there are none. @throws AmbiguousImageError; OddRecordError */
export function takeOne(matches: readonly ListedRecord[], query: string): Image | null {
  const [first] = matches;
  if (first === undefined || matches.length === 1) return first === undefined ? null : takeWhole(first);
  throw new AmbiguousImageError(
    `several images are called ${query}`,
    query,
    matches.map((record) => toCandidate(readable(record))),
    {
      hint: 'give the id, or `latest` for the newest',
    },
  );
}

async function findById(service: ImageService, query: string, signal: AbortSignal): Promise<Image | undefined> {
  if (!service.mayBeId(query)) return undefined;
  try {
    return await service.get(query, signal);
  } catch (error) {
    if (error instanceof GlanceError && error.code === 'image.not_found') return undefined;
    throw error;
  }
}

/** A Glance that refuses to search for hidden images has none. @throws any other error */
function noneHidden(error: unknown): readonly ListedRecord[] {
  if (error instanceof HttpError && error.status === 400) return [];
  throw error;
}

/** @returns with `latest`, only the latest one, if there is any */
async function collectNamed(
  service: ImageService,
  query: ListQuery,
  name: string,
  latest: boolean,
  signal: AbortSignal,
): Promise<readonly ListedRecord[]> {
  let matches: ListedRecord[] = [];
  // An image whose record is otherwise odd matches all the same.
  const onOdd: OnOdd = (odd) => {
    if (odd.image.name === name) matches.push(odd);
  };
  for await (const page of service.list(query, signal, onOdd)) {
    matches.push(...page.filter((image) => image.name === name));
    if (latest && matches.length > 1) matches = [pickLatest(matches)];
    if (matches.length > maxMatches) break;
  }
  return latest && matches.length > 1 ? [pickLatest(matches)] : matches;
}

/** The names on the server's first page, which takes one request. Empty if it fails. */
export async function takeNames(service: ImageService, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const pages = service.list({ limit: suggestedFrom }, signal)[Symbol.asyncIterator]();
    const { done, value: page } = await pages.next();
    await pages.return?.();
    return done === true ? [] : page.flatMap(({ name }) => name ?? []);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof GlanceError) return [];
    throw error;
  }
}

/** The part that can be read. */
export function readable(record: ListedRecord): Image {
  return record instanceof OddRecordError ? record.image : record;
}

/** An image without a readable creation time may be the latest: it is picked, and then refused. */
export function pickLatest(records: readonly ListedRecord[]): ListedRecord {
  const timeless = records.find(
    (record) => record instanceof OddRecordError && record.fields.some(({ key }) => key === 'created_at'),
  );
  return timeless ?? records.reduce((left, right) => (isNewer(readable(right), readable(left)) ? right : left));
}

function isNewer(image: Image, other: Image): boolean {
  return other.created_at === null || Date.parse(image.created_at ?? '') > Date.parse(other.created_at);
}

/** What distinguishes an image from others of the same name. */
export function toCandidate({ id, name, created_at, size, visibility }: Image): Candidate {
  return { id, name, created_at, size, visibility };
}
