// The library's front door: one Glance, and everything that can be done with it.
import type { Readable } from 'node:stream';
import type { Report } from '../disk/report.ts';
import type { Image, Member, Store } from '../image/image.ts';
import type { ListQuery } from '../image/service.ts';
import type {
  AuditCallOptions,
  CallOptions,
  FileDownloadOptions,
  FindOptions,
  InspectCallOptions,
  InventoryCallOptions,
  SelectCallOptions,
  SeveralDownloadOptions,
  SeveralDownloads,
  TransferOptions,
  WithinOptions,
} from './library/call-options.ts';
import { Downloads, type Several } from './library/downloads.ts';
import { Inspections } from './library/inspections.ts';
import { locate } from './library/locate.ts';
import { Calls } from './calls.ts';
import { Connection } from './connection.ts';
import type { ConnectOptions } from './connect-options.ts';
import type { DownloadRecord } from './download/download-record.ts';
import type { PlannedDownload } from './download/foresee.ts';
import { explainingEach } from './explaining.ts';
import { Fleet } from './fleet/fleet.ts';
import type { QueueOptions } from './fleet/open-queue.ts';
import { filesOf, type ImageFiles } from './guest/image-files.ts';
import { type ImageSelection, selectWhole } from './select/image-selection.ts';
import type { SelectRequest } from './select/select.ts';
import { type Inventory, renderSbom } from './sbom/inventory.ts';
import type { MirrorCalls, MirrorOptions } from './mirror/mirror.ts';
import { mirrorCalls } from './mirror/mirror-calls.ts';
import { type Verdict, verifyImageFile, type VerifyImageOptions } from './verify.ts';

/**
 * A Glance, whatever its API version. Every method throws GlanceError. Where a method takes an image, pass one that was found
 * or listed, or anything that {@link GlanceClient.find} takes. Paths are absolute, or relative to the working directory.
 */
