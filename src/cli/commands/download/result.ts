// The result of a download, for people.
import type { Image } from '../../../image/image.ts';
import { formatBytes, formatRate } from '../../../output/size.ts';
import type { DownloadResult } from '../../../transfer/download-options.ts';

/** One line for people. */
export function describeResult(image: Image, result: DownloadResult): string {
  const checked = result.verifiedBy === null ? 'not verified' : `${result.verifiedBy} verified`;
  const where = result.path ?? image.name ?? image.id;
  if (result.outcome === 'current') return `${where} is up to date: ${formatBytes(result.bytes)}, ${checked}`;
  const rate = result.bytesPerSecond === null ? '' : `, ${formatRate(result.bytesPerSecond)}`;
  const resumed = result.resumedFrom > 0 ? `, resumed from ${formatBytes(result.resumedFrom)}` : '';
  return `${where}: ${formatBytes(result.bytes)} in ${result.seconds.toFixed(1)} s${rate}${resumed}, ${checked}`;
}
