// What is in an image, read where it lies, within limits; loaded only when it is asked for.
import { hazardsOf, type ContentsDraft, emptyDraft } from '../../disk/contents/collect.ts';
import type { Claims } from '../../disk/contents/claims.ts';
import { type Contents, unreadContents, type WhyUnread } from '../../disk/contents/contents.ts';
import { readDisk } from '../../disk/contents/read-disk.ts';
import type { DetectedFormat, PartitionTable } from '../../disk/parsing/finding.ts';
import type { Hazard } from '../../disk/parsing/hazards.ts';
import { GlanceError } from '../../errors.ts';
import { BlockReader, EarlyEnd } from './block-reader.ts';
import type { RangeSource } from './range-source.ts';
import { listingLimits, readLimits } from './read-limits.ts';

/** How it is read. */
export interface ReadingOptions {
  /** Bytes at most, > 0. Absent: 16 MiB, or 256 MiB where packages are listed. */
  readonly limitBytes?: number | undefined;
  /** Whether packages are listed, not only counted. Absent: false. */
  readonly listsPackages?: boolean | undefined;
  /** Properties of the record. */
  readonly claims: Claims;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** What was found. */
export interface FoundContents {
  readonly contents: Contents;
  /** Of the disk, logical partitions among them; null if there is none, or if it is not known. */
  readonly partitions: PartitionTable | null;
  readonly hazards: readonly Hazard[];
  /** What could not be read, for people. Not escaped. */
  readonly troubles: readonly string[];
  /** Null if that was not asked for, or not all of it could be read. */
  readonly installed: ContentsDraft['installed'];
  /** What the store failed with, after which no more was read; null if it did not. */
  readonly failure: GlanceError | null;
}

/** Reads it. What cannot be read is in the result. @throws the signal's reason */
export async function readContents(
  source: RangeSource,
  format: DetectedFormat,
  { limitBytes, listsPackages = false, claims, now, signal }: ReadingOptions,
): Promise<FoundContents> {
  const draft = emptyDraft();
  const limits = listsPackages ? listingLimits(limitBytes) : readLimits(limitBytes);
  const reader = new BlockReader(source, limits, signal);
  let failure: GlanceError | null = null;
  try {
    await reader.drive(readDisk(format, source.size, draft, { claims, now, listsPackages }));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof GlanceError) failure = error;
    noteEnd(draft, error);
  }
  const { bytesRead: bytes_read, requests } = reader;
  const { troubles, partitions, installed } = draft;
  const common = { troubles, installed, failure };
  if (draft.why === 'no_ranges') {
    // What little of it came by chance is not worth telling.
    const contents = { ...unreadContents('no_ranges'), bytes_read, requests };
    return { ...common, contents, partitions: null, hazards: [] };
  }
  return {
    ...common,
    contents: { ...contentsOf(draft), bytes_read, requests },
    partitions,
    hazards: hazardsOf(draft),
  };
}

function noteEnd(draft: ContentsDraft, error: unknown): void {
  if (error instanceof EarlyEnd) draft.why = error.why;
  else if (error instanceof GlanceError) {
    draft.why = 'unavailable' satisfies WhyUnread;
    draft.troubles.push(error.message);
  } else throw error;
}

function contentsOf(draft: ContentsDraft): Contents {
  const { partitions: _, installed: _list, hazards: _hazards, troubles: _troubles, ...contents } = draft;
  return contents;
}
