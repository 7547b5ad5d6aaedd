// Lists everything that is installed in an image: completely, or with an error, never in part.
import type { OperatingSystem, WhyUnread } from '../../disk/contents/contents.ts';
import { GlanceError } from '../../errors.ts';
import type { ContentsOptions, FoundPackages } from '../inspect/contents-option.ts';
import { type Report, subjectOf } from '../../disk/report.ts';
import { type ListedPackage, renderCycloneDx, type SbomSubject } from './cyclonedx.ts';
import { packageUrlOf } from './package-url.ts';

/** What is installed in an image. */
export interface Inventory {
  readonly image: SbomSubject;
  /** Null if nothing in the image identifies it. */
  readonly os: OperatingSystem | null;
  /** Packages of every package manager found, in the order of its database. */
  readonly packages: readonly ListedPackage[];
}

/** An inventory, and the report that it came with. */
interface InspectedInventory {
  readonly inventory: Inventory;
  readonly report: Report;
}

/** How to inspect the image. */
type InventoryOptions = Required<Pick<ContentsOptions, 'onPackages'>> & { readonly contents: true };

/**
 * Inspects an image and lists what is installed in it.
 * @param inspect inspects it with these options
 * @throws GlanceError `contents.limit`, `contents.unreadable`; what the store failed with; what inspecting throws
 */
export async function takeInventory(
  inspect: (options: InventoryOptions) => Promise<Report>,
): Promise<InspectedInventory> {
  let found: FoundPackages | null = null;
  const report = await inspect({
    contents: true,
    onPackages: (packages) => {
      found = packages;
    },
  });
  return { inventory: inventoryOf(report, found), report };
}

function inventoryOf(report: Report, found: FoundPackages | null): Inventory {
  const { contents } = report;
  if (found?.failure) throw found.failure;
  if (contents === null || found === null) throw incomplete(report, 'its format was not recognised');
  const { os, why } = contents;
  // Without knowing the system, a scanner cannot use the list.
  const isWhole = found.packages !== null && (os !== null || why === null);
  if (!isWhole || found.packages === null)
    throw why === 'limit' ? limited(report) : incomplete(report, reasonOf(report, why));
  const { id, name, path, format, size } = report;
  const image = { id, name, path, format, size: typeof size === 'number' ? size : null, digests: found.digests };
  return { image, os, packages: found.packages.map((each) => ({ ...each, purl: packageUrlOf(each, os) })) };
}

const reasons: Partial<Record<WhyUnread, string>> = {
  no_ranges: 'its store does not support ranges',
  damaged: 'something in it is damaged',
  unsupported: 'something in it is not supported',
};

function reasonOf({ id, path }: Report, why: WhyUnread | null): string {
  if (why === 'no_ranges' && id === null && path === null) return 'a stream does not allow random access';
  return (why === null ? undefined : reasons[why]) ?? 'no package database was found in it';
}

function incomplete(report: Report, reason: string): GlanceError {
  const { id, path } = report;
  const isStream = id === null && path === null;
  const hasNoRanges = report.contents?.why === 'no_ranges';
  const hint = !hasNoRanges
    ? undefined
    : isStream
      ? 'save it as a file first'
      : 'give `spool`, which fetches the whole image first';
  const text = `what is installed in ${subjectOf(report)} cannot be listed: ${reason}`;
  return new GlanceError('contents.unreadable', text, { image: id ?? undefined, hint });
}

function limited(report: Report): GlanceError {
  const text = `what is installed in ${subjectOf(report)} cannot be listed: reading it takes more than is allowed`;
  return new GlanceError('contents.limit', text, { image: report.id ?? undefined, hint: 'raise `contentsLimit`' });
}

/**
 * The inventory as CycloneDX 1.6: JSON, the same bytes for the same contents, harmless to a terminal.
 * @param toolVersion version of the program named as its author. Absent: the library's
 */
export function renderSbom({ image, os, packages }: Inventory, toolVersion?: string): string {
  return renderCycloneDx(image, os, packages, toolVersion);
}
