// The note about a list of checksums from which digests are taken.
import type { Context } from './context.ts';

/**
 * Says that nobody checked who signed the list.
 * @param list as given; absent: none.
 * @param agrees whether the data matched it
 */
export function noteList(context: Context, list: string | undefined, agrees: boolean): void {
  if (list === undefined) return;
  const what = agrees ? 'the list of checksums agrees; its signature' : 'the signature of the list of checksums';
  context.note(`${what} was not checked`);
}
