// The pages of a database that were read. None belongs to two structures, so circular links are detected, and no more is read
// than there is.
import { damaged } from '../blocks/reading.ts';

export class UsedPages {
  readonly #end: number;
  readonly #used = new Set<number>();

  /** @param end one past the last page */
  constructor(end: number) {
    this.#end = end;
  }

  /** Marks a page as used. @throws UnreadableError if it does not exist, or is already in use */
  take(page: number): void {
    if (page < 0 || page >= this.#end) damaged('a page number in the package database is out of range');
    if (this.#used.has(page)) damaged('a page of the package database is used twice');
    this.#used.add(page);
  }
}
