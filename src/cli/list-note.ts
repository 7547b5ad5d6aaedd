// What is said of a list of checksums that digests are taken from.
import type { Context } from './context.ts';

/** Says that nobody has checked who signed it. @param list as it was given; absent: none. @param agrees whether the data matched it */
export function noteList(context: Context, list: string | undefined, agrees: boolean): void {
  if (list === undefined) return;
  const what = agrees ? 'the list of checksums agrees; its signature' : 'the signature of the list of checksums';
  context.note(`${what} was not checked`);
}
