// Adds an image's contents to its report, if requested.
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

/** Options of an inspection. */
export interface ContentsOptions extends TargetOptions {
  /** Whether to report what is in the image. Absent: false. */
  readonly contents?: boolean | undefined;
  /** Maximum number of bytes to read for that, ≥ 1. Absent: 16 MiB. */
  readonly contentsLimit?: number | undefined;
  /** Called with what could not be read, in words for people; may quote the image, and is not escaped. */
  readonly onTrouble?: ((message: string) => void) | undefined;
  /** Called with what is installed, for which more is read: up to 256 MiB. Absent: packages are only counted. */
  readonly onPackages?: ((found: FoundPackages) => void) | undefined;
}

/** The installed packages. */
export interface FoundPackages {
  /** Null if not all could be read. */
  readonly packages: readonly InstalledPackage[] | null;
  /** The store's failure; null if there was none. */
  readonly failure: GlanceError | null;
  /** The record's digests of the data. */
  readonly digests: readonly Digest[];
}

/** What reading the contents depends on. */
export interface ContentsContext {
  /** Null if there is no record. */
  readonly record: Pick<Image, 'id' | 'properties' | 'checksum' | 'os_hash_algo' | 'os_hash_value'> | null;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Returns the report with the image's contents, if requested.
 * @param source null if ranges are not available
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
