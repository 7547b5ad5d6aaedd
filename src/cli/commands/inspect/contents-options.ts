import type { ContentsOptions } from '../../../client/inspect/contents-option.ts';
import type { InspectNamedOptions } from '../../../client/inspect/inspect-named.ts';
import { GlanceError } from '../../../errors.ts';
import type { InspectOptions } from '../../options/image-options.ts';

/** What the options say about inspecting. */
export type ContentsChoice = ContentsOptions & Pick<InspectNamedOptions, 'inspect'>;

/**
 * What to find out besides the verdict.
 * @throws GlanceError `usage.option` for options that need --contents or --target
 */
export async function contentsOptions({
  contents: isAsked,
  contentsLimit,
  sbom,
  spool,
  target,
  failOn,
}: InspectOptions): Promise<ContentsChoice> {
  if (failOn === 'target' && target === undefined) {
    throw new GlanceError('usage.option', '--fail-on target needs --target', { hint: 'add --target glance-2026.1' });
  }
  const contents = isAsked === true || sbom !== undefined;
  if (!contents) {
    const lone = spool === true ? '--spool' : contentsLimit === undefined ? null : '--contents-limit';
    if (lone !== null) throw new GlanceError('usage.option', `${lone} needs --contents`, { hint: 'add --contents' });
    return { target };
  }
  const choice = { contents, contentsLimit, target };
  if (spool !== true) return choice;
  const { inspectorFor } = await import('../../../client/download/inspect-spooled.ts');
  return { ...choice, inspect: inspectorFor({ spool }) };
}
