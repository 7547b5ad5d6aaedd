// The pages of a database that were read: none belongs to two things, so that whoever links them in circles is found out,
// and
// no more is read than there is.
import { damaged } from '../blocks/reading.ts';

export class UsedPages {
  readonly #end: number;
  readonly #used = new Set<number>();

  /** @param end after the last page */
  constructor(end: number) {
    this.#end = end;
  }

  /** Takes a page for good. @throws UnreadableError for one that is not there, or in use already */
  take(page: number): void {
    if (page < 0 || page >= this.#end) damaged('a data base of packages names a page that it does not have');
    if (this.#used.has(page)) damaged('a data base of packages uses a page twice');
    this.#used.add(page);
  }
}
