// What is said of a list of checksums that digests are taken from.
import type { Context } from './context.ts';

/** Says that nobody has checked who signed it. @param list as it was given; absent: none */
export function noteList(context: Context, list: string | undefined): void {
  if (list !== undefined) context.note('who signed the list of checksums was not checked');
}
