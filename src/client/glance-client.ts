// The library's front door: one Glance, and what can be asked of it.
import type { Readable } from 'node:stream';
import type { Report } from '../disk/report.ts';
import type { Image, Member, Store } from '../image/image.ts';
import type { ListQuery } from '../image/service.ts';
import {
  type AuditCallOptions,
  type CallOptions,
  digestsOf,
  fetchOptionsOf,
  type FileDownloadOptions,
  type FindOptions,
  type InspectCallOptions,
  type InventoryCallOptions,
  type SelectCallOptions,
  type SeveralDownloadOptions,
  type SeveralDownloads,
  type TransferOptions,
  type WithinOptions,
} from './call-options.ts';
import { Calls } from './calls.ts';
import { Connection } from './connection.ts';
import type { ConnectOptions } from './connect-options.ts';
import type { FetchOptions } from './download/download.ts';
import { downloadFile } from './download/download-file.ts';
import type { DownloadRecord } from './download/download-record.ts';
import { inspectorFor } from './download/inspect-spooled.ts';
import { openImageStream } from './download/image-stream.ts';
import { fetchSeveralNamed } from './download/several-named.ts';
import { explainingEach } from './explaining.ts';
import type { Found } from './find.ts';
import { Fleet } from './fleet/fleet.ts';
import type { QueueOptions } from './fleet/open-queue.ts';
import { filesOf, type ImageFiles } from './guest/image-files.ts';
import { auditImages } from './inspect/audit.ts';
import { inspectFound } from './inspect/inspect-several.ts';
import { type ImageSelection, selectWhole } from './select/image-selection.ts';
import type { SelectRequest } from './select/select.ts';
import { findWithData } from './select/wait.ts';
import { type Inventory, renderSbom, takeInventory } from './sbom/inventory.ts';
import type { MirrorCalls, MirrorOptions } from './mirror/mirror.ts';
import { mirrorCalls } from './mirror/mirror-calls.ts';
import { type Verdict, verifyImageFile, type VerifyImageOptions } from './verify.ts';