export class GlanceClient {
  readonly #connection: Connection;
  readonly #calls: Calls;
  readonly #downloads: Downloads;
  readonly #inspections: Inspections;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.#calls = new Calls(connection);
    this.#downloads = new Downloads(this.#calls);
    this.#inspections = new Inspections(this.#calls);
  }

  /**
   * A client for the configured Glance. Nothing is read or requested yet: the first call that needs that Glance connects and
   * logs in, and throws GlanceError `config.*`, `cloud.*`, `auth.*`, `api.version` if that fails. An image
   * given by its URI needs no configured Glance.
   */
  static connect(options: ConnectOptions): Promise<GlanceClient> {
    return Promise.resolve(new GlanceClient(new Connection(options)));
  }

  /** The configured Glance: the version of the Images API in use, and its base URL, without credentials. */
  async api(options: CallOptions = {}): Promise<{ readonly version: 1 | 2; readonly endpoint: URL }> {
    const { apiVersion: version, endpoint } = await this.#calls.explaining(() => this.#calls.service(options));
    return { version, endpoint };
  }

  /**
   * The images that match. Further pages are fetched as you iterate.
   * @throws GlanceError `usage.unsupported` for a filter that this API cannot answer
   * @throws PartialError at the end, if some records could not be read; it names them
   */
  async *list(query: ListQuery = {}, options: CallOptions = {}): AsyncGenerator<Image, void, undefined> {
    const service = await this.#calls.explaining(() => this.#calls.service(options));
    const pages = service.list(query, this.#calls.signalOf(options));
    for await (const page of explainingEach(this.#connection, pages)) yield* page;
  }

  /**
   * The image with that id, or else with that name. Either may be pinned (`NAME@sha256:HEX`); the pin then also holds for later
   * calls with the image. Or the image at a full URI, in any Glance; a token is sent only to the configured one.
   * @throws GlanceError `image.not_found`, `integrity.pin`, `metadata.invalid` for a record that cannot be read;
   * AmbiguousImageError; with `waitMs` GlanceError `wait.timeout`, `image.no_data`
   */
  async find(query: string, options: FindOptions = {}): Promise<Image> {
    return this.#calls.remember(await this.#calls.explaining(() => locate(this.#calls, query, options)));
  }

  /**
   * The selected images: by ids, names, URIs and patterns for names (`*`, `?`, `[…]`), or by a query; with `latest`, the
   * newest of each. Text is taken as a pattern only if no image has exactly that name. At most 10,000 images.
   * @throws GlanceError `image.not_found`, also where nothing matches; `usage.argument`, `usage.unsupported`; what {@link find}
   * throws; PartialError if some of several things were not found, as a smaller selection is never returned
   */
  async select(request: SelectRequest, options: SelectCallOptions = {}): Promise<ImageSelection> {
    const how = { ...options, signal: this.#calls.signalOf(options) };
    const { selection, found } = await this.#calls.explaining(() => selectWhole(this.#connection, request, how));
    for (const each of found) this.#calls.remember(each);
    return selection;
  }

  /** Who an image is shared with. */
  async members(image: Image | string, options: FindOptions = {}): Promise<readonly Member[]> {
    return await this.#calls.explaining(async () => {
      const { image: found, service } = await locate(this.#calls, image, options);
      return await service.members(found.id, this.#calls.signalOf(options));
    });
  }

  /** Where this Glance keeps image data. @throws GlanceError `usage.unsupported` on API v1 */
  async stores(options: CallOptions = {}): Promise<readonly Store[]> {
    return await this.#calls.explaining(async () =>
      (await this.#calls.service(options)).stores(this.#calls.signalOf(options)),
    );
  }

  /**
   * Downloads image data to a file, which gets its name once all of the data is there, verified, and on disk. The same call resumes
   * after an interruption; a target that already matches is left alone.
   * @param path of the file; with `template`, a pattern that is filled in with values of the image
   * @throws IntegrityError, SizeError; GlanceError `io.*`, `unsafe.image`, `signature.*`, what requests fail with; the signal's
   * reason
   */
  async download(image: Image | string, path: string, options: FileDownloadOptions = {}): Promise<DownloadRecord> {
    return await this.#downloads.toFile(image, path, options);
  }

  /**
   * Tells what {@link download} would do: no data is fetched, and nothing is written. A failure that concerns the image, or the
   * file that a template names after it, is in the result, as with {@link planSeveral}.
   * @throws what {@link find} throws; GlanceError `usage.*`, and `io.*` for a path at which no file can be
   */
  async planDownload(image: Image | string, path: string, options: FileDownloadOptions = {}): Promise<PlannedDownload> {
    return await this.#downloads.planFile(image, path, options);
  }

  /**
   * Downloads several images, some at a time, each to a file named after the image (`safeFileName`) in a directory.
   * All images are found before the first is fetched, and one that is given twice is fetched once. A failure does not stop the
   * others: it is in the result. Each event says which image it is about. Files that would share a name get part of their id added.
   * @param directory created if it does not exist. With `template`: the name of each file
   * @throws GlanceError `usage.option` for a number out of its range; the signal's reason, once every image is settled
   */
  async downloadSeveral(
    images: Several,
    directory: string,
    options: SeveralDownloadOptions = {},
  ): Promise<SeveralDownloads> {
    return await this.#downloads.several(images, directory, options);
  }

  /**
   * Tells what {@link downloadSeveral} would do with each image, in order. If one would fail, its result holds the error.
   * @throws GlanceError `usage.*`, and `io.*` for a place that no files can be in
   */
  async planSeveral(
    images: Several,
    directory: string,
    options: SeveralDownloadOptions = {},
  ): Promise<readonly PlannedDownload[]> {
    return await this.#downloads.planSeveral(images, directory, options);
  }

  /**
   * Image data as a stream, verified as it passes: broken connections are resumed, and data that does not match fails the stream at
   * its end, so wait for the end before you trust the data. Consume the stream, or destroy it to close the connection.
   * @throws GlanceError `integrity.pin`; the stream itself fails as {@link download} does
   */
  open(image: Image | string, options: TransferOptions = {}): Readable {
    return this.#downloads.toStream(image, options);
  }

  /** Tells what image data is, and whether it is safe, from its first bytes; with `contents`, also what is in it, read by ranges. */
  async inspect(image: Image | string, options: InspectCallOptions = {}): Promise<Report> {
    return await this.#inspections.report(image, options);
  }

  /**
   * Every package that is installed in an image, with its package URL, read by ranges. The list is complete, or the call fails.
   * @throws GlanceError `contents.limit` if reading it takes more than is allowed, `contents.unreadable`; what requests fail with
   */
  async inventory(image: Image | string, options: InventoryCallOptions = {}): Promise<Inventory> {
    return await this.#inspections.inventory(image, options);
  }

  /** The {@link inventory} as CycloneDX 1.6: JSON that is always the same for the same image, and ends with a line feed. */
  async sbom(image: Image | string, options: InventoryCallOptions = {}): Promise<string> {
    return renderSbom(await this.inventory(image, options));
  }

  /**
   * The files within the disk of an image, which can be listed, read and saved without downloading it. Nothing is requested yet.
   * @param image may also be the path of a file, or an image of a mirror, `PLACE/ID`
   */
  within(image: Image | string, options: WithinOptions = {}): ImageFiles {
    const where = typeof image === 'string' ? image : () => this.#calls.foundOf(image, options);
    return filesOf(this.#connection, where, options, this.#calls.signalOf(options));
  }

  /**
   * Inspects every image that matches, or was selected, several at once. Reports come in the order of the list. An image that
   * cannot be read, or whose record is malformed, gets a report with `error`, and the audit continues. With `marker`, the id
   * of the last report, the audit resumes after that image.
   * @throws what listing fails with, after the reports on all that was listed before
   */
  async *audit(
    what: ListQuery | ImageSelection = {},
    options: AuditCallOptions = {},
  ): AsyncGenerator<Report, void, undefined> {
    yield* this.#inspections.audit(what, options);
  }

  /**
   * A directory or bucket that is kept in step with the images of a query: `plan()` tells what `run()` would do, `run()` does
   * it, and `watch()` repeats it. Nothing happens until then.
   * @param place a path, or `s3://BUCKET/PREFIX`; the first run creates a directory
   */
  mirror(place: string, options: MirrorOptions = {}): MirrorCalls {
    return mirrorCalls(this.#calls, place, options);
  }

  /** A queue through which many machines share work, with this client's Glance and login. @throws GlanceError `queue.*`, `usage.*` */
  async fleet(options: QueueOptions = {}): Promise<Fleet> {
    return await Fleet.open(this.#calls, options);
  }

  /**
   * Compares a file with an image: its size, all digests that Glance publishes, and those that you require. Without a
   * Glance, use `verifyFile` and `verifyMirror`.
   * @param image is looked up only if the file exists
   * @throws GlanceError `io.missing`, `io.*` for the file; what {@link find} throws; the signal's reason
   */
  async verify(path: string, image: Image | string, options: VerifyImageOptions = {}): Promise<Verdict> {
    const find = () => this.#calls.explaining(() => locate(this.#calls, image, options));
    const how = { ...options, system: this.#connection.system, signal: this.#calls.signalOf(options) };
    return await verifyImageFile(this.#connection, path, find, how);
  }

  /** Closes the connections of the client. */
  async close(): Promise<void> {
    await this.#connection.close();
  }
}
