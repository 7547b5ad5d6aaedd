// What a pattern or the filters have matched so far, within bounds.
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { OddRecordError } from '../../image/odd-record.ts';
import type { ListedRecord } from '../../image/paging.ts';
import { pickLatest, readable } from '../../image/resolve.ts';
import type { ImageService } from '../../image/service.ts';
import { countOf } from '../../text/count.ts';
import type { Selected } from './selection.ts';

/** Maximum number of images in a selection: about 30 MiB of records. */
const maxImages = 10_000;

export class Matches {
  readonly #latest: boolean;
  #records: ListedRecord[] = [];
  /** How many matched, even if `latest` keeps only one. */
  count = 0;

  /** @param latest whether to keep only the newest */
  constructor(latest: boolean) {
    this.#latest = latest;
  }

  /** The records kept, in list order. */
  get records(): readonly ListedRecord[] {
    return this.#records;
  }

  add(record: ListedRecord): void {
    this.count++;
    this.#records.push(record);
    if (this.#latest) this.#records = [pickLatest(this.#records)];
  }

  /** @throws GlanceError `usage.unsupported` once there are too many in all */
  static check(all: readonly Matches[]): void {
    const count = all.reduce((sum, { records }) => sum + records.length, 0);
    if (count <= maxImages) return;
    throw new GlanceError('usage.unsupported', `over ${countOf(maxImages, 'image')} match, too many for one call`, {
      hint: 'narrow it down; mirror and inspect accept any number with filters',
    });
  }

  /**
   * The images to work on, each identified by its name, or by its id if several share the name.
   * @param bear returns the image for a malformed record, or throws the reason why there is none
   */
  picks(service: ImageService, bear: (error: unknown) => Image): readonly Selected[] {
    const counts = new Map<string, number>();
    for (const { name } of this.#records.map(readable)) {
      if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return this.#records.map((record) => {
      const { id, name } = readable(record);
      const query = name !== null && name.trim() !== '' && counts.get(name) === 1 ? name : id;
      try {
        const image = record instanceof OddRecordError ? bear(record) : record;
        return { query, found: { image, service, pins: [] }, error: null };
      } catch (error) {
        if (!(error instanceof GlanceError)) throw error;
        return { query, found: null, error };
      }
    });
  }
}
