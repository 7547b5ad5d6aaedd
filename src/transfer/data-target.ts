// What takes image data and is neither a file of this machine nor a stream.
import type { DownloadOptions, DownloadResult } from './download-options.ts';
import type { DownloadSource } from './flow/source.ts';

/** Somewhere that image data can go, such as an object of a bucket. */
export interface DataTarget {
  /** For messages. */
  readonly name: string;
  /**
   * Takes all of the data, or what an earlier run left missing. Nothing can be read under the target's name before its length,
   * all of its digests and {@link DownloadOptions.approve} have been passed; on any failure the target is as it was.
   * @throws IntegrityError, SizeError; GlanceError of what the source and the target fail with; the signal's reason
   */
  take(source: DownloadSource, options: DownloadOptions): Promise<DownloadResult>;
}
