// What one listing of a Glance means for a mirror: a task for each image, counted as the pages come.
import { countOf } from '../../text/count.ts';
import { GlanceError } from '../../errors.ts';
import { IdSet } from '../../image/id-set.ts';
import type { Image } from '../../image/image.ts';
import { maskImage } from '../../image/mask.ts';
import type { OddRecordError } from '../../image/odd-record.ts';
import type { ImageService, ListQuery } from '../../image/service.ts';
import { maxImages } from '../../mirror/index-file.ts';
import { type MirrorTask, Places } from '../../mirror/plan.ts';
import type { PlaceContents } from '../../mirror/places/place.ts';
import type { MirrorDemands } from './fetch-into.ts';
import type { MirrorCounts } from './report.ts';

/** What there is to do about an image. */
export type Task = Exclude<MirrorTask, { readonly action: 'same' }>;

/** Images that are looked at together: what one takes is garbage soon, and little of it is there at any time. */
const atOnce = 50;

/** What decides over images that failed before: of what a mirror is told. */
export interface ListingOptions extends Pick<MirrorDemands, 'requireSafe' | 'requireChecksum'> {
  /**
   * Whether images are tried again that could not be fetched as they were. Absent: not until their record changes, but for what
   * another run refused that had stricter demands.
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

  /** @param onUnread told of each record that cannot be read */
  constructor(contents: PlaceContents, options: ListingOptions, onUnread: (odd: OddRecordError) => void) {
    this.#contents = contents;
    this.#options = options;
    this.#onUnread = onUnread;
    this.#places = new Places(contents.ids());
  }

  /**
   * What is to be done about each image, page by page as they are listed; what stays as it is is only counted.
   * @throws what listing fails with; GlanceError `usage.unsupported` for more than a mirror can hold
   */
  async *plan(service: ImageService, query: ListQuery, signal: AbortSignal): AsyncGenerator<readonly Task[]> {
    const onOdd = (odd: OddRecordError): void => {
      this.#onUnread(odd);
      this.#unread.push(odd);
    };
    for await (const page of service.list(query, signal, onOdd)) {
      // What changes while it is listed may come twice.
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

  /** What is not listed any more. A record without an id may be of any image: then nothing is. */
  gone(): readonly string[] {
    if (this.#listed.has('')) return [];
    return [...this.#contents.ids()].filter((id) => !this.#listed.has(id));
  }

  /** What the plan comes to, once all of it was listed. */
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

  /** Of images whose ids differ only by case one has a directory. */
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
