// The calls of a GlanceClient for image data: downloads, streams, and plans of downloads.
import type { Readable } from 'node:stream';
import type { Image } from '../../image/image.ts';
import type { Calls } from '../calls.ts';
import type { FetchOptions } from '../download/download.ts';
import { downloadFile, planFile } from '../download/download-file.ts';
import type { DownloadRecord } from '../download/download-record.ts';
import type { PlannedDownload } from '../download/foresee.ts';
import { openImageStream } from '../download/image-stream.ts';
import { fetchSeveralNamed, planSeveralNamed } from '../download/several-named.ts';
import type { Found } from '../find.ts';
import type { ImageSelection } from '../select/image-selection.ts';
import {
  type CallOptions,
  digestsOf,
  fetchOptionsOf,
  type FileDownloadOptions,
  type SeveralDownloadOptions,
  type SeveralDownloads,
  type StreamOptions,
  type TransferOptions,
} from './call-options.ts';
import { locate } from './locate.ts';

/** Several images, as programs name them. */
export type Several = readonly (Image | string)[] | ImageSelection;

export class Downloads {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  async toFile(image: Image | string, path: string, options: FileDownloadOptions): Promise<DownloadRecord> {
    return await downloadFile(...this.#one(image, path, options));
  }

  async planFile(image: Image | string, path: string, options: FileDownloadOptions): Promise<PlannedDownload> {
    return await planFile(...this.#one(image, path, options));
  }

  async several(images: Several, directory: string, options: SeveralDownloadOptions): Promise<SeveralDownloads> {
    return await fetchSeveralNamed(...this.#several(images, directory, options));
  }

  async planSeveral(
    images: Several,
    directory: string,
    options: SeveralDownloadOptions,
  ): Promise<readonly PlannedDownload[]> {
    return await planSeveralNamed(...this.#several(images, directory, options));
  }

  toStream(image: Image | string, options: StreamOptions): Readable {
    const demands = (): FetchOptions => ({ ...options, expect: digestsOf(options) });
    const { connection } = this.#calls;
    return openImageStream(connection, this.#finder(image, options), demands, options, this.#calls.signalOf(options));
  }

  #one(image: Image | string, path: string, options: FileDownloadOptions): Parameters<typeof downloadFile> {
    const find = this.#finder(image, options);
    return [this.#calls.connection, find, path, fetchOptionsOf(options), this.#calls.signalOf(options)];
  }

  #several(images: Several, directory: string, options: SeveralDownloadOptions): Parameters<typeof fetchSeveralNamed> {
    const given = 'choices' in images ? images.images : images;
    const find = async (run: CallOptions): Promise<readonly (string | Found)[]> =>
      await Promise.all(
        given.map(async (each) => (typeof each === 'string' ? each : await this.#calls.foundOf(each, run))),
      );
    return [this.#calls.connection, find, directory, fetchOptionsOf(options), this.#calls.signalOf(options)];
  }

  #finder(image: Image | string, options: TransferOptions): (run: CallOptions) => Promise<Found> {
    return async (run) => await locate(this.#calls, image, { ...options, ...run });
  }
}
