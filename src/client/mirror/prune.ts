// Removes images that are no longer listed.
import { GlanceError } from '../../errors.ts';
import { isLargePrune } from '../../mirror/plan.ts';
import { countOf } from '../../text/count.ts';

/**
 * Refuses to remove more than half of all images.
 * @param size images of the place
 * @param isForced whether that many may be removed
 * @throws GlanceError `usage.option`
 */
export function checkPrune(size: number, gone: readonly string[], isForced: boolean): void {
  if (isForced || !isLargePrune(gone.length, size)) return;
  const text = `\`prune\` would remove ${String(gone.length)} of ${countOf(size, 'image')}`;
  throw new GlanceError('usage.option', text, { hint: 'see them with `plan`; `force` removes them' });
}
