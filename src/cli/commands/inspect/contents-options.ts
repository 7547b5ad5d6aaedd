import type { InspectNamedOptions } from '../../../client/inspect/inspect-named.ts';
import { GlanceError } from '../../../errors.ts';
import type { InspectOptions } from '../../options/image-options.ts';

/**
 * How contents are read, as options say.
 * @throws GlanceError `usage.option` for what makes no sense without --contents
 */
export async function contentsOptions({
  contents: isAsked,
  contentsLimit,
  sbom,
  spool,
}: InspectOptions): Promise<Omit<InspectNamedOptions, 'latest'>> {
  const contents = isAsked === true || sbom !== undefined;
  if (!contents) {
    const lone = spool === true ? '--spool' : contentsLimit === undefined ? null : '--contents-limit';
    if (lone !== null) throw new GlanceError('usage.option', `${lone} is for --contents`, { hint: 'add --contents' });
    return {};
  }
  const choice = { contents, contentsLimit };
  if (spool !== true) return choice;
  const { inspectorFor } = await import('../../../client/download/inspect-spooled.ts');
  return { ...choice, inspect: inspectorFor({ spool }) };
}