/** A Glance, whatever its API version. Every method throws GlanceError. */
export class GlanceClient {
  readonly #connection: Connection;
  readonly #calls: Calls;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.#calls = new Calls(connection);
  }

  /**
   * A client of what is configured. Nothing is read or asked yet: the first call that needs the configured Glance connects and
   * logs in, and throws GlanceError `config.*`, `cloud.*`, `auth.*`, `api.version` where that fails. An image's URI needs none.
   */
  static connect(options: ConnectOptions): Promise<GlanceClient> {
    return Promise.resolve(new GlanceClient(new Connection(options)));
  }

  /** The configured Glance: the version of the Images API that is spoken, and its base, without credentials. */
  async api(options: CallOptions = {}): Promise<{ readonly version: 1 | 2; readonly endpoint: URL }> {
    const { apiVersion: version, endpoint } = await this.#calls.explaining(() => this.#calls.service(options));
    return { version, endpoint };
  }

  /**
   * The images that match, every page followed as they are asked for.
   * @throws GlanceError `usage.unsupported` for a filter that this API cannot answer
   * @throws PartialError at the end, if there were records that cannot be read; it names them
   */
  async *list(query: ListQuery = {}, options: CallOptions = {}): AsyncGenerator<Image, void, undefined> {
    const service = await this.#calls.explaining(() => this.#calls.service(options));
    const pages = service.list(query, this.#calls.signalOf(options));
    for await (const page of explainingEach(this.#connection, pages)) yield* page;
  }

  /**
   * The image of that id, or else of that name; either may be pinned (`NAME@sha256:HEX`), and stays so for what is done with
   * the image. Or the image of a full URI, in whichever Glance it is; a token goes there only if it is the configured one.
   * @throws GlanceError `image.not_found`, `integrity.pin`, `metadata.invalid` for a record that cannot be read;
   * AmbiguousImageError; with `waitMs` GlanceError `wait.timeout`, `image.no_data`
   */
  async find(query: string, options: FindOptions = {}): Promise<Image> {
    const how = { ...options, signal: this.#calls.signalOf(options) };
    return this.#calls.remember(await this.#calls.explaining(() => findWithData(this.#connection, query, how)));
  }

  /**
   * The images that are meant: by ids, names, URIs and patterns over names (`*`, `?`, `[…]`), or by a query; with `latest` the
   * newest of each. Text is a pattern only where no image is called just that. At most 10,000.
   * @throws GlanceError `image.not_found`, also where nothing matches; `usage.argument`, `usage.unsupported`; what {@link find}
   * throws; PartialError where of several things that are meant some are not to be had: there is no smaller selection
   */
  async select(request: SelectRequest, options: SelectCallOptions = {}): Promise<ImageSelection> {
    const how = { ...options, signal: this.#calls.signalOf(options) };
    const { selection, found } = await this.#calls.explaining(() => selectWhole(this.#connection, request, how));
    for (const each of found) this.#calls.remember(each);
    return selection;
  }

  /** Who an image is shared with. */
  async members(image: Image, options: CallOptions = {}): Promise<readonly Member[]> {
    return await this.#calls.explaining(async () => {
      const { service } = await this.#calls.foundOf(image, options);
      return await service.members(image.id, this.#calls.signalOf(options));
    });
  }

  /** Where this Glance keeps image data. @throws GlanceError `usage.unsupported` on API v1 */
  async stores(options: CallOptions = {}): Promise<readonly Store[]> {
    return await this.#calls.explaining(async () =>
      (await this.#calls.service(options)).stores(this.#calls.signalOf(options)),
    );
  }

  /**
   * Image data to a file, which gets its name once all of it is there, checked, and on disk. The same call resumes what an
   * interruption left; a target that matches already is left alone.
   * @param image one that was found or listed, or what {@link find} takes
   * @param path absolute, or from the working directory; or a template
   * @throws IntegrityError, SizeError; GlanceError `io.*`, `unsafe.image`, `signature.*`, what requests fail with; the signal's
   * reason
   */
  async download(image: Image | string, path: string, options: FileDownloadOptions = {}): Promise<DownloadRecord> {
    const find = async (run: CallOptions): Promise<Found> => {
      const wanted = typeof image === 'string' ? image : this.#calls.foundOf(image, run);
      return await findWithData(this.#connection, await wanted, { ...options, ...run });
    };
    return await downloadFile(this.#connection, find, path, fetchOptionsOf(options), this.#calls.signalOf(options));
  }

  /**
   * {@link download} of several images, some at a time, each to a file of the image's name (`safeFileName`) in a directory.
   * All are found before the first is fetched; one that is given twice is fetched once. One that fails does not stop the
   * others: it is in the result. Each event tells which image it is about. Files that would share a name get a part of their ids.
   * @param images as of {@link download}, or a selection
   * @param directory absolute, or from the working directory; made where it is not there. With `template`: what each file is called
   * @throws GlanceError `usage.option` for a number out of its range; the signal's reason, once what came is settled
   */
  async downloadSeveral(
    images: readonly (Image | string)[] | ImageSelection,
    directory: string,
    options: SeveralDownloadOptions = {},
  ): Promise<SeveralDownloads> {
    const given = 'choices' in images ? images.images : images;
    const find = async (run: CallOptions): Promise<readonly (string | Found)[]> =>
      await Promise.all(
        given.map(async (each) => (typeof each === 'string' ? each : await this.#calls.foundOf(each, run))),
      );
    const how = fetchOptionsOf(options);
    return await fetchSeveralNamed(this.#connection, find, directory, how, this.#calls.signalOf(options));
  }

  /**
   * Image data as a stream, verified as it passes: breaks are healed, and what does not match fails the stream at its end,
   * so its last byte must be waited for. To be consumed or destroyed, which hangs up.
   * @throws GlanceError `integrity.pin`, by the stream, which fails as {@link download} does
   */
  open(image: Image, options: TransferOptions = {}): Readable {
    const find = async (run: CallOptions): Promise<Found> =>
      await findWithData(this.#connection, await this.#calls.foundOf(image, run), { ...options, ...run });
    const demands = (): FetchOptions => ({ ...options, expect: digestsOf(options) });
    return openImageStream(this.#connection, find, demands, options, this.#calls.signalOf(options));
  }

  /** What image data is, and whether it is safe, from its first bytes; with `contents` what is in it too, by ranges. */
  async inspect(image: Image, options: InspectCallOptions = {}): Promise<Report> {
    return await this.#calls.explaining(async () => {
      const { service } = await this.#calls.foundOf(image, options);
      return await inspectorFor(options)(this.#connection, service, image, this.#calls.signalOf(options), options);
    });
  }

  /**
   * Every package that is installed in an image, with its package URL, read by ranges: all of them or an error, never a part.
   * @throws GlanceError `contents.limit` if it takes more reading than is allowed, `contents.unreadable`; what requests fail with
   */
  async inventory(image: Image, options: InventoryCallOptions = {}): Promise<Inventory> {
    return (await takeInventory((more) => this.inspect(image, { ...options, ...more }))).inventory;
  }

  /** {@link inventory} as CycloneDX 1.6: JSON that is the same for the same image, and ends in a line feed. */
  async sbom(image: Image, options: InventoryCallOptions = {}): Promise<string> {
    return renderSbom(await this.inventory(image, options));
  }

  /**
   * The files within the disk of an image, to be listed, read and saved where it lies. Nothing is asked yet.
   * @param image one that was found or listed; or what {@link find} takes, the path of a file, or an image of a mirror, `PLACE/ID`
   */
  within(image: Image | string, options: WithinOptions = {}): ImageFiles {
    const where = typeof image === 'string' ? image : () => this.#calls.foundOf(image, options);
    return filesOf(this.#connection, where, options, this.#calls.signalOf(options));
  }

  /**
   * Inspects every image that matches, or was selected, several at once; reports come in the order of the list. An image that cannot be read,
   * or whose record makes no sense, has a report with `error`, and the audit continues. With `marker` the id of the last
   * report, it resumes after that image.
   * @throws what listing fails with, after the reports on all that was listed before
   */
  async *audit(
    what: ListQuery | ImageSelection = {},
    options: AuditCallOptions = {},
  ): AsyncGenerator<Report, void, undefined> {
    const how = { ...options, inspect: inspectorFor(options), signal: this.#calls.signalOf(options) };
    const foundOf = (image: Image) => this.#calls.foundOf(image, options);
    const reports =
      'choices' in what
        ? inspectFound(this.#connection, await Promise.all(what.images.map(foundOf)), how)
        : auditImages(this.#connection, await this.#calls.explaining(() => this.#calls.service(options)), what, how);
    yield* explainingEach(this.#connection, reports);
  }

  /**
   * A directory or bucket that is kept in step with the images of a query: `plan()` tells what `run()` would do, `run()` does
   * it, `watch()` again and again. Nothing happens before. @param place a path, or `s3://BUCKET/PREFIX`; a directory is made by the first run
   */
  mirror(place: string, options: MirrorOptions = {}): MirrorCalls {
    return mirrorCalls(this.#calls, place, options);
  }

  /** A queue that many machines share the work of, with this client's Glance and login. @throws GlanceError `queue.*`, `usage.*` */
  async fleet(options: QueueOptions = {}): Promise<Fleet> {
    return await Fleet.open(this.#calls, options);
  }

  /**
   * Compares a file with an image: its size, all digests that Glance publishes, and those that are demanded. What needs no
   * Glance is `verifyFile` and `verifyMirror`.
   * @param path absolute, or from the working directory
   * @param image one that was found or listed, or what {@link find} takes; it is looked for only if there is a file
   * @throws GlanceError `io.missing`, `io.*` for the file; what {@link find} throws; the signal's reason
   */
  async verify(path: string, image: Image | string, options: VerifyImageOptions = {}): Promise<Verdict> {
    const find = async (): Promise<Found> =>
      await this.#calls.foundOf(typeof image === 'string' ? await this.find(image, options) : image, options);
    const how = { ...options, system: this.#connection.system, signal: this.#calls.signalOf(options) };
    return await verifyImageFile(this.#connection, path, find, how);
  }

  /** Closes its connections. */
  async close(): Promise<void> {
    await this.#connection.close();
  }
}
