// The calls of a GlanceClient that look into images.
import type { Report } from '../../disk/report.ts';
import type { Image } from '../../image/image.ts';
import type { ListQuery } from '../../image/service.ts';
import type { Calls } from '../calls.ts';
import { inspectorFor } from '../download/inspect-spooled.ts';
import { explainingEach } from '../explaining.ts';
import { filesOf, type ImageFiles } from '../guest/image-files.ts';
import { openAudit } from '../inspect/audit.ts';
import { inspectNamed } from '../inspect/inspect-named.ts';
import { inspectFound, inspectTargets, selectTargets } from '../inspect/inspect-several.ts';
import { type Inventory, takeInventory } from '../sbom/inventory.ts';
import type { ImageSelection } from '../select/image-selection.ts';
import { Waiting } from '../select/wait.ts';
import type {
  AuditCallOptions,
  InspectCallOptions,
  InspectSeveralOptions,
  InventoryCallOptions,
  WithinOptions,
} from './call-options.ts';
import { locate } from './locate.ts';

/** Reports, in order, as they come. */
export type Reports = AsyncGenerator<Report, void, undefined>;

export class Inspections {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  async report(wanted: Image | string, options: InspectCallOptions): Promise<Report> {
    const { connection } = this.#calls;
    const [inspect, signal] = [inspectorFor(options), this.#calls.signalOf(options)];
    return await this.#calls.explaining(async () => {
      if (typeof wanted === 'string' && options.anywhere === true) {
        const waiting = new Waiting(connection, { ...options, strict: true });
        return await inspectNamed(connection, wanted, { latest: false, ...options, waiting, inspect, signal });
      }
      const { image, service } = await locate(this.#calls, wanted, options);
      return await inspect(connection, service, image, signal, options);
    });
  }

  async *several(targets: readonly string[], options: InspectSeveralOptions): Reports {
    const { connection } = this.#calls;
    const how = { ...options, inspect: inspectorFor(options), signal: this.#calls.signalOf(options) };
    const found = await this.#calls.explaining(() => selectTargets(connection, { images: targets }, how));
    yield* explainingEach(connection, inspectTargets(connection, found.targets, how));
  }

  async inventory(image: Image | string, options: InventoryCallOptions): Promise<Inventory> {
    return (await takeInventory((more) => this.report(image, { ...options, ...more }))).inventory;
  }

  within(image: Image | string, options: WithinOptions): ImageFiles {
    const where = typeof image === 'string' ? image : () => this.#calls.foundOf(image, options);
    return filesOf(this.#calls.connection, where, options, this.#calls.signalOf(options));
  }

  async *audit(what: ListQuery | ImageSelection, options: AuditCallOptions): Reports {
    const { connection } = this.#calls;
    const how = { ...options, inspect: inspectorFor(options), signal: this.#calls.signalOf(options) };
    const foundOf = (image: Image) => this.#calls.foundOf(image, options);
    const reports =
      'choices' in what
        ? inspectFound(connection, await Promise.all(what.images.map(foundOf)), how)
        : await this.#calls.explaining(() => openAudit(connection, what, how));
    yield* explainingEach(connection, reports);
  }
}
