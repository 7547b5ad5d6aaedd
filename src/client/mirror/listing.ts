// What one listing of a Glance means for a mirror: a task for each image, counted as the pages arrive.
import { countOf } from '../../text/count.ts';
import { GlanceError } from '../../errors.ts';
import { IdSet } from '../../compact/id-set.ts';
import type { Image } from '../../image/image.ts';
import { maskImage } from '../../image/mask.ts';
import type { OddRecordError } from '../../image/odd-record.ts';
import type { ImageService, ListQuery } from '../../image/service.ts';
import { maxImages } from '../../mirror/index-file.ts';
import { type MirrorTask, Places } from '../../mirror/plan.ts';
import type { PlaceContents } from '../../mirror/places/place.ts';
import type { MirrorDemands } from './fetch-into.ts';
import type { MirrorCounts } from './report.ts';

/** What a mirror has to do about an image. */
export type Task = Exclude<MirrorTask, { readonly action: 'same' }>;

/** Images that are examined together: few, so that little memory is in use at any time. */
const atOnce = 50;

/** The options of a mirror that decide what happens to images that failed before. */
export interface ListingOptions extends Pick<MirrorDemands, 'requireSafe' | 'requireChecksum'> {
  /**
   * Whether to retry images that failed for good. Absent: not until their record changes, except for those that
   * another run with stricter requirements refused.
   */
  readonly retryFailed?: boolean | undefined;
}

export class Listing {
  readonly #contents: PlaceContents;
  readonly #options: ListingOptions;
  readonly #onUnread: (odd: OddRecordError) => void;
  readonly #places: Places;
  readonly #listed = new IdSet();
  readonly #counts: Record<MirrorTask['action'], number> = { new: 0, data: 0, record: 0, same: 0, failed: 0 };
  #unread: OddRecordError[] = [];

  /** @param onUnread called with each record that cannot be read */
  constructor(contents: PlaceContents, options: ListingOptions, onUnread: (odd: OddRecordError) => void) {
    this.#contents = contents;
    this.#options = options;
    this.#onUnread = onUnread;
    this.#places = new Places(contents.ids);
  }

  /**
   * Tells what to do about each image, page by page as they are listed. Images that stay as they are are only counted.
   * @throws what listing fails with; GlanceError `usage.unsupported` for more than a mirror can hold
   */
  async *plan(service: ImageService, query: ListQuery, signal: AbortSignal): AsyncGenerator<readonly Task[]> {
    const onOdd = (odd: OddRecordError): void => {
      this.#onUnread(odd);
      this.#unread.push(odd);
    };
    for await (const page of service.list(query, signal, onOdd)) {
      // An image that changes during the listing may appear twice.
      const images = page.filter(({ id }) => this.#listed.add(id));
      const tasks = this.#failUnread();
      for (let start = 0; start < images.length; start += atOnce) {
        const some = images.slice(start, start + atOnce).map((image) => this.#planOne(image, signal));
        for (const task of await Promise.all(some)) this.#count(this.#givePlace(task), tasks);
      }
      if (this.#listed.size > maxImages) throw tooMany();
      yield tasks;
    }
    yield this.#failUnread();
  }

  /** Whether an image of that id was listed. */
  has(id: string): boolean {
    return this.#listed.has(id);
  }

  /** The images that are no longer listed. If a record has no id, it could be that of any image, so none counts as gone. */
  gone(): readonly string[] {
    if (this.#listed.has('')) return [];
    return [...this.#contents.ids.keys()].filter((id) => !this.#listed.has(id));
  }

  /** The totals of the plan, once everything was listed. */
  counts(): MirrorCounts {
    const { new: added, data, record, same, failed } = this.#counts;
    const images = added + data + record + same + failed;
    return { images, fetched: added + data, found: 0, renewed: record, same, gone: this.gone().length, failed };
  }

  async #planOne(listed: Image, signal: AbortSignal): Promise<MirrorTask> {
    const { retryFailed = false, requireSafe = false, requireChecksum = false } = this.#options;
    const retries = (code: string): boolean =>
      retryFailed || (!requireSafe && code === 'unsafe.image') || (!requireChecksum && code === 'integrity.unprovable');
    return await this.#contents.plan(maskImage(listed), retries, signal);
  }

  /** If ids differ only by case, one of the images gets the directory. */
  #givePlace(task: MirrorTask): MirrorTask {
    if (task.action === 'failed') return task;
    const id = task.action === 'same' ? task.id : task.image.id;
    const holder = this.#places.claim(id);
    if (holder === id || task.action === 'same') return task;
    const message = `its id differs from that of image ${holder} only by case, and so would their directories`;
    return { action: 'failed', image: task.image, code: 'io.name', message };
  }

  #count(task: MirrorTask, tasks: Task[]): void {
    this.#counts[task.action]++;
    if (task.action !== 'same') tasks.push(task);
  }

  #failUnread(): Task[] {
    const unread = this.#unread;
    this.#unread = [];
    return unread.map(({ image, code, message }) => {
      this.#listed.add(image.id);
      this.#counts.failed++;
      return { action: 'failed', image: maskImage(image), code, message };
    });
  }
}

function tooMany(): GlanceError {
  return new GlanceError('usage.unsupported', `a mirror holds at most ${countOf(maxImages, 'image')}`, {
    hint: 'leave some out, with the filters of list',
  });
}
