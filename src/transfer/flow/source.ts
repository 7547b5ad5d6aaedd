// The source of a download's bytes, independent of the API.
import type { Readable } from 'node:stream';
import type { Digest } from '../../digests.ts';
import { GlanceError } from '../../errors.ts';
import type { Span } from './extents.ts';

/** Image data about to be read. */
export interface OpenedData {
  readonly body: Readable;
  /** Position in the image of the first byte: 0 unless a range was requested and granted. */
  readonly start: number;
  /** The Content-Length; null if there was none. */
  readonly contentLength: number | null;
  /** Digests of the whole image that came with the data. They count if the record has none. */
  readonly digests: readonly Digest[];
}

/** What to fetch, and what is known about it. */
export interface DownloadSource {
  /** For people: the image's name or id. */
  readonly name: string;
  /** The image as it was found. */
  readonly image: ImageIdentity;
  /** Digests that the user requires, in addition to those of the image. */
  readonly pinned: readonly Digest[];
  /** Whether to refuse data for which there is no digest to compare. */
  readonly requireDigest: boolean;
  /**
   * Fetches the image's current state, whose data `open` then reads.
   * @throws GlanceError `image.not_found`; a request's failure
   */
  readonly refresh: (signal: AbortSignal) => Promise<ImageIdentity>;
  /**
   * Opens the data: all of it, or a range.
   * @throws GlanceError `http.range` if the range is refused or answered wrongly; a request's failure
   */
  readonly open: (range: Span | null, signal: AbortSignal) => Promise<OpenedData>;
  /** Whether the server has answered any request in this run. */
  readonly answered: () => boolean;
}

/** Tells one image's data from another's. Fetched anew before a part file is resumed. */
export interface ImageIdentity {
  /** Scheme, host and port of Glance. */
  readonly origin: string;
  readonly id: string;
  /** Bytes; null if the server does not say. */
  readonly size: number | null;
  /** The digests in the metadata. */
  readonly digests: readonly Digest[];
  /** ISO 8601, UTC, or null. */
  readonly createdAt: string | null;
}

/** The error for an image that was replaced since it was found. @param hint what to do next, if anything */
export function replacedError({ name }: Pick<DownloadSource, 'name'>, hint?: string): GlanceError {
  return new GlanceError('integrity.changed', `${name}: the image was replaced during the download`, { hint });
}
