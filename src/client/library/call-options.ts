// What the calls of a GlanceClient take.
import { type Digest, type DigestAlgorithm, parseDigest } from '../../digests.ts';
import type { TargetRelease } from '../../disk/target/judge.ts';
import type { WaitOptions } from '../select/wait.ts';
import type { GlanceError } from '../../errors.ts';
import type { Choose } from '../find.ts';
import type { FetchOptions } from '../download/download.ts';
import type { DownloadRecord } from '../download/download-record.ts';
import type { FindWithinOptions } from '../guest/image-files.ts';
import type { ProgressEvent } from '../download/progress-event.ts';

/** Of every call. */
export interface CallOptions {
  /** Ends the call; it then fails with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Of calls that look for an image. */
export interface FindOptions extends CallOptions, WaitOptions {
  /** Whether of several images of that name the newest is meant. Absent: false. */
  readonly latest?: boolean;
}

/** Of a selection. */
export interface SelectCallOptions extends FindOptions {
  /** Whether `*`, `?` and `[…]` mean anything in a name. Absent: true. */
  readonly patterns?: boolean;
  /** Names looked for at once, ≥ 1. Absent: 2. */
  readonly jobs?: number;
  /** Asked where several images have a name that is meant: gives the id of one, or null. Absent: that is an error. */
  readonly choose?: Choose;
}

/** Of calls that move image data. */
export interface TransferOptions extends FindOptions {
  /** Told what happens, in order. Must not throw. */
  readonly onEvent?: (event: ProgressEvent) => void;
  /** Digests that the data has to have, such as `sha256:…`, beside those that Glance publishes. */
  readonly expect?: readonly string[];
  /**
   * A vendor's list of checksums, such as `SHA256SUMS`, that names a digest of the data: an http or https URL, or a path. It is
   * read once, without any token; what it is signed with is not checked. Absent: none.
   */
  readonly expectFrom?: string;
  /** Name of the entry in that list. Absent: that of the image. */
  readonly againstName?: string;
  /** Whether data without any digest to compare with is refused. Absent: false. */
  readonly requireChecksum?: boolean;
  /**
   * Ids of the stores to take the data from where they have it, the first choice first (API v2; Glance 2026.2 and later, earlier
   * ones choose by themselves and do not say so). Absent: those of the variable `GLANCE_CLI_PREFER_STORE`, if any.
   */
  readonly preferStore?: readonly string[];
  /** Bytes a second at most, of all images of the call together; > 0. Absent: no limit. */
  readonly limitRate?: number;
  /** Milliseconds that the call may take, finding and waiting included; then `net.timeout.total`. Absent: no limit. */
  readonly maxTimeMs?: number;
}

/** Of looking into images. */
interface LookOptions extends CallOptions {
  /** Bytes that are read for it at most, ≥ 1. Absent: 16 MiB, or 256 MiB where packages are listed. */
  readonly contentsLimit?: number;
  /** Whether the report says if a Glance of this release would take the image: `glance-2025.1`, `glance-2026.1`. Absent: none. */
  readonly target?: TargetRelease;
  /** Whether an image whose store has no ranges is fetched to a temporary file for it. Absent: false. */
  readonly spool?: boolean;
}

/** Of listing what is installed in an image. */
export interface InventoryCallOptions extends LookOptions, FindOptions {}

/** Of what reports say. */
interface ReportOptions {
  /** Whether the report says what is in the image: its operating system, what was left in it. Absent: false. */
  readonly contents?: boolean;
}

/** Of inspecting. */
export interface InspectCallOptions extends InventoryCallOptions, ReportOptions {}

/** Of looking at files within an image. */
export interface WithinOptions extends CallOptions, FindWithinOptions {}

/** Of an audit. */
export interface AuditCallOptions extends LookOptions, ReportOptions {
  /** Images inspected at once, ≥ 1. Absent: 4. */
  readonly jobs?: number;
}

/** Of a download to a file. */
export interface FileDownloadOptions extends TransferOptions {
  /**
   * Whether the path is a template, in which `{name}`, `{id}`, `{format}`, `{created}` and `{checksum}` stand for what the record
   * says, each made harmless as a part of a file's name, and `{{` and `}}` for braces. Directories are then made. Absent: false.
   */
  readonly template?: boolean;
  /** Whether a file that differs is replaced. Absent: false. */
  readonly force?: boolean;
  /** Permission bits of a new file. Absent: what the umask of the system leaves of 0o666. */
  readonly mode?: number;
  /** Ranges fetched at once, where the store has ranges; ≥ 1. Absent: 1. */
  readonly connections?: number;
  /** Whether blocks of zeros become holes. Absent: of raw images. */
  readonly sparse?: boolean;
  /** Digests to compute beside those that are compared. */
  readonly digest?: readonly DigestAlgorithm[];
  /** Whether an image that is not safe to hand to a hypervisor is refused. Absent: false, then it is warned of. */
  readonly requireSafe?: boolean;
  /** Whether the data has to be signed, by one of these certificates (PEM files). Absent: false. */
  readonly verifySignature?: boolean;
  readonly trustedCert?: readonly string[];
  /** Whether the image's record is written beside the file, as `FILE.json`. Absent: false. */
  readonly metadata?: boolean;
  /** Whether data that does not match is kept as `FILE.corrupt`. Absent: false. */
  readonly keepCorrupt?: boolean;
  /** Whether it is refused at once where the disk has too little room. Absent: true. */
  readonly spaceCheck?: boolean;
}

/** Of a download of several images. */
export interface SeveralDownloadOptions extends FileDownloadOptions {
  /** Images under way at once, ≥ 1; fewer once the server finds it too much. Absent: 2. */
  readonly jobs?: number;
}

/** What came of several images. */
export interface SeveralDownloads {
  /** One for each image, in the order in which they were given. */
  readonly records: readonly DownloadRecord[];
  /** Those that failed, in the order in which they failed, by what they were asked for by. Empty: all are there. */
  readonly failures: readonly { readonly image: string; readonly error: GlanceError }[];
}

/** The digests that are demanded. @throws GlanceError `usage.argument` */
export function digestsOf({ expect = [] }: TransferOptions): readonly Digest[] {
  return expect.map(parseDigest);
}

/** The demands on an image, as the engine takes them. @throws GlanceError `usage.argument` */
export function fetchOptionsOf<T extends FileDownloadOptions>(
  options: T,
): Omit<T, keyof FileDownloadOptions> & FetchOptions {
  const { sparse } = options;
  const chosen = sparse === undefined ? 'auto' : sparse ? 'always' : 'never';
  return { ...options, expect: digestsOf(options), sparse: chosen };
}
