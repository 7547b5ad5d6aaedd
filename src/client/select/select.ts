// Finds the images that somebody means by names, patterns for names, or list filters.
import { GlanceError } from '../../errors.ts';
import type { ImageService, ListQuery } from '../../image/service.ts';
import { findExact, takeOne } from '../../image/resolve.ts';
import { findPin } from '../../image/pin.ts';
import { parsePattern, type Pattern } from '../../text/pattern.ts';
import { suggestSearch } from '../../text/nearest.ts';
import type { Connection } from '../connection.ts';
import { bearing, chooseOne, type Found, findImage, type FindImageOptions } from '../find.ts';
import { serviceFor } from '../calls.ts';
import { checkCount, checkEnds, shareWork } from './shared-work.ts';
import { Matches } from './matches.ts';
import { type Choice, ownFailure, type Selection } from './selection.ts';
import { waitForAll, Waiting, type WaitOptions } from './wait.ts';

/** What to select: either names or filters. */
export interface SelectRequest {
  /** Ids, names, pinned names, URIs, and patterns for names. */
  readonly images?: readonly string[] | undefined;
  /** The filters, order and limit of a list. */
  readonly query?: ListQuery | undefined;
}

/** Like {@link SelectRequest}, but some images may have been found earlier. */
type FurtherRequest = Pick<SelectRequest, 'query'> & { readonly images?: readonly (string | Found)[] | undefined };

export interface SelectOptions extends FindImageOptions, WaitOptions {
  /** Whether `*`, `?` and `[…]` are special in a name. Absent: true. */
  readonly patterns?: boolean;
  /** Names looked up at once, ≥ 1. Absent: 2. */
  readonly jobs?: number | undefined;
  /**
   * Aborts the call. If only {@link signal} is aborted, each name not found by then counts as missed. Absent: the same.
   */
  readonly interruption?: AbortSignal;
}

const defaultJobs = 2;

/**
 * Finds all the images; with `waitMs`, also waits until those still being created have data. A name stands for one image,
 * a pattern or filters for all that match; `latest` picks the newest of each.
 * A text is a pattern only if no image has exactly that name; URIs and pinned names never are.
 * @returns a choice for each name, in order, without repetitions; a failure to find one is in its choice
 * @throws what a search by filters fails with, GlanceError `image.not_found` if they match nothing; `usage.unsupported`
 * for more images than a selection may have; anything but a GlanceError; the interruption's reason
 */
export async function selectImages(
  connection: Connection,
  request: FurtherRequest,
  options: SelectOptions = {},
): Promise<Selection> {
  const { jobs = defaultJobs, waitMs, signal = connection.signal, interruption = signal } = options;
  const waiting = new Waiting(connection, options);
  const selection = await findAll(connection, request, options);
  return waitMs === undefined ? selection : await waitForAll(selection, waiting, jobs, { signal, interruption });
}

async function findAll(
  connection: Connection,
  { images = [], query }: FurtherRequest,
  options: SelectOptions,
): Promise<Selection> {
  if (query !== undefined) return { choices: [await selectListed(connection, query, options)] };
  const { jobs = defaultJobs, signal = connection.signal, interruption = signal } = options;
  checkCount('jobs', jobs);
  const names = [...new Set(images)];
  const found: (Choice | Pattern)[] = [];
  const ends = await shareWork(
    names.entries(),
    () => jobs,
    async ([index, name]) => {
      found[index] = await selectNamed(connection, name, { ...options, signal, interruption });
    },
  );
  checkEnds(ends, interruption);
  const patterns = found.flatMap((each) => ('text' in each ? [each] : []));
  const listed =
    patterns.length === 0 ? [] : await matchAll(connection, patterns, { ...options, signal, interruption });
  const byPattern = new Map(listed.map((choice) => [choice.meant, choice]));
  return { choices: found.flatMap((each) => ('text' in each ? (byPattern.get(each.text) ?? []) : [each])) };
}

type Signals = Required<Pick<SelectOptions, 'signal' | 'interruption'>>;

/** @returns the choice for a name; it is tried as a pattern if no image has exactly that name */
async function selectNamed(
  connection: Connection,
  name: string | Found,
  options: SelectOptions & Signals,
): Promise<Choice | Pattern> {
  const { signal, interruption, latest = false, choose } = options;
  if (typeof name !== 'string') return namedChoice(name.image.id, name);
  try {
    const pattern = options.patterns === false ? null : patternOf(name);
    if (pattern === null) return namedChoice(name, await findImage(connection, name, options));
    const service = await serviceFor(connection, signal);
    const image = await findExact(service, name, latest, signal)
      .catch((error: unknown) => chooseOne(error, service, choose, signal))
      .catch(bearing(connection, options));
    return image === null ? pattern : namedChoice(name, { image, service, pins: [] });
  } catch (error) {
    return missed(name, 'named', ownFailure(error, interruption));
  }
}

