// What can be requested of a Glance, whatever its API version. v1/ and v2/ implement it; commands know nothing else.
import type { Readable } from 'node:stream';
import type { Digest } from '../digests.ts';
import type { Image, Member, Store } from './image.ts';
import type { OnOdd } from './odd-record.ts';

/** Called with an oddity that is no reason to refuse an image. */
export type Warn = (message: string) => void;

/** Which images to list. Absent means not restricted. */
export interface ListQuery {
  readonly name?: string | undefined;
  /** Texts that the name must contain, ignoring case; one with `*`, `?` or `[…]` is a pattern for the whole name. */
  readonly words?: readonly string[] | undefined;
  readonly status?: string | undefined;
  readonly visibility?: 'public' | 'private' | 'shared' | 'community' | 'all' | undefined;
  readonly owner?: string | undefined;
  /** All must be present. */
  readonly tags?: readonly string[] | undefined;
  /** All must hold, compared exactly. */
  readonly properties?: ReadonlyMap<string, string> | undefined;
  readonly diskFormat?: string | undefined;
  readonly containerFormat?: string | undefined;
  /** Bytes, inclusive. */
  readonly sizeMin?: number | undefined;
  /** Bytes, inclusive. */
  readonly sizeMax?: number | undefined;
  /** ISO 8601, UTC, inclusive. */
  readonly createdSince?: string | undefined;
  /** ISO 8601, UTC, inclusive. */
  readonly updatedSince?: string | undefined;
  readonly memberStatus?: string | undefined;
  readonly hidden?: boolean | undefined;
  readonly protected?: boolean | undefined;
  readonly sort?: readonly SortKey[] | undefined;
  /** Maximum number of images in all, ≥ 0. Absent: every page is followed. */
  readonly limit?: number | undefined;
  /** Id of the image after which to begin. */
  readonly marker?: string | undefined;
  /** Images in a request, 1–1000. */
  readonly pageSize?: number | undefined;
}

export interface SortKey {
  readonly key: string;
  readonly direction: 'asc' | 'desc';
}

/** A part of the image data: bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Image data about to be read. */
export interface ImageData {
  /** The bytes. Fails with a GlanceError; must be consumed or destroyed. */
  readonly body: Readable;
  /** Position in the image of the first byte; also 0 if a range was requested and the whole image was sent. */
  readonly start: number;
  /** The Content-Length. Null if there is none (chunked, or ended by closing). */
  readonly contentLength: number | null;
  /** Digests of the whole image that came with the data, in addition to those in the metadata. */
  readonly digests: readonly Digest[];
  readonly requestId: string | null;
}

/** A Glance. Every method throws GlanceError, and the signal's reason once it is aborted. */
export interface ImageService {
  readonly apiVersion: 1 | 2;
  /** Base of the API, without credentials. */
  readonly endpoint: URL;

  /**
   * The images that match, page by page, in the order of `query.sort`. A record that cannot be read completely is left
   * out.
   * @param onOdd called with each record that is left out
   * @throws GlanceError `usage.unsupported` for a filter that this API cannot answer
   * @throws PartialError at the end, if records were left out and there is no `onOdd`
   */
  list(query: ListQuery, signal: AbortSignal, onOdd?: OnOdd): AsyncIterable<readonly Image[]>;

  /** Whether a text can be an id on this server, so that requesting it makes sense. */
  mayBeId(text: string): boolean;

  /**
   * One image by id.
   * @throws GlanceError `image.not_found`; `metadata.invalid` for an answer about another image
   * @throws OddRecordError if a field cannot be read; it holds what can be
   */
  get(id: string, signal: AbortSignal): Promise<Image>;

  /** Who an image is shared with. */
  members(id: string, signal: AbortSignal): Promise<readonly Member[]>;

  /** The images shared with a project. @throws GlanceError `usage.unsupported` on API v2 */
  sharedImages(project: string, signal: AbortSignal): Promise<readonly Member[]>;

  /** Where this Glance keeps image data. @throws GlanceError `usage.unsupported` on API v1 */
  stores(signal: AbortSignal): Promise<readonly Store[]>;

  /**
   * Opens the image data, or a part of it.
   * @param range null for the whole image. Most stores behind Glance refuse ranges
   * @param preferred ids of the stores to prefer as sources, best first; if empty, the server chooses. A server that does
   * not know of preferences chooses too, without saying so
   * @throws GlanceError `image.no_data`, `image.deactivated`, `http.not_image`, `integrity.contradiction`; `http.range`
   * if the range is refused for any reason, or another one comes; `usage.argument` if the stores are
   */
  data(image: Image, range: ByteRange | null, signal: AbortSignal, preferred?: readonly string[]): Promise<ImageData>;
}
