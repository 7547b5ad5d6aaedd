// Inspects the data of a catalog's images in the background, one at a time, and keeps the results.
import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { inspectRanges } from '../../client/inspect/inspect-ranges.ts';
import { formatReport, parseReport } from '../../client/inspect/report-text.ts';
import { inspectedImage } from '../../client/inspect/inspect-image.ts';
import { failedReport, type Report } from '../../disk/report.ts';
import { GlanceError } from '../../errors.ts';
import { version } from '../../version.ts';
import type { ImageBytes } from '../answers/image-bytes.ts';
import type { Catalog, CatalogImage } from '../images/catalog.ts';
import { rangesOf } from './data-ranges.ts';
import type { ReportStore } from './report-store.ts';
import { type Summary, summarise } from './summary.ts';

/** Maximum memory for all reports together, in characters. Of a report that does not fit, only the summary is kept. */
const maxCharacters = 64 * 1024 * 1024;
/** How long to wait before inspecting an image again that could not be read. */
const retryMs = 60_000;
/** Results from earlier runs are taken over without waiting, this many at a time. */
const keptAtOnce = 100;

/** How to inspect a catalog. */
interface InspectionsOptions {
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** Whether to inspect the contents of disks, which reads up to 16 MiB of each. */
  readonly contents: boolean;
  /** Where to keep reports; null keeps them only while the server runs. */
  readonly store: ReportStore | null;
}

/** What is known of one image. */
interface Known {
  readonly entry: CatalogImage;
  /** Changes with the data and the record. */
  readonly key: string;
  readonly summary: Summary;
  /** The report; null if there was no room for it. */
  readonly text: string | null;
  /** When it may be tried again, on the clock; null if it was read. */
  readonly retryAt: number | null;
}

/** What was found so far in the images of a catalog. */
export class ServedInspections {
  readonly #options: InspectionsOptions;
  readonly #closing = new AbortController();
  readonly #known = new Map<string, Known>();
  #seen: readonly CatalogImage[] | null = null;
  #characters = 0;
  #loop: Promise<void> | null = null;
  /** Changes whenever a result is added. */
  revision = 0;

  constructor(options: InspectionsOptions) {
    this.#options = options;
  }

  /** What a list shows of an image; null if it was not inspected yet. */
  summary(entry: CatalogImage): Summary | null {
    return this.#knownOf(entry)?.summary ?? null;
  }

  /** The report on an image, or why there is none. */
  find(entry: CatalogImage): { readonly report: Report; readonly whyNot: null } | { report: null; whyNot: string } {
    const known = this.#knownOf(entry);
    if (known === undefined) {
      const whyNot = entry.data === null ? 'There is no data to inspect.' : 'Its data has not been inspected yet.';
      return { report: null, whyNot };
    }
    if (known.text === null) return { report: null, whyNot: 'The report on its data is too large to be kept.' };
    return { report: parseReport(known.text, entry.image.id), whyNot: null };
  }

  /** Inspects, in the background, what is new in the catalog, unless that is in progress. */
  follow(): void {
    if (this.#loop !== null || this.#closing.signal.aborted) return;
    if (this.#seen === this.#options.catalog.images && !this.#hasRetries()) return;
    this.#loop = this.#inspectAll().finally(() => {
      this.#loop = null;
    });
  }

  /** Resolves when no inspection is in progress. */
  async settled(): Promise<void> {
    await this.#loop;
  }

  /** Stops at once, and keeps what was found. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the server ends'));
    await this.#loop;
    await this.#options.store?.save();
  }

  #knownOf({ image: { id }, data }: CatalogImage): Known | undefined {
    const known = this.#known.get(id);
    return known !== undefined && known.entry.data?.version === data?.version ? known : undefined;
  }

  #hasRetries(): boolean {
    const now = this.#options.clock.monotonic();
    return [...this.#known.values()].some(({ retryAt }) => retryAt !== null && retryAt <= now);
  }

  /** Repeats until the catalog has not changed meanwhile. */
  async #inspectAll(): Promise<void> {
    const { catalog, store } = this.#options;
    do {
      const images = catalog.images;
      this.#forgetOthers(images);
      let turns = 0;
      for (const entry of images) {
        if (this.#closing.signal.aborted) return;
        turns += 1;
        if (turns % keptAtOnce === 0) await new Promise((resolve) => void setImmediate(resolve));
        await this.#take(entry);
      }
      this.#seen = images;
      store?.keepOnly(new Set([...this.#known.values()].map(({ key }) => key)));
      await store?.save();
    } while (this.#seen !== catalog.images);
  }

  async #take(entry: CatalogImage): Promise<void> {
    const { clock, store } = this.#options;
    const { image, data } = entry;
    const before = this.#known.get(image.id);
    if (data === null) return;
    const isGood = before !== undefined && (before.retryAt === null || before.retryAt > clock.monotonic());
    if (isGood && before.entry === entry) return;
    const key = this.#keyOf(entry, data);
    if (isGood && before.key === key) {
      this.#known.set(image.id, { ...before, entry });
      return;
    }
    const kept = store?.find(key);
    const report = (kept === undefined ? null : parseKept(kept, image.id)) ?? (await this.#inspect(entry, data));
    if (this.#closing.signal.aborted) return;
    this.#keep(entry, key, report);
  }

  #keep(entry: CatalogImage, key: string, report: Report): void {
    const { clock, store } = this.#options;
    const text = formatReport(report);
    this.#forget(entry.image.id);
    const isRoom = this.#characters + text.length <= maxCharacters;
    if (isRoom) this.#characters += text.length;
    const retryAt = report.error === null ? null : clock.monotonic() + retryMs;
    this.#known.set(entry.image.id, { entry, key, summary: summarise(report), text: isRoom ? text : null, retryAt });
    if (retryAt === null && isRoom) store?.keep(key, text);
    this.revision += 1;
  }

  async #inspect({ image }: CatalogImage, data: ImageBytes): Promise<Report> {
    const { clock, contents } = this.#options;
    const { signal } = this.#closing;
    try {
      const context = { now: clock.wallTime(), signal };
      return await inspectRanges(image, null, rangesOf(data), { contents }, context);
    } catch (error) {
      const { code, message } =
        error instanceof GlanceError ? error : { code: 'io.error', message: 'its data could not be read' };
      // Where the data is stored is not disclosed.
      return failedReport(inspectedImage(image), { code, message: code.startsWith('io.') ? whyIo : message });
    }
  }

  #forgetOthers(images: readonly CatalogImage[]): void {
    const ids = new Set(images.map(({ image }) => image.id));
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#forget(id);
  }

  #forget(id: string): void {
    this.#characters -= this.#known.get(id)?.text?.length ?? 0;
    this.#known.delete(id);
  }

  /** Covers the data, the record and the program. The month is included because support of systems ends with time. */
  #keyOf({ image }: CatalogImage, data: ImageBytes): string {
    const month = new Date(this.#options.clock.wallTime()).toISOString().slice(0, 7);
    const said = [inspectedImage(image), image.properties, data.version ?? image.updated_at, this.#options.contents];
    return createHash('sha256')
      .update(JSON.stringify([version, month, said]))
      .digest('hex');
  }
}

const whyIo = 'its data could not be read';

/** Null for a report that can no longer be parsed. */
function parseKept(text: string, id: string): Report | null {
  try {
    return parseReport(text, id);
  } catch {
    return null;
  }
}
