// A target for image data that is neither a file on this machine nor a stream.
import type { DownloadOptions, DownloadResult } from './download-options.ts';
import type { DownloadSource } from './flow/source.ts';

/** A place for image data, such as an object in a bucket. */
export interface DataTarget {
  /** For messages. */
  readonly name: string;
  /**
   * Takes all of the data, or whatever an earlier run left to do. Nothing can be read under the target's name until its length,
   * all of its digests and {@link DownloadOptions.approve} have been checked. On any failure the target is as it was.
   * @throws IntegrityError, SizeError; GlanceError of what the source and the target fail with; the signal's reason
   */
  take(source: DownloadSource, options: DownloadOptions): Promise<DownloadResult>;
}
