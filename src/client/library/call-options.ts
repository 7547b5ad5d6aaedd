// The options of the calls of a GlanceClient.
import { type Digest, type DigestAlgorithm, parseDigest } from '../../digests.ts';
import type { TargetRelease } from '../../disk/target/judge.ts';
import type { WaitOptions } from '../select/wait.ts';
import type { GlanceError } from '../../errors.ts';
import type { Choose } from '../find.ts';
import type { FetchOptions } from '../download/download.ts';
import type { DownloadRecord } from '../download/download-record.ts';
import type { FindWithinOptions } from '../guest/image-files.ts';
import type { ProgressEvent } from '../download/progress-event.ts';

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

/** Options of calls that move image data. */
export interface TransferOptions extends FindOptions {
  /** Called with each event, in order. Must not throw. */
  readonly onEvent?: (event: ProgressEvent) => void;
  /** Digests that the data has to match, such as `sha256:…`, in addition to those that Glance publishes. */
  readonly expect?: readonly string[];
  /**
   * A vendor's list of checksums, such as `SHA256SUMS`, that names a digest of the data: an http or https URL, or a path. It is
   * read once, without any token; its signature is not checked. Absent: none.
   */
  readonly expectFrom?: string;
  /** Name of the entry in that list. Absent: the name of the image. */
  readonly againstName?: string;
  /** Whether to refuse data that has no digest to compare with. Absent: false. */
  readonly requireChecksum?: boolean;
  /**
   * Ids of the stores to prefer for the data, first choice first (API v2; Glance 2026.2 and later, as earlier
   * ones choose for themselves without saying so). Absent: those of the variable `GLANCE_CLI_PREFER_STORE`, if any.
   */
  readonly preferStore?: readonly string[];
  /** Maximum number of bytes per second, for all images of the call together; > 0. Absent: no limit. */
  readonly limitRate?: number;
  /** Milliseconds that the call may take, including finding and waiting, before `net.timeout.total`. Absent: no limit. */
  readonly maxTimeMs?: number;
}

/** Options for looking into images. */
interface LookOptions extends CallOptions {
  /** Maximum number of bytes to read for it, ≥ 1. Absent: 16 MiB, or 256 MiB to list packages. */
  readonly contentsLimit?: number;
  /** The release of Glance whose verdict on an upload of the image is reported: `glance-2025.1`, `glance-2026.1`. Absent: none. */
  readonly target?: TargetRelease;
  /** Whether to fetch the image to a temporary file if its store does not support ranges. Absent: false. */
  readonly spool?: boolean;
}

/** Options for listing what is installed in an image. */
export interface InventoryCallOptions extends LookOptions, FindOptions {}

/** Options for what reports say. */
interface ReportOptions {
  /** Whether the report says what is in the image: its operating system, and what was left behind in it. Absent: false. */
  readonly contents?: boolean;
}

/** Options of an inspection. */
export interface InspectCallOptions extends InventoryCallOptions, ReportOptions {}

/** Options for files within an image. */
export interface WithinOptions extends CallOptions, FindWithinOptions {}

/** Options of an audit. */
export interface AuditCallOptions extends LookOptions, ReportOptions {
  /** Images to inspect at once, ≥ 1. Absent: 4. */
  readonly jobs?: number;
}

/** Options of a download to a file. */
export interface FileDownloadOptions extends TransferOptions {
  /**
   * Whether the path is a template, in which `{name}`, `{id}`, `{format}`, `{created}` and `{checksum}` stand for values of the record,
   * each made safe for a file name, and `{{` and `}}` for braces. Missing directories are then created. Absent: false.
   */
  readonly template?: boolean;
  /** Whether to replace a file that differs. Absent: false. */
  readonly force?: boolean;
  /** Permission bits of a new file. Absent: 0o666 without the bits of the umask. */
  readonly mode?: number;
  /** Ranges to fetch at once, if the store supports ranges; ≥ 1. Absent: 1. */
  readonly connections?: number;
  /** Whether blocks of zeros become holes. Absent: in raw images only. */
  readonly sparse?: boolean;
  /** Digests to compute in addition to those that are compared. */
  readonly digest?: readonly DigestAlgorithm[];
  /** Whether to refuse an image that is not safe to hand to a hypervisor. Absent: false, which only warns. */
  readonly requireSafe?: boolean;
  /** Whether one of `trustedCert` (PEM files) must have signed the data. Absent: false. */
  readonly verifySignature?: boolean;
  readonly trustedCert?: readonly string[];
  /** Whether to write the image's record beside the file, as `FILE.json`. Absent: false. */
  readonly metadata?: boolean;
  /** Whether to keep data that does not match, as `FILE.corrupt`. Absent: false. */
  readonly keepCorrupt?: boolean;
  /** Whether to fail at once if the disk has too little room. Absent: true. */
  readonly spaceCheck?: boolean;
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
