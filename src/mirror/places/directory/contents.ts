// What is in a mirror's directory according to its index, as the basis for a plan.
import { join } from 'node:path';
import type { Image } from '../../../image/image.ts';
import { isOwnId, type MirrorFailure, type MirrorIndex } from '../../index-file.ts';
import { type HeldIds, type MirrorTask, planImage, RecordFile, type RetryChoice } from '../../plan.ts';
import type { PlaceContents } from '../place.ts';
import { checkPresence, isDirectory } from './presence.ts';

/** What `failure.json` says about an image; null if there is none. The id is safe, and its directory exists. */
type FindFailure = (id: string) => Promise<MirrorFailure | null>;

/** Follows changes of the index. */
export class DirectoryContents implements PlaceContents {
  readonly #path: string;
  readonly #index: MirrorIndex;
  readonly #findFailure: FindFailure;

  /**
   * @param path absolute; need not exist
   * @param findFailure called for images that the index does not know
   */
  constructor(path: string, index: MirrorIndex, findFailure: FindFailure) {
    this.#path = path;
    this.#index = index;
    this.#findFailure = findFailure;
  }

  get ids(): HeldIds {
    return this.#index.entries;
  }

  async plan(image: Image, retries: RetryChoice): Promise<MirrorTask> {
    const { entries, failures } = this.#index;
    const entry = entries.get(image.id) ?? null;
    const failure = failures.get(image.id) ?? (entry === null ? await this.#recall(image.id) : null);
    const task = planImage({ entry, failure }, new RecordFile(image), retries);
    return await checkPresence(this.#path, entry, image, task);
  }

  /** A failure that was noted after the index could no longer be written. */
  async #recall(id: string): Promise<MirrorFailure | null> {
    return isOwnId(id) && (await isDirectory(join(this.#path, id))) ? await this.#findFailure(id) : null;
  }
}
