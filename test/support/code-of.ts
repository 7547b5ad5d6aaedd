// The outcome of a call as one value to compare.
import { GlanceError } from '../../src/errors.ts';

/** The code it fails with, or whatever else it throws; null if it succeeds. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => null,
    (error: unknown) => (error instanceof GlanceError ? error.code : error),
  );
}
