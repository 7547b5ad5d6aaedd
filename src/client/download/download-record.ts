// The result of a download, as `-f json` prints it and as the library returns it (schemas/download-result.json).
import type { DigestAlgorithm } from '../../digests.ts';
import type { ErrorCode, GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import type { DownloadResult } from '../../transfer/download-options.ts';

/** The result for one image. */
export interface DownloadRecord {
  /** `current`: the target matched already, so nothing was fetched. */
  readonly outcome: 'downloaded' | 'current' | 'failed';
  /** Id of the image; if it was not found, what was asked for. */
  readonly image: string;
  /** Null if the image has none, or if it failed. */
  readonly name: string | null;
  /** Absolute; null for a stream, or if it failed. */
  readonly path: string | null;
  readonly bytes: number;
  /** Duration, to the millisecond; 0 if nothing was fetched. */
  readonly seconds: number;
  /** Every digest computed, in lower-case hex. */
  readonly digests: Readonly<Partial<Record<DigestAlgorithm, string>>>;
  /** Whether a digest was compared and matched. */
  readonly verified: boolean;
  /** The strongest algorithm compared; null if the server had no digest. */
  readonly verified_by: DigestAlgorithm | null;
  /** Bytes from an earlier run that did not have to be fetched again. */
  readonly resumed_from: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** Why it failed; null if it did not. */
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
}

/** The keys of the record in the order in which they are printed. Public interface. */
export const resultKeys = [
  'outcome',
  'image',
  'name',
  'path',
  'bytes',
  'seconds',
  'digests',
  'verified',
  'verified_by',
  'resumed_from',
  'retries',
  'error',
] as const satisfies readonly (keyof DownloadRecord)[];

/** The record of an image that was fetched, or was there already. */
export function toRecord(image: Image, result: DownloadResult): DownloadRecord {
  return {
    outcome: result.outcome,
    image: image.id,
    name: image.name,
    path: result.path,
    bytes: result.bytes,
    seconds: result.seconds,
    digests: Object.fromEntries(result.digests.map(({ algorithm, hex }) => [algorithm, hex])),
    verified: result.verifiedBy !== null,
    verified_by: result.verifiedBy,
    resumed_from: result.resumedFrom,
    retries: result.retries,
    error: null,
  };
}

/** The record of an image that could not be fetched. @param query what the caller asked for */
export function failureRecord(query: string, error: GlanceError): DownloadRecord {
  return {
    outcome: 'failed',
    image: error.facts.image ?? query,
    name: null,
    path: null,
    bytes: 0,
    seconds: 0,
    digests: {},
    verified: false,
    verified_by: null,
    resumed_from: 0,
    retries: (error.facts.attempts ?? 1) - 1,
    error: { code: error.code, message: error.message },
  };
}
