// What is in an image, where a report is to say it.
import { addContents, type Report } from '../../disk/report.ts';
import type { Claims } from '../../disk/contents/claims.ts';
import { unreadContents } from '../../disk/contents/contents.ts';
import type { DetectedFormat } from '../../disk/parsing/finding.ts';
import type { RangeSource } from '../contents/range-source.ts';

/** Of inspecting. */
export interface ContentsOptions {
  /** Whether the report says what is in the image. Absent: false. */
  readonly contents?: boolean | undefined;
  /** Bytes that are read for it at most, ≥ 1. Absent: 16 MiB. */
  readonly contentsLimit?: number | undefined;
  /** Told what of it could not be read, for people; it may quote the image, and is not escaped. */
  readonly onTrouble?: ((message: string) => void) | undefined;
}

/** What the contents are read with. */
export interface ContentsContext {
  /** Properties of the record. */
  readonly claims: Claims;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * The report with what is in the image, if that is asked for.
 * @param source null where there are no ranges to be had
 * @throws the signal's reason
 */
export async function withContents(
  report: Report,
  source: RangeSource | null,
  { contents: isWanted, contentsLimit: limitBytes, onTrouble }: ContentsOptions,
  context: ContentsContext,
): Promise<Report> {
  const { format } = report;
  if (isWanted !== true || format === null) return report;
  if (source === null)
    return addContents(report, { contents: unreadContents('no_ranges'), partitions: null, hazards: [] });
  const { readContents } = await import('../contents/read-contents.ts');
  const found = await readContents(source, format as DetectedFormat, { ...context, limitBytes });
  for (const trouble of found.troubles) onTrouble?.(trouble);
  return addContents(report, found);
}
