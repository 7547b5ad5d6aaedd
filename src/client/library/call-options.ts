// The options of the calls of a GlanceClient.
import { type Digest, parseDigest } from '../../digests.ts';
import type { TargetRelease } from '../../disk/target/judge.ts';
import type { WaitOptions } from '../select/wait.ts';
import type { GlanceError } from '../../errors.ts';
import type { Choose } from '../find.ts';
import type { FetchOptions } from '../download/download.ts';
import type { DownloadRecord } from '../download/download-record.ts';
import type { FindWithinOptions } from '../guest/image-files.ts';
import type { TransferLimits } from '../download/transfer-run.ts';

/** Options of every call. */
export interface CallOptions {
  /** Ends the call; it then fails with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Options of calls that look for an image. */
export interface FindOptions extends CallOptions, WaitOptions {
  /** Whether to take the newest if several images have that name. Absent: false. */
  readonly latest?: boolean;
}

/** Options of a selection. */
export interface SelectCallOptions extends FindOptions {
  /** Whether `*`, `?` and `[…]` in a name make it a pattern. Absent: true. */
  readonly patterns?: boolean;
  /** Names to look for at once, ≥ 1. Absent: 2. */
  readonly jobs?: number;
  /** Called if several images have a given name; returns the id of one, or null. Absent: that is an error. */
  readonly choose?: Choose;
}

/** What calls that move image data require of it. */
type Demands = Pick<
  FetchOptions,
  'expectFrom' | 'againstName' | 'requireChecksum' | 'requireSafe' | 'verifySignature' | 'trustedCert' | 'preferStore'
>;

/** Options of calls that move image data. */
export interface TransferOptions extends FindOptions, TransferLimits, Demands {
  /** Digests that the data has to match, such as `sha256:…`, in addition to those that Glance publishes. */
  readonly expect?: readonly string[];
}

/** Options of a stream of image data. */
export interface StreamOptions extends TransferOptions, Pick<FetchOptions, 'spool'> {}

/** Options for looking into images. */
interface LookOptions extends CallOptions {
  /** Maximum number of bytes to read for it, ≥ 1. Absent: 16 MiB, or 256 MiB to list packages. */
  readonly contentsLimit?: number;
  /** The release of Glance whose verdict on an upload of the image is reported: `glance-2025.1`, `glance-2026.1`. Absent: none. */
  readonly target?: TargetRelease;
  /** Whether to fetch the image to a temporary file if its store does not support ranges. Absent: false. */
  readonly spool?: boolean;
}

/** Options for looking into one image, which need not be in Glance. */
interface AnywhereOptions {
  /**
   * Whether a text may also name the path of a file, or an image of a mirror, `PLACE/ID`, as for the command `inspect`: a text with a
   * separator, and the name of a file in the working directory, are paths; a UUID, a URI and a pinned name never are. Absent: false, it
   * is an image in Glance whatever files there are.
   */
  readonly anywhere?: boolean;
  /** For an image of a mirror in a bucket: address of its store's S3 API. Absent: where AWS's own tools look for it. */
  readonly s3Endpoint?: string;
}

/** Options for listing what is installed in an image. */
export interface InventoryCallOptions extends LookOptions, FindOptions, AnywhereOptions {}

/** Options for what reports say. */
interface ReportOptions {
  /** Whether the report says what is in the image: its operating system, and what was left behind in it. Absent: false. */
  readonly contents?: boolean;
}

/** Options of an inspection. */
export interface InspectCallOptions extends InventoryCallOptions, ReportOptions {}

/** Options of an inspection of several things. */
export interface InspectSeveralOptions
  extends Omit<InspectCallOptions, 'anywhere'>, Pick<SelectCallOptions, 'patterns' | 'choose'> {
  /** Things to find and to inspect at once, ≥ 1. Absent: 2 and 4. */
  readonly jobs?: number;
}

/** Options for files within an image. */
export interface WithinOptions extends CallOptions, FindWithinOptions {}

/** Options of an audit. */
export interface AuditCallOptions extends LookOptions, ReportOptions {
  /** Images to inspect at once, ≥ 1. Absent: 4. */
  readonly jobs?: number;
}

/** Options of a download to a file. */
export interface FileDownloadOptions extends TransferOptions, Omit<FetchOptions, keyof StreamOptions | 'sparse'> {
  /**
   * Whether the path is a template, in which `{name}`, `{id}`, `{format}`, `{created}` and `{checksum}` stand for values of the record,
   * each made safe for a file name, and `{{` and `}}` for braces. Missing directories are then created. Absent: false.
   */
  readonly template?: boolean;
  /** Whether blocks of zeros become holes. Absent: in raw images only. */
  readonly sparse?: boolean;
}

/** Options of a download of several images. */
export interface SeveralDownloadOptions extends FileDownloadOptions {
  /** Images to fetch at once, ≥ 1; fewer if the server asks to slow down. Absent: 2. */
  readonly jobs?: number;
}

/** The outcome for several images. */
export interface SeveralDownloads {
  /** One result for each image, in the order in which they were given. */
  readonly records: readonly DownloadRecord[];
  /**
   * The failures, in the order in which they happened, each with the name by which its image was requested. Empty: all images
   * were downloaded.
   */
  readonly failures: readonly { readonly image: string; readonly error: GlanceError }[];
}

/** Parses the required digests. @throws GlanceError `usage.argument` */
export function digestsOf({ expect = [] }: TransferOptions): readonly Digest[] {
  return expect.map(parseDigest);
}

/** The requirements on an image, in the form that the engine takes. @throws GlanceError `usage.argument` */
export function fetchOptionsOf<T extends FileDownloadOptions>(
  options: T,
): Omit<T, keyof FileDownloadOptions> & FetchOptions {
  const { sparse } = options;
  const chosen = sparse === undefined ? 'auto' : sparse ? 'always' : 'never';
  return { ...options, expect: digestsOf(options), sparse: chosen };
}
