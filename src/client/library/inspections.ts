// The calls of a GlanceClient that look into images.
import type { Report } from '../../disk/report.ts';
import type { Image } from '../../image/image.ts';
import type { ListQuery } from '../../image/service.ts';
import type { Calls } from '../calls.ts';
import { inspectorFor } from '../download/inspect-spooled.ts';
import { explainingEach } from '../explaining.ts';
import { auditImages } from '../inspect/audit.ts';
import { inspectFound } from '../inspect/inspect-several.ts';
import { type Inventory, takeInventory } from '../sbom/inventory.ts';
import type { ImageSelection } from '../select/image-selection.ts';
import type { AuditCallOptions, InspectCallOptions, InventoryCallOptions } from './call-options.ts';
import { locate } from './locate.ts';

export class Inspections {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  async report(wanted: Image | string, options: InspectCallOptions): Promise<Report> {
    return await this.#calls.explaining(async () => {
      const { image, service } = await locate(this.#calls, wanted, options);
      const { connection } = this.#calls;
      return await inspectorFor(options)(connection, service, image, this.#calls.signalOf(options), options);
    });
  }

  async inventory(image: Image | string, options: InventoryCallOptions): Promise<Inventory> {
    return (await takeInventory((more) => this.report(image, { ...options, ...more }))).inventory;
  }

  async *audit(what: ListQuery | ImageSelection, options: AuditCallOptions): AsyncGenerator<Report, void, undefined> {
    const { connection } = this.#calls;
    const how = { ...options, inspect: inspectorFor(options), signal: this.#calls.signalOf(options) };
    const foundOf = (image: Image) => this.#calls.foundOf(image, options);
    const reports =
      'choices' in what
        ? inspectFound(connection, await Promise.all(what.images.map(foundOf)), how)
        : auditImages(connection, await this.#calls.explaining(() => this.#calls.service(options)), what, how);
    yield* explainingEach(connection, reports);
  }
}
