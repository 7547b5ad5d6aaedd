// What is in an image, where a report is to say it.
import { addContents, type Report } from '../../disk/report.ts';
import { unreadContents } from '../../disk/contents/contents.ts';
import type { InstalledPackage } from '../../disk/packages/installed-package.ts';
import type { DetectedFormat } from '../../disk/parsing/finding.ts';
import type { Digest } from '../../digests.ts';
import type { GlanceError } from '../../errors.ts';
import { digestsOf } from '../../image/data-answer.ts';
import type { Image } from '../../image/image.ts';
import type { TargetOptions } from './target-option.ts';
import type { RangeSource } from '../contents/range-source.ts';

/** Of inspecting. */
export interface ContentsOptions extends TargetOptions {
  /** Whether the report says what is in the image. Absent: false. */
  readonly contents?: boolean | undefined;
  /** Bytes that are read for it at most, ≥ 1. Absent: 16 MiB. */
  readonly contentsLimit?: number | undefined;
  /** Told what of it could not be read, for people; it may quote the image, and is not escaped. */
  readonly onTrouble?: ((message: string) => void) | undefined;
  /** Told what is installed, for which more is read: 256 MiB at most. Absent: packages are only counted. */
  readonly onPackages?: ((found: FoundPackages) => void) | undefined;
}

/** What is installed. */
export interface FoundPackages {
  /** Null if not all of it could be read. */
  readonly packages: readonly InstalledPackage[] | null;
  /** What the store failed with; null if it did not. */
  readonly failure: GlanceError | null;
  /** What the record says of the data. */
  readonly digests: readonly Digest[];
}

/** What the contents are read with. */
export interface ContentsContext {
  /** Null without one. */
  readonly record: Pick<Image, 'id' | 'properties' | 'checksum' | 'os_hash_algo' | 'os_hash_value'> | null;
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
  { contents: isWanted, contentsLimit: limitBytes, onTrouble, onPackages }: ContentsOptions,
  { record, now, signal }: ContentsContext,
): Promise<Report> {
  const { format } = report;
  if (isWanted !== true || format === null) return report;
  const digests = onPackages === undefined || record === null ? [] : digestsOf(record);
  if (source === null) {
    onPackages?.({ packages: null, failure: null, digests });
    return addContents(report, { contents: unreadContents('no_ranges'), partitions: null, hazards: [] });
  }
  const { readContents } = await import('../contents/read-contents.ts');
  const reading = {
    claims: record?.properties ?? {},
    now,
    signal,
    limitBytes,
    listsPackages: onPackages !== undefined,
  };
  const found = await readContents(source, format as DetectedFormat, reading);
  for (const trouble of found.troubles) onTrouble?.(trouble);
  onPackages?.({ packages: found.installed, failure: found.failure, digests });
  return addContents(report, found);
}
