import { GlanceError } from '../../errors.ts';

/** Whether what came before a failure is something to resume from: not if the data is wrong, the disk itself, or it is gone for good. */
export function isWorthKeeping(error: unknown): boolean {
  if (!(error instanceof GlanceError)) return true;
  return !/^(?:integrity|image|signature|unsafe)\.|^io\.error$/.test(error.code);
}
