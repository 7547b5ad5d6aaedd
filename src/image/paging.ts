// Walking a list page by page with `marker`, whatever the server does: ends, loops, repeats, vanished markers.
import { createHash } from 'node:crypto';
import { GlanceError, HttpError } from '../errors.ts';
import { countOf } from '../text/count.ts';
import { IdSet } from '../compact/id-set.ts';
import type { Image } from './image.ts';
import { OddRecordError, oddRecordsError, type OnOdd } from './odd-record.ts';

export interface PagePlan {
  /** Images to request at a time, 1–1000. */
  readonly pageSize: number;
  /** Maximum number of images in all, or undefined for every one. */
  readonly limit: number | undefined;
  /** Id after which to begin. */
  readonly marker: string | undefined;
  /** Filters what the server could not. */
  readonly matches: ((record: ListedRecord) => boolean) | null;
  /** Maximum number of records to read, including those that do not match. Absent: a million, more than any known cloud has. */
  readonly maxRecords?: number | undefined;
  /** Called with each record that cannot be read completely. Absent: the list ends with an error after the others. */
  readonly onOdd?: OnOdd | undefined;
  /** Requests one page. */
  readonly fetchPage: (marker: string | undefined, size: number) => Promise<Page>;
}

/** An image, or the error about its record. */
export type ListedRecord = Image | OddRecordError;

export interface Page {
  readonly images: readonly ListedRecord[];
  /** Whether the server says that there are more; null if its API does not say. */
  readonly more: boolean | null;
}

/** Maximum number of ids to remember, so that no image is yielded twice: about 32 MiB of UUIDs. */
const defaultMaxRecords = 1_000_000;

/** Maximum number of steps back from markers whose images have been deleted since. */
const maxSteps = 3;

/** One record of a page: odd fields affect that record only. @throws errors that are not about its fields */
export function keepOdd(parse: () => Image): ListedRecord {
  try {
    return parse();
  } catch (error) {
    if (error instanceof OddRecordError) return error;
    throw error;
  }
}

/** Maximum number of odd records on a page: as many as were requested. Nothing that sends more is Glance. */
const maxOdd = 1000;

/**
 * The records of a page.
 * @throws GlanceError `json.invalid` if too many are unreadable; errors that are not about fields
 */
export function keepOddOnes<T>(entries: readonly T[], parse: (entry: T) => Image): readonly ListedRecord[] {
  let odd = 0;
  return entries.map((entry) => {
    const record = keepOdd(() => parse(entry));
    if (record instanceof OddRecordError && ++odd > maxOdd) {
      throw new GlanceError('json.invalid', `over ${String(maxOdd)} records of one answer could not be read`, {
        hint: 'is the endpoint that of Glance?',
      });
    }
    return record;
  });
}

/**
 * Yields the pages, each image once. Records that cannot be read completely are left out and passed to `onOdd`.
 * @throws GlanceError `page.loop` if full pages bring nothing new, or empty ones never end; `page.limit` once too many
 * records have come, after they were yielded; `partial` if the position in the list is lost; a request's failure
 * @throws PartialError at the end, if records were left out without an `onOdd`
 */
export async function* walkPages(plan: PagePlan): AsyncGenerator<readonly Image[]> {
  const odd: OddRecordError[] = [];
  for await (const page of walkRecords(plan)) {
    const images: Image[] = [];
    for (const record of page) {
      if (!(record instanceof OddRecordError)) images.push(record);
      else if (plan.onOdd === undefined) odd.push(record);
      else plan.onOdd(record);
    }
    if (images.length > 0) yield images;
  }
  if (odd.length > 0) throw oddRecordsError(odd);
}

async function* walkRecords(plan: PagePlan): AsyncGenerator<readonly ListedRecord[]> {
  const { maxRecords = defaultMaxRecords } = plan;
  const seen = new IdSet();
  /** Ids of the images seen last. */
  let order: readonly string[] = [];
  let left = plan.limit ?? Number.POSITIVE_INFINITY;
  // If the server sends records that do not match, small pages are of no use.
  let isExact = true;
  while (left > 0) {
    const size = isExact ? Math.min(plan.pageSize, left) : plan.pageSize;
    const { images: page, more } = await fetchAfter(plan, order, size);
    const fresh = page.filter((record) => !seen.has(keyOf(record)));
    for (const record of fresh) seen.add(keyOf(record));
    order = [...order, ...fresh.map(idOf).filter((id) => id !== '')].slice(-maxSteps - 1);
    if (page.length === 0 && more === true) {
      throw new GlanceError('page.loop', 'the server says that the list continues, but sends no more of it');
    }
    if (fresh.length === 0 && page.length > 0 && (more ?? page.length >= size)) {
      throw new GlanceError('page.loop', 'the server sends the same page of the list again and again', {
        hint: 'it may not know the parameter marker; narrow the list with filters',
      });
    }
    const meant = plan.matches === null ? fresh : fresh.filter(plan.matches);
    isExact &&= meant.length === fresh.length;
    const wanted = meant.slice(0, left);
    left -= wanted.length;
    if (wanted.length > 0) yield wanted;
    // If the API does not say, only a page without anything new marks the end: a server's own limit can make every page short.
    if (fresh.length === 0 || more === false) return;
    if (left > 0 && seen.size >= maxRecords) throw endless(seen.size);
  }
}

/** The record if it was read completely. @throws OddRecordError otherwise */
export function takeWhole(record: ListedRecord): Image {
  if (record instanceof OddRecordError) throw record;
  return record;
}

/** Its id; empty if that cannot be read. */
export function idOf(record: ListedRecord): string {
  return record instanceof OddRecordError ? record.image.id : record.id;
}

/** Longer than any id of a Glance. */
const maxKeyLength = 255;

/** Identifies a record, in bounded length; if it has no id, by what is wrong with it. */
function keyOf(record: ListedRecord): string {
  const id = idOf(record);
  const key = id === '' && record instanceof OddRecordError ? `?${record.message}` : id;
  return key.length <= maxKeyLength ? key : createHash('sha256').update(key).digest('base64');
}

function endless(count: number): GlanceError {
  return new GlanceError('page.limit', `the list does not end after ${countOf(count, 'record')}: reading stops there`, {
    hint: 'narrow it with filters, or continue after the last image with a marker',
  });
}

/** The page after the last image seen; if that has been deleted since, after the one before it. */
async function fetchAfter(plan: PagePlan, order: readonly string[], size: number): Promise<Page> {
  for (let step = 1; ; step++) {
    const marker = order.at(-step) ?? plan.marker;
    try {
      return await plan.fetchPage(marker, size);
    } catch (error) {
      const isGone = error instanceof HttpError && error.status === 400 && order.length > 0;
      if (!isGone) throw error;
      if (step <= Math.min(maxSteps, order.length)) continue;
      const text = `the rest of the list is missing: its last ${countOf(step, 'image')} ${step === 1 ? 'was' : 'were'} deleted while it was read`;
      throw new GlanceError('partial', text, { ...error.facts, cause: error, hint: 'run the same command again' });
    }
  }
}
