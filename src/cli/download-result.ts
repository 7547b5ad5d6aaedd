// The result record of a download, for programs and for people.
import type { Image } from '../image/image.ts';
import { escapeControls } from '../output/escape.ts';
import { formatBytes, formatRate } from '../output/size.ts';
import type { DownloadResult } from '../transfer/download.ts';

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
] as const;

/** The record. `verified_by` is the strongest algorithm compared, null if the server had no digest. */
export function toRecord(image: Image, result: DownloadResult): Record<(typeof resultKeys)[number], unknown> {
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
    resumed_from: 0,
    retries: result.retries,
  };
}

/** One line for people, safe for a terminal. */
export function describeResult(image: Image, result: DownloadResult): string {
  const checked = result.verifiedBy === null ? 'not verified' : `${result.verifiedBy} verified`;
  const where = escapeControls(result.path ?? image.name ?? image.id);
  if (result.outcome === 'current') return `${where} is up to date: ${formatBytes(result.bytes)}, ${checked}`;
  const rate = result.seconds > 0 ? `, ${formatRate(result.bytes / result.seconds)}` : '';
  return `${where}: ${formatBytes(result.bytes)} in ${result.seconds.toFixed(1)} s${rate}, ${checked}`;
}
