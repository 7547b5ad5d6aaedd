// What is in a mirror's directory by its index, as a plan is made from it.
import type { Image } from '../../../image/image.ts';
import type { MirrorIndex } from '../../index-file.ts';
import { type MirrorTask, planImage, type RetryChoice } from '../../plan.ts';
import type { PlaceContents } from '../place.ts';
import { checkPresence } from './presence.ts';

/** Changes with its index. */
export class DirectoryContents implements PlaceContents {
  readonly #path: string;
  readonly #index: MirrorIndex;

  /** @param path absolute; need not be there */
  constructor(path: string, index: MirrorIndex) {
    this.#path = path;
    this.#index = index;
  }

  get size(): number {
    return this.#index.entries.size;
  }

  ids(): Iterable<string> {
    return this.#index.entries.keys();
  }

  async plan(image: Image, retries: RetryChoice): Promise<MirrorTask> {
    const { entries, failures } = this.#index;
    const known = { entry: entries.get(image.id) ?? null, failure: failures.get(image.id) ?? null };
    return await checkPresence(this.#path, known.entry, image, planImage(known, image, retries));
  }
}
