// The result record of a download, for programs and for people.
import type { GlanceError } from '../../../errors.ts';
import type { Image } from '../../../image/image.ts';
import type { Column } from '../../../output/columns.ts';
import { formatBytes, formatRate } from '../../../output/size.ts';
import type { DownloadResult } from '../../../transfer/download.ts';
import type { Context } from '../../context.ts';

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
] as const;

/** A row of the record. */
export type ResultRecord = Record<(typeof resultKeys)[number], unknown>;

/** Columns of a table of them; such a table is never printed, other formats take the keys. */
export const resultColumns: readonly Column[] = [];

/** The record. `verified_by` is the strongest algorithm compared, null if the server had no digest. */
export function toRecord(image: Image, result: DownloadResult): ResultRecord {
  return {
    outcome: result.outcome,
    image: image.id,
    name: image.name,
    path: result.path,
    bytes: result.bytes,
    seconds: Math.round(result.seconds * 1000) / 1000,
    digests: Object.fromEntries(result.digests.map(({ algorithm, hex }) => [algorithm, hex])),
    verified: result.verifiedBy !== null,
    verified_by: result.verifiedBy,
    resumed_from: result.resumedFrom,
    retries: result.retries,
    error: null,
  };
}

/** The record of an image that could not be had. */
export function failureRecord(query: string, error: GlanceError): ResultRecord {
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

/** Says so where nothing could be compared. */
export function warnUnverified(context: Pick<Context, 'warn'>, { verifiedBy }: DownloadResult, prefix: string): void {
  if (verifiedBy === null) context.warn(`${prefix}not verified: the server has no digest for this image`);
}

/** One line for people. */
export function describeResult(image: Image, result: DownloadResult): string {
  const checked = result.verifiedBy === null ? 'not verified' : `${result.verifiedBy} verified`;
  const where = result.path ?? image.name ?? image.id;
  if (result.outcome === 'current') return `${where} is up to date: ${formatBytes(result.bytes)}, ${checked}`;
  const rate = result.bytesPerSecond === null ? '' : `, ${formatRate(result.bytesPerSecond)}`;
  const resumed = result.resumedFrom > 0 ? `, gone on from ${formatBytes(result.resumedFrom)}` : '';
  return `${where}: ${formatBytes(result.bytes)} in ${result.seconds.toFixed(1)} s${rate}${resumed}, ${checked}`;
}
