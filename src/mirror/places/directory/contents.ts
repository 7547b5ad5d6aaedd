// What is in a mirror's directory by its index, as a plan is made from it.
import { join } from 'node:path';
import type { Image } from '../../../image/image.ts';
import { isOwnId, type MirrorFailure, type MirrorIndex } from '../../index-file.ts';
import { type MirrorTask, planImage, RecordFile, type RetryChoice } from '../../plan.ts';
import type { PlaceContents } from '../place.ts';
import { checkPresence, isDirectory } from './presence.ts';

/** What `failure.json` says of an image; null without one. The id is safe, and its directory is there. */
type FindFailure = (id: string) => Promise<MirrorFailure | null>;

/** Changes with its index. */
export class DirectoryContents implements PlaceContents {
  readonly #path: string;
  readonly #index: MirrorIndex;
  readonly #findFailure: FindFailure;

  /**
   * @param path absolute; need not be there
   * @param findFailure asked of images that the index does not know
   */
  constructor(path: string, index: MirrorIndex, findFailure: FindFailure) {
    this.#path = path;
    this.#index = index;
    this.#findFailure = findFailure;
  }

  get size(): number {
    return this.#index.entries.size;
  }

  ids(): Iterable<string> {
    return this.#index.entries.keys();
  }

  async plan(image: Image, retries: RetryChoice): Promise<MirrorTask> {
    const { entries, failures } = this.#index;
    const entry = entries.get(image.id) ?? null;
    const failure = failures.get(image.id) ?? (entry === null ? await this.#recall(image.id) : null);
    const task = planImage({ entry, failure }, new RecordFile(image), retries);
    return await checkPresence(this.#path, entry, image, task);
  }

  /** What was remembered when the index could not be written any more. */
  async #recall(id: string): Promise<MirrorFailure | null> {
    return isOwnId(id) && (await isDirectory(join(this.#path, id))) ? await this.#findFailure(id) : null;
  }
}
