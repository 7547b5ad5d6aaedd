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
import { readLimits } from './read-limits.ts';

/** How it is read. */
export interface ReadingOptions {
  /** Bytes at most, > 0. Absent: 16 MiB. */
  readonly limitBytes?: number | undefined;
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
}

/** Reads it. What cannot be read is in the result. @throws the signal's reason */
export async function readContents(
  source: RangeSource,
  format: DetectedFormat,
  { limitBytes, claims, now, signal }: ReadingOptions,
): Promise<FoundContents> {
  const draft = emptyDraft();
  const reader = new BlockReader(source, readLimits(limitBytes), signal);
  try {
    await reader.drive(readDisk(format, source.size, draft, { claims, now }));
  } catch (error) {
    signal.throwIfAborted();
    noteEnd(draft, error);
  }
  const { bytesRead: bytes_read, requests } = reader;
  const { troubles, partitions } = draft;
  if (draft.why === 'no_ranges') {
    // What little of it came by chance is not worth telling.
    const contents = { ...unreadContents('no_ranges'), bytes_read, requests };
    return { contents, partitions: null, hazards: [], troubles };
  }
  return { contents: { ...contentsOf(draft), bytes_read, requests }, partitions, hazards: hazardsOf(draft), troubles };
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