/** Reads a text as a pattern; null for URIs, pinned names, and texts without wildcards. */
export function patternOf(text: string): Pattern | null {
  const isOther = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || findPin(text).pin !== null;
  return isOther ? null : parsePattern(text);
}

/**
 * Walks the list once for all patterns. If the list breaks off, all of them fail, since incomplete matches would pass for
 * complete ones.
 */
async function matchAll(
  connection: Connection,
  patterns: readonly Pattern[],
  options: SelectOptions & Signals,
): Promise<readonly Choice[]> {
  const { signal, interruption, latest = false } = options;
  try {
    const service = await serviceFor(connection, signal);
    const all = patterns.map((pattern) => ({ pattern, named: new Matches(latest), matches: new Matches(latest) }));
    const names: string[] = [];
    await walk(service, {}, signal, (record, name) => {
      if (name !== null && names.length < suggestedFrom) names.push(name);
      for (const { pattern, named, matches } of all) {
        if (name === pattern.text) named.add(record);
        else if (name !== null && pattern.matches(name)) matches.add(record);
      }
      Matches.check(all.map(({ matches }) => matches));
    });
    const choices: Choice[] = [];
    for (const { pattern, named, matches } of all) {
      choices.push(
        named.count > 0
          ? await selectOne(connection, service, pattern.text, named, options)
          : patternChoice(connection, service, pattern, matches, names, options),
      );
    }
    return choices;
  } catch (error) {
    const failure = ownFailure(error, interruption);
    if (failure.code === 'usage.unsupported') throw failure;
    return patterns.map(({ text }) => missed(text, 'pattern', failure));
  }
}

/** Names considered for suggestions. */
const suggestedFrom = 1000;

/** Selects the image with exactly that name, if the server could not search for it. */
async function selectOne(
  connection: Connection,
  service: ImageService,
  name: string,
  matches: Matches,
  options: SelectOptions & Signals,
): Promise<Choice> {
  const { signal, interruption, choose } = options;
  try {
    const found = await Promise.resolve()
      .then(() => takeOne(matches.records, name))
      .catch((error: unknown) => chooseOne(error, service, choose, signal))
      .catch(bearing(connection, options));
    if (found === null) throw noMatch(name, []);
    return namedChoice(name, { image: found, service, pins: [] });
  } catch (error) {
    return missed(name, 'named', ownFailure(error, interruption));
  }
}

function patternChoice(
  connection: Connection,
  service: ImageService,
  { text }: Pattern,
  matches: Matches,
  names: readonly string[],
  options: SelectOptions,
): Choice {
  if (matches.count === 0) return missed(text, 'pattern', noMatch(text, names));
  const picks = matches.picks(service, bearing(connection, options));
  return { meant: text, why: 'pattern', matched: matches.count, picks };
}

async function selectListed(connection: Connection, query: ListQuery, options: SelectOptions): Promise<Choice> {
  const { signal = connection.signal, latest = false } = options;
  const service = await serviceFor(connection, signal);
  const matches = new Matches(latest);
  await walk(service, query, signal, (record) => {
    matches.add(record);
    Matches.check([matches]);
  });
  if (matches.count === 0) throw noneMatch();
  const picks = matches.picks(service, bearing(connection, options));
  return { meant: null, why: 'filters', matched: matches.count, picks };
}

/** The error if filters match nothing. */
export function noneMatch(): GlanceError {
  const hint = 'see glance-cli list with the same filters, or fewer of them';
  return new GlanceError('image.not_found', 'no image matches the filters', { hint });
}

/** Visits every record of a list, in order, except that malformed ones come when their page does. */
async function walk(
  service: ImageService,
  query: ListQuery,
  signal: AbortSignal,
  take: (record: Parameters<Matches['add']>[0], name: string | null) => void,
): Promise<void> {
  const pages = service.list(query, signal, (odd) => take(odd, odd.image.name));
  for await (const page of pages) for (const image of page) take(image, image.name);
}

function namedChoice(name: string, found: Found): Choice {
  return { meant: name, why: 'named', matched: 1, picks: [{ query: name, found, error: null }] };
}

function missed(query: string, why: Choice['why'], error: GlanceError): Choice {
  return { meant: query, why, matched: 0, picks: [{ query, found: null, error }] };
}

function noMatch(pattern: string, names: readonly string[]): GlanceError {
  const near = suggestSearch(pattern.replaceAll(/[*?[\]!^]/g, ' ').trim(), names);
  return new GlanceError('image.not_found', `no image has the name or id ${pattern}, nor a name that it matches`, {
    image: pattern,
    hint: near ?? 'see glance-cli list; upper and lower case differ, and * ? […] must match the whole name',
  });
}
