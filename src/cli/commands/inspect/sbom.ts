// `inspect --sbom`: what is installed in an image, as CycloneDX, in addition to the report or instead of it.
import type { ContentsOptions } from '../../../client/inspect/contents-option.ts';
import type { Report } from '../../../client/inspect/report.ts';
import { findReportPlace, writeReportFile } from '../../../client/inspect/report-file.ts';
import { renderSbom, takeInventory } from '../../../client/sbom/inventory.ts';
import { GlanceError } from '../../../errors.ts';
import { countOf } from '../../../text/count.ts';
import type { Context } from '../../context.ts';
import type { InspectOptions } from '../../options/image-options.ts';

/** A report, and how to print it. */
export interface SbomInspection {
  readonly report: Report;
  readonly print: (printReport: () => Promise<void>) => Promise<void>;
}

/**
 * Inspects an image, and writes its SBOM to a file or prints it instead of the report.
 * @param destination a file, or `-`
 * @throws GlanceError `usage.option` if two things would go to standard output; `contents.*`, `io.*`
 */
export async function inspectForSbom(
  context: Context,
  destination: string,
  options: InspectOptions,
  inspect: (options: Pick<ContentsOptions, 'contents' | 'onPackages'>) => Promise<Report>,
): Promise<SbomInspection> {
  const { runtime } = context;
  if (destination === '-') {
    refuseBoth(context, options);
    const { inventory, report } = await takeInventory(inspect);
    return { report, print: () => context.printText(renderSbom(inventory, runtime.version)) };
  }
  const place = await findReportPlace(runtime.cwd, destination);
  const { inventory, report } = await takeInventory(inspect);
  await writeReportFile(place, [renderSbom(inventory, runtime.version)]);
  context.note(`${destination}: ${countOf(inventory.packages.length, 'package')}`);
  return { report, print: (printReport) => printReport() };
}

function refuseBoth({ options: { format, column } }: Context, { sarif }: InspectOptions): void {
  const other = sarif === true ? '--sarif' : format !== undefined ? '-f' : column !== undefined ? '-c' : null;
  if (other === null) return;
  throw new GlanceError('usage.option', `--sbom - and ${other} both print to standard output`, {
    hint: 'give --sbom a file',
  });
}
