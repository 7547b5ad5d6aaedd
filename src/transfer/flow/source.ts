// What a download takes its bytes from, whatever API they come over.
import type { Readable } from 'node:stream';
import type { Digest } from '../../digests.ts';
import type { Span } from './extents.ts';

/** Image data on its way. */
export interface OpenedData {
  readonly body: Readable;
  /** Where in the image the first byte lies: 0 unless a range was asked for and given. */
  readonly start: number;
  /** Bytes that were announced; null if none were. */
  readonly contentLength: number | null;
  /** Digests of the whole image that came with the data. They count where the record has none. */
  readonly digests: readonly Digest[];
}

/** What to fetch, and what is known about it. */
export interface DownloadSource {
  /** For people: the image's name or id. */
  readonly name: string;
  /** The image as it was found. */
  readonly image: ImageIdentity;
  /** Digests that the user demands, beside those of the image. */
  readonly pinned: readonly Digest[];
  /** Whether data without any digest to compare with is refused. */
  readonly requireDigest: boolean;
  /** The image as it is now; `open` then gives data of that. @throws GlanceError `image.not_found`, and what requests fail with */
  readonly refresh: (signal: AbortSignal) => Promise<ImageIdentity>;
  /**
   * Opens the data: the whole of it, or a range.
   * @throws GlanceError `http.range` if the range is refused or answered wrongly; what requests fail with
   */
  readonly open: (range: Span | null, signal: AbortSignal) => Promise<OpenedData>;
  /** Whether the server has answered anything in this run. */
  readonly answered: () => boolean;
}

/** What tells one image's data from another's. Fetched anew before a part is gone on with. */
export interface ImageIdentity {
  /** Scheme, host and port of the Glance. */
  readonly origin: string;
  readonly id: string;
  /** Bytes; null if the server does not say. */
  readonly size: number | null;
  /** Those of the metadata. */
  readonly digests: readonly Digest[];
  /** ISO 8601, UTC, or null. */
  readonly createdAt: string | null;
}
