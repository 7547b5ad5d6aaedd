import { UnreadableError } from '../../../src/disk/blocks/reading.ts';

/** The result, or why there is none. */
export function resultOrWhy<T>(act: () => T): T | string {
  try {
    return act();
  } catch (error) {
    if (error instanceof UnreadableError) return error.why;
    throw error;
  }
}
