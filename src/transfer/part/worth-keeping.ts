import { GlanceError } from '../../errors.ts';

/**
 * Whether what arrived before a failure can be resumed: not if the data is wrong, the disk failed, or the image is gone
 * for good.
 */
export function isWorthKeeping(error: unknown): boolean {
  if (!(error instanceof GlanceError)) return true;
  return !/^(?:integrity|image|signature|unsafe)\.|^io\.error$/.test(error.code);
}
