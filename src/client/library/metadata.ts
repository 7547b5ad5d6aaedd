// The calls of a GlanceClient for what a Glance knows of its images.
import type { Image, Member, Store } from '../../image/image.ts';
import type { ListQuery } from '../../image/service.ts';
import type { Calls } from '../calls.ts';
import { explainingEach } from '../explaining.ts';
import { explainEmpty, listShared, listStores, membersOf, openList } from '../images.ts';
import { type ImageSelection, selectWhole } from '../select/image-selection.ts';
import type { SelectRequest } from '../select/select.ts';
import type { CallOptions, FindOptions, SelectCallOptions } from './call-options.ts';
import { locate } from './locate.ts';

export class Metadata {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  async api(options: CallOptions): Promise<{ readonly version: 1 | 2; readonly endpoint: URL }> {
    const { apiVersion: version, endpoint } = await this.#calls.explaining(() => this.#calls.service(options));
    return { version, endpoint };
  }

  async *list(query: ListQuery, options: CallOptions): AsyncGenerator<Image, void, undefined> {
    const { connection } = this.#calls;
    const signal = this.#calls.signalOf(options);
    const pages = await this.#calls.explaining(() => openList(connection, query, signal));
    for await (const page of explainingEach(connection, pages)) yield* page;
  }

  async explainEmpty(query: ListQuery, options: CallOptions): Promise<string> {
    const { connection } = this.#calls;
    return await this.#calls.explaining(() => explainEmpty(connection, query, this.#calls.signalOf(options)));
  }

  async find(query: string, options: FindOptions): Promise<Image> {
    return this.#calls.remember(await this.#calls.explaining(() => locate(this.#calls, query, options)));
  }

  async select(request: SelectRequest, options: SelectCallOptions): Promise<ImageSelection> {
    const how = { ...options, signal: this.#calls.signalOf(options) };
    const { selection, found } = await this.#calls.explaining(() => selectWhole(this.#calls.connection, request, how));
    for (const each of found) this.#calls.remember(each);
    return selection;
  }

  async members(image: Image | string, options: FindOptions): Promise<readonly Member[]> {
    return await this.#calls.explaining(async () => {
      const found = await locate(this.#calls, image, options);
      return await membersOf(found, this.#calls.signalOf(options));
    });
  }

  async sharedWith(project: string, options: CallOptions): Promise<readonly Member[]> {
    const { connection } = this.#calls;
    return await this.#calls.explaining(() => listShared(connection, project, this.#calls.signalOf(options)));
  }

  async stores(options: CallOptions): Promise<readonly Store[]> {
    const { connection } = this.#calls;
    return await this.#calls.explaining(() => listStores(connection, this.#calls.signalOf(options)));
  }
}
