// From what a user types to one image: id, then name, then hidden images of that name.
import { AmbiguousImageError, type Candidate, GlanceError } from '../errors.ts';
import type { Image } from './image.ts';
import { OddRecordError, type OnOdd } from './odd-record.ts';
import { type ListedRecord, takeWhole } from './paging.ts';
import { suggestNames } from '../nearest.ts';
import type { ImageService, ListQuery } from './service.ts';

/** Images whose names are looked at for one that may have been meant. */
const suggestedFrom = 1000;

/**
 * Finds the image that `query` names.
 * @param latest of several with that name take the one created last, rather than failing
 * @throws GlanceError `image.not_found`; AmbiguousImageError; OddRecordError
 */
export async function resolveImage(
  service: ImageService,
  query: string,
  latest: boolean,
  signal: AbortSignal,
): Promise<Image> {
  const byId = await findById(service, query, signal);
  if (byId !== undefined) return byId;
  const shown = await findByName(service, { name: query }, signal);
  const matches =
    shown.length === 0 && service.apiVersion === 2
      ? await findByName(service, { name: query, hidden: true }, signal)
      : shown;
  const [first] = matches;
  if (first === undefined) {
    throw new GlanceError('image.not_found', `No Image found for ${query}`, {
      image: query,
      hint: (await suggestImages(service, query, signal)) ?? 'see glance-cli list; names are compared exactly',
    });
  }
  if (matches.length === 1) return takeWhole(first);
  if (latest) return takeWhole(pickLatest(matches));
  throw new AmbiguousImageError(
    `More than one Image exists with the name '${query}'.`,
    query,
    matches.map((record) => toCandidate(readable(record))),
    {
      hint: 'give the id, or --latest for the newest',
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

async function findByName(
  service: ImageService,
  query: ListQuery,
  signal: AbortSignal,
): Promise<readonly ListedRecord[]> {
  const matches: ListedRecord[] = [];
  // An image whose record is odd elsewhere is meant all the same.
  const onOdd: OnOdd = (odd) => {
    if (odd.image.name === query.name) matches.push(odd);
  };
  for await (const page of service.list(query, signal, onOdd)) {
    // A server that does not know the filter lists everything.
    matches.push(...page.filter((image) => image.name === query.name));
  }
  return matches;
}

/** Names like it on the server's first page: one request, and no harm if it fails. */
async function suggestImages(service: ImageService, query: string, signal: AbortSignal): Promise<string | null> {
  try {
    const pages = service.list({ limit: suggestedFrom }, signal)[Symbol.asyncIterator]();
    const { done, value: page } = await pages.next();
    await pages.return?.();
    return done === true
      ? null
      : suggestNames(
          query,
          page.flatMap(({ name }) => name ?? []),
        );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof GlanceError) return null;
    throw error;
  }
}

function readable(record: ListedRecord): Image {
  return record instanceof OddRecordError ? record.image : record;
}

/** One that cannot tell when it was created may be the latest: it is picked, and refused. */
function pickLatest(records: readonly ListedRecord[]): ListedRecord {
  const timeless = records.find(
    (record) => record instanceof OddRecordError && record.fields.some(({ key }) => key === 'created_at'),
  );
  return timeless ?? records.reduce((left, right) => (isNewer(readable(right), readable(left)) ? right : left));
}

function isNewer(image: Image, other: Image): boolean {
  return other.created_at === null || Date.parse(image.created_at ?? '') > Date.parse(other.created_at);
}

function toCandidate({ id, name, created_at, size, visibility }: Image): Candidate {
  return { id, name, created_at, size, visibility };
}
