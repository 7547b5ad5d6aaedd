// Finds out what is in an image without downloading it, within limits. Loaded only when needed.
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

/** How to read an image. */
interface ReadingOptions {
  /** Maximum number of bytes to read, > 0. Absent: 16 MiB, or 256 MiB to list packages. */
  readonly limitBytes?: number | undefined;
  /** Whether to list packages, rather than only count them. Absent: false. */
  readonly listsPackages?: boolean | undefined;
  /** Properties of the record. */
  readonly claims: Claims;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** What was found in an image. */
interface FoundContents {
  readonly contents: Contents;
  /** Partitions of the disk, logical ones included; null if there are none, or if that is unknown. */
  readonly partitions: PartitionTable | null;
  readonly hazards: readonly Hazard[];
  /** What could not be read, for people. Not escaped. */
  readonly troubles: readonly string[];
  /** Null if packages were not listed, or not all of them could be read. */
  readonly installed: ContentsDraft['installed'];
  /** The failure of the store after which no more was read; null if there was none. */
  readonly failure: GlanceError | null;
}

/** Reads an image. The result includes what could not be read. @throws the signal's reason */
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
    // The little that was read by chance is not worth reporting.
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
