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
  InspectSeveralOptions,
  InventoryCallOptions,
  SelectCallOptions,
  SeveralDownloadOptions,
  SeveralDownloads,
  StreamOptions,
  WithinOptions,
} from './library/call-options.ts';
import { Downloads, type Several } from './library/downloads.ts';
import { Inspections, type Reports } from './library/inspections.ts';
import { Metadata } from './library/metadata.ts';
import { Calls } from './calls.ts';
import { Connection } from './connection.ts';
import { bareSystem } from './system.ts';
import type { ConnectOptions } from './connect-options.ts';
import type { DownloadRecord } from './download/download-record.ts';
import type { PlannedDownload } from './download/foresee.ts';
import { Fleet } from './fleet/fleet.ts';
import type { QueueOptions } from './fleet/open-queue.ts';
import type { ImageFiles } from './guest/image-files.ts';
import type { ImageSelection } from './select/image-selection.ts';
import type { SelectRequest } from './select/select.ts';
import { type Inventory, renderSbom } from './sbom/inventory.ts';
import type { MirrorCalls, MirrorOptions } from './mirror/mirror.ts';
import { mirrorCalls } from './mirror/mirror-calls.ts';
import { type Verdict, verifyCall, type VerifyImageOptions } from './verify.ts';

/**
 * A Glance, whatever its API version. Every method throws GlanceError. Where a method takes an image, pass one that was found
 * or listed, or anything that {@link GlanceClient.find} takes. Paths are absolute, or relative to the working directory.
 */
export class GlanceClient {
  readonly #calls: Calls;
  readonly #metadata: Metadata;
  readonly #downloads: Downloads;
  readonly #inspections: Inspections;

  private constructor(connection: Connection) {
    this.#calls = new Calls(connection);
    this.#metadata = new Metadata(this.#calls);
    this.#downloads = new Downloads(this.#calls);
    this.#inspections = new Inspections(this.#calls);
  }

  /**
   * A client for the configured Glance. Nothing is read or requested yet: the first call that needs that Glance connects and
   * logs in, and throws GlanceError `config.*`, `cloud.*`, `auth.*`, `api.version` if that fails. An image
   * given by its URI needs no configured Glance.
   */
  static connect(options: ConnectOptions): Promise<GlanceClient> {
    return Promise.resolve(new GlanceClient(new Connection({ ...options, system: options.system ?? bareSystem() })));
  }

  /** The configured Glance: the version of the Images API in use, and its base URL, without credentials. */
  async api(options: CallOptions = {}): Promise<{ readonly version: 1 | 2; readonly endpoint: URL }> {
    return await this.#metadata.api(options);
  }

  /**
   * The images that match. Further pages are fetched as you iterate.
   * @throws GlanceError `usage.unsupported` for a filter that this API cannot answer
   * @throws PartialError at the end, if some records could not be read; it names them
   */
  async *list(query: ListQuery = {}, options: CallOptions = {}): AsyncGenerator<Image, void, undefined> {
    yield* this.#metadata.list(query, options);
  }

  /**
   * Why a {@link list} is empty, in a sentence for people: what a filter was probably meant to be, if that can be guessed.
   * Takes at most one request, whose failure only leaves the guess out.
   */
  async explainEmpty(query: ListQuery, options: CallOptions = {}): Promise<string> {
    return await this.#metadata.explainEmpty(query, options);
  }

  /**
   * The image with that id, or else with that name. Either may be pinned (`NAME@sha256:HEX`); the pin then also holds for later
   * calls with the image. Or the image at a full URI, in any Glance; a token is sent only to the configured one.
   * @throws GlanceError `image.not_found`, `integrity.pin`, `metadata.invalid` for a record that cannot be read;
   * AmbiguousImageError; with `waitMs` GlanceError `wait.timeout`, `image.no_data`
   */
  async find(query: string, options: FindOptions = {}): Promise<Image> {
    return await this.#metadata.find(query, options);
  }

  /**
   * The selected images: by ids, names, URIs and patterns for names (`*`, `?`, `[…]`), or by a query; with `latest`, the
   * newest of each. Text is taken as a pattern only if no image has exactly that name. At most 10,000 images.
   * @throws GlanceError `image.not_found`, also where nothing matches; `usage.argument`, `usage.unsupported`; what {@link find}
   * throws; PartialError if some of several things were not found, as a smaller selection is never returned
   */
  async select(request: SelectRequest, options: SelectCallOptions = {}): Promise<ImageSelection> {
    return await this.#metadata.select(request, options);
  }

  /** Who an image is shared with. */
  async members(image: Image | string, options: FindOptions = {}): Promise<readonly Member[]> {
    return await this.#metadata.members(image, options);
  }

  /** What is shared with a project, given by its id. @throws GlanceError `usage.unsupported` on API v2 */
  async sharedWith(project: string, options: CallOptions = {}): Promise<readonly Member[]> {
    return await this.#metadata.sharedWith(project, options);
  }

  /** Where this Glance keeps image data. @throws GlanceError `usage.unsupported` on API v1 */
  async stores(options: CallOptions = {}): Promise<readonly Store[]> {
    return await this.#metadata.stores(options);
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
   * its end, so wait for the end before you trust the data, or give `spool`. Consume the stream, or destroy it to close the connection.
   * @throws GlanceError `integrity.pin`; the stream itself fails as {@link download} does
   */
  open(image: Image | string, options: StreamOptions = {}): Readable {
    return this.#downloads.toStream(image, options);
  }

  /** Tells what image data is, and whether it is safe, from its first bytes; with `contents`, also what is in it, read by ranges. */
  async inspect(image: Image | string, options: InspectCallOptions = {}): Promise<Report> {
    return await this.#inspections.report(image, options);
  }

  /**
   * Inspects several things, some at once: images by ids, names, URIs and patterns, and whatever else `anywhere` names, each once.
   * Reports come in the order of the names. One that is not found, or cannot be read, gets a report with `error`.
   */
  inspectSeveral(targets: readonly string[], options: InspectSeveralOptions = {}): Reports {
    return this.#inspections.several(targets, options);
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
    return this.#inspections.within(image, options);
  }

  /**
   * Inspects every image that matches, or was selected, several at once. Reports come in the order of the list. An image that
   * cannot be read, or whose record is malformed, gets a report with `error`, and the audit continues. With `marker`, the id
   * of the last report, the audit resumes after that image.
   * @throws what listing fails with, after the reports on all that was listed before
   */
  audit(what: ListQuery | ImageSelection = {}, options: AuditCallOptions = {}): Reports {
    return this.#inspections.audit(what, options);
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
    return await verifyCall(this.#calls, path, image, options);
  }

  /** Closes the connections of the client. */
  async close(): Promise<void> {
    await this.#calls.connection.close();
  }
}
